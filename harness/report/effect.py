"""The paired effect of an arm against the baseline, and what could have been resolved.

The effect within a replicate is that of ``harness.claims.contrast``: a log-ratio, shown as a change
in per cent, or a difference in the metric's unit. Where a claim tests it, the numbers are those of
its verdict: the study's pooled variance, and a smallest resolvable effect at the level that Holm
asks of the first test of the family. Every other effect is exploratory: its own variance with
n - 1 degrees of freedom, and an unadjusted level of 5 %.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, final

from harness.claims.contrast import Contrast, Scale, contrast, label
from harness.claims.effects import Pool, estimate
from harness.claims.power import power, replicates_needed, smallest_resolvable
from harness.problem import Problem
from harness.report.layout import Against, Layout
from harness.report.number import change
from harness.report.results import Group, Results

WHOLE = "cell"  # the metric of a row of a cell that failed as a whole


@final
@dataclass(frozen=True)
class Effect:
    """One arm against the baseline in one metric.

    effect, low, high (95 %), smallest: log-ratios, or differences in ``unit``; null where nothing
    is paired, and without an interval where one replicate is. n: pairs, of those asked for. needed:
    replicates more that would find the observed effect with 80 % power. word, p_holm: of the claim
    that tests it. problem: why there is no effect.
    """

    group: Group
    baseline: Group
    metric: str
    scale: Scale
    unit: str
    n: int
    asked: int
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    smallest: float | None = None
    needed: int | None = None
    claim: str = ""
    word: str = ""
    dropped: tuple[str, ...] = ()
    problem: str | None = None

    def shown(self, value: float | None) -> float | None:
        """A number on the effect's scale as it is printed: a change in per cent, or as it is."""
        return change(value) if self.scale == "log_ratio" else value


def baseline_of(results: Results, group: Group, against: Against) -> Group | None:
    """The cell that a cell is held against: the baseline arm with the same other factors.

    A factor that the baseline has not (a blur, for an arm that sees none) is shared by it; one
    named in ``shared`` may stand at its shared level instead. Errors: a :class:`Problem` for two.
    """
    arms = [one for one in results.groups if one.params.get("arm") == against.baseline]
    wanted: Mapping[str, Any] = {k: v for k, v in group.params.items() if k != "arm"}
    for other in ({}, dict(against.shared)):
        levels = {**wanted, **other}
        found = [
            one
            for one in arms
            if all(levels.get(k) == v for k, v in one.params.items() if k != "arm")
        ]
        if len(found) > 1:
            raise Problem(
                f"one baseline for {label(group.params)}",
                " and ".join(one.cell_id for one in found),
                "give the cells a factor that tells them apart",
            )
        if found:
            return found[0]
    return None


def compared(group: Group, against: Against) -> bool:
    """Whether a cell is held against the baseline: it is of another arm, and has a reading of those
    that are compared, or failed as a whole."""
    if group.params.get("arm") == against.baseline:
        return False
    names = {WHOLE, *(name.split("/")[0] for name, _ in against.readings)}
    return any(row.metric.split("/")[0] in names for row in group.rows)


def pairs(results: Results, layout: Layout) -> Iterator[tuple[Group, Group]]:
    """Every cell that has a baseline, with it."""
    against = against_of(results, layout)
    for group in results.ordered(layout.rows, layout.order):
        if compared(group, against):
            other = baseline_of(results, group, against)
            if other is not None:
                yield group, other


@lru_cache(maxsize=8)
def every_effect(results: Results, layout: Layout) -> tuple[Effect, ...]:
    """The effects of a study, cell by cell, metric by metric, of the metrics that were asked of the
    cell or of its baseline: one that neither of them has is missing nothing."""
    readings = against_of(results, layout).readings
    return tuple(
        effect_of(results, group, other, metric, scale)
        for group, other in pairs(results, layout)
        for metric, scale in readings
        if _asked(group, other, metric)
    )


def _asked(group: Group, other: Group, metric: str) -> bool:
    """Whether two cells were asked for a metric: one has rows of it, or both failed as a whole, so
    that nobody knows."""
    either = group.of(metric) or other.of(metric)
    return bool(either or (group.of(WHOLE) and other.of(WHOLE)))


def effect_of(results: Results, group: Group, other: Group, metric: str, scale: Scale) -> Effect:
    """One effect: as a claim tested it, or else estimated alone."""
    shared = group.asked & other.asked  # an arm of few replicates misses none of the baseline's
    asked = len(shared)
    rows = [row for row in (*group.rows, *other.rows) if row.replicate in shared]
    found = contrast(rows, metric, group.params, other.params, scale=scale)
    claim = _claimed(results, group, other, found)
    if claim is not None:
        name, tested = claim
        return Effect(
            group, other, metric, scale, found.unit, tested["n"], max(asked, tested["n"]),
            tested["effect"], tested["low"], tested["high"], tested["p_value"], tested["p_holm"],
            tested["smallest_resolvable"], tested["replicates_needed"], name, tested["word"],
            found.dropped,
        )  # fmt: skip
    return alone(found, group, other, asked)


def alone(found: Contrast, group: Group, other: Group, asked: int) -> Effect:
    """An effect with its own variance; without values it has a problem instead."""
    pool = Pool(found.metric, found.scale, 1, None, 0.0, 0, None, None, None, False)
    e = estimate(found, pool)
    where = (group, other, found.metric, found.scale, found.unit)
    if e is None:
        return Effect(*where, 0, asked, dropped=found.dropped, problem=found.problem)
    smallest, needed = None, None
    if e.sd is not None and e.df is not None:
        sd, effect = e.sd, e.effect
        smallest = smallest_resolvable(sd, e.n, e.df)
        if effect:
            needed = replicates_needed(lambda n, df: power(effect, sd, n, df), e.n, e.df)
    return Effect(
        *where, e.n, asked, e.effect, e.low, e.high, e.p, None, smallest, needed,
        dropped=found.dropped,
    )  # fmt: skip


def _claimed(
    results: Results, group: Group, other: Group, found: Contrast
) -> tuple[str, dict[str, Any]] | None:
    """The claim that tests a contrast, and its condition; None where none does."""
    for claim in results.claims:
        rule = claim["rule"]
        if rule["kind"] != "PairedEffect":
            continue
        scales = {reading["metric"]: reading["scale"] for reading in rule["metrics"]}
        arms = (rule["arm"], rule["baseline"])
        if scales.get(found.metric) != found.scale:
            continue
        for where in rule["conditions"]:
            if not all(_answers(one, arm, where) for one, arm in zip((group, other), arms)):
                continue
            for tested in claim["verdict"]["conditions"]:
                same = (tested["condition"], tested["metric"]) == (label(where), found.metric)
                if same and tested["effect"] is not None:
                    return claim["id"], tested
    return None


def _answers(group: Group, arm: Any, where: Mapping[str, Any]) -> bool:
    """Whether a cell is the one that a claim calls by this arm at this condition."""
    own = {"arm": arm} if isinstance(arm, str) else arm
    return all(group.params.get(k) == v for k, v in own.items()) and all(
        group.params.get(k, v) == v for k, v in where.items() if k not in own
    )


def against_of(results: Results, layout: Layout) -> Against:
    if layout.against is None:
        raise Problem(
            f"effects in the table of {results.study}",
            "no arm to hold the others against",
            "name one in harness/report/layouts",
        )
    return layout.against
