"""The corruption that helps: the best gamma, and the gamma at which the gain is back at 0.

The gain G of ``theory.slight_corruption.w2_gain`` is strictly concave in kappa, 0 at 0 and rising
there. It has therefore one maximum on (0, 1], and either one zero beyond it or none: none where G
is still positive at kappa = 1, gamma infinite, which a short mean allows. Where there is one, with
c1 the slope, the bounds of that module give

    c1 / (E|muh|^2 + E|muh|^4 E tr Sh^(-3/2) / (4 d))  <=  kappa_zero  <=  c1 / E|muh|^2.

For n large, d and m = |mu|^2 fixed, both roots are of order 1/sqrt n, as the theorem's condition
gamma = O(1/sqrt n) says:

    n gamma_best^2 -> (2 d + m (3 d + 7)/8) / (2 (m + m^2/4)),      gamma_zero^2 -> 2 gamma_best^2.

So the constant in the O falls as the mean grows and rises with d: the condition is one on
gamma |mu| sqrt(n/d). ``printed`` is 1/sqrt n, the theorem's order with the constant one; the
gain is positive there exactly where it is below ``exact``.

On the line the roots are those of a quadrature, the best gamma being the zero of the derivative. In
any dimension they are those of the gain averaged over common draws, with standard errors by the
delta method, ``se(G) / |dG/dgamma|``, and likewise for the derivative.
"""

import math
from collections.abc import Callable
from typing import ClassVar, final

import numpy as np
from scipy import optimize

from theory.law import Law, Params, Value
from theory.parameter import integer, positive
from theory.slight_corruption.fitted_moments import Fit, fit_of
from theory.slight_corruption.linear_network import CORRUPTION, kappa, strength
from theory.slight_corruption.w2_gain import (
    Draws,
    curvature_bound,
    first_slope,
    lemma_gain,
    lemma_slope,
)
from theory.slight_corruption.w2_slope import printed_lemma_slope

LAST = 1 - 1e-9  # of kappa


def root(function: Callable[[float], float], guess: float) -> float | None:
    """The zero in (0, 1) of a function that is positive near 0 and crosses once; None without one.

    guess: where it is negative, as far as is known.
    """
    high = min(guess, LAST)
    if function(high) > 0:
        high = LAST
        if function(high) > 0:
            return None
    low = high / 2
    while function(low) <= 0:
        low /= 2
    return float(optimize.brentq(function, low, high, xtol=1e-300, rtol=1e-14))


def lemma_window(fit: Fit) -> tuple[float | None, float | None]:
    """kappa of the best gain and of the zero gain for the printed lemma; exact for d = 1."""
    guess = printed_lemma_slope(fit) / fit.mean_square
    last = root(lambda k: lemma_gain(fit, k), guess)
    return root(lambda k: lemma_slope(fit, k), last or LAST), last


def drawn_window(found: Draws) -> tuple[Value | None, Value | None]:
    """gamma of the best gain and of the zero gain, with their standard errors."""
    guess = first_slope(found.fit) / found.fit.mean_square
    last = root(lambda k: found.gain(k).value, guess)
    best = root(lambda k: found.slope(k).value, last or LAST)
    ends: list[Value | None] = [None, None]
    if best is not None:
        ends[0] = _gamma(best, found.slope(best), found.curvature(best))
    if last is not None:
        ends[1] = _gamma(last, found.gain(last), found.slope(last).value)
    return ends[0], ends[1]


def _gamma(k: float, height: Value, rate: float) -> Value:
    """gamma at kappa = k, the zero of a function with this height and rate there."""
    gamma = strength(k)
    error = (height.standard_error or 0.0) / abs(rate)
    return Value(gamma, error * (1 + gamma**2) ** 2 / (2 * gamma))  # dgamma/dkappa


def _beside(fit: Fit) -> dict[str, Value]:
    """The bounds of the zero and the limits for large n, as gamma."""
    d, n, m = fit.d, fit.n, fit.norm**2
    values = {}
    slope, bend = first_slope(fit), curvature_bound(fit)
    if math.isfinite(bend):
        values["at_least"] = Value(strength(min(slope / bend, LAST)))
    if slope < fit.mean_square:
        values["at_most"] = Value(strength(slope / fit.mean_square))
    large = math.sqrt((2 * d + m * (3 * d + 7) / 8) / (n * (m + m**2 / 4)))
    values["large_n"] = Value(large)
    values["large_n_best"] = Value(large / math.sqrt(2))
    return values


STATEMENT = "corrupted conditions lower W2^2 for gamma = O(1/sqrt n)"
SOURCE = f"{CORRUPTION}, the condition of Theorem 2"
FIT = {
    "n": integer("samples of the class", least=2),
    "norm": positive("length |mu| of the class mean"),
}


def no_zero(law: Law) -> ValueError:
    """The error for a gain without a zero."""
    return law.refuse(
        "a gain that is positive at every gamma", "give a longer mean: there is no zero here"
    )


@final
class GammaWindowLine(Law):
    """The gamma above which the gain is negative, on the line; parameters n, norm.

    Sharper: the best gamma and the gain there, proved bounds of the zero, limits for large n.
    """

    name = "slight_corruption.gamma_window_line"
    statement = f"d = 1: {STATEMENT}"
    source = SOURCE
    unit = "1"
    parameters: ClassVar = FIT
    example: ClassVar = {"n": 50, "norm": 1.0}

    def _read(self, params: Params) -> Fit:
        n, norm = self.read(params)
        return fit_of(self, 1, n, norm)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        _, last = lemma_window(self._read(params))
        if last is None:
            raise no_zero(self)
        return Value(strength(last))

    def printed(self, params: Params) -> Value | None:
        return Value(1 / math.sqrt(self._read(params).n))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        fit = self._read(params)
        values = _beside(fit)
        best, _ = lemma_window(fit)
        if best is not None:
            values["best"] = Value(strength(best))
            values["best_gain"] = Value(lemma_gain(fit, best), unit="data units squared")
        return values


@final
class GammaWindow(Law):
    """The gamma above which the gain is negative; parameters d, n, norm, draws.

    Sharper: the best gamma and the gain there, both gammas of the printed lemma (exactly), proved
    bounds of the zero, limits for large n.
    """

    name = "slight_corruption.gamma_window"
    statement = STATEMENT
    source = SOURCE
    unit = "1"
    tier = "tolerance"
    parameters: ClassVar = {
        "d": integer("dimension of the data"),
        **FIT,
        "draws": integer("independent fits", least=2, default=20000),
    }
    example: ClassVar = {"d": 8, "n": 50, "norm": 1.0, "draws": 1000}

    def _read(self, params: Params) -> tuple[Fit, int]:
        d, n, norm, draws = self.read(params)
        return fit_of(self, d, n, norm), draws

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        fit, draws = self._read(params)
        _, last = drawn_window(Draws.of(fit, draws, self.drawing(generator)))
        if last is None:
            raise no_zero(self)
        return last

    def printed(self, params: Params) -> Value | None:
        fit, _ = self._read(params)
        return Value(1 / math.sqrt(fit.n))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        fit, draws = self._read(params)
        values = _beside(fit)
        for name, k in zip(("printed_lemma_best", "printed_lemma_zero"), lemma_window(fit)):
            if k is not None:
                values[name] = Value(strength(k))
        if generator is not None:
            found = Draws.of(fit, draws, generator)
            best, _ = drawn_window(found)
            if best is not None:
                values["best"] = best
                gain = found.gain(kappa(best.value))
                values["best_gain"] = gain._replace(unit="data units squared")
        return values
