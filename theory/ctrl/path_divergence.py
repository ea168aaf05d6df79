"""The divergence of the optimal paths is the divergence of what they end in.

CTRL (Zhao et al. 2025) charges for control by the divergence of path measures, which Girsanov's
theorem gives for a drift that differs by ``2 grad log h_t`` under the noise sqrt(2) dW:

    KL(path || pre-trained path) = KL(p*_T || p_T) + int_0^T E*|grad log h_t|^2 dt        (printed)

p*_t the law of the controlled x_t. *At the optimum with the tilted start this is KL(pi || p_pre)
for every T:* the optimal path measure is the pre-trained one weighted by exp(r(x_0)) / Z, a
function of the end point, so that the chain rule leaves only the end point's divergence.

In the Gaussian setting (``theory.ctrl.tilt``) grad log h_t = b (y - D)/(c + s) with ``E*(y - D) =
(y - mu)(c + s)/(c + v)`` and ``Var* D = (v - s)(c + s)/(c + v)``, so that the rate in s is

    1/2 ((y - mu)^2 / (c + v)^2 + (v - s) / ((c + s)(c + v)))

and its integral from 0 to s_T is ``1/2 (s_T (y - mu)^2/(c + v)^2 + log(1 + s_T/c) - s_T/(c + v))``
(``drift``, here by quadrature in t from the moments of x_t, the long way). A control that
is kept out of the start (p*_T = p_T) pays the drift alone and reaches another law.
"""

import math
from itertools import pairwise
from typing import ClassVar, final

import numpy as np
from scipy import integrate

from theory.ctrl.guided_law import CTRL
from theory.ctrl.optimal_value import divergence
from theory.ctrl.tilt import GAUSSIAN, Tilt
from theory.gaussian import excess
from theory.law import Law, Params, Value
from theory.parameter import positive


def initial_divergence(tilt: Tilt, horizon: float) -> float:
    """KL(p*_T || p_T) in nats."""
    c, v, left = tilt.spread, tilt.prior_variance, tilt.gone(horizon)
    delta = tilt.y - tilt.prior_mean
    ratio = 1 - left / (c + v)
    return 0.5 * (float(excess(np.array(ratio))) + left * (delta / (c + v)) ** 2)


def drift_energy(tilt: Tilt, horizon: float) -> float:
    """``int_0^T E*|grad log h_t|^2 dt`` in nats, by quadrature over time."""

    def rate(t: float) -> float:
        r, c, marginal = math.exp(-t), tilt.spread, tilt.marginal_variance(t)
        noise = -math.expm1(-2 * t)
        mean, variance = r * tilt.mean, r * r * tilt.variance + noise  # of x_t when controlled
        gain = r * tilt.prior_variance / marginal
        pull = gain / (c + tilt.clock(t))
        denoised = tilt.prior_mean + gain * (mean - r * tilt.prior_mean)
        return pull**2 * ((tilt.y - denoised) ** 2 + gain**2 * variance)

    # the pull acts while the clock is below the noise variance, at times about log(1 + c) / 2
    turn = min(0.5 * math.log1p(tilt.spread), 0.5 * horizon)
    edges = (0.0, turn, min(horizon, turn + 2.0), horizon)
    parts = [
        integrate.quad(rate, low, high, epsabs=0.0, epsrel=1e-12, limit=200)[0]
        for low, high in pairwise(edges)
        if high > low
    ]
    return math.fsum(parts)


@final
class PathDivergence(Law):
    """KL(pi || p_pre), against the start and the drift of the optimal paths."""

    name = "ctrl.path_divergence"
    statement = "KL(p*_T || p_T) + int_0^T E*|grad log h_t|^2 dt = KL(pi || p_pre), for every T"
    source = f"{CTRL}, the KL term of its objective by Girsanov's theorem"
    unit = "nats"
    parameters: ClassVar = {**GAUSSIAN, "horizon": positive("time T of the start", default=8.0)}
    example: ClassVar = {"gamma": 1.0, "y": 1.5, "noise_variance": 0.5, "horizon": 2.0}

    def _read(self, params: Params) -> tuple[Tilt, float]:
        *gaussian, horizon = self.read(params)
        return Tilt(*gaussian), horizon

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        return Value(divergence(self._read(params)[0]))

    def printed(self, params: Params) -> Value | None:
        tilt, horizon = self._read(params)
        return Value(initial_divergence(tilt, horizon) + drift_energy(tilt, horizon))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``start`` and ``drift``: the two parts of what is printed."""
        tilt, horizon = self._read(params)
        return {
            "start": Value(initial_divergence(tilt, horizon)),
            "drift": Value(drift_energy(tilt, horizon)),
        }
