"""What each annotator says of each damage, beside what its own rule would say, and its price.

One row a damage and annotator. The level is the mean over replicates with its 95 % t interval. An
annotator that thresholds a classifier does not estimate the noise: its own value is that of the
same rule on the Bayes classifier (``harness.annotate.bayes``), known for Gaussian images alone. The
paper's numbers are those of its classifier with the mean rule, on other images, and stand in a
column of their own.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.claims.power import critical
from harness.report.layout import Layout
from harness.report.number import ABSENT, plain, three
from harness.report.provenance import clocks, origins
from harness.report.published import rows as published_rows
from harness.report.results import Group, Results
from harness.report.sheet import Part
from harness.report.words import words
from harness.studies.annotators import RULES

ARM, STAGE = "annotation", "annotate"
LEVEL, OPERATIONS = "sigma_min_mean", "annotation_flops"
EXACT = "Bayes, "  # an annotator that is the value of a rule
PAPERS = "per image"  # the annotator that is the paper's
DATA = ("Gaussian", "photographs")
Span = tuple[float, float, float]  # mean, and the ends of its interval


def annotations(results: Results, layout: Layout) -> Part:
    """The part ``annotations`` of a study's table."""
    found: dict[tuple[str, str], dict[str, Group]] = {}
    for group in results.ordered(("corruption", "annotator"), layout.order):
        name, damage, data = (group.params.get(k) for k in ("annotator", "corruption", "data"))
        if group.params.get("arm") == ARM:
            found.setdefault((str(damage), str(name)), {})[str(data)] = group
    runs = {run["cell_id"]: run for run in results.runs}
    body, tidy, cells = [], [], []
    for (damage, name), cases in found.items():
        if name.startswith(EXACT):
            continue
        exact = found.get((damage, f"{EXACT}{RULES.get(name)}"), {}).get(DATA[0])
        row = {
            "rule": _middle(exact),
            "paper": paper(results.study, damage) if name == PAPERS else None,
        }
        gauss, photos = (cases.get(data) for data in DATA)
        levels = [_shown(each) for each in (gauss, photos)]
        priced = photos or gauss
        n = str(priced.replicates) if priced else ABSENT
        own = (three(row["rule"]), levels[1], three(row["paper"]))
        cost = (plain(_seconds(priced, runs), 2), plain(_operations(priced)))
        body.append((words(damage), words(name), n, levels[0], *own, *cost))
        tidy += [
            _tidy(group, runs, row if data == DATA[0] else {**row, "rule": None})
            for data, group in cases.items()
        ]
        cells.append(priced.cell_id if priced else "")
    return Part(
        name="annotations",
        caption="The level that each annotator finds: mean [95 % interval over n replicates], "
        "beside the value that its own rule has on Gaussian images by the Bayes classifier, and "
        "beside what the paper's classifier finds on CIFAR-10. A rule with a threshold does not "
        "estimate the noise itself. (An interval that ends below 0: few replicates, far apart.) "
        "Seconds and operations: of one annotation of the photographs.",
        header=("damage", "annotator", "n", "on Gaussian images", "value of its rule there",
                "on photographs", "paper's", "seconds", "operations (FLOP)"),
        labels=2,
        body=tuple(body),
        tidy=tuple(tidy),
        notes=_notes(results),
        cells=tuple(cells),
    )  # fmt: skip


def level(group: Group) -> Span | None:
    """The mean level over replicates with its 95 % t interval; the mean alone with one replicate.

    None where no replicate has a number.
    """
    values = np.array(list(group.values(LEVEL).values()))
    n = len(values)
    if not n:
        return None
    middle = float(values.mean())
    half = critical(n - 1.0) * float(values.std(ddof=1)) / n**0.5 if n > 1 else 0.0
    return middle, middle - half, middle + half


def _middle(group: Group | None) -> float | None:
    found = None if group is None else level(group)
    return None if found is None else found[0]


def paper(study: str, damage: str) -> float | None:
    """What the paper's classifier finds at a damage, such as "noise 0.05"; None if not printed."""
    kind, _, severity = damage.rpartition(" ")
    for row in published_rows():
        of = row["condition"].split()[-2:]
        asked = (row["study"], row["arm"], row["metric"]) == (
            study, "classifier", "mean sigma_min",
        )  # fmt: skip
        if asked and of[0] == kind and float(of[1]) == float(severity):
            return float(row["value"])
    return None


def _shown(group: Group | None) -> str:
    """``0.100 [0.088, 0.112]``; how many of the replicates where some have no number."""
    found = None if group is None else level(group)
    if group is None or found is None:
        return ABSENT
    n = len(group.values(LEVEL))
    text = f"{three(found[0])} [{three(found[1])}, {three(found[2])}]" if n > 1 else three(found[0])
    return text if n == group.replicates else f"{text} ({n} of {group.replicates})"


def _seconds(group: Group | None, runs: Mapping[str, Mapping[str, Any]]) -> float | None:
    """The seconds of one annotation: the clock of the stage over its replicates."""
    run = runs.get(group.cell_id) if group else None
    spent = clocks(run).get(STAGE) if run else None
    return None if run is None or spent is None else spent / int(run["replicates"])


def _operations(group: Group | None) -> float | None:
    values = list(group.values(OPERATIONS).values()) if group else []
    return float(np.mean(values)) if values else None


def _notes(results: Results) -> tuple[str, ...]:
    """On what the seconds were measured, and how."""
    stages = [run["stages"][STAGE] for run in results.runs if STAGE in run["stages"]]
    timed = [stage for stage in stages if stage.get("seconds") is not None]
    if not timed:
        return ()
    found = origins([{"stages": {STAGE: stage}} for stage in timed])
    where = found.get("accelerator") or found.get("processor") or ["an unnamed processor"]
    worked = all(stage.get("core_seconds") is not None for stage in timed)
    clock = "one core's work" if worked else "the clock on the wall, which other work slows"
    return (
        f"Seconds: the stage {STAGE} a replicate, reading the images and training the classifier "
        f"included; {clock}; on {' and '.join(where)}.",
    )


def _tidy(
    group: Group, runs: Mapping[str, Mapping[str, Any]], beside: Mapping[str, float | None]
) -> dict[str, Any]:
    found, several = level(group), len(group.values(LEVEL)) > 1
    return {
        **group.params,
        "metric": LEVEL,
        "n": len(group.values(LEVEL)),
        "mean": _middle(group),
        "low": found[1] if found and several else None,
        "high": found[2] if found and several else None,
        "value_of_rule": beside["rule"],
        "paper": beside["paper"],
        "seconds": _seconds(group, runs),
        "operations": _operations(group),
        "cell_id": group.cell_id,
    }
