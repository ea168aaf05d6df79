"""Facts: every number and word that the paper quotes, by key, out of result files alone.

A fact has a key, a value, a unit and the study that it comes from. The settings of a study are
those of the configurations in its ``runs.jsonl``, not of the code that reads them; the constants of
the method (levels of tests, limits of an integral) are those of the modules that use them.

    claim.<id>.word                                  a verdict; also effect, low, high, cells, ...
    claim.<id>.<metric>.<condition>.effect           one of its tests; also low, high, p_holm, ...
    <study>.<network>.images                         a setting of all its trained cells
    <study>.<network>.<arm>.replicates               how many replicates an arm has
    method.<name>                                    a constant of the method

A key that nothing put is not in the file, and the paper that asks for it does not compile.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from harness.cell import part
from harness.claims.bound import ERRORS
from harness.claims.contrast import contrast, select
from harness.claims.effects import SEPARATE
from harness.claims.power import LEVEL, POWER
from harness.data import photos
from harness.data.images import Images
from harness.metrics.denoising_loss import DENOISING_LOSS
from harness.objectives import OBJECTIVES
from harness.report.deciding import SAME, deciding, shut
from harness.report.results import Results
from harness.report.words import words

TRAINING = (
    *("images", "batch", "rate", "warmup", "constant", "ema", "clean_fraction"),
    *("log_sigma_mean", "log_sigma_std"),
)
SHARES = ("ema", "clean_fraction")
SAMPLER = ("steps", "calls", "sigma_min", "sigma_max", "rho")
PLAIN = ("network", "setting", "corruption")  # factors whose levels speak for themselves
NUMBER = re.compile(r"[\d.]+")
READING = re.compile(  # what a paper is taken to say or is asked, and does not itself claim
    r"\bread (as|at|for|from|without)\b|\breading\b|, the condition$|\basked of\b|\breview|control;"
    r"|\bbaseline of\b|\bderived here$"
)
CONTINUED = re.compile(r"(The same(?! times)|So do|Its? |They |Restricted|From gamma)\b")
TEST = ("effect", "low", "high", "low90", "high90", "p_holm", "n", "smallest_resolvable")


@final
@dataclass
class Facts:
    """Values by key, with their units and studies; a key is given once."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, study: str, key: str, value: Any, unit: str = "") -> None:
        """Add a number, a word or a list of numbers; None stands for what was not measured."""
        if key in self.entries:
            raise ValueError(f"asked for one fact {key!r}; got two; give each its own key")
        self.entries[key] = {"study": study, "unit": unit, "value": value}


def constants(facts: Facts) -> None:
    """The constants of the method."""
    loss = DENOISING_LOSS
    for name, value, unit in (
        ("level", LEVEL, ""),
        ("power", POWER, "share"),
        ("interval", 1 - LEVEL, "share"),
        ("equivalence_interval", 1 - 2 * LEVEL, "share"),
        ("separate", SEPARATE, ""),
        ("errors", ERRORS, ""),
        ("loss.sigma_min", loss.sigma_min, ""),
        ("loss.sigma_max", loss.sigma_max, ""),
        ("loss.points", loss.points, ""),
        ("photos.stripe", photos.STRIPE, "pixels"),
        ("photos.guard", photos.GUARD, "pixels"),
        ("photos.region", photos.BLOCK, "pixels"),
    ):
        facts.put("", f"method.{name}", value, unit)


def claims(facts: Facts, lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The claims with their tests, as the paper's tables list them; their numbers as facts."""
    listed = []
    before = ""  # the last statement that needs no other
    for line in lines:
        verdict, study, name = line["verdict"], line["study"], line["id"]
        goes_on = CONTINUED.match(line["statement"]) is not None
        before = before if goes_on else line["statement"]
        facts.put(study, f"claim.{name}.word", verdict["word"])
        for key in ("effect", "low", "high"):
            facts.put(study, f"claim.{name}.{key}", verdict[key], verdict["unit"])
        for key, value in sorted(verdict["numbers"].items()):
            unit = "share" if key == "threshold" else ""
            facts.put(study, f"claim.{name}.{key}", value, unit)
        tests = [_test(facts, study, name, test) for test in verdict["conditions"]]
        listed.append(
            {
                **{key: line[key] for key in ("id", "statement", "source", "study")},
                **{key: verdict[key] for key in ("word", "outcome", "reason", "unit")},
                **{key: verdict[key] for key in (*SAME, "smallest_resolvable")},
                "after": before if goes_on else "",
                "confirmatory": line["confirmatory"],
                "rule": line["rule"],
                "reading": READING.search(line["source"]) is not None,
                "shut": shut(verdict),
                "deciding": list(deciding(line["rule"], verdict)),
                "tests": tests,
            }
        )
    return listed


def _test(facts: Facts, study: str, claim: str, test: dict[str, Any]) -> dict[str, Any]:
    """One test of a claim; its numbers as facts, of tests of one name that lack them once."""
    for key in TEST:
        name = f"claim.{claim}.{test['metric']}.{test['condition']}.{key}"
        if test["effect"] is None and facts.entries.get(name, {}).get("value", "") == test[key]:
            continue
        facts.put(study, name, test[key], "" if key in ("p_holm", "n") else test["unit"])
    chosen = ("metric", "condition", "unit", "word", "replicates_needed", *TEST)
    read = {"called": called(test["metric"]), "place": place(test["condition"])}
    return {**{key: test[key] for key in chosen}, **read}


def called(metric: str) -> str:
    """A metric as a reader sees it, with the noise level at which it is read: ``excess/0.02``."""
    name, mark, where = words(metric).partition("/")
    if not mark:
        return name
    return f"{name} at noise {float(where):g}" if NUMBER.fullmatch(where) else f"{name}, {where}"


def place(condition: str) -> str:
    """A condition as a reader sees it: ``blur=0.8 network=mlp`` is blur 0.8, MLP."""
    if condition.startswith("mean of "):
        return condition
    pairs = [pair.partition("=") for pair in re.split(r" (?=\w+=)", condition)]
    shown = [
        words(value) if name in PLAIN else f"{name} {words(value)}".strip()
        for name, _, value in pairs
    ]
    return ", ".join(shown)


def settings(facts: Facts, results: Results) -> None:
    """What the trained cells of a study share, network by network, and how often each was run."""
    from harness.data.load import load

    study = results.study
    trained = [
        ({stage["stage"]: stage for stage in run["config"]}, run)
        for run in results.runs
        if any(stage["stage"] == "train" for stage in run["config"])
    ]
    for network in sorted({stages["train"]["network"]["name"] for stages, _ in trained}):
        chosen = [pair for pair in trained if pair[0]["train"]["network"]["name"] == network]
        name = f"{study}.{network}"
        for key in TRAINING:
            _common(facts, study, f"{name}.{key}", (stages["train"][key] for stages, _ in chosen))
        _common(
            facts, study, f"{name}.samples", (stages["sample"]["count"] for stages, _ in chosen)
        )
        first = chosen[0][0]["train"]
        data = dict(first["dataset"])
        images = load(data.pop("name"), **data)
        weights = _parameters(first, images)
        facts.put(study, f"{name}.parameters", weights)
        if f"{name}.clean_fraction" in facts.entries:
            clean = round(first["clean_fraction"] * images.train.count)
            facts.put(study, f"{name}.clean", clean)
        solvers = [_solver(stages["sample"]["sampler"]) for stages, _ in chosen]
        for key in SAMPLER:
            _common(facts, study, f"{name}.sampler.{key}", (solver[key] for solver in solvers))
        for arm in sorted({run["params"].get("arm", "") for _, run in chosen}):
            counts = [run["replicates"] for _, run in chosen if run["params"].get("arm", "") == arm]
            _common(facts, study, f"{name}.{arm}.replicates", counts)
    annotators = [stages["train"]["annotator"] for stages, _ in trained]
    levels = [each["threshold"] for each in annotators if each and "threshold" in each]
    _common(facts, study, f"{study}.threshold", levels)
    _common(facts, study, f"{study}.accepted", (math.sqrt(1 - 2 * level) for level in levels))
    ambient = [stages["train"]["objective"] for stages, _ in trained]
    ambient = [dict(each) for each in ambient if each.get("name") == "ambient"]
    _common(facts, study, f"{study}.cap", (each["cap"] for each in ambient))
    losses = [OBJECTIVES[each.pop("name")](**each) for each in ambient]
    _common(facts, study, f"{study}.buffer", (loss.buffer for loss in losses))
    blurs = sorted({run["params"]["blur"] for _, run in trained if "blur" in run["params"]})
    if blurs:
        facts.put(study, f"{study}.blurs", blurs, "pixels")


def _common(facts: Facts, study: str, key: str, values: Iterable[Any]) -> None:
    """Put a value that all share; where they differ, or there is none, put nothing."""
    distinct = set(values)
    if len(distinct) == 1:
        facts.put(study, key, distinct.pop(), "share" if key.endswith(SHARES) else "")


def _parameters(training: dict[str, Any], images: Images) -> int:
    """How many weights the network of a training has, by building it."""
    import torch

    from harness.nets.checkpoint import build
    from harness.train.condition import Condition

    given = dict(training["network"])
    asked = training.get("condition")
    words = Condition(asked["kind"]).words(images) if asked else None
    init = [torch.Generator().manual_seed(0)]
    made = build(part(given.pop("name"), **given), images.shape, init, words=words)
    return sum(p.numel() for p in made.parameters())


def _solver(sampler: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a sampler, its defaults filled in."""
    from harness.sample import SAMPLERS

    given = dict(sampler)
    solver = SAMPLERS[given.pop("name")](**given)
    return {key: getattr(solver, key) for key in SAMPLER}


def datasets(facts: Facts, results: Results) -> list[dict[str, Any]]:
    """The image sets of a study, read anew: counts as facts, name and content hash for its row.

    A set whose files are not at hand, of a reference that was made elsewhere, is named as such.
    """
    from harness.data.load import load
    from harness.problem import Problem

    asked = {
        json.dumps(stage["dataset"], sort_keys=True)
        for run in results.runs
        for stage in run["config"]
        if "dataset" in stage
    }
    described = []
    for index, text in enumerate(sorted(asked)):
        given = json.loads(text)
        name = given.pop("name")
        try:
            images = load(name, **given)
        except Problem:
            described.append({"name": name, "content_hash": "files absent"})
            continue
        described.append(
            {
                "name": images.name,
                "content_hash": images.content_hash,
                "side": images.shape[-1] if images.shape[-1] > 1 else None,  # a number is no image
            }
        )
        if index:
            continue
        told = images.describe()
        for key in ("name", "train", "test", "regions"):
            facts.put(results.study, f"{results.study}.data.{key}", told[key])
        facts.put(results.study, f"{results.study}.data.sources", len(images.sources))
        facts.put(results.study, f"{results.study}.data.side", images.shape[-1], "pixels")
        facts.put(results.study, f"{results.study}.data.channels", images.shape[0])
    return described


def gates(facts: Facts, results: Results) -> None:
    """Where the ceiling of a blur study stands: its high-frequency ratio and its gain in loss."""
    study, rows = results.study, results.records
    for network in sorted({str(row.params["network"]) for row in rows if "network" in row.params}):
        where, key = {"network": network}, f"gate.{study}.{network}"
        ceiling = select(rows, "high_frequency_ratio", where, "oracle")
        found = [row.value for row in ceiling if row.value is not None]
        facts.put(study, f"{key}.ratio", float(np.mean(found)) if found else None)
        gain = contrast(rows, "denoising_loss", "oracle", "clean", where).values
        facts.put(study, f"{key}.gain", float(np.mean(gain)) if gain else None, "log ratio")


def annotations(facts: Facts, results: Results) -> None:
    """The mean sigma_min of the gated arm at each blur, and the share of noise draws above it.

    From what the training left in the cache; nothing where the cache does not hold it.
    """
    for run in results.runs:
        stages = {stage["stage"]: stage for stage in run["config"]}
        params = run["params"]
        if params.get("arm") != "gated" or params.get("network") != "mlp":
            continue
        path = results.cache / "train" / run["stages"]["train"]["key"] / "training.json"
        if "setting" in params or not path.is_file():
            continue
        levels = json.loads(path.read_text(encoding="utf-8"))["sigma_min"]
        level, law = float(np.mean(levels)), stages["train"]
        above = (law["log_sigma_mean"] - math.log(level)) / law["log_sigma_std"] if level else 9.0
        key = f"{results.study}.annotation.{params['blur']}"
        facts.put(results.study, f"{key}.sigma_min", level)
        facts.put(results.study, f"{key}.share", 0.5 * math.erfc(-above / math.sqrt(2)), "share")
