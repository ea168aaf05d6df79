"""The line calibrated on itself: its rates of false verdicts and of found effects, as a table.

The paired effects of the study's two equal arms are cut into groups as large as a headline
contrast, and each group is decided by the rule of real claims (``harness.claims.calibration``).
The numbers are computed once, for the table; the report and the paper read them from its CSV.
"""

import csv
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.claims.calibration import Calibration, false_verdict_rate, planted_power
from harness.claims.contrast import Contrast, contrast
from harness.problem import Problem
from harness.report.failures import failed_rows
from harness.report.layout import Layout
from harness.report.results import Results
from harness.report.sheet import Part
from harness.report.words import words
from harness.scale import read_sizes

COPIES = ("copy 1", "copy 0")
NUMBERS = ("studies", "counted", "rate", "low", "high", "stated", "group_size", "effect")


def paired(results: Results) -> dict[str, Contrast]:
    """The paired log-ratios of the two equal arms, by metric; metrics with a slash are left out."""
    metrics = dict.fromkeys(row.metric for row in results.records)
    return {
        metric: contrast(results.records, metric, *COPIES)
        for metric in metrics
        if "/" not in metric and metric != "cell"
    }


@lru_cache(maxsize=2)
def calibrate(results: Results) -> tuple[Calibration, ...]:
    """The rates of each metric: false verdicts, then planted effects seen.

    The groups are as large as the scale's headline contrasts. A metric that has not pairs enough
    for one group is left out. Errors: a :class:`Problem` for a scale without sizes.
    """
    size = read_sizes(results.scale).replicates
    pairs = {name: c.values for name, c in paired(results).items() if len(c.values) >= size}
    return (*false_verdict_rate(pairs, size), *planted_power(pairs, size))


def rates(results: Results, layout: Layout) -> Part:
    """The part ``rates``: one row a metric and kind of verdict."""
    rows = [_row(one) for one in calibrate(results)]
    return part_of(rows, left_out(results, layout, rows))


def part_of(rows: list[dict[str, Any]], notes: tuple[str, ...] = ()) -> Part:
    """The part from its own tidy rows, as ``rates`` computed or ``read_rates`` read them."""
    body = [
        (
            words(row["metric"]),
            row["what"],
            f"{row['counted']} of {row['studies']}",
            f"{100 * row['rate']:.1f} %",
            f"{100 * row['low']:.1f} to {100 * row['high']:.1f} %",
            f"{100 * row['stated']:g} %",
            "yes" if row["ok"] else "no",
        )
        for row in rows
    ]
    size = {row["group_size"] for row in rows}
    pairs = f" of {size.pop()} pairs each" if len(size) == 1 else ""
    return Part(
        name="rates",
        caption=f"Synthetic studies{pairs} of two arms that differ in nothing, decided by the rule "
        "of real claims: how often a difference is seen, and how often one that was planted at "
        "the size stated to be found with 80 % power. Interval: 95 %, Clopper and Pearson.",
        header=("metric", "what", "counted", "rate", "95 % interval", "stated", "kept"),
        labels=2,
        body=tuple(body),
        tidy=tuple(rows),
        notes=notes,
    )


def _row(one: Calibration) -> dict[str, Any]:
    names = ("metric", "what", "studies", "counted", "rate", "low", "high", "stated", "ok")
    more = ("group_size", "effect", "left_over")
    return {name: getattr(one, name) for name in (*names, *more)}


def left_out(results: Results, layout: Layout, rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """What takes no part in the rates: failed rows, and metrics that have not pairs enough."""
    notes = list(failed_rows(results.groups, layout.rows))
    done = {row["metric"] for row in rows}
    for metric, one in paired(results).items():
        if metric not in done:
            why = one.problem or f"{len(one.values)} pairs, too few for one group"
            notes.append(f"{words(metric)} is not calibrated: {why}")
    return tuple(notes)


def read_rates(path: Path) -> list[dict[str, Any]]:
    """The rows of a calibration's CSV with their types; a :class:`Problem` for another file."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows: list[dict[str, Any]] = list(csv.DictReader(file))
        for row in rows:
            row.update({name: float(row[name]) for name in NUMBERS})
            row.update({name: int(row[name]) for name in ("studies", "counted", "group_size")})
            row["ok"] = {"true": True, "false": False}[row["ok"]]
    except (OSError, KeyError, ValueError) as error:
        raise Problem(
            f"the rates in {path}", str(error), "make it again: `patina show calibration`"
        ) from error
    return rows
