"""The bound that the diffusion classifier starts from is tight, at every point.

For the Ornstein-Uhlenbeck process dx = -x dt + sqrt(2) dW on R^d from x_0 = x, with q_t its law,
r = exp(-t), s_q = grad log q_t, and p_t the noised law of the model, s_p = grad log p_t,

    log p_0(x) = E log p_T(x_T) - int_0^T (E|s_p(x_t) - s_q(x_t)|^2 - d/(1 - r^2) + d) dt.

The right side is the evidence lower bound of continuous time (Kingma et al. 2021; Song et al. 2021,
Theorem 3): (1 - r^2) |s_p - s_q|^2 is the squared error of the predicted noise. With the exact
score it is no bound but an equality, for every law p_0, every x and every T.

Proof. ``d/dt E log p_t(x_t) = E[d/dt log p_t + (-x . grad + Laplace) log p_t]``. The Fokker-Planck
equation gives ``d/dt log p = d + x . s_p + div s_p + |s_p|^2``. The sum is ``d + 2 div s_p +
|s_p|^2``, and by parts under q_t ``E div s_p = -E s_p . s_q``: it is ``d + E|s_p - s_q|^2 -
E|s_q|^2``, and ``E|s_q|^2 = d/(1 - r^2)`` for a normal of variance 1 - r^2. Integrate from 0 to T.

For p_0 = N(mu, v I), with V = r^2 v + 1 - r^2 and delta = x - mu, the integrand is

    r^2 |delta|^2 / V^2 - d (r^2 v + V) / V^2 + d,

in which the pole at t = 0 has cancelled: ``E|s_p - s_q|^2 = r^2 |delta|^2 / V^2 + d (r^2 v)^2 /
((1 - r^2) V^2)`` and ``(r^2 v)^2 - V^2 = -(1 - r^2)(r^2 v + V)``. A network's score is not exact;
then the right side is at most log p_0 on average over the data.
"""

import math
from itertools import pairwise
from typing import ClassVar, final

import numpy as np
from scipy import integrate

from theory.classifier.class_loss import LI
from theory.law import Law, Params, Value
from theory.parameter import positive, same_dimension, vector

LOG_2PI = math.log(2 * math.pi)


def end(squared_distance: float, variance: float, dimension: int, horizon: float) -> float:
    """E log p_T(x_T) in nats for N(mu, variance I); squared_distance: |x - mu|^2."""
    decay, noise = math.exp(-2 * horizon), -math.expm1(-2 * horizon)
    marginal = decay * variance + noise
    miss = (decay * squared_distance + dimension * noise) / marginal
    return -0.5 * (dimension * (LOG_2PI + math.log(marginal)) + miss)


def bound(squared_distance: float, variance: float, dimension: int, horizon: float) -> float:
    """The right side in nats for N(mu, variance I), by quadrature over time.

    squared_distance: |x - mu|^2. horizon: T > 0.
    """
    v, d = variance, dimension

    def rate(t: float) -> float:
        decay = math.exp(-2 * t)
        marginal = decay * v - math.expm1(-2 * t)
        return decay * squared_distance / marginal**2 - d * (decay * v + marginal) / marginal**2 + d

    turn = min(0.5 * math.log1p(v), 0.5 * horizon)  # signal and noise are equal here
    edges = (0.0, turn, min(horizon, turn + 2.0), horizon)
    scale = d + d / v + squared_distance / v
    parts = [
        integrate.quad(rate, low, high, epsabs=1e-14 * scale, epsrel=1e-12, limit=200)[0]
        for low, high in pairwise(edges)
        if high > low
    ]
    return end(squared_distance, v, d, horizon) - math.fsum(parts)


@final
class Elbo(Law):
    """log p(x|c) of a normal class, against the bound with the exact score."""

    name = "classifier.elbo"
    statement = "log p_0(x) = E log p_T(x_T) - int (E|s_p - s_q|^2 - d/(1-r^2) + d) dt"
    source = f"{LI}, the bound that it replaces log p(x|c) by, in continuous time"
    unit = "nats"
    parameters: ClassVar = {
        "x": vector("point"),
        "mean": vector("mean of the class"),
        "variance": positive("variance of the class"),
        "horizon": positive("time T", default=5.0),
    }
    example: ClassVar = {"x": [0.7], "mean": [0.0], "variance": 1.0, "horizon": 5.0}

    def _read(self, params: Params) -> tuple[float, float, int, float]:
        x, mean, variance, horizon = self.read(params)
        d = same_dimension(self.name, x=x, mean=mean)
        return float((x - mean) @ (x - mean)), variance, d, horizon

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        distance, variance, d, _ = self._read(params)
        return Value(-0.5 * (d * (LOG_2PI + math.log(variance)) + distance / variance))

    def printed(self, params: Params) -> Value | None:
        return Value(bound(*self._read(params)))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``end``: E log p_T(x_T), the part of the bound that no denoising error enters."""
        return {"end": Value(end(*self._read(params)))}
