"""What the printed bounds say about clean and biased samples, and where they cross.

Daras et al. 2025, section 4: n1 samples of p against N = n1 + n2 samples, n2 of them of q. Both
densities are on [0, 1] and Lipschitz (lambda_1, lambda_2); w = n2 / N, the blend has the constant
``lambda~ = (n1 lambda_1 + n2 lambda_2) / N``, delta = 0.05. Theorem 4.1 bounds each kernel
estimate, Theorem 4.2 the bias. The paper concludes from B2 < B1 above some noise level t_min that
the biased samples help from there on. It prints them up to constants; they can be read twice.

*Explicit*, with the constants in the proofs (``theory.ambient.kernel_estimate``) and
L = n1 max(lambda_1, 1):

    B1 = lambda_1 / (2 L) + 1 / (2 L sigma^2 sqrt(2 pi e))
         + sqrt(log(2 L / delta) / (4 pi n1)) / sigma
    B2 = the same for (lambda~, N)  +  w TV(p, q) D / (2 sigma)

*Order*, as section 4 prints them, every constant set to one:

    B1 = 1 / n1 + 1 / (sigma^2 n1) + sqrt(log(2 n1 max(1, lambda_1) / delta) / n1) / sigma
    B2 = the same for (lambda~, N)  +  w TV(p, q) / sigma

Either way ``sigma^2 (B1 - B2) = c0 sigma^2 + c1 sigma + c2``, coefficients free of sigma, so that
t_min is the larger root of a quadratic. Two things follow, derived here. The terms in c1, sampling
error and bias, fall alike as 1/sigma: where c1 < 0, what makes the bounds cross at all is c0, the
cost of the proof's own grid of L points, and t_min = |c1| / c0 is set by that grid. And the verdict
can hang on the constants: for Beta(2,2) against Beta(4,4), n1 = 100, n2 = 900, the order bounds
favour the biased samples at every sigma and the explicit ones from sigma = 5.1 on, while the errors
themselves cross near 0.64.
"""

import math
from dataclasses import dataclass
from typing import final

from theory.ambient.contraction import without_noise
from theory.ambient.kernel_estimate import (
    Terms,
    explicit_terms,
    order_terms,
    theorem_4_1_applies,
    value_of,
)
from theory.density import Density, diameter


@final
@dataclass(frozen=True)
class Setting:
    """n1 clean samples of p and n2 biased ones of q."""

    p: Density
    q: Density
    n1: int
    n2: int

    @property
    def share(self) -> float:
        """w, the share of biased samples."""
        return self.n2 / (self.n1 + self.n2)

    @property
    def blend_lipschitz(self) -> float:
        """lambda~, the paper's Lipschitz constant of the blend of both densities."""
        return (1 - self.share) * self.p.lipschitz + self.share * self.q.lipschitz


@final
@dataclass(frozen=True)
class Bounds:
    """B1 of the clean and B2 of the mixed estimate as functions of sigma."""

    clean_terms: Terms
    mixed_terms: Terms

    def at(self, sigma: float) -> tuple[float, float]:
        """B1 and B2 at a noise level."""
        return value_of(self.clean_terms, sigma), value_of(self.mixed_terms, sigma)

    def switch(self) -> float | None:
        """t_min, from which on B2 < B1; 0 where that holds at every sigma, None where at none."""
        c0, c1, c2 = (a - b for a, b in zip(self.clean_terms, self.mixed_terms))
        if c0 <= 0:  # at large noise the clean bound is the smaller one
            return None
        square = c1 * c1 - 4 * c0 * c2
        return max(0.0, (math.sqrt(square) - c1) / (2 * c0)) if square > 0 else 0.0


def explicit_bounds(setting: Setting) -> Bounds | None:
    """The bounds with the constants of the proofs; None where their assumptions fail."""
    bias = _initial_total_variation(setting)
    if bias is None:
        return None
    width = diameter(setting.p, setting.q)
    clean = explicit_terms(setting.p.lipschitz, setting.n1)
    mixed = explicit_terms(setting.blend_lipschitz, setting.n1 + setting.n2)
    return Bounds(clean, (mixed[0], mixed[1] + setting.share * bias * width / 2, mixed[2]))


def order_bounds(setting: Setting) -> Bounds | None:
    """The bounds as printed, every constant one; None where their assumptions fail."""
    bias = _initial_total_variation(setting)
    if bias is None:
        return None
    clean = order_terms(setting.p.lipschitz, setting.n1)
    mixed = order_terms(setting.blend_lipschitz, setting.n1 + setting.n2)
    return Bounds(clean, (mixed[0], mixed[1] + setting.share * bias, mixed[2]))


def _initial_total_variation(setting: Setting) -> float | None:
    if not (theorem_4_1_applies(setting.p) and theorem_4_1_applies(setting.q)):
        return None
    return without_noise("TV", setting.p, setting.q)
