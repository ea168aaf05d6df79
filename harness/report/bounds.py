"""How tight the printed bounds are: the ratio of bound and exact value over each grid.

One row stands for all points of a law on one pair: the smallest and the largest ratio of the bound
as printed to the exact value, the share of points at which the bound is void, and the same ratio
for the sharper statement of the law. A ratio below 1 breaks an upper bound.
"""

from collections.abc import Sequence
from typing import Any

from harness.report.failures import failed_rows
from harness.report.layout import Layout
from harness.report.number import share, span
from harness.report.results import Group, Results
from harness.report.sheet import Part
from harness.report.words import words

SHARPER = {
    "contraction_tv": ("dobrushin", "Dobrushin"),
    "contraction_kl": ("dobrushin", "Dobrushin"),
    "contraction_w1": ("at_least", "lower bound"),
    "contraction_w2": ("at_least", "lower bound"),
    "kernel_estimate": ("expectation", "expectation"),
}
NAMES = {
    "contraction_tv": "TV under noise",
    "contraction_kl": "KL under noise",
    "contraction_w1": "W1 under noise",
    "contraction_w2": "W2 under noise",
    "kernel_estimate": "kernel estimate",
    "switching_point": "switching point",
}


def value(group: Group, metric: str) -> float | None:
    """The number of a cell with one replicate; None where it has none."""
    return next((row.value for row in group.of(metric)), None)


def ratios(groups: Sequence[Group], metric: str) -> list[float]:
    """A metric by the exact value, at each point that has both and an exact value above 0."""
    found = []
    for group in groups:
        above, exact = value(group, metric), value(group, "exact")
        if above is not None and exact:
            found.append(above / exact)
    return found


def pair(group: Group) -> str:
    """What a law is evaluated on, in words."""
    p, q, n = (group.params.get(name) for name in ("p", "q", "n"))
    where = f"{p}" if q is None else f"{p} | {q}"
    return where if n is None else f"{where}, n = {n}"


def bounds(results: Results, layout: Layout) -> Part:
    """The part ``bounds``: one row a law and pair."""
    rows: dict[tuple[str, str], list[Group]] = {}
    for group in results.ordered(("law", "n"), tuple(NAMES)):
        law = str(group.params.get("law"))
        if law != "switching_point":
            rows.setdefault((law, pair(group)), []).append(group)
    body, tidy = [], []
    for (law, where), groups in rows.items():
        metric, name = SHARPER.get(law, ("", ""))
        row = _tidy(law, where, groups, metric)
        printed, sharper = ratios(groups, "printed"), ratios(groups, metric)
        body.append(
            (
                NAMES.get(law, words(law)),
                where,
                str(row["points"]),
                span([float(s) for g in groups if (s := g.params.get("sigma")) is not None]),
                span(printed),
                share(row["void"], row["points"]),
                f"{name} {span(sharper)}" if sharper else span(sharper),
                str(row["failed"] or "–"),
            )
        )
        tidy.append(row)
    return Part(
        name="bounds",
        caption="Bound by exact value over a grid of noise levels. Void: the share of points at "
        "which the printed bound says no more than the trivial one, or nothing at all.",
        header=("law", "on", "points", "σ", "printed / exact", "void", "sharper / exact", "failed"),
        labels=2,
        body=tuple(body),
        tidy=tuple(tidy),
        notes=failed_rows(results.groups, ("law", "p", "q", "n", "n1", "sigma")),
    )


def _tidy(law: str, where: str, groups: Sequence[Group], metric: str) -> dict[str, Any]:
    printed, sharper = ratios(groups, "printed"), ratios(groups, metric)
    return {
        "law": law,
        "on": where,
        "points": len(groups),
        "with_bound": sum(value(group, "printed") is not None for group in groups),
        "tightness_low": min(printed, default=None),
        "tightness_high": max(printed, default=None),
        "void": sum(bool(value(group, "void")) for group in groups),
        "sharper": metric,
        "sharper_low": min(sharper, default=None),
        "sharper_high": max(sharper, default=None),
        "failed": sum(bool(group.failures) for group in groups),
    }
