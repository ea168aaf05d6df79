"""The laws of a paper: how far what is printed lies from what holds, over each grid.

One row stands for all points of a law, or for those that share the factors that the layout names:
how many points, the span of the exact value, the span of printed / exact, and the share of points
at which the printed statement says nothing. For an upper bound a ratio below 1 breaks it; for a
formula every ratio other than 1 does. Every point with every number is in the CSV.
"""

from typing import Any

from harness.report.failures import failed_rows
from harness.report.layout import Layout
from harness.report.number import ABSENT, plain, share, span
from harness.report.results import Group, Results
from harness.report.sheet import Part
from harness.report.words import words
from harness.theorem import LAW_TABLE


def laws(results: Results, layout: Layout) -> Part:
    """The part ``laws`` of a study's table."""
    factors = layout.rows or ("law",)
    groups = results.ordered(factors, layout.order)
    rows: dict[tuple[str, ...], list[Group]] = {}
    for group in groups:
        rows.setdefault(tuple(words(group.params.get(name)) for name in factors), []).append(group)
    return Part(
        name="laws",
        caption="What the papers print against what holds. Void: the share of points at which the "
        "printed statement says nothing, or no more than is trivial. Error: the largest standard "
        "error of an exact value measured by Monte Carlo.",
        header=(*factors, "points", "exact", "unit", "error", "printed / exact", "void"),
        labels=len(factors),
        body=tuple((*labels, *_summary(found)) for labels, found in rows.items()),
        tidy=tuple(line for group in groups for line in _tidy(group)),
        notes=(*_statements(results), *failed_rows(groups, factors)),
    )


def _summary(groups: list[Group]) -> tuple[str, ...]:
    exact = [row for group in groups for row in group.of("exact") if row.value is not None]
    printed = [row for group in groups for row in group.of("printed/exact")]
    void = [row for group in groups for row in group.of("void")]
    units = dict.fromkeys(row.unit for row in exact)
    errors = [row.standard_error for row in exact if row.standard_error]
    return (
        str(len(groups)),
        span([row.value for row in exact if row.value is not None]),
        ", ".join(units) or ABSENT,
        plain(max(errors), 2) if errors else ABSENT,
        span([row.value for row in printed if row.value is not None]),
        share(sum(bool(row.value) for row in void), len(void)),
    )


def _tidy(group: Group) -> list[dict[str, Any]]:
    return [
        {
            **group.params,
            "metric": row.metric,
            "value": row.value,
            "standard_error": row.standard_error,
            "unit": row.unit,
            "tier": row.tier,
            "cell_id": group.cell_id,
        }
        for row in group.rows
    ]


def _statements(results: Results) -> tuple[str, ...]:
    """What each law of the study states, and where it is from."""
    found = []
    for name in dict.fromkeys(str(group.params.get("law")) for group in results.ordered(("law",))):
        full = next(
            (
                row
                for row in LAW_TABLE
                if row.partition(".")[2] == name
                and results.study.startswith(f"{row.partition('.')[0]}_")
            ),
            None,
        )
        if full is not None:
            law = LAW_TABLE[full]
            found.append(f"{words(name)}: {law.statement} ({law.source})")
    return tuple(found)
