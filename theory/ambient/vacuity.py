"""What the printed bounds say at the scale of images: nothing below a noise no one trains at.

*The coefficient* (``DobrushinCoefficient``). Theorem 4.2 of Daras et al. 2025 contracts the total
variation of laws on a set of diameter D by D / (2 sigma); trivial is 1. The sharp coefficient is
theta(D / sigma) = 2 Phi(D / (2 sigma)) - 1 (``theory.ambient.contraction``, with proof). Images of
3 x 32 x 32 pixels in [-1, 1] have D = 2 sqrt(3072) = 110.9: the printed coefficient is below 1 for
sigma > 55 alone, and even the sharp one is 1.0000 at sigma = 3, 0.935 at 30, 0.512 at 80, the
largest noise of common samplers. Diameters of the support say nothing about images; distances of
the noised laws do (``theory.ambient.annotation_level``).

*The crossing* (``BoundSwitch``). Section 4 compares, for n1 clean samples and N = n1 + n2 of both,

    B1 = 1/n1 + 1/(sigma^2 n1) + sqrt(log(2 n1 max(1, lambda_1) / delta) / n1) / sigma
    B2 = the same for (lambda~, N) + w TV(p, q) / sigma,        delta = 0.05             (printed)

every constant one, or with the constants of the proofs (``theory.ambient.switching_bound``):

    B1 = lambda_1/(2 L) + 1/(2 L sigma^2 sqrt(2 pi e)) + sqrt(log(2 L / delta) / (4 pi n1)) / sigma
    B2 = the same for (lambda~, N) + w TV(p, q) D / (2 sigma),        L = n1 max(1, lambda_1).

Taken over to images, n1 = 5000, N = 50,000, Lipschitz constants of 10 and TV(p, q) = 1, as it is
for a blur, whose images lie on another set: the printed bounds cross at sigma = 4800, those that
hold (with D) at 550,000. For a crossing at sigma = 3 they would need TV(p, q) = 0.040.

Proof of the first: sigma^2 (B1 - B2) = c0 sigma^2 + c1 sigma + c2 with c0 = 1/n1 - 1/N, so that
t_min -> |c1| / c0 for c1 < 0. Of the second: solve c1 = -(c0 sigma + c2 / sigma) for the distance,
which enters c1 alone, as -w TV. Both bounds are those of one dimension; in d dimensions the kernel
estimate's own error is exponential in d, which moves the crossing further.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ambient.contraction import OMNI, SQRT_2PI, dobrushin, theorem_4_2
from theory.ambient.kernel_estimate import Terms, explicit_terms, order_terms
from theory.ambient.switching_bound import Bounds
from theory.law import Law, Params, Value
from theory.parameter import integer, positive, share


def without_bias(
    n1: int, n2: int, lipschitz_clean: float, lipschitz_biased: float, explicit: bool
) -> tuple[Terms, Terms]:
    """The terms of B1 and of B2, the latter without its term in TV(p, q)."""
    terms = explicit_terms if explicit else order_terms
    blend = (n1 * lipschitz_clean + n2 * lipschitz_biased) / (n1 + n2)
    return terms(lipschitz_clean, n1), terms(blend, n1 + n2)


def with_bias(clean: Terms, mixed: Terms, slope: float) -> Bounds:
    """The bounds, ``slope / sigma`` added to the mixed one."""
    return Bounds(clean, (mixed[0], mixed[1] + slope, mixed[2]))


def distance_for(clean: Terms, mixed: Terms, slope: float, sigma: float) -> float:
    """TV(p, q) at which the bounds cross at sigma, ``slope / sigma`` times it being their bias."""
    c0, c1, c2 = (a - b for a, b in zip(clean, mixed))
    return (c0 * sigma + c1 + c2 / sigma) / slope


@final
class DobrushinCoefficient(Law):
    """theta(D / sigma) against D / (2 sigma); parameters diameter, sigma."""

    name = "ambient.dobrushin_coefficient"
    statement = (
        "noise sigma contracts the total variation of any two laws on a set of diameter D by the "
        "factor D / (2 sigma)"
    )
    source = f"{OMNI}, Theorem 4.2"
    unit = "1"
    trivial = 1.0
    parameters: ClassVar = {
        "diameter": positive("diameter D of the support"),
        "sigma": positive("noise sigma"),
    }
    example: ClassVar = {"diameter": 110.85125168440815, "sigma": 80.0}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        diameter, sigma = self.read(params)
        return Value(dobrushin(diameter / sigma))

    def printed(self, params: Params) -> Value | None:
        diameter, sigma = self.read(params)
        bound = theorem_4_2(1.0, diameter, sigma)
        return None if bound is None else Value(bound)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``linear``, D / (sigma sqrt(2 pi)), which bounds theta with the sharp constant, and
        ``room``, by how much the printed bound is below the trivial one."""
        diameter, sigma = self.read(params)
        return {
            "linear": Value(diameter / (sigma * SQRT_2PI)),
            "room": Value(1 - diameter / (2 * sigma)),
        }


@final
class BoundSwitch(Law):
    """Where the bounds cross, with the proofs' constants and with every one 1."""

    name = "ambient.bound_switch"
    statement = (
        "biased data help from t_min on, where the bounds of section 4 cross with every constant "
        "set to one"
    )
    source = f"{OMNI}, section 4"
    unit = "units of a pixel"
    parameters: ClassVar = {
        "n1": integer("clean samples"),
        "n2": integer("biased samples"),
        "lipschitz_clean": positive("Lipschitz constant of the clean density"),
        "lipschitz_biased": positive("Lipschitz constant of the biased density"),
        "tv": share("TV(p, q)", default=1.0),
        "diameter": positive("diameter D of the support", default=1.0),
        "sigma": positive("noise at which a crossing is wanted", default=3.0),
    }
    example: ClassVar = {
        "n1": 5000,
        "n2": 45_000,
        "lipschitz_clean": 10.0,
        "lipschitz_biased": 10.0,
        "tv": 1.0,
        "diameter": 110.85125168440815,
    }

    def _level(self, params: Params, explicit: bool) -> float | None:
        n1, n2, clean, biased, tv, diameter, _ = self.read(params)
        slope = n2 / (n1 + n2) * tv * (diameter / 2 if explicit else 1.0)
        return with_bias(*without_bias(n1, n2, clean, biased, explicit), slope).switch()

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        """The crossing with the constants of the proofs; inf where there is none."""
        level = self._level(params, explicit=True)
        return Value(math.inf if level is None else level)

    def printed(self, params: Params) -> Value | None:
        level = self._level(params, explicit=False)
        return None if level is None else Value(level)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """TV(p, q) at which each pair of bounds would cross at sigma; below 0 for no distance."""
        n1, n2, clean, biased, _, diameter, sigma = self.read(params)
        w, values = n2 / (n1 + n2), {}
        for name, explicit, scale in (("distance", True, diameter / 2), ("order", False, 1.0)):
            terms = without_bias(n1, n2, clean, biased, explicit)
            values[f"{name}_wanted"] = Value(distance_for(*terms, w * scale, sigma), unit="1")
        return values
