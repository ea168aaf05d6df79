"""The manner of drawing: guidance, temperature, and the solver of a diffusion head.

**Guidance** w (Ho and Salimans 2022) moves what a head is told with its condition away from what it
is told without: a + w (a - b), a and b the denoiser, the logits or the mean with and without. As
everywhere in Patina w = 0 is no guidance; the scale that MAR and Muse quote is 1 + w. It grows in
proportion to the tokens drawn (MAR's linear schedule, Muse's too): where t of T are drawn when a
step is done, the step's is w t / T, in their terms the scale 1 + ((1 + w) - 1) t / T. The first
tokens, which fix what the image is of, are hardly guided, the last ones fully.

**Temperature**, 1 for the law as it was learned: logits are divided by it; the noise that an
ancestral solver adds in each step is multiplied by it, as in MAR.
"""

import math
from dataclasses import dataclass
from typing import final

from harness.problem import Problem

SOLVERS = ("heun", "ancestral")


@final
@dataclass(frozen=True)
class Manner:
    """guidance: w; temperature: 0 or more; solver: of a diffusion head, one of ``SOLVERS``, in so
    many steps."""

    guidance: float = 0.0
    temperature: float = 1.0
    solver: str = "heun"
    steps: int = 24

    def __post_init__(self) -> None:
        if self.solver not in SOLVERS:
            fix = f"choose from {', '.join(SOLVERS)}"
            raise Problem(f"the solver {self.solver!r}", "no such", fix)
        if not (math.isfinite(self.guidance) and 0 <= self.temperature < math.inf):
            got = f"guidance={self.guidance}, temperature={self.temperature}"
            raise Problem("tokens", got, "give finite numbers, and no temperature below 0")
        if self.steps < 2:
            raise Problem("tokens by diffusion", f"steps={self.steps}", "give 2 or more")
