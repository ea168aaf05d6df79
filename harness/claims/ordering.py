r"""Claims about two readings that order runs: alike among the sizes of an arm, not among the arms.

Each arm was run at several sizes of one factor. In a replicate, with rho the rank correlation
(Spearman, ``harness.claims.ranking``) of a reading m with a reading q,

    within   the mean over arms of rho over the sizes of the arm
    pooled   rho over all arms at all sizes

**Ordering**\ (one, other, along, arms, margin): m ranks the sizes of an arm as q does, and not the
arms.

    seen        the mean of ``within`` over replicates is resolved above 0, and that of within -
                pooled above ``margin``
    reversed    either is resolved below that
    unresolved  else

The margin stands for what noise takes from runs that lie close: arms of one law have nearly equal
values at one size, and pooled is a little below within even so.

two tests, Student's intervals over replicates, adjusted by Holm with the study's. A replicate's
correlations are of few runs and take few values; where all replicates agree the spread is 0, and so
is the interval. Refused, and so not resolved: below two arms or four sizes, where a run failed, and
where all sizes of an arm have one value. Where the arms' ranges of m lie far apart, pooled says
which arm a run is of; where m means the same in all arms and q follows it, pooled is as good as
within, and nothing is seen.

Simulated, three replicates of four arms at five sizes, both readings power laws in the size with
noise of 5 %, margin .2: arms of one law in both readings are said to be ranked wrongly in at most
5 % of cases; arms that m orders one way and q the other, by half of their range, in 95 % or more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from harness.claims.contrast import Arm, Contrast, label, levels
from harness.claims.curve import Curve, Values
from harness.claims.family import Family
from harness.claims.fitting import as_finding, as_verdict
from harness.claims.ranking import spearman
from harness.claims.reading import Reading
from harness.claims.verdict import Regime, Verdict, every
from harness.problem import Problem
from harness.records.record import Plain, Record

LEAST_ARMS, LEAST_SIZES = 2, 4


@final
@dataclass(frozen=True)
class Ordering:
    """``one`` ranks the sizes of an arm ``along`` a factor as ``other`` does, and not the arms."""

    one: str
    other: str
    along: str
    arms: tuple[Arm, ...]
    where: Mapping[str, Plain] = field(default_factory=dict)
    margin: float = 0.2

    def __post_init__(self) -> None:
        Reading(self.one, "higher", self.margin)  # which refuses what is no margin
        if len(self.arms) < LEAST_ARMS or self.one == self.other:
            got = f"{len(self.arms)} arms, {self.one} and {self.other}"
            raise Problem("an ordering of arms", got, "name two readings, and two arms or more")

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        own = {name for arm in self.arms for name in levels(arm)}
        return {self.one, self.other}, {self.along, *self.where, *own}

    @property
    def curves(self) -> tuple[Curve, ...]:
        """Both readings of every arm: first ``one`` of all, then ``other``."""
        return tuple(
            Curve(metric, self.along, arm, where=self.where)
            for metric in (self.one, self.other)
            for arm in self.arms
        )

    def rows(self, rows: Sequence[Record]) -> list[Record]:
        """The rows that it is made of."""
        return [row for curve in self.curves for row in curve.rows(rows)]

    def correlations(
        self, rows: Sequence[Record]
    ) -> tuple[np.ndarray, tuple[int | None, ...], str]:
        """within and pooled ``[k, 2]``, their replicates, and why there are none, else ""."""
        none: tuple[np.ndarray, tuple[int | None, ...]] = np.empty((0, 2)), ()
        values = [curve.values(rows) for curve in self.curves]
        if problem := next((each.problem for each in values if each.problem), None):
            return *none, problem
        fewest = min(len(each.sizes) for each in values)
        if fewest < LEAST_SIZES:
            return *none, f"{fewest} sizes along {self.along}, where ranks need {LEAST_SIZES}"
        count = len(self.arms)
        pairs = list(zip(values[:count], values[count:]))
        if any(not np.array_equal(m.sizes, q.sizes) for m, q in pairs):
            return *none, f"{self.one} and {self.other} at other sizes"
        shared = [r for r in values[0].replicates if all(r in each.replicates for each in values)]
        if not shared:
            return *none, "no replicate has every arm at every size"
        found = np.array([_of(pairs, r) for r in shared])
        if not np.isfinite(found).all():
            return *none, f"all sizes of an arm have one {self.one}, or one {self.other}"
        return found, tuple(shared), ""

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """Two tests: of the correlation within arms, and of what pooling takes from it."""
        found, replicates, problem = self.correlations(rows)
        within, pooled = found.T
        names = ", ".join(label(arm) for arm in self.arms)
        place = label(self.where) if self.where else "all rows"
        head = f"rank correlation of {self.one} and {self.other} along {self.along}"
        return tuple(
            Contrast(
                f"{head}{more}", "difference", names, against, place, "1",
                tuple(map(float, values)), replicates, (), problem or None, len(self.arms),
            )
            for more, against, values in (
                (" within arms", "0", within),
                (f", less {self.margin:g}", "pooled over arms", within - pooled - self.margin),
            )
        )  # fmt: skip

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        tests = [as_finding(test, family, "higher") for test in self.planned(rows)]
        outcome = every([test.outcome for test in tests])
        found, _, problem = self.correlations(rows)
        numbers: dict[str, float | int | str | None] = {"arms": len(self.arms), "runs": len(found)}
        head = f"{self.one} against {self.other} along {self.along}"
        if not problem:
            within, pooled = found.mean(0)
            numbers |= {"within": float(within), "pooled": float(pooled)}
            head += f": rank correlation {within:+.2f} within arms, {pooled:+.2f} over "
            head += f"{len(self.arms)} arms, {len(found)} runs"
        # What decides: of a claim that is reversed the test that reverses it.
        stands = [i for i, test in enumerate(tests) if test.outcome == outcome != "seen"]
        main = stands[0] if stands else 1
        return as_verdict(outcome, regime, head, tests, family, numbers, main)


def _of(pairs: Sequence[tuple[Values, Values]], replicate: int | None) -> tuple[float, float]:
    """The correlation within arms and that over all of one replicate."""
    own = [
        tuple(each.y[each.replicates.index(replicate)] for each in pair) for pair in pairs
    ]  # [arms] of two [sizes]
    within = float(np.mean([spearman(m, q) for m, q in own]))
    return within, spearman(*(np.concatenate(side) for side in zip(*own)))
