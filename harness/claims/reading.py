"""A reading: one metric that a claim is read on, and one test of it at one condition.

The word of a test is

    seen         Holm's p below 5 %, and the effect in the claimed direction
    reversed     the same, in the other direction
    equivalent   neither, and the 90 % interval within +-margin: both one-sided tests reject at
                 5 % (Schuirmann 1987, J. Pharmacokinet. Biopharm. 15:657)
    unresolved   neither

An effect that is resolved and small is resolved; its interval says how small.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

from harness.claims.contrast import Arm, Contrast, Scale, Where, contrast, mean_contrast
from harness.claims.effects import Estimate
from harness.claims.family import Family
from harness.claims.power import LEVEL
from harness.claims.verdict import Outcome
from harness.problem import Problem
from harness.records.record import Record

Quantifier = Literal["each", "some", "mean"]


@final
@dataclass(frozen=True)
class Reading:
    """A metric as a claim reads it.

    better: the direction that the claim names for its arm. margin: what is too small to matter, in
    the unit of the scale (0.05 on the log-ratio scale is about 5 %); 0 claims no margin, and
    nothing is ever equivalent.
    """

    metric: str
    better: Literal["lower", "higher"]
    margin: float = 0.0
    scale: Scale = "log_ratio"

    def __post_init__(self) -> None:
        if self.better not in ("lower", "higher"):
            raise Problem(f"better={self.better!r}", "no such direction", "use lower or higher")
        if not (math.isfinite(self.margin) and self.margin >= 0):
            raise Problem(f"margin={self.margin!r}", "no margin", "give a number >= 0")

    @property
    def sign(self) -> int:
        return -1 if self.better == "lower" else 1

    def contrasts(
        self,
        rows: Sequence[Record],
        arm: Arm,
        baseline: Arm,
        conditions: Sequence[Where],
        quantifier: Quantifier,
    ) -> tuple[Contrast, ...]:
        """The planned tests: one a condition, or one of the mean over the conditions."""
        each = [contrast(rows, self.metric, arm, baseline, c, self.scale) for c in conditions]
        return (mean_contrast(each),) if quantifier == "mean" else tuple(each)


@final
@dataclass(frozen=True)
class Finding:
    """One reading at one condition, estimated and adjusted."""

    reading: Reading
    contrast: Contrast
    estimate: Estimate | None
    p_holm: float | None

    @property
    def direction(self) -> int:
        """+1 where the claimed direction is resolved, -1 where the other one is, else 0."""
        if self.estimate is None or self.p_holm is None or self.p_holm >= LEVEL:
            return 0
        return self.reading.sign * (1 if self.estimate.effect > 0 else -1)

    @property
    def within(self) -> bool:
        """Whether the 90 % interval lies within the margin."""
        e, margin = self.estimate, self.reading.margin
        if e is None or e.low90 is None or e.high90 is None:
            return False
        return -margin < e.low90 and e.high90 < margin

    def beyond(self, tests: int) -> bool:
        """Whether the effect is resolved to be larger than the margin, among so many tests.

        One-sided t of |effect| <= margin at the level over the number of tests (Bonferroni): a
        true effect at the margin is called larger in at most 5 % of all claims.
        """
        from scipy.stats import t

        e = self.estimate
        if self.direction == 0 or e is None or e.sd is None or e.df is None:
            return False
        excess = abs(e.effect) - self.reading.margin
        if e.sd == 0:
            return excess > 0
        return bool(t.sf(excess / (e.sd / math.sqrt(e.n)), e.df) < LEVEL / tests)

    @property
    def outcome(self) -> Outcome:
        if self.direction:
            return "seen" if self.direction > 0 else "reversed"
        return "equivalent" if self.within else "unresolved"


def examine(reading: Reading, contrasts: Sequence[Contrast], family: Family) -> tuple[Finding, ...]:
    """The tests of one reading."""
    return tuple(Finding(reading, c, family.estimate(c), family.p_holm(c)) for c in contrasts)
