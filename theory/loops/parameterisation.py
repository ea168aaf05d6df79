"""One loop, four parameterisations, four theorems: Assumption 1 is not about the loop.

Fit N(0, v) by maximum likelihood, its scale written as a variance v, a standard deviation s, a
logarithm u = log v, or a precision tau = 1 / v. The loop is the same map of models, so that its
true factor is the same ``lambda / ((1 + lambda)(1 + gamma))`` in all four, for any data of that
variance (``theory.loops.contraction``, 3). The theorem is not: with v* the fitted variance,

    coordinate     Hessian of log p(x)           L within |x| <= R    alpha         kappa - 1
    precision      -1 / (2 tau^2)                0                    v^2 / 2       0
    log_variance   -x^2 exp(-u) / 2              R / v                1 / 2         2 epsilon R / v
    deviation      1 / s^2 - 3 x^2 / s^4         6 R / s^4            2 / s^2       3 epsilon R / v
    variance       1 / (2 v^2) - x^2 / v^3       2 R / v^3            1 / (2 v^2)   4 epsilon R / v

alpha is the curvature of the data's log-likelihood at theta*, where its gradient vanishes, so that
it is (d tau / d theta)^2 v^2 / 2. Only the precision, the natural parameter, has a Hessian without
x: L = 0, kappa = 1 for any epsilon. In the three others the Hessian is quadratic in x: on the line
it is not Lipschitz, Assumption 1 fails (without ``radius``), and nothing is printed. A radius R
beyond which neither data nor samples count, as for images with bounded pixels, makes L = |d Hessian
/ dx| at R finite; as the model's own samples leave it, this is a proxy.

So the largest lambda that the theorem allows, (1 + gamma) / ((2 + gamma) kappa), can be made to be
anything by writing the same model another way. The best one is natural: kappa = 1.
"""

import math
from typing import ClassVar, final

from theory.law import Law, Params, Value
from theory.loops.contraction import (
    LOOP,
    mismatch,
    printed_factor,
    printed_threshold,
    sharp_factor,
    true_factor,
)
from theory.loops.correction import BERTRAND, GILLMAN
from theory.parameter import choice, nonnegative, positive

COORDINATES = ("precision", "log_variance", "deviation", "variance")
UNBOUNDED = 0.0  # the radius that stands for none


def curvature(coordinate: str, variance: float) -> float:
    """alpha, the curvature of E_data log p at the fitted variance."""
    derivative = {  # of the precision by the coordinate
        "precision": 1.0,
        "log_variance": -1 / variance,
        "deviation": -2 / variance**1.5,
        "variance": -1 / variance**2,
    }[coordinate]
    return derivative**2 * variance**2 / 2


def lipschitz(coordinate: str, variance: float, radius: float) -> float:
    """L of the Hessian within ``radius``; infinite without one, 0 for the precision."""
    if coordinate == "precision":
        return 0.0
    if radius == UNBOUNDED:
        return math.inf
    slope = {
        "log_variance": 1 / variance,
        "deviation": 6 / variance**2,
        "variance": 2 / variance**3,
    }[coordinate]
    return slope * radius


@final
class Parameterisation(Law):
    """The factor of one loop against the theorem in one parameterisation; parameters lambda,
    gamma, coordinate, epsilon, radius, variance."""

    name = "loops.parameterisation"
    statement = "the theorem's factor for N(0, v), its scale written in one of four ways"
    source = f"{BERTRAND}, Assumptions 1 and 2, Theorem 1; {GILLMAN}, Theorem 4.3"
    unit = "1"
    trivial = 1.0
    parameters: ClassVar = {
        **LOOP,
        "coordinate": choice("how the scale is written", COORDINATES),
        "epsilon": positive("W1 distance of the best model and the data"),
        "radius": nonnegative("R beyond which nothing counts; 0 for none", default=UNBOUNDED),
        "variance": positive("fitted variance v*", default=1.0),
    }
    example: ClassVar = {
        "lambda": 0.2,
        "gamma": 1.0,
        "coordinate": "variance",
        "epsilon": 0.1,
        "radius": 3.0,
    }

    def _kappa(self, params: Params) -> float:
        _, _, coordinate, epsilon, radius, variance = self.read(params)
        slope = lipschitz(coordinate, variance, radius)
        return mismatch(curvature(coordinate, variance), slope, epsilon)

    def exact(self, params: Params, generator: object = None) -> Value:
        lam, gamma, *_ = self.read(params)
        return Value(true_factor(lam, gamma))

    def printed(self, params: Params) -> Value | None:
        lam, gamma, *_ = self.read(params)
        factor = printed_factor(lam, gamma, self._kappa(params))
        return None if factor is None else Value(factor)

    def sharper(self, params: Params, generator: object = None) -> dict[str, Value]:
        """The lambda up to which the theorem speaks, here and in the precision; ``sharp_bound`` and
        kappa where they are finite."""
        lam, gamma, *_ = self.read(params)
        kappa = self._kappa(params)
        values = {"natural_threshold": Value(printed_threshold(gamma), unit="lambda")}
        if math.isfinite(kappa):
            values["printed_threshold"] = Value(printed_threshold(gamma, kappa), unit="lambda")
            values["kappa"] = Value(kappa)
            values["sharp_bound"] = Value(sharp_factor(lam, gamma, kappa))
        return values
