"""How often the detector of scenes is wrong: one row a world and damage, one column a task.

Each share stands with its interval of Wilson (1927, J. Am. Stat. Assoc. 22:209) at 95 per cent, in
per cent of the pictures. Where no picture is wrong the interval still ends above 0.
"""

from typing import Any

from harness.claims.share import limits
from harness.geneval.vocabulary import TASKS
from harness.records.record import Record
from harness.report.failures import failed_rows
from harness.report.layout import Layout
from harness.report.number import ABSENT
from harness.report.results import Group, Results
from harness.report.sheet import Part
from harness.report.words import words

METRICS = (*(f"detection_error/{task}" for task in TASKS), "detection_error", "verdict_error")


def interval(row: Record) -> tuple[float, float, float]:
    """The share of a row and its interval; the row has a value and the number behind it."""
    return row.value or 0.0, *limits(row)


def detection(results: Results, layout: Layout) -> Part:
    """The part ``detection`` of a study's table."""
    groups = results.ordered(layout.rows, layout.order)
    body, tidy = [], []
    for group in groups:
        found = {metric: _row(group, metric) for metric in METRICS}
        texts = [ABSENT if row is None else _shown(row) for row in found.values()]
        counts = {row.n for metric, row in found.items() if row is not None and "/" in metric}
        count = ", ".join(str(n) for n in sorted(n for n in counts if n)) or ABSENT
        body.append((*(_factor(group, name) for name in layout.rows), count, *texts))
        tidy += [_tidy(group, metric, row) for metric, row in found.items() if row is not None]
    heads = [words(metric.replace("detection_error/", "geneval/")) for metric in METRICS]
    return Part(
        name="detection",
        caption="Per cent of pictures in which the detector of scenes is wrong, by task and over "
        "all, and in which the scorer's verdict is, with 95 % intervals of Wilson; n: pictures of "
        "each task. Severity: the width of a blur in pixels, the standard deviation of noise where "
        "pixels lie in [−1, 1], the quality of a JPEG file.",
        header=(*layout.rows, "n", *heads),
        labels=len(layout.rows),
        body=tuple(body),
        tidy=tuple(tidy),
        notes=failed_rows(groups, layout.rows),
        cells=tuple(group.cell_id for group in groups),
    )


def level(damage: object, severity: float) -> str:
    """A severity as a reader sees it; the studies count JPEG from 100 down, so that more is worse.

    "jpeg" at 75 is quality 25.
    """
    match damage:
        case "none":
            return "none"
        case "blur":
            return f"{severity:g} px"
        case "jpeg":
            return f"quality {100 - severity:g}"
    return f"{severity:g}"


def _factor(group: Group, name: str) -> str:
    value = group.params.get(name)
    if name == "severity" and isinstance(value, int | float):
        return level(group.params.get("damage"), value)
    return words(value)


def _row(group: Group, metric: str) -> Record | None:
    """The first row of a metric with a number."""
    return next((row for row in group.of(metric) if row.ok and row.n), None)


def _shown(row: Record) -> str:
    """Per cent, and the interval in brackets: "0 [0, 0.038]"."""
    share, low, high = (100 * each for each in interval(row))
    return f"{share:.3g} [{low:.2g}, {high:.2g}]"


def _tidy(group: Group, metric: str, row: Record) -> dict[str, Any]:
    share, low, high = interval(row)
    return {**group.params, "metric": metric, "n": row.n, "share": share, "low": low, "high": high}
