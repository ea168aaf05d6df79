"""The tables of paired effects: what was seen, and what could have been.

The effects are those of ``harness.report.effect``; one row a cell, one column a metric.
"""

from collections.abc import Callable, Sequence
from typing import Any

from harness.report.effect import Effect, against_of, compared, every_effect, pairs
from harness.report.failures import place
from harness.report.layout import Layout
from harness.report.means import ARROWS
from harness.report.number import ABSENT, smallest, with_interval
from harness.report.results import Group, Results
from harness.report.roster import roster
from harness.report.setup import levels_of
from harness.report.sheet import Part
from harness.report.words import words

TESTED = "†"
UNASKED = f"{ABSENT}: this metric is not asked of such cells."
MOST = 999  # replicates more that are counted


def effects(results: Results, layout: Layout) -> Part:
    """The part ``effects``: each arm against the baseline, with 95 % intervals."""
    baseline = words(against_of(results, layout).baseline)
    return _table(
        results,
        layout,
        "effects",
        f"Paired effect against {baseline} [95 % interval, unadjusted], conditional on these "
        f"images; a change in per cent where the head says so. {TESTED}: a test of a claim.",
        _effect,
        _tidy,
    )


def resolvable(results: Results, layout: Layout) -> Part:
    """The part ``resolvable``: the smallest effects that 80 % power finds, and what is missing."""
    return _table(
        results,
        layout,
        "resolvable",
        "Smallest true effect that these replicates find with 80 % power and, in brackets, how "
        f"many replicates more would find the effect that was observed. {TESTED}: at the level "
        "of the first test of Holm's procedure; the others at 5 %.",
        _smallest,
        None,
    )


def _effect(e: Effect) -> str:
    if e.problem is not None:
        return "not measured"
    return with_interval(e.shown(e.effect), e.shown(e.low), e.shown(e.high))


def _smallest(e: Effect) -> str:
    if e.smallest is None:
        return ABSENT
    text = smallest(e.shown(e.smallest), "%" if e.scale == "log_ratio" else e.unit)
    if not e.effect:
        return text
    return f"{text} (+{'many' if e.needed is None or e.needed > MOST else e.needed})"


def _table(
    results: Results,
    layout: Layout,
    name: str,
    caption: str,
    show: Callable[[Effect], str],
    tidy: Callable[[Effect], dict[str, Any]] | None,
) -> Part:
    """Effects as a table: one row a cell, one column a metric."""
    against = against_of(results, layout)
    found, better, units = every_effect(results, layout), results.better(), results.units()
    rows: dict[str, list[Effect]] = {}
    grid = roster(results)
    for one in found:
        rows.setdefault(one.group.cell_id, []).append(one)
    body = []
    for row in rows.values():
        own = {e.metric: show(e) + (TESTED if e.claim else "") for e in row}
        levels = levels_of(results, row[0].group)
        body.append(
            (
                *(words(levels.get(factor)) for factor in layout.rows),
                _pairs(row, grid.pairs(row[0].group, row[0].baseline)),
                *(own.get(metric, ABSENT) for metric, _ in against.readings),
            )
        )
    heads = [
        f"{words(metric)} {_unit(scale, units.get(metric, ''))}{ARROWS[better.get(metric)]}"
        for metric, scale in against.readings
    ]
    return Part(
        name=name,
        caption=caption,
        header=(*map(words, layout.rows), "pairs", *heads),
        labels=len(layout.rows),
        body=tuple(body),
        tidy=tuple(tidy(e) for e in found) if tidy else (),
        notes=_notes(results, layout, found) if tidy else (),
        cells=tuple(rows),
    )


def _pairs(row: Sequence[Effect], asked: int) -> str:
    """How many pairs stand behind the effects of a row: ``8``, ``3 to 8`` where each has its own,
    and ``0 of 8`` where some of those that were asked for are missing."""
    lost = [e for e in row if e.n < e.asked or e.problem is not None]
    if lost:
        worst = min(lost, key=lambda e: e.n)
        return f"{worst.n} of {max(worst.asked, asked)}"
    least, most = min(e.n for e in row), max(e.n for e in row)
    there = " to ".join(str(n) for n in sorted({least, most}))
    return f"{there} of {asked}" if most < asked else there


def _notes(results: Results, layout: Layout, found: Sequence[Effect]) -> tuple[str, ...]:
    """What is not paired, each reason once: failed replicates, and cells without a baseline."""
    reasons: dict[str, dict[str, None]] = {}
    for e in found:
        for text in (_why(e, layout),) if e.problem else e.dropped:
            reasons.setdefault(text, {})[words(e.metric)] = None
    notes = [f"{', '.join(metrics)}: {text}" for text, metrics in reasons.items()]
    unasked = (UNASKED,) if _unasked(found, layout) else ()
    return (*unasked, *notes, *_alone(results, layout))


def _unasked(found: Sequence[Effect], layout: Layout) -> bool:
    """Whether a field of the table is empty because its cells were never asked for the metric."""
    cells = {e.group.cell_id for e in found}
    readings = layout.against.readings if layout.against else ()
    return len(found) < len(cells) * len(readings)


def _why(e: Effect, layout: Layout) -> str:
    """Why there is no effect; a side without any row of the metric is named by its factors."""
    bare = [side for side in (e.group, e.baseline) if not side.of(e.metric)]
    if not bare:
        return e.problem or ""
    return "no rows of it for " + " and for ".join(place(side, layout.rows) for side in bare)


def _alone(results: Results, layout: Layout) -> list[str]:
    """The cells that are held against nothing: one note an arm, which names one cell or counts.

    A cell of exact values, which no training is behind, is missing no baseline.
    """
    against = against_of(results, layout)
    baseline = against.baseline
    paired = {group.cell_id for group, _ in pairs(results, layout)}
    arms: dict[str, list[Group]] = {}
    for group in results.ordered(layout.rows, layout.order):
        exact = all(row.tier == "exact" for row in group.rows)
        if group.cell_id not in paired and compared(group, against) and not exact:
            arms.setdefault(words(group.params.get("arm")), []).append(group)
    return [
        f"{place(groups[0], layout.rows)}: no cell of the arm {baseline} to hold it against"
        if len(groups) == 1
        else f"arm {arm}, {len(groups)} cells: no cell of the arm {baseline} to hold them against"
        for arm, groups in arms.items()
    ]


def _unit(scale: str, unit: str) -> str:
    if scale == "log_ratio":
        return "(%)"
    return f"(difference, {unit})" if unit not in ("", "1") else "(difference)"


def _tidy(e: Effect) -> dict[str, Any]:
    return {
        **e.group.params,
        "against": e.baseline.params.get("arm"),
        "metric": e.metric,
        "unit": "log ratio" if e.scale == "log_ratio" else e.unit,
        "effect": e.effect,
        "low": e.low,
        "high": e.high,
        "n": e.n,
        "p_value": e.p,
        "p_holm": e.p_holm,
        "smallest_resolvable": e.smallest,
        "replicates_needed": e.needed,
        "claim": e.claim,
        "word": e.word,
        "problem": e.problem,
        "cell_id": e.group.cell_id,
        "cell_id_against": e.baseline.cell_id,
    }
