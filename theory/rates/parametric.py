"""The parametric benchmark: n samples of N(mu, I), and the rate that no diffusion model beats.

The score is estimated through the mean of n samples, ``s_t(x) = -(x - e^-t mu^)``; it is the score
of the forward process from N(mu^, I), so that Girsanov is an equality
(``theory.rates.path_identity``). *Exact, derived here*, with Delta = mu^ - mu, n |Delta|^2 ~
chi2_d:

    E KL(p_0 || output)            = d / (2n),
    E int_0^T E|s - s^|^2 dt       = d (1 - e^{-2T}) / (2n),
    E TV(p_0, output)              = I_{1/(4n+1)}(1/2, d/2),

I the regularised incomplete beta function. Proof of the last: TV = P(|Z| <= |Delta|/2) for a
standard normal Z, given Delta; with Q = n |Delta|^2 ~ chi2_d independent of Z, ``E TV = P(Z^2 / Q
<= 1/(4n))``, and ``Z^2 / (Z^2 + Q) ~ Beta(1/2, d/2)``.

*Printed*: the route of the overview, Girsanov and then Pinsker, E TV <= E sqrt(KL / 2) <= sqrt(E KL
/ 2):

    E TV <= sqrt(d / (4n)),                                                               (printed)

which has the right exponents, d^1/2 and n^-1/2, and a constant that is too large by sqrt(pi/2) =
1.2533 at large n and d. It is void for n <= d/4. To leading order ``E TV = E chi_d / sqrt(2 pi
n)``.

*The slope* ``d log E TV / d log n`` is, with x = 1/(4n+1), ``-4 n x^2 beta(x) / I_x``, beta the
density of Beta(1/2, d/2): -1/2 for n far above d, and near 0 below, where TV is near 1.
"""

import math
from typing import ClassVar, final

import numpy as np
from scipy import special

from theory.law import Law, Params, Value
from theory.parameter import integer, positive
from theory.rates.path_identity import OVERVIEW


def expected_total_variation(dimension: int, n: int) -> float:
    """E TV(N(mu, I), N(mean of n samples, I)) in d dimensions."""
    return float(special.betainc(0.5, dimension / 2, 1 / (4 * n + 1)))


def chi_mean(dimension: int) -> float:
    """E chi_d."""
    half = dimension / 2
    return math.sqrt(2) * math.exp(special.gammaln(half + 0.5) - special.gammaln(half))


def slope(dimension: int, n: int) -> float:
    """``d log E TV / d log n``."""
    x, half = 1 / (4 * n + 1), dimension / 2
    log_density = (half - 1) * math.log1p(-x) - 0.5 * math.log(x) - special.betaln(0.5, half)
    return -4 * n * x**2 * math.exp(log_density) / expected_total_variation(dimension, n)


@final
class ParametricTV(Law):
    """E TV of the fitted normal against sqrt(d / (4n))."""

    name = "rates.parametric_tv"
    statement = "E TV(p_0, output) <= sqrt(E KL / 2) = sqrt(d / (4n)) for a fitted mean"
    source = f"{OVERVIEW}: Girsanov, then Pinsker; evaluated here on N(mu, I)"
    unit = "1"
    trivial = 1.0
    parameters: ClassVar = {
        "dimension": integer("dimension d"),
        "n": integer("number of samples"),
        "horizon": positive("time T", default=5.0),
    }
    example: ClassVar = {"dimension": 4, "n": 100}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        d, n, _ = self.read(params)
        return Value(expected_total_variation(d, n))

    def printed(self, params: Params) -> Value | None:
        d, n, _ = self.read(params)
        return Value(math.sqrt(d / (4 * n)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``pinsker``: E sqrt(KL/2); ``leading`` for n >> d; ``divergence`` and ``score_error``."""
        d, n, horizon = self.read(params)
        return {
            "pinsker": Value(chi_mean(d) / (2 * math.sqrt(n))),
            "leading": Value(chi_mean(d) / math.sqrt(2 * math.pi * n)),
            "divergence": Value(d / (2 * n), unit="nats"),
            "score_error": Value(-d * math.expm1(-2 * horizon) / (2 * n), unit="nats"),
        }


@final
class ParametricSlope(Law):
    """The slope of log E TV in log n against -1/2."""

    name = "rates.parametric_slope"
    statement = "d log E TV / d log n = -1/2 for a fitted mean"
    source = f"{OVERVIEW}: the parametric rate; derived here on N(mu, I)"
    unit = "1"
    parameters: ClassVar = {"dimension": integer("dimension d"), "n": integer("number of samples")}
    example: ClassVar = {"dimension": 4, "n": 100}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(slope(*self.read(params)))

    def printed(self, params: Params) -> Value | None:
        self.read(params)
        return Value(-0.5)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``total_variation``: E TV, whose slope it is."""
        return {"total_variation": Value(expected_total_variation(*self.read(params)))}
