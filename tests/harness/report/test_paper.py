"""The paper: its numbers are those of the records, it compiles from any set of studies, byte for
byte alike, and its text holds no typed number."""

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typst

from harness.cell import Cell
from harness.claims.claim import read_claims
from harness.geneval.vocabulary import TASKS
from harness.metrics.geneval import SCORES
from harness.metrics.measurement import SAMPLES
from harness.problem import Problem
from harness.records.atomic import write_json, write_json_lines
from harness.records.files import read_jsonl, write_jsonl
from harness.records.publish import Manifest
from harness.records.record import Record, measured
from harness.report.facts import Facts, place
from harness.report.paper import DRAWN, TEXT, compile_text, sectioned, write_paper
from harness.run.verdicts import decide
from harness.scale import read_sizes
from harness.studies import STUDIES

ALL = list(STUDIES)
PROSE = ("main.typ", "laws.typ", "study.typ", "results.typ", "papers.typ")
ARMS = {"clean": 0.0, "all": -0.02, "gated": -0.05, "ambient": -0.05, "buffered": -0.05}
FIGURE = '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="100pt"/>'
MADE = {
    "commit": "0123456789ab",
    "processor": "a processor",
    "accelerator": "",
    "system": "Linux",
    **dict.fromkeys(("python", "torch", "numpy", "patina"), "1"),
}


SLASHED = tuple(f"/{task}" for task in TASKS)


def law(study: str, cell: Cell) -> dict[str, float]:
    """Rows of a law that are easy to check: slopes of -2 and -1/2, switches at 0.5 and 1."""
    p = cell.labels()
    name = str(p["law"])
    if study != "ambient_laws":
        named = {metric for claim in STUDIES[study].claims for metric in claim.rule.named()[0]}
        base = {"exact": 0.5, "printed": 1.0, "printed/exact": 2.0, "void": 0.0}
        return base | dict.fromkeys(named - set(base), 0.7)
    sigma = float(p["sigma"])
    if name == "kernel_estimate":
        n = float(p["n"]) ** -0.5
        return {"exact": n, "printed": 9 * n, "expectation": 1.5 * n, "void": 0.0}
    if name == "switching_point":
        ratio = {"exact": 0.5, "printed": 1.0, "order_ratio": 0.0, "asymptotic_ratio": 99.0}
        return {metric: 2.0 if sigma < switch else 0.5 for metric, switch in ratio.items()}
    exact = {"exact": 0.01 / sigma**2, "large_noise": 0.01 / sigma**2, "void": 0.0}
    bounded = {} if "normal" in str(p["p"]) else {"printed": 30.0 / sigma}
    return {**exact, **bounded, "dobrushin": 20.0 / sigma}


def rows(study: str, cell: Cell, rng: np.random.Generator) -> list[Record]:
    """What a cell could have measured."""
    labels, found = cell.labels(), []
    for replicate in range(cell.replicates):
        values: dict[str, float] = {}
        if "law" in labels:
            values = law(study, cell)
        else:
            effect = ARMS.get(str(labels.get("arm")), -0.1) + 0.1 * len(
                str(labels.get("damage", ""))
            )
            names = [*SAMPLES, "denoising_loss", "denoising_loss/china", "denoising_loss/coffee"]
            if study == "scenes_detector":
                kinds = ("detection_error", "verdict_error")
                names = [f"{kind}{task}" for kind in kinds for task in ("", *SLASHED)]
                names += ["largest_detection_error", "allowed_error"]
            elif study == "scenes_t2i":
                names = [*SCORES, "fd_random_conv"]
            elif "damage" in labels:
                names = [*cell.stages[-1].params.metrics]
            for metric in (*names, "denoising_error/0.02", "denoising_error/2"):
                values[metric] = math.exp(effect + 0.005 * rng.standard_normal())
        for metric, value in values.items():
            number = None if "law" in labels else replicate
            row: dict[str, Any] = {"study": study, "cell_id": cell.cell_id, "params": labels}
            row |= {"metric": metric, "unit": "1", "tier": "tolerance", "n": 100}
            found.append(measured(value, 1e-6, replicate=number, **row))
    return found


def run(cell: Cell) -> dict[str, Any]:
    stages = {stage.name: {**MADE, "key": cell.cell_id} for stage in cell.stages}
    plain = {"params": cell.labels(), "replicates": cell.replicates, "config": cell.config()}
    return {"cell_id": cell.cell_id, **plain, "stages": stages}


def build(folder: Path, studies: Sequence[str]) -> Path:
    """A build of some studies in ``folder``, made up."""
    rng = np.random.default_rng(0)
    sizes = read_sizes("smoke")
    for study in studies:
        cells = STUDIES[study].cells(sizes)
        if sectioned(study):  # made from its records alone, whatever they are
            cells = cells[:: max(1, len(cells) // 50)]
        write_jsonl(
            folder / study / "records.jsonl", [r for c in cells for r in rows(study, c, rng)]
        )
        write_json_lines(folder / study / "runs.jsonl", [run(cell) for cell in cells])
        if study in DRAWN or sectioned(study):
            (folder / "figures").mkdir(exist_ok=True)
            (folder / "figures" / f"{study}.svg").write_text(FIGURE)
        for cell in cells:
            if cell.labels().get("arm") == "gated":
                kept = folder.parent / "cache" / "train" / cell.cell_id / "training.json"
                write_json(kept, {"sigma_min": [math.exp(-1.2)]})
    if studies:
        decide(
            folder.name, [folder / s / "records.jsonl" for s in studies], folder / "claims.jsonl"
        )
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of every study at smoke, with its paper."""
    folder = build(tmp_path_factory.mktemp("one") / "smoke", ALL)
    write_paper(folder, ALL)
    return folder


def numbers(folder: Path) -> dict[str, Any]:
    given: dict[str, Any] = json.loads((folder / "paper" / "numbers.json").read_text())
    return given


def shown(folder: Path, selector: str) -> list[Any]:
    """The elements of the compiled document that a selector finds."""
    main = folder / "paper" / "main.typ"
    given = typst.query(str(main), selector, root=str(main.parent), ignore_system_fonts=True)
    found: list[Any] = json.loads(given)
    return found


def test_every_claim_stands_in_the_paper_with_its_verdict(made: Path) -> None:
    ids = {claim.id for study in ALL for claim in STUDIES[study].claims}
    raw = {element["text"] for element in shown(made, "raw")}
    assert ids <= raw
    decided = {
        claim["id"]: claim["verdict"]["word"] for claim in read_claims(made / "claims.jsonl")
    }
    assert {claim["id"]: claim["word"] for claim in numbers(made)["claims"]} == decided


def test_same_results_same_bytes_wherever_they_lie(made: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "smoke", ALL)
    write_paper(again, ALL)
    for name in ("paper/numbers.json", "paper.pdf"):
        assert (again / name).read_bytes() == (made / name).read_bytes(), name


def test_a_missing_number_stops_the_paper_and_is_named(made: Path, tmp_path: Path) -> None:
    work = tmp_path / "paper"
    for path in (made / "paper").rglob("*.*"):
        (work / path.relative_to(made / "paper")).parent.mkdir(parents=True, exist_ok=True)
        (work / path.relative_to(made / "paper")).write_bytes(path.read_bytes())
    whole = numbers(made)
    for key in ("claim.noise-contracts.cells_void", "ambient_blur.mlp.images", "method.power"):
        facts = {name: fact for name, fact in whole["facts"].items() if name != key}
        write_json(work / "numbers.json", {**whole, "facts": facts})
        with pytest.raises(Problem, match=f"no number with the key.*{re.escape(key)}"):
            compile_text(work)


def test_the_numbers_are_those_of_the_records(made: Path) -> None:
    given = numbers(made)
    facts = {key: fact["value"] for key, fact in given["facts"].items()}
    laws = given["tables"]["ambient_laws"]
    for row in laws["contraction"]:
        assert row["slope_exact"] == pytest.approx(-2, abs=1e-9)
        assert row["slope_printed"] is None or row["slope_printed"] == pytest.approx(-1, abs=1e-9)
        assert row["dobrushin"] == pytest.approx(2000 * row["sigma"])
    assert facts["kernel.slope.low"] == pytest.approx(-0.5)
    assert facts["kernel.expectation.high"] == pytest.approx(1.5)
    for row in laws["switching"]:
        assert [row[m] for m in ("exact", "printed", "order_ratio")] == [0.5, 1.0, 0.01]
        assert row["asymptotic_ratio"] is None

    rows = read_jsonl(made / "ambient_blur" / "records.jsonl")
    for arm in given["tables"]["ambient_blur"]["arms"]:
        network = {"MLP": "mlp", "U-Net": "unet"}[arm["network"]]
        place = {"arm": arm["arm"], "network": network} | (
            {"blur": arm["blur"]} if arm["blur"] is not None else {}
        )
        values = [r.value for r in rows if dict(r.params) == place and r.metric == "fd_zca_pixels"]
        assert arm["metrics"]["fd_zca_pixels"]["mean"] == pytest.approx(np.mean(values))
        assert arm["metrics"]["fd_zca_pixels"]["sd"] == pytest.approx(np.std(values, ddof=1))
    damaged = given["tables"]["metric_sensitivity"]["damages"]
    fd = next(row for row in damaged if row["reading"] == "FD random conv")
    # exp(0.1 times the letters of the damage's name), against that of "none"
    assert fd["multiples"][0] == {
        "damage": "noise",
        "severity": 0.2,
        "multiple": pytest.approx(math.exp(0.1), rel=0.02),
    }
    assert fd["has_floor"]
    assert "noise" in fd["unseen"]
    assert facts["ambient_blur.annotation.0.8.share"] == pytest.approx(0.5)  # the median of sigma
    assert facts["ambient_blur.mlp.images"] == read_sizes("smoke").images
    assert facts["ambient_blur.mlp.sampler.steps"] == 18
    for claim in read_claims(made / "claims.jsonl"):
        for test in claim["verdict"]["conditions"]:
            key = f"claim.{claim['id']}.{test['metric']}.{test['condition']}.effect"
            assert facts[key] == test["effect"]


def test_a_study_comes_from_the_reference_or_was_not_run(made: Path, tmp_path: Path) -> None:
    for study in ("ambient_laws", "ambient_blur"):
        reference = tmp_path / "results" / "v1" / "smoke" / study
        hashes = {}
        for name in ("records.jsonl", "runs.jsonl"):
            data = (made / study / name).read_bytes()
            reference.mkdir(parents=True, exist_ok=True)
            (reference / name).write_bytes(data)
            hashes[name] = hashlib.sha256(data).hexdigest()
        manifest = Manifest(study, "smoke", "1.0.0", "0" * 40, hashes, 1, None)
        write_json(reference / "MANIFEST.json", asdict(manifest))
    folder = build(tmp_path / "smoke", ["calibration"])
    write_paper(folder, ["calibration"], tmp_path / "results")
    where = {source["study"]: source["where"] for source in numbers(folder)["sources"]}
    assert where == {
        **dict.fromkeys(STUDIES, "not run"),
        "ambient_laws": "reference",
        "calibration": "this build",
        "ambient_blur": "reference",
    }
    before = {claim["id"]: claim for claim in numbers(made)["claims"]}
    for claim in numbers(folder)["claims"]:
        same = {**claim, "reason": ""} == {**before[claim["id"]], "reason": ""}
        assert same if where[claim["study"]] == "reference" else claim["word"] == "not run"


@pytest.mark.parametrize("studies", [[], ["ambient_laws"], ["ambient_blur"]])
def test_it_compiles_from_any_studies(studies: list[str], tmp_path: Path) -> None:
    folder = build(tmp_path / "smoke", studies)
    write_paper(folder, studies, tmp_path / "results")
    assert (folder / "paper.pdf").read_bytes().startswith(b"%PDF-")


def test_smoke_says_that_its_numbers_mean_nothing(made: Path, tmp_path: Path) -> None:
    assert len(shown(made, "<banner>")) == 1
    folder = build(tmp_path / "cpu", ["calibration"])
    write_paper(folder, ["calibration"], tmp_path / "results")
    assert shown(folder, "<banner>") == []


def test_what_a_study_lacks_is_named_and_the_old_paper_stays(tmp_path: Path) -> None:
    folder = build(tmp_path / "smoke", ["ambient_laws"])
    (folder / "paper.pdf").write_bytes(b"old")
    (folder / "figures" / "ambient_laws.svg").unlink()
    with pytest.raises(Problem, match=r"ambient_laws\.svg"):
        write_paper(folder, ["ambient_laws"], tmp_path / "results")
    lines = (folder / "claims.jsonl").read_text().splitlines(keepends=True)
    (folder / "claims.jsonl").write_text("".join(lines[1:]))
    with pytest.raises(Problem, match="noise-contracts"):
        write_paper(folder, ["ambient_laws"], tmp_path / "results")
    assert (folder / "paper.pdf").read_bytes() == b"old"


MATH = re.compile(r"\$(?:\\[\s\S]|[^$\\])*\$")
COMMENT = re.compile(r"(?<!:)//.*")
LENGTH = re.compile(r"\b\d+(\.\d+)?(pt|em|mm|fr|%)")
CITED = re.compile(r"@[\w-]+(\[[^\]]*\])?|<[\w-]+>")


def typed_in_prose(text: str) -> list[str]:
    """Digits in a text file that are typed.

    Allowed are: whole numbers of one digit in formulas (2 sigma, n_1), the keys of citations with
    their theorem numbers, and labels. Everything else comes from a result.
    """
    text = COMMENT.sub("", text)
    found = [digits for one in MATH.findall(text) for digits in re.findall(r"\d[\d.]+", one)]
    return found + re.findall(r"\d[\d.]*", CITED.sub("", MATH.sub("", text)))


def test_no_number_is_typed() -> None:
    assert sorted(path.name for path in TEXT.glob("*.typ")) == sorted(
        [*PROSE, "numbers.typ", "style.typ", "tables.typ"]
    )
    for name in PROSE:
        assert typed_in_prose((TEXT / name).read_text()) == [], name
    for name in ("numbers.typ", "style.typ", "tables.typ"):  # code: no decimal without its unit
        code = LENGTH.sub("", COMMENT.sub("", (TEXT / name).read_text()))
        assert re.findall(r"\d+\.\d+(?!\")", code) == [], name


@pytest.mark.parametrize(
    "planted",
    ["an effect of 3 points", "a loss of 0.41 nats", "$p = 0.03$", "$n = 64$", "5% less"],
)
def test_a_typed_number_is_found(planted: str) -> None:
    text = (TEXT / "results.typ").read_text()
    assert typed_in_prose(text.replace("The metrics need not agree", planted)) != []


def test_a_fact_is_given_once() -> None:
    facts = Facts()
    facts.put("", "method.level", 1)
    with pytest.raises(ValueError, match=r"method\.level"):
        facts.put("", "method.level", 2)


def test_a_condition_reads_as_words() -> None:
    assert place("blur=0.8 network=mlp") == "blur 0.8, MLP"
    assert place("setting=64 sampler steps") == "64 sampler steps"
    assert place("damage=jpeg") == "damage JPEG"
