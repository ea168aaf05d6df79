"""The optimal pull under a mixture of Gaussians, against the two that are used in its place.

p_pre = sum_k w_k N(m_k, v_k I) on R^d, p(y|x) = N(y; x, tau^2 I). As a function of x the power
``p(y|x)^gamma`` is ``C N(y; x, c I)``, c = tau^2/gamma and C = (2 pi c)^(d/2) / (2 pi tau^2)^(gamma
d/2). So everything of CTRL (Zhao et al. 2025) has a closed form:

    h_t(x)   = C sum_k g_k(x) N(y; m_k(x), (s_k + c) I)
    pi       = sum_k w*_k N(m*_k, c v_k / (c + v_k) I),    w*_k ~ w_k N(y; m_k, (v_k + c) I),
               m*_k = (c m_k + v_k y) / (c + v_k)
    grad log h_t = grad log pi_t - grad log p_t

g_k the responsibilities at time t, m_k(x) and s_k mean and variance of x_0 given x_t within a
component, pi_t and p_t the laws pi and p_pre under the noise of time t. The last line: the
controlled x_t has the law p_t h_t / Z, which is pi_t since the noising is the same.

*Classifier guidance* takes gamma times the pull at gamma = 1. It is the optimal pull at gamma = 1,
where the two are one expression, and not elsewhere: a power does not pass through the average over
x_0. *The plug-in* takes ``gamma J' (y - D) / tau^2``, D the posterior mean of x_0 given x_t and
``J = dD/dx = r / (1 - r^2) Cov(x_0 | x_t)`` its Jacobian: the likelihood of the average. By
Jensen's inequality ``log h_t >= gamma E[log p(y|x_0) | x_t]``, but no inequality orders the pulls:
between two modes the posterior covariance, and with it the plug-in, is largest where h_t is flat.

The value of the law is the slope of log h_t at x in the direction of y, so that a sign is a side.
"""

import math
from typing import ClassVar, NamedTuple, final

import numpy as np
import numpy.typing as npt
from scipy import special

from theory.ctrl.guided_law import CTRL
from theory.law import Law, Params, Value
from theory.mixture import Mixture
from theory.parameter import choice, points, positive, same_dimension, vector, weights
from theory.schedule import ornstein_uhlenbeck

Array = npt.NDArray[np.float64]

LOG_2PI = math.log(2 * math.pi)


def tilted(prior: Mixture, y: Array, noise_variance: float, gamma: float) -> Mixture:
    """The soft-optimal law of a mixture with one variance a component, for a control y [d].

    Components whose weight is below the smallest float are left out.
    """
    c, v = noise_variance / gamma, prior.covariances
    squares = ((prior.means - y) ** 2).sum(axis=1)  # [k]
    logs = np.log(prior.weights) - 0.5 * (prior.dimension * np.log(v + c) + squares / (v + c))
    weights = special.softmax(logs)
    kept = weights > 0
    means = (c * prior.means + v[:, None] * y) / (c + v)[:, None]
    return Mixture(weights[kept], means[kept], (c * v / (c + v))[kept])


class Posterior(NamedTuple):
    """x_0 given x_t for n points, by component."""

    shares: Array  # g_k(x) [n, k]
    means: Array  # m_k(x) [n, k, d]
    variances: Array  # s_k [k]

    @property
    def mean(self) -> Array:
        """D [n, d]."""
        return np.einsum("nk,nkd->nd", self.shares, self.means)

    @property
    def covariance(self) -> Array:
        """Cov(x_0 | x_t) [n, d, d]."""
        offsets = self.means - self.mean[:, None]  # [n, k, d]
        between = np.einsum("nk,nki,nkj->nij", self.shares, offsets, offsets)
        within = (self.shares @ self.variances)[:, None, None]
        return between + within * np.eye(self.means.shape[2])


def posterior(prior: Mixture, x: Array, t: float) -> Posterior:
    """x_0 given x_t = x [n, d], t > 0, under a mixture with one variance a component."""
    r, noise = ornstein_uhlenbeck(t)
    v = prior.covariances
    marginal = r * r * v + noise  # [k]
    gain = (r * v / marginal)[:, None]
    means = prior.means + gain * (x[:, None] - r * prior.means)  # [n, k, d]
    shares = prior.noised(math.sqrt(noise), r).responsibilities(x)
    return Posterior(shares, means, v * noise / marginal)


def log_value(
    prior: Mixture, x: Array, t: float, y: Array, noise_variance: float, gamma: float
) -> Array:
    """log h_t [n] in nats at points x [n, d]."""
    found, d, c = posterior(prior, x, t), prior.dimension, noise_variance / gamma
    spread = found.variances + c  # [k]
    squares = ((found.means - y) ** 2).sum(axis=2)  # [n, k]
    logs = -0.5 * (squares / spread + d * np.log(spread / c))
    lead = -0.5 * d * gamma * (LOG_2PI + math.log(noise_variance))
    return lead + special.logsumexp(logs, b=found.shares, axis=1)


def optimal_pull(
    prior: Mixture, x: Array, t: float, y: Array, noise_variance: float, gamma: float
) -> Array:
    """grad log h_t [n, d] at points x [n, d]."""
    r, noise = ornstein_uhlenbeck(t)
    sigma = math.sqrt(noise)
    target = tilted(prior, y, noise_variance, gamma)
    return target.noised(sigma, r).score(x) - prior.noised(sigma, r).score(x)


def plug_in_pull(
    prior: Mixture, x: Array, t: float, y: Array, noise_variance: float, gamma: float
) -> Array:
    """gamma grad log p(y | x_0 = D_t(x)) [n, d] at points x [n, d]."""
    r, noise = ornstein_uhlenbeck(t)
    found = posterior(prior, x, t)
    miss = y - found.mean  # [n, d]
    return gamma * r / (noise * noise_variance) * np.einsum("nij,nj->ni", found.covariance, miss)


@final
class MixturePull(Law):
    """The slope of log h_t towards the control, against a guidance that replaces it."""

    name = "ctrl.mixture_pull"
    statement = "the guidance is the optimal pull grad log h_t, here along the way from x to y"
    source = f"{CTRL}, the optimal drift and its relation to classifier guidance"
    unit = "nats per unit of the line"
    parameters: ClassVar = {
        "guidance": choice("what replaces the optimal pull", ("classifier", "plug_in")),
        "gamma": positive("power of the classifier"),
        "y": vector("control"),
        "noise_variance": positive("variance tau^2 of the control given the sample"),
        "weights": weights("weights of the components"),
        "means": points("means of the components"),
        "variances": vector("variances of the components", above=0.0),
        "t": positive("time"),
        "x": vector("point"),
    }
    example: ClassVar = {
        "guidance": "plug_in",
        "gamma": 1.0,
        "y": [1.0],
        "noise_variance": 0.5,
        "weights": [0.5, 0.5],
        "means": [-2.0, 2.0],
        "variances": [0.25, 0.25],
        "t": 0.5,
        "x": [0.5],
    }

    def _read(self, params: Params) -> tuple[str, float, Array, float, Mixture, float, Array]:
        guidance, gamma, y, noise, shares, means, variances, t, x = self.read(params)
        same_dimension(self.name, y=y, means=means, x=x)
        if not len(shares) == len(means) == len(variances):
            raise self.refuse(
                f"{len(shares)} weights, {len(means)} means and {len(variances)} variances",
                "give one of each a component",
            )
        if (x == y).all():
            raise self.refuse("x = y, between which there is no direction", "move one of them")
        return guidance, gamma, y, noise, Mixture(shares, means, variances), t, x

    def _along(self, pull: Array, x: Array, y: Array) -> Value:
        way = y - x
        return Value(float(pull[0] @ way / np.linalg.norm(way)))

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        _, gamma, y, noise, prior, t, x = self._read(params)
        return self._along(optimal_pull(prior, x[None], t, y, noise, gamma), x, y)

    def _guided(self, params: Params) -> Array:
        """The pull [1, d] of the guidance."""
        guidance, gamma, y, noise, prior, t, x = self._read(params)
        if guidance == "classifier":
            return gamma * optimal_pull(prior, x[None], t, y, noise, 1.0)
        return plug_in_pull(prior, x[None], t, y, noise, gamma)

    def printed(self, params: Params) -> Value | None:
        _, _, y, *_, x = self._read(params)
        return self._along(self._guided(params), x, y)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``miss``: the distance of the two pulls, in all directions."""
        _, gamma, y, noise, prior, t, x = self._read(params)
        optimal = optimal_pull(prior, x[None], t, y, noise, gamma)
        return {"miss": Value(float(np.linalg.norm(optimal - self._guided(params))))}
