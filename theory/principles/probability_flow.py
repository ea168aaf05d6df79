"""The flow of flow matching is the probability flow of the score.

Along x_t = alpha x_0 + sigma eps, conditional flow matching regresses on the velocity of each pair,
and its minimiser is the marginal velocity (Lipman et al. 2023, theorems 1 and 2)

    u(x) = E[alpha' x_0 + sigma' eps | x_t = x].

The score view has the forward equation dx = f x dt + g dW with the same marginals and the
probability-flow equation (Song et al. 2021, arXiv 2011.13456, equation 13)

    dx/dt = f x - (1/2) g^2 grad log p_t(x),                                             (printed)
    f = alpha' / alpha,    g^2 = d sigma^2/dt - 2 f sigma^2.

Lai et al. (2025): the two velocities are one. *Proof.* With E[x_0|x] = (x + sigma^2 s) / alpha and
E[eps|x] = -sigma s, s the score, u = (alpha' / alpha) x + (alpha' sigma^2 / alpha - sigma sigma')
s, and the bracket is -g^2 / 2. In terms of the log ratio of signal to noise, g^2 = -sigma^2 d
lambda/dt = 2 sigma (alpha sigma' - sigma alpha') / alpha.

``exact`` is u from its definition, within the components of a mixture; ``printed`` the right side,
with the score from the gradient of the log density.

*Void* at alpha = 0 (t = 1 of vp and of linear): f and g^2 are infinite while u is finite, the limit
of their difference. Near there the score form subtracts two large numbers, |f x| ~ |alpha' x| /
alpha (``cancellation``, the size of the terms over the size of u), which the flow form does not.

*Control.* ``reverse_drift`` has g^2 in place of g^2 / 2, the drift of the reverse stochastic
equation: run without its noise it does not have the marginals p_t.
"""

from typing import ClassVar, NamedTuple, final

import numpy as np

from theory.law import Law, Params, Value
from theory.mixture import Array, Mixture
from theory.principles.conversion import (
    EXAMPLE,
    MIXTURE,
    PLACE,
    PRINCIPLES,
    read_mixture,
    read_place,
)
from theory.principles.prediction import Point, predict


class Coefficients(NamedTuple):
    """f and g^2 of the forward equation dx = f x dt + g dW."""

    drift: float
    diffusion_squared: float


def coefficients(at: Point) -> Coefficients:
    """f and g^2 of a path at one time, alpha > 0."""
    return Coefficients(at.alpha_rate / at.alpha, 2 * at.sigma * at.determinant / at.alpha)


def probability_flow(law: Mixture, x: Array, at: Point) -> Array:
    """f x - g^2 grad log p_t(x) / 2 [n, d] at x [n, d], alpha > 0."""
    drift, squared = coefficients(at)
    return drift * x - 0.5 * squared * predict(law, x, "score", at)


@final
class ProbabilityFlow(Law):
    """The first coordinate of the marginal velocity, by flow and by score; parameters below."""

    name = "principles.probability_flow"
    statement = "E[alpha' x_0 + sigma' eps|x] = f x - (g^2/2) grad log p_t(x)"
    source = f"{PRINCIPLES}; Song et al. 2021, equation 13; Lipman et al. 2023, theorem 1"
    unit = "units of the data by time"
    parameters: ClassVar = PLACE | MIXTURE
    example: ClassVar = EXAMPLE

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        at, law, x = self._read(params)
        return Value(float(predict(law, x, "velocity", at)[0, 0]))

    def printed(self, params: Params) -> Value | None:
        at, law, x = self._read(params)
        return Value(float(probability_flow(law, x, at)[0, 0])) if at.alpha > 0 else None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The drift of the reverse stochastic equation, and how much the score form cancels."""
        at, law, x = self._read(params)
        if at.alpha == 0:
            return {}
        drift, squared = coefficients(at)
        own, score = x[0, 0], predict(law, x, "score", at)[0, 0]
        velocity = float(predict(law, x, "velocity", at)[0, 0])
        terms = abs(drift * own) + abs(0.5 * squared * score)
        values = {"reverse_drift": Value(float(drift * own - squared * score))}
        if velocity != 0:
            values["cancellation"] = Value(float(terms / abs(velocity)), unit="1")
        return values

    def _read(self, params: Params) -> tuple[Point, Mixture, Array]:
        first = self.read(params)
        law, x = read_mixture(self, tuple(first[2:]))
        return read_place(self, tuple(first[:2])), law, x
