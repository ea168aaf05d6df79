"""How much of the true score a Gaussian score explains, at each noise level.

``explained = 1 - E|s - s_G|^2 / E|s|^2`` over x ~ p_sigma, s the score of the data under noise
sigma, s_G that of a Gaussian with the data's mean and covariance. *As stated*: at high noise the
score is the Gaussian one, whatever the data; ``printed`` is 1.

Data: a feature on the line with any law p, beside ``others`` independent normal coordinates of
variance ``others_variance``, on which s = s_G. The two integrals over the line are by adaptive
quadrature.

*The rate (derived here).* With S^2 = lambda + sigma^2 and the cumulants k3, k4 of p, the expansion
of Edgeworth, log p_sigma = log normal + k3 He_3(z)/(6 S^3) + k4 He_4(z)/(24 S^4) + ..., gives

    E (s - s_G)^2 = k3^2 / (2 S^8) + k4^2 / (6 S^10) + ...,      E s^2 = 1 / S^2 + ...,

so that the unexplained share falls as sigma^-6 for a skewed feature and as sigma^-8 for a symmetric
one: ``leading`` against ``unexplained``.

*Where it fails*: below the distance between modes; and for discrete data, of which memorised
training points are the case that matters, wholly: around an atom s = -eps / sigma grows while s_G
stays finite, and the explained share tends to 0 with sigma.
"""

from typing import ClassVar, NamedTuple, final

import numpy as np

from theory.density import Density
from theory.law import Law, Params, Value
from theory.painters.teleport import WANG, cumulants
from theory.parameter import Array, integer, line, nonnegative, positive
from theory.quadrature import integrate


class Squares(NamedTuple):
    """E (s - s_G)^2 and E s^2 on the line."""

    difference: float
    score: float


def squares(p: Density, sigma: float) -> Squares:
    """The two mean squares under noise sigma."""
    noised, total, centre = p.under_noise(sigma), p.variance + sigma**2, p.mean
    edges = noised.edges(1.0)

    def difference(x: Array) -> Array:
        value, slope, _ = noised.derivatives(x)
        return (slope + value * (x - centre) / total) ** 2 / np.maximum(value, 1e-290)

    def score(x: Array) -> Array:
        value, slope, _ = noised.derivatives(x)
        return slope**2 / np.maximum(value, 1e-290)

    whole = integrate(score, edges, 1e-30)
    return Squares(integrate(difference, edges, 1e-25 * whole), whole)  # rounding squared: 1e-32


@final
class ExplainedVariance(Law):
    """Share of the true score; parameters p, sigma, others, others_variance."""

    name = "painters.explained_variance"
    statement = "at high noise the score is that of a Gaussian with the data's mean and covariance"
    source = f"{WANG}; Wang and Vastola 2024 (arXiv 2412.09726)"
    unit = "1"
    parameters: ClassVar = {
        "p": line("law of the feature"),
        "sigma": positive("noise level"),
        "others": integer("normal coordinates beside it", least=0, default=0),
        "others_variance": nonnegative("their variance", default=0.0),
    }
    example: ClassVar = {"p": "0.5*normal(-2,0.5)+0.5*normal(2,0.5)", "sigma": 2.0}

    def _unexplained(self, params: Params) -> float:
        p, sigma, others, variance = self.read(params)
        found = squares(p, sigma)
        return found.difference / (found.score + others / (variance + sigma**2))

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(1 - self._unexplained(params))

    def printed(self, params: Params) -> Value | None:
        self.read(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``unexplained``, the share left, and ``leading``, its expansion."""
        p, sigma, others, other_variance = self.read(params)
        variance, third, fourth = cumulants(p)
        s2 = variance + sigma**2
        left = third**2 / (2 * s2**4) + fourth**2 / (6 * s2**5)
        return {
            "unexplained": Value(self._unexplained(params)),
            "leading": Value(left / (1 / s2 + others / (other_variance + sigma**2))),
        }

    def void(self, params: Params) -> bool:
        self.read(params)
        return False
