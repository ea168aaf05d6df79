"""The gain of a vanishing corruption: the slope of Theorem 2, exact and as printed.

The gain of ``theory.slight_corruption.w2_gain`` has at gamma^2 = 0 the derivative

    c1 = 2 d/n + E|muh|^2 (s - 1),     s = E tr Sh^-1/2 / d,    E|muh|^2 = |mu|^2 + d/n,

and the printed lemma ``2 d/n + E|muh|^2 d (s - 1)``, as all its d eigenvalues grow, not one. The
paper bounds the latter from below by the *printed slope*

    2 d/n + (sqrt(n/(n-1)) - 1)(d^2/n + d |mu|^2)       (s > sqrt(n/(n-1)) by Jensen).

(In the paper "sqrt(n/(n-1)) - 1 = -Theta(1/n)" should be +Theta(1/n).) The bound is right for the
printed lemma. *It is none for the true optimum*: expanding ``Sh = I + D`` to second order, E tr D =
-d/n and E tr D^2 = d (d + 1)/n + O(1/n^2), so that

    s - 1 = (3 d + 7)/(8 n) + O(1/n^2),        n c1 -> 2 d + |mu|^2 (3 d + 7)/8,
    n (printed slope) -> 2 d + |mu|^2 d/2,

and the printed slope lies above the true one for d > 7, n large, mu != 0.

*Corrected bound (derived here).* The same use of Jensen's inequality gives

    c1 > 2 d/n + (sqrt(n/(n-1)) - 1)(d/n + |mu|^2) > 2 d/n,

so that Theorem 2's order, gain = Omega(gamma^2 d/n), survives the correction: it is the term of the
shrunk mean, and does not rest on the covariance at all.

n > d + 1 is needed: for n = d + 1 the slope is infinite, as the gain rises faster than gamma^2.
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.parameter import integer, nonnegative
from theory.slight_corruption.fitted_moments import Fit, fit_of
from theory.slight_corruption.linear_network import CORRUPTION
from theory.slight_corruption.w2_gain import first_slope, printed_bound


def printed_lemma_slope(fit: Fit) -> float:
    """``2 d/n + E|muh|^2 (E tr Sh^-1/2 - d)``: the slope with the printed covariance."""
    return 2 * fit.d / fit.n + fit.mean_square * fit.d * (fit.inverse_root - 1)


def corrected_bound(fit: Fit) -> float:
    """``2 d/n + (sqrt(n/(n-1)) - 1)(d/n + |mu|^2)``, below the slope."""
    return 2 * fit.d / fit.n + math.expm1(-0.5 * math.log1p(-1 / fit.n)) * fit.mean_square


@final
class W2Slope(Law):
    """The slope c1 against the printed lower bound; parameters d, n, norm.

    Sharper: the slope of the printed lemma, the corrected bound, the term of the shrunk mean, and
    the leading term for large n.
    """

    name = "slight_corruption.w2_slope"
    statement = "gain/gamma^2 >= 2 d/n + (sqrt(n/(n-1)) - 1)(d^2/n + d |mu|^2) for gamma -> 0"
    source = f"{CORRUPTION}, Theorem 2 with the constants of its proof, appendix A.4.2"
    unit = "data units squared"
    parameters: ClassVar = {
        "d": integer("dimension of the data"),
        "n": integer("samples of the class", least=2),
        "norm": nonnegative("length |mu| of the class mean"),
    }
    example: ClassVar = {"d": 8, "n": 50, "norm": 1.0}

    def _read(self, params: Params) -> Fit:
        d, n, norm = self.read(params)
        return fit_of(self, d, n, norm, spare=2)

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(first_slope(self._read(params)))

    def printed(self, params: Params) -> Value | None:
        return Value(printed_bound(self._read(params), 1.0))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        fit = self._read(params)
        d, n = fit.d, fit.n
        return {
            "printed_lemma": Value(printed_lemma_slope(fit)),
            "corrected_bound": Value(corrected_bound(fit)),
            "mean_term": Value(2 * d / n),
            "large_n": Value((2 * d + fit.norm**2 * (3 * d + 7) / 8) / n),
        }
