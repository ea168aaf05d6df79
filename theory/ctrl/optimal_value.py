"""The value of the objective at its optimum: log Z, and what a fixed start takes off.

CTRL (Zhao et al. 2025) maximises ``J = E[gamma log p(y|x_0)] - KL(path || pre-trained path)``. At
the optimum

    J = log Z = log E_pre[p(y|x)^gamma].                                              (printed)

Proof. For any law pi, ``E_pi[r] - KL(pi||p_pre) = log Z - KL(pi || p_pre exp(r)/Z)``, r = gamma log
p(y|x): Gibbs. The path measure adds nothing at the optimum, because tilting the end point of the
pre-trained paths leaves the law of the path given its end point alone, so that the divergence of
the paths is that of the end points (``theory.ctrl.path_divergence``).

In the Gaussian setting, c = tau^2/gamma,

    E_pi r  = -gamma/2 (log(2 pi tau^2) + ((y - m)^2 + w) / tau^2),      pi = N(m, w)
    log Z   = -gamma/2 log(2 pi tau^2) + 1/2 log(2 pi c) + log N(y; mu, c + v).

*Fixed start, derived here.* If paths must start from the pre-trained law p_T, the best drift is
still ``2 grad log h_t`` and the value is ``E_{p_T} log h_T = log Z - KL(p_T || p_T h_T / Z)``: the
objective falls short of log Z by the divergence of the start from the tilted one. In the Gaussian
setting, with D ~ N(mu, v - s) and h_T a function of D alone,

    E log h_T = -gamma/2 log(2 pi tau^2) - 1/2 log(1 + s/c) - ((y - mu)^2 + v - s) / (2 (c + s)).
"""

import math
from typing import ClassVar, final

import numpy as np

from theory.ctrl.guided_law import CTRL
from theory.ctrl.tilt import GAUSSIAN, Tilt
from theory.gaussian import excess
from theory.law import Law, Params, Value
from theory.parameter import positive

LOG_2PI = math.log(2 * math.pi)


def reward(tilt: Tilt, mean: float, variance: float) -> float:
    """E log p(y|x) in nats under N(mean, variance): the reward at power 1."""
    noise = tilt.noise_variance
    return -0.5 * (LOG_2PI + math.log(noise) + ((tilt.y - mean) ** 2 + variance) / noise)


def divergence(tilt: Tilt) -> float:
    """KL of the soft-optimal law from the pre-trained one, in nats."""
    ratio = tilt.spread / (tilt.spread + tilt.prior_variance)
    shift = tilt.mean - tilt.prior_mean
    return 0.5 * (float(excess(np.array(ratio))) + shift**2 / tilt.prior_variance)


def log_partition(tilt: Tilt) -> float:
    """log Z = log E_pre[p(y|x)^gamma] in nats."""
    return fixed_start_value(tilt, math.inf)


def fixed_start_value(tilt: Tilt, horizon: float) -> float:
    """The best value in nats for paths that start from the pre-trained law at the horizon.

    An infinite horizon gives log Z.
    """
    infinite = math.isinf(horizon)
    s = tilt.prior_variance if infinite else tilt.clock(horizon)
    left = 0.0 if infinite else tilt.gone(horizon)
    c, delta = tilt.spread, tilt.y - tilt.prior_mean
    likelihood = -0.5 * tilt.gamma * (LOG_2PI + math.log(tilt.noise_variance))
    return likelihood - 0.5 * (math.log1p(s / c) + (delta**2 + left) / (c + s))


@final
class OptimalValue(Law):
    """E_pi[gamma log p(y|x)] - KL(pi||p_pre) at the soft-optimal law, against log Z."""

    name = "ctrl.optimal_value"
    statement = "max E[gamma log p(y|x)] - KL = log E_pre[p(y|x)^gamma]"
    source = f"{CTRL}, the optimal value of its objective"
    unit = "nats"
    parameters: ClassVar = {**GAUSSIAN, "horizon": positive("time T of the start", default=8.0)}
    example: ClassVar = {"gamma": 1.0, "y": 1.5, "noise_variance": 0.5, "horizon": 2.0}

    def _read(self, params: Params) -> tuple[Tilt, float]:
        *gaussian, horizon = self.read(params)
        return Tilt(*gaussian), horizon

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        tilt, _ = self._read(params)
        return Value(tilt.gamma * reward(tilt, tilt.mean, tilt.variance) - divergence(tilt))

    def printed(self, params: Params) -> Value | None:
        return Value(log_partition(self._read(params)[0]))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``fixed_start``: the best value from the pre-trained start; ``divergence``: the KL."""
        tilt, horizon = self._read(params)
        return {
            "fixed_start": Value(fixed_start_value(tilt, horizon)),
            "divergence": Value(divergence(tilt)),
        }
