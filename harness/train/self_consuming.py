"""A self-consuming loop as a cell asks for it: how many samples, how corrected, beside what.

Each generation trains on real images and on samples of the one before: lambda for each real one,
corrected with the strength gamma. What that means is in ``harness.train.generation`` and
``harness.train.corrector``. The real images:

    fixed   the same in all generations
    fresh   others in each
    none    only generation 0 sees any; lambda counts its own
"""

import math
from dataclasses import dataclass
from typing import final

from harness.cell import Part
from harness.corrupt.parameter import is_number, require_part
from harness.problem import Problem
from harness.train import CORRECTORS

REAL = ("fixed", "fresh", "none")
FULL = "full"  # the strength of a corrector that keeps nothing; infinity is no JSON


@final
@dataclass(frozen=True)
class Loop:
    """ratio: lambda, synthetic images for one real one; gamma: strength of correction, a number of
    0 or more or ``full``; corrector: a row of ``CORRECTORS``, None where gamma is 0; real: which
    real images further generations see.

    Raises ``Problem`` for a lambda or gamma that is none, and for a gamma without a corrector.
    """

    ratio: float
    gamma: float | str = 0.0
    corrector: Part | None = None
    real: str = "fixed"

    def __post_init__(self) -> None:
        if not is_number(self.ratio) or self.ratio <= 0:
            got, fix = "no such share", "give a number above 0"
            raise Problem(f"a loop of lambda={self.ratio!r} synthetic images a real one", got, fix)
        if self.gamma != FULL and (not is_number(self.gamma) or self.strength < 0):
            got, fix = "no such strength", f"give a number of 0 or more, or {FULL}"
            raise Problem(f"a correction of gamma={self.gamma!r}", got, fix)
        if self.real not in REAL:
            fix = f"choose from {', '.join(REAL)}"
            raise Problem(f"a loop with {self.real!r} real images", "no such", fix)
        if (self.corrector is None) != (self.gamma == 0):
            got = f"the corrector {self.corrector}"
            fix = "name a corrector where gamma is above 0, and only there"
            raise Problem(f"a correction of gamma={self.gamma}", got, fix)
        if self.corrector is not None:
            require_part("a loop corrected by", self.corrector)
            CORRECTORS.entry(self.corrector.name)

    @property
    def strength(self) -> float:
        """gamma as a number, infinity for ``full``."""
        return math.inf if self.gamma == FULL else float(self.gamma)

    def entries(self) -> list[str]:
        """The table rows that it calls for."""
        return [] if self.corrector is None else [CORRECTORS.entry(self.corrector.name)]
