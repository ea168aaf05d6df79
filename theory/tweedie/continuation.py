"""Consistency as a differential equation: for linear denoisers, the exact one is its only solution.

Daras, Dimakis and Daskalakis (2024), after Daras et al. (2023): if h is exact for sigma > sigma_n
and satisfies, for all s < sigma,

    h(x, sigma) = E[h(X_s, s) | X_sigma = x] under the reverse process that h drives,   (printed)

then h is exact at every level. It is a statement about the population and about every x.

*The equation, derived here.* With tau = sigma^2 the reverse process is dX = ((h - X) / tau)
|d tau| + dW, and h(X, tau) is a martingale of it iff

    d/dtau h = ((h - x) . grad) h / tau + (1/2) Laplace h.

*Linear denoisers*, h(x, tau) = A(tau) (x - m) + m: the equation is tau dA/dtau = A (A - 1), whose
solutions are A = (1 + C tau)^-1 with a constant matrix C (insert: A' = -A C A, and A (A - 1) =
-A C tau A). For symmetric C > 0 that is the denoiser of N(m, C^-1), and for no other law. So a
linear denoiser is consistent iff it is the exact denoiser of *some* normal law, or a solution that
belongs to no law at all (C with an eigenvalue of 0 or below, a gain of 1 or above). An equation of
first order has one solution through one value: exact at a single level fixes C, hence every level.
Without the anchor, consistency says nothing about the data.

*In general, derived here, for h - x a gradient*, which a denoiser's must be. Put (h - x) / tau =
grad phi. The equation is the gradient of phi_tau = |grad phi|^2 / 2 + Laplace phi / 2 + c(tau),
which says that q = exp(phi - int c) solves the heat equation q_tau = Laplace q / 2. With q > 0 on
(0, tau_n], Widder's theorem makes q_{tau_n} the convolution of q_tau with a Gaussian; if h is exact
at tau_n, then q_{tau_n} is the density of X_n up to a factor, and a convolution with a Gaussian is
injective (its characteristic function has no zero). Hence q_tau is the density of X_tau at every
level below, and h its denoiser.

*Failure.* The continuation runs the heat equation backwards. An error of the anchor of relative
size delta implies the variance v' = tau_n a / (1 - a) with a = (1 + delta) v / (v + tau_n), so that
``(v' - v) / v ~ delta (v + tau_n) / tau_n``. The error of the gain at the lower level over that at
the anchor (``amplification``) tends for small delta to

    (tau / tau_n) ((v + tau_n) / (v + tau))^2,

large where tau, v << tau_n; for fine structure it is exponential (``theory.tweedie.consistency``).
For a (1 + delta) >= 1 the continued denoiser belongs to no law.
"""

import math
from typing import ClassVar, final

import numpy as np
from scipy import integrate

from theory.law import Law, Params, Value
from theory.parameter import positive, real
from theory.tweedie.double_tweedie import TWEEDIE


def gain(variance: float, sigma: float) -> float:
    """The exact linear denoiser of N(m, variance) at noise sigma."""
    return variance / (variance + sigma**2)


def continued(anchor: float, sigma_n: float, lower: float) -> float:
    """The gain at ``lower`` of the consistent denoiser with gain ``anchor`` > 0 at sigma_n.

    1 / (1 + C tau) with C tau_n = 1 / anchor - 1, in closed form.
    """
    share = (lower / sigma_n) ** 2
    return 1 / (1 + (1 / anchor - 1) * share)


def integrated(anchor: float, sigma_n: float, lower: float) -> float:
    """The same by integrating ``d a / d log tau = a (a - 1)`` from the anchor down."""
    span = (2 * math.log(sigma_n), 2 * math.log(lower))
    solved = integrate.solve_ivp(
        lambda _, a: a * (a - 1), span, [anchor], method="DOP853", rtol=1e-13, atol=1e-15
    )
    return float(solved.y[0, -1])


@final
class Continuation(Law):
    """The gain below sigma_n that consistency implies; parameters below.

    ``exact`` integrates the equation of consistency from the anchor; ``printed``, the theorem's, is
    the denoiser of the data's law, and void where the anchor is not exact.
    """

    name = "tweedie.continuation"
    statement = (
        "a linear denoiser that is exact at sigma_n and consistent below is exact below: its gain "
        "is v / (v + sigma^2)"
    )
    source = f"{TWEEDIE}, exactness below the noise of the data; the equation derived here"
    unit = "1"
    parameters: ClassVar = {
        "variance": positive("variance v of the data along a direction"),
        "sigma_n": positive("noise of the data, where h is anchored"),
        "lower": positive("level below sigma_n"),
        "anchor_error": real("relative error of the gain at sigma_n", default=0.0),
    }
    example: ClassVar = {"variance": 0.25, "sigma_n": 1.0, "lower": 0.1, "anchor_error": 0.0}

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        variance, sigma_n, lower, error = self._read(params)
        return Value(integrated((1 + error) * gain(variance, sigma_n), sigma_n, lower))

    def printed(self, params: Params) -> Value | None:
        variance, _, lower, error = self._read(params)
        return Value(gain(variance, lower)) if error == 0 else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The closed form; for a wrong anchor also the variance it implies, if any, and the
        amplification of the error."""
        variance, sigma_n, lower, error = self._read(params)
        right = gain(variance, sigma_n)
        anchor = (1 + error) * right
        values = {"closed_form": Value(continued(anchor, sigma_n, lower))}
        if error != 0:
            # a(s; anchor) - a(s; right), as a product: share * error / (right * products)
            share = (lower / sigma_n) ** 2
            factor = share * continued(anchor, sigma_n, lower) * continued(right, sigma_n, lower)
            values["amplification"] = Value(abs(factor) / (right * anchor))
            small = share * (continued(right, sigma_n, lower) / right) ** 2
            values["small_error_amplification"] = Value(small)
            if anchor < 1:
                implied = sigma_n**2 * anchor / (1 - anchor)
                values["implied_variance"] = Value(implied, unit="squared units of the data")
        return values

    def _read(self, params: Params) -> tuple[float, float, float, float]:
        variance, sigma_n, lower, error = self.read(params)
        if lower >= sigma_n:
            raise self.refuse(f"lower={lower} at sigma_n={sigma_n}", "give lower < sigma_n")
        if error <= -1:
            raise self.refuse(
                f"anchor_error={error}, a gain of no sign", "give an anchor_error above -1"
            )
        return variance, sigma_n, lower, error
