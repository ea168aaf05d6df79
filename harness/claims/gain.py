"""Whether the gain that a claim speaks of is there (rules of ``harness.claims.fitted``).

A slope and an exponent do not know on which side of 0 an effect is a gain. A rule that is told this
tests the gain at either end of the sizes too: at that where it is claimed to be largest for the
word "seen", at the other where what was found says that it is largest there, which says that a gain
goes another way and not that there is none. Both are planned and adjusted with the rule's own test,
as the two of ``Crossing`` are: one family for all tests that a word needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from harness.claims.contrast import Contrast
from harness.claims.curve import Curve, Values
from harness.claims.family import Family
from harness.claims.fitting import as_contrast, as_finding
from harness.claims.reading import Finding, Reading
from harness.problem import Problem

Side = Literal["lower", "higher"]
NAMES = ("effect where the gain is to be largest", "effect at the other end")


@final
@dataclass(frozen=True)
class Gain:
    """The gain of a curve: the side of 0 on which its effect is one, and at which end (0 or -1) it
    is claimed to be largest."""

    curve: Curve
    side: Side
    largest: int

    def __post_init__(self) -> None:
        Reading("gain", self.side)
        if not self.curve.is_effect:
            fix = "give the curve a baseline"
            raise Problem("a gain along a size", "a metric of one arm", fix)

    @property
    def _ends(self) -> tuple[int, int]:
        return self.largest, -1 - self.largest

    def planned(self, values: Values, problem: str | None) -> tuple[Contrast, ...]:
        """The test at the end at which it is claimed to be largest, and that at the other."""
        if problem:
            return tuple(effect_of(self.curve, name, (), values, problem) for name in NAMES)
        return tuple(
            effect_of(self.curve, f"effect at {values.sizes[end]:g}", values.y[:, end], values)
            for end in self._ends
        )

    def findings(self, tests: Sequence[Contrast], family: Family) -> list[Finding]:
        return [as_finding(test, family, self.side) for test in tests]

    def absent(
        self, findings: Sequence[Finding], values: Values, other: bool, by: str
    ) -> str | None:
        """That it is not there, at the other end where ``by`` what was found it is largest there;
        null where it is."""
        found = findings[other].outcome
        if found == "seen":
            return None
        at = f"{values.sizes[self._ends[other]]:g}"
        whose = f"would be largest by the {by}" if other else "is claimed to be largest"
        there = "harm" if found == "reversed" else "none that is resolved"
        return f"at {at}, where the gain {whose}, there is {there}"


def effect_of(
    curve: Curve,
    what: str,
    y: Sequence[float] | np.ndarray,
    values: Values,
    problem: str | None = None,
) -> Contrast:
    """What each run says of an effect, or of a step of it."""
    replicates = values.replicates if problem is None else ()
    return as_contrast(curve, what, y, replicates, "0", values.unit, values.dropped, problem)
