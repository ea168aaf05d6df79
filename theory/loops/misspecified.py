"""The contraction of a loop whose model is wrong: a logistic location family on Gaussian data.

An example of ``theory.loops.contraction`` with every constant of the theorem above 0, all in closed
form or by quadrature. Model: log p_theta(x) = -z - 2 log(1 + e^-z), z = x - theta. Data: N(0, s^2),
so that theta* = 0 by symmetry. With psi = tanh(z / 2), the score in theta,

    Hessian      -1/2 sech^2(z / 2)
    F            1/3                                   the information of the logistic location
    S = alpha    E 1/2 sech^2(X / 2), X of N(0, s^2)    the best alpha at theta*
    L            1 / (3 sqrt 3)                        the largest slope of the Hessian
    epsilon      W1(logistic, N(0, s^2))

L: with u = tanh(z / 2) the slope is u (1 - u^2) / 2, largest at u = 1 / sqrt 3. epsilon: both laws
are symmetric, so that W1 is twice the area between their upper tails on the right half-line, whose
integrals from x on are log(1 + e^-x) and s (phi(x/s) - (x/s) Q(x/s)). The logistic has the heavier
tail; its tail is above the Gaussian's all the way if it is less steep at 0, s <= 4 / sqrt(2 pi),
and else they cross once.

The true factor is ``lambda f / ((1 + lambda f) (1 + gamma))`` with f = F / S. Data without spread
have f = 2/3, and f grows with s, as broad data leave the log-likelihood flat: at s = 5 f is above
2. The family is none of the exponential ones, where f = 1 for all data. Near s = 1.7 the model is
nearly right, epsilon is smallest (0.08), and kappa close to f; the variances agree at 1.814.
"""

import math
from functools import lru_cache
from typing import ClassVar, NamedTuple, final

import numpy as np
from scipy import integrate, optimize, stats

from theory.law import Law, Params, Value
from theory.loops.contraction import LOOP, mismatch, printed_factor, sharp_factor, true_factor
from theory.loops.correction import BERTRAND, GILLMAN
from theory.parameter import positive

INFORMATION = 1 / 3
LIPSCHITZ = 1 / (3 * math.sqrt(3))
SQRT_2PI = math.sqrt(2 * math.pi)


class Constants(NamedTuple):
    """What the theorem asks of a model on its data."""

    alpha: float
    epsilon: float  # units of the line
    kappa: float
    information: float  # f = F / S


def curvature(spread: float) -> float:
    """S = E 1/2 sech^2(X / 2) for X of N(0, s^2); quadrature to 1e-13 relative."""

    def integrand(z: float) -> float:
        x = spread * z
        return 0.5 / math.cosh(x / 2) ** 2 * math.exp(-0.5 * z * z) / SQRT_2PI

    edge = min(12.0, 80 / spread)  # beyond it either factor is below e^-70
    value, _ = integrate.quad(integrand, 0, edge, epsabs=0, epsrel=1e-13, limit=200)
    return 2 * float(value)


def _tail_difference(x: float, spread: float) -> float:
    """The integral from x on of the logistic's upper tail less the Gaussian's."""
    z = x / spread
    gaussian = spread * (math.exp(-0.5 * z * z) / SQRT_2PI - z * float(stats.norm.sf(z)))
    return float(np.logaddexp(0.0, -x)) - gaussian


def transport(spread: float) -> float:
    """W1 of the standard logistic law and N(0, s^2)."""
    whole = _tail_difference(0.0, spread)
    if spread <= 4 / SQRT_2PI:
        return 2 * whole

    def excess(x: float) -> float:
        return float(stats.logistic.logsf(x) - stats.norm.logsf(x / spread))

    low = 1e-6 * spread
    if excess(low) >= 0:  # as steep at 0, to rounding
        return 2 * whole
    crossing = optimize.brentq(excess, low, 3 * spread**2 + 10, xtol=1e-14, rtol=1e-14)
    beyond = _tail_difference(crossing, spread)
    return 2 * (abs(whole - beyond) + beyond)


@lru_cache(maxsize=256)
def constants(spread: float) -> Constants:
    """The constants at theta* for data of a standard deviation."""
    alpha, epsilon = curvature(spread), transport(spread)
    return Constants(alpha, epsilon, mismatch(alpha, LIPSCHITZ, epsilon), INFORMATION / alpha)


@final
class Misspecified(Law):
    """The factor of a logistic family on Gaussian data; parameters lambda, gamma, spread."""

    name = "loops.misspecified"
    statement = "the factor of a logistic family on Gaussian data <= rho(lambda) / (1 + gamma)"
    source = f"{BERTRAND}, Theorem 1; {GILLMAN}, Theorem 4.3; the example derived here"
    unit = "1"
    trivial = 1.0
    parameters: ClassVar = {**LOOP, "spread": positive("standard deviation of the data")}
    example: ClassVar = {"lambda": 0.25, "gamma": 1.0, "spread": 1.0}

    def exact(self, params: Params, generator: object = None) -> Value:
        lam, gamma, spread = self.read(params)
        return Value(true_factor(lam, gamma, constants(spread).information))

    def printed(self, params: Params) -> Value | None:
        lam, gamma, spread = self.read(params)
        factor = printed_factor(lam, gamma, constants(spread).kappa)
        return None if factor is None else Value(factor)

    def sharper(self, params: Params, generator: object = None) -> dict[str, Value]:
        """``sharp_bound``, the logarithm of the exact factor, and the constants."""
        lam, gamma, spread = self.read(params)
        found = constants(spread)
        values = {
            "sharp_bound": Value(sharp_factor(lam, gamma, found.kappa)),
            "kappa": Value(found.kappa),
            "relative_information": Value(found.information),
            "epsilon": Value(found.epsilon, unit="units of the line"),
        }
        factor = true_factor(lam, gamma, found.information)
        if factor > 0:
            values["log_factor"] = Value(math.log(factor), unit="nats a generation")
        return values
