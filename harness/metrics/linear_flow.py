r"""What the probability flow makes of a linear network: the law that it generates, exactly.

A linear network ``eps(x_t) = W x_t + b`` of a class (``harness.train.per_class_linear``) gives,
with x = x_t / r and sigma = s / r, the flow (Karras et al. 2022, equation 3)

.. math::  \frac{dx}{d\sigma} = G x + b, \qquad G = r W,

which takes a Gaussian to a Gaussian. Any G and b can be written as those of some class,

.. math::  G = \sigma (S + \sigma^2)^{-1}, \quad b = -G m, \qquad
           S = \sigma G^{-1} - \sigma^2, \quad m = -G^{-1} b,

and for the minimiser of Lemmas 1 and 2 (printed or corrected) this S and this m are the same at all
levels: those of the law that it generates, N(m, S). So they, and not the weights, are interpolated
between the levels, linearly in ln sigma: where the network is such an optimum, nothing is lost by
having few levels. Above the highest level and below the lowest they are held: the flow starts from
infinite noise, and so with N(m, S + sigma^2) at the highest level, and ends at none. In between it
is integrated by the classical Runge-Kutta method in ln sigma, and below the lowest level in
sigma^2, in which it is smooth down to 0: to 1e-6 for variances from .1 to 4.

A trained G is not symmetric, and its S is used as it is but for the start, which is a covariance.
The interpolation is this project's.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Slope = Callable[[float], tuple[Array, Array]]

STEPS = 16  # of Runge-Kutta, in each interval of the levels and below the lowest


def implied(weight: Array, bias: Array, sigmas: Array) -> tuple[Array, Array]:
    """m [.., L, d] and S [.., L, d, d] of networks W [.., L, d, d], b [.., L, d] at levels [L]."""
    inverse = _inverse(weight / np.sqrt(1 + sigmas**2)[:, None, None])  # of G
    level = sigmas[:, None, None]
    spread = level * inverse - level**2 * np.eye(weight.shape[-1])
    return -np.einsum("...ij,...j->...i", inverse, bias), spread


def generated(weight: Array, bias: Array, sigmas: Array) -> tuple[Array, Array]:
    """Mean [.., d] and covariance [.., d, d] of what networks generate; levels [L] rise."""
    means, spreads = implied(weight, bias, sigmas)
    d, logs = weight.shape[-1], np.log(sigmas)
    eye = np.eye(d)

    def at(log: float) -> tuple[Array, Array]:
        """m and S at a level between the lowest and the highest."""
        i = int(np.clip(np.searchsorted(logs, log) - 1, 0, len(logs) - 2))
        share = (log - logs[i]) / (logs[i + 1] - logs[i])
        return (
            (1 - share) * means[..., i, :] + share * means[..., i + 1, :],
            (1 - share) * spreads[..., i, :, :] + share * spreads[..., i + 1, :, :],
        )

    def by_log(log: float) -> tuple[Array, Array]:
        """dx/dln sigma = Q (x - m)."""
        m, spread = at(log)
        square = math.exp(2 * log)
        return square * _inverse(spread + square * eye), m

    def by_square(square: float) -> tuple[Array, Array]:
        """dx/dsigma^2 = Q (x - m), below the lowest level."""
        return 0.5 * _inverse(spreads[..., 0, :, :] + square * eye), means[..., 0, :]

    top = spreads[..., -1, :, :]
    covariance = (top + np.swapaxes(top, -1, -2)) / 2 + sigmas[-1] ** 2 * eye
    mean, factor = means[..., -1, :], np.broadcast_to(eye, top.shape)
    grid = np.concatenate([np.linspace(*pair, STEPS + 1)[:-1] for pair in pairwise(logs)])
    path = np.append(grid, logs[-1])[::-1]
    for slope, places in ((by_log, path), (by_square, np.linspace(sigmas[0] ** 2, 0, STEPS + 1))):
        mean, factor = _carried(slope, places, mean, factor)
    return mean, factor @ covariance @ np.swapaxes(factor, -1, -2)


def _inverse(matrix: Array) -> Array:
    return np.asarray(np.linalg.inv(matrix), float)


def _carried(slope: Slope, places: Array, mean: Array, factor: Array) -> tuple[Array, Array]:
    """A mean [.., d] and a linear map [.., d, d] along ``x' = Q (x - m)``, through the places."""

    def rate(place: float, x: Array, f: Array) -> tuple[Array, Array]:
        q, m = slope(place)
        return np.einsum("...ij,...j->...i", q, x - m), q @ f

    for here, there in pairwise(places):
        h = there - here
        k1 = rate(here, mean, factor)
        k2 = rate(here + h / 2, mean + h / 2 * k1[0], factor + h / 2 * k1[1])
        k3 = rate(here + h / 2, mean + h / 2 * k2[0], factor + h / 2 * k2[1])
        k4 = rate(there, mean + h * k3[0], factor + h * k3[1])
        mean = mean + h / 6 * (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0])
        factor = factor + h / 6 * (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1])
    return mean, factor
