"""A Gaussian law tilted by a Gaussian likelihood to a power, and the clock in which it is sampled.

With p_pre = N(mu, v), p(y|x) = N(y; x, tau^2) and c = tau^2 / gamma the soft-optimal law is

    pi(x) = p(y|x)^gamma p_pre(x) / Z = N(m, c v / (c + v)),      m = (c mu + v y) / (c + v),

the posterior under the noise variance c: the power only divides the noise variance.

*The clock.* Under the pre-trained model x_0 given x_t is N(D_t, s_t),

    D_t = mu + b (x_t - r mu),   b = r v / V,   s_t = v (1 - r^2) / V,   V = r^2 v + 1 - r^2,

s running from v (t = infinity) to 0 (t = 0). A guidance that adds ``2 g(t, x)`` to the reverse
drift, taken in the variable D with the clock q = s_T - s_t, becomes

    dD = (g / b) dq + dB_q,

because dD has the quadratic variation ``2 b^2 dt = -ds`` and no drift of its own: D is a
martingale of the pre-trained process, and differentiation gives ``ds/dt = 2 b^2``. Whatever the
prior, the sampler is thus a Brownian motion with a pull, ended at s = 0, where D is the sample.
"""

import math
from dataclasses import dataclass
from typing import final

from theory.parameter import Parameter, positive, real


@final
@dataclass(frozen=True)
class Tilt:
    """The pre-trained law N(prior_mean, prior_variance), tilted by N(y; x, noise_variance)^gamma.

    Lengths are in the units of the line, variances in their squares.
    """

    gamma: float
    y: float
    noise_variance: float
    prior_mean: float = 0.0
    prior_variance: float = 1.0

    @property
    def spread(self) -> float:
        """c = tau^2 / gamma, the noise variance that the power makes of tau^2."""
        return self.noise_variance / self.gamma

    @property
    def mean(self) -> float:
        """The mean of the soft-optimal law."""
        c, v = self.spread, self.prior_variance
        return (c * self.prior_mean + v * self.y) / (c + v)

    @property
    def variance(self) -> float:
        """The variance of the soft-optimal law."""
        c, v = self.spread, self.prior_variance
        return c * v / (c + v)

    def marginal_variance(self, t: float) -> float:
        """V_t, the variance of the pre-trained x_t."""
        return self.prior_variance * math.exp(-2 * t) - math.expm1(-2 * t)

    def clock(self, t: float) -> float:
        """s_t, the variance of x_0 given x_t under the pre-trained model."""
        return -self.prior_variance * math.expm1(-2 * t) / self.marginal_variance(t)

    def gone(self, t: float) -> float:
        """v - s_t, without cancellation: the variance of D_t under the pre-trained model."""
        return self.prior_variance**2 * math.exp(-2 * t) / self.marginal_variance(t)


GAUSSIAN: dict[str, Parameter] = {
    "gamma": positive("power of the classifier"),
    "y": real("control"),
    "noise_variance": positive("variance tau^2 of the control given the sample"),
    "prior_mean": real("mean of the pre-trained law", default=0.0),
    "prior_variance": positive("variance of the pre-trained law", default=1.0),
}
