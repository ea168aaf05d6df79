"""Excerpts: the small tables of the paper, and the facts that its sentences take from records.

Each function takes the results of one study; it puts facts and gives rows as plain data. A place
that the records do not cover gives no row and no fact.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from harness.claims.contrast import contrast
from harness.claims.sensitivity import MARGIN
from harness.records.record import STATUSES
from harness.report import PARTS
from harness.report.columns import SAMPLES
from harness.report.facts import Facts
from harness.report.floors import SPREADS, kinds, lines, short
from harness.report.layouts import layout
from harness.report.leave_one_out import left_out
from harness.report.rates import calibrate
from harness.report.results import Group, Results
from harness.report.roster import noted
from harness.report.words import words

FAILED = tuple(f"{status}: " for status in STATUSES if status != "ok")
SHOWN = ("means", "costs", "detection", "published")  # the other parts are in the report

Row = dict[str, Any]
Key = tuple[str | int, ...]


def arms(results: Results) -> list[Row]:
    """Each cell with the mean and the standard deviation over replicates of each metric."""
    rows = []
    shown = layout(results.study)
    for group in results.ordered(shown.rows, shown.order):
        metrics = {}
        for metric in SAMPLES:
            values = list(group.values(metric).values())
            if values:
                sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
                metrics[metric] = {"mean": float(np.mean(values)), "sd": sd, "n": len(values)}
        params = {name: words(value) for name, value in group.params.items() if name != "blur"}
        rows.append(
            {
                **params,
                "blur": group.params.get("blur"),
                "n": group.replicates,
                "failed": len({row.replicate for row in group.failures}),
                "metrics": metrics,
            }
        )
    return rows


def parts(results: Results) -> dict[str, Row]:
    """The parts of the study's sheet that the paper shows, with their texts as they are there.

    What failed is counted; the report names it.
    """
    shown = layout(results.study)
    found = {
        name: noted(name, PARTS[name](results, shown), results, shown)
        for name in shown.parts
        if name in SHOWN
    }
    chosen = ("caption", "header", "labels", "body", "breaks")
    rows = {}
    for name, part in found.items():
        if part.body:
            notes = [note for note in part.notes if not note.startswith(FAILED)]
            lost = len(part.notes) - len(notes)
            notes += [f"Failures: {lost}, which the report names."] if lost else []
            rows[name] = {**{each: getattr(part, each) for each in chosen}, "notes": notes}
    return rows


def extent(facts: Facts, results: Results) -> None:
    """How many images the trainings of a study see, and how many tokens an image has: the range."""
    stages = [stage for run in results.runs for stage in run["config"]]
    trained = [stage for stage in stages if stage["stage"] in ("train", "train_tokens")]
    tokens = []
    for stage in trained:
        tokeniser, data = stage.get("tokeniser"), stage["dataset"]
        side = data.get("side", data.get("size"))  # the names of photos and of scenes
        if tokeniser is not None and side is not None:
            tokens.append((side // tokeniser["patch"]) ** 2)
    for name, values in (("images", [stage["images"] for stage in trained]), ("tokens", tokens)):
        if values:
            facts.put(results.study, f"{results.study}.trained.{name}.low", min(values))
            facts.put(results.study, f"{results.study}.trained.{name}.high", max(values))


def damages(facts: Facts, results: Results) -> list[Row]:
    """Each reading with its multiple under each kind of damage at the greatest severity."""
    shown = layout(results.study)
    columns = kinds(results, shown.order)
    facts.put(results.study, f"{results.study}.draws", max(g.replicates for g in results.groups))
    facts.put(results.study, f"{results.study}.margin", MARGIN)
    facts.put(results.study, f"{results.study}.spreads", SPREADS)
    return [
        {
            "dataset": line.dataset,
            "reading": words(short(line.metric, line.dataset)),
            "has_floor": line.has_floor,
            "multiples": [
                {"damage": words(kind), "severity": values[-1], "multiple": line.last(kind)}
                for kind, values in columns.items()
            ],
            "unseen": [words(kind) for kind in line.unseen],
        }
        for line in lines(results)
    ]


def rates(facts: Facts, results: Results) -> list[Row]:
    """The rate of false verdicts and of planted effects seen, for each calibrated metric."""
    found = calibrate(results)
    put = partial(facts.put, results.study)
    for name, values in (
        ("group", [rate.group_size for rate in found]),
        ("pairs", [rate.studies * rate.group_size + rate.left_over for rate in found]),
    ):
        if values:
            put(f"calibration.{name}", max(values))
    put("calibration.missed", sum(not rate.ok for rate in found))
    return [{**asdict(rate), "ok": rate.ok} for rate in found]


def _points(results: Results, law: str, names: Sequence[str]) -> dict[Key, list[Group]]:
    """The points of a law by some of its parameters, each list by ascending sigma."""
    tables: dict[Key, list[Group]] = {}
    for group in results.ordered(("n1", "n", "sigma")):
        if group.params["law"] == law:
            key = tuple(group.params[name] for name in names)
            tables.setdefault(key, []).append(group)  # type: ignore[arg-type]
    return dict(sorted(tables.items(), key=lambda item: str(item[0][:2])))


def _value(group: Group, metric: str) -> float | None:
    """The number of a law's row, None where the point has no such row."""
    return next((row.value for row in group.of(metric)), None)


def _slope(low: Group, high: Group, metric: str, axis: str = "sigma") -> float | None:
    """The slope of log metric against log axis between two points."""
    values = [_value(group, metric) for group in (low, high)]
    if not all(values):
        return None
    places = [float(group.params[axis]) for group in (low, high)]  # type: ignore[arg-type]
    return math.log(values[1] / values[0]) / math.log(places[1] / places[0])  # type: ignore[operator]


def contraction(facts: Facts, results: Results) -> list[Row]:
    """Each pair of laws: its slope at the largest noise, and each bound by the exact value."""
    rows: list[Row] = []
    ratios: list[float] = []
    for (p, q), groups in _points(results, "contraction_tv", ("p", "q")).items():
        last = groups[-1]
        row: Row = {"p": p, "q": q, "sigma": last.params["sigma"]}
        for metric in ("exact", "large_noise", "printed"):
            row[f"slope_{metric}"] = _slope(groups[-2], last, metric) if len(groups) > 1 else None
        exact = _value(last, "exact")
        for metric in ("printed", "dobrushin", "transport"):
            bound = _value(last, metric)
            row[metric] = bound / exact if bound is not None and exact else None
        rows.append(row)
        for group in groups:
            sharp, exact = _value(group, "dobrushin"), _value(group, "exact")
            if sharp is not None and exact:
                ratios.append(sharp / exact)
    if ratios:
        facts.put(results.study, "contraction.dobrushin.low", min(ratios))
        facts.put(results.study, "contraction.dobrushin.high", max(ratios))
    if rows:
        facts.put(results.study, "contraction.sigma", max(row["sigma"] for row in rows))
    return rows


def kernel(facts: Facts, results: Results) -> None:
    """The slope of the kernel estimate's error in n, and how tight the bound derived here is."""
    slopes = [
        _slope(groups[0], groups[-1], "exact", "n")
        for groups in _points(results, "kernel_estimate", ("sigma",)).values()
        if len(groups) > 1
    ]
    ratios = []
    for groups in _points(results, "kernel_estimate", ("sigma",)).values():
        for group in groups:
            bound, exact = _value(group, "expectation"), _value(group, "exact")
            if bound is not None and exact:
                ratios.append(bound / exact)
    for name, values in (("slope", [s for s in slopes if s is not None]), ("expectation", ratios)):
        if values:
            facts.put(results.study, f"kernel.{name}.low", min(values))
            facts.put(results.study, f"kernel.{name}.high", max(values))


def switching(facts: Facts, results: Results) -> list[Row]:
    """From which noise level of the grid on biased data help: measured, predicted, by the bounds.

    The lowest level from which on the ratio stays below 1; None where it is not below 1 at the
    highest.
    """
    rows = []
    readings = ("exact", "asymptotic_ratio", "printed", "order_ratio")
    for (p, q, n1), groups in _points(results, "switching_point", ("p", "q", "n1")).items():
        row: Row = {"p": p, "q": q, "n1": n1}
        for metric in readings:
            row[metric] = _from(groups, metric)
        last = groups[-1]
        row["last"] = {metric: _value(last, metric) for metric in readings}
        rows.append(row)
        share = last.params["n2"] / (last.params["n1"] + last.params["n2"])  # type: ignore[operator]
        levels = [float(group.params["sigma"]) for group in groups]  # type: ignore[arg-type]
        if "switching.share" not in facts.entries:
            facts.put(results.study, "switching.share", share, "share")
            facts.put(results.study, "switching.lowest", min(levels))
            facts.put(results.study, "switching.highest", max(levels))
    return rows


def _from(groups: Sequence[Group], metric: str) -> float | None:
    """The lowest level from which on a ratio stays below 1."""
    start = None
    for group in reversed(groups):
        ratio = _value(group, metric)
        if ratio is None or ratio >= 1:
            break
        start = float(group.params["sigma"])  # type: ignore[arg-type]
    return start


def photographs(facts: Facts, results: Results) -> None:
    """The gain of gated training in loss with one photograph's held-out patches left out each time.

    Facts: the smallest and the largest mean effect over the photographs, at each blur of the MLP.
    """
    cells = {(group.params["arm"], group.params.get("blur")): group for group in _mlp(results)}
    for arm, blur in sorted(key for key in cells if key[0] == "gated"):
        one = left_out(cells[arm, blur], cells["clean", None]) if ("clean", None) in cells else None
        if one is not None:
            for name, effect in (("low", min), ("high", max)):
                key = f"photographs.{blur}.{name}"
                facts.put(results.study, key, effect(one.without.values()), "log ratio")


def _mlp(results: Results) -> list[Group]:
    return [group for group in results.groups if group.params.get("network") == "mlp"]


def curve(facts: Facts, results: Results) -> None:
    """At which noise level gated training gains most and least against clean-only, by its MLP."""
    where = {"network": "mlp"}
    levels = sorted(
        {row.metric for row in results.records if row.metric.startswith("denoising_error/")},
        key=lambda metric: float(metric.partition("/")[2]),
    )
    blurs = sorted({row.params["blur"] for row in results.records if "blur" in row.params})  # type: ignore[type-var]
    for blur in blurs:
        effects = {}
        for metric in levels:
            place = {**where, "blur": blur}
            values = contrast(results.records, metric, "gated", "clean", place).values
            if values:
                effects[float(metric.partition("/")[2])] = float(np.mean(values))
        if effects:
            for name, choose in (("lowest", min), ("highest", max)):
                sigma = choose(effects, key=lambda level: effects[level])
                facts.put(results.study, f"curve.{blur}.{name}.sigma", sigma)
                facts.put(results.study, f"curve.{blur}.{name}.effect", effects[sigma], "log ratio")
