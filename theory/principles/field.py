"""The mean squared difference of two laws' predictions along a path, on the line.

For two laws p and q of x_0 on the line and a prediction k, the field e(x) = k_q(x) - k_p(x) is what
a network trained on q gets wrong on p. Its mean square under p_t is an integral of an analytic
function that falls as a Gaussian: a sum on an even grid converges to rounding
(``theory.line_mixture``).
"""

import math

import numpy as np

from theory.line_mixture import Grid, grid
from theory.mixture import Array, Mixture
from theory.principles.prediction import Point, predict


def grid_of(laws: tuple[Mixture, ...], at: Point) -> Grid:
    """An even grid for x_t of laws on the line."""
    return grid(tuple(law.noised(0.0, at.alpha) for law in laws), at.sigma)


def log_density(law: Mixture, x: Array, at: Point) -> Array:
    """log p_t [n] at x [n] on the line."""
    return law.noised(at.sigma, at.alpha).log_density(x[:, None])


def difference(p: Mixture, q: Mixture, x: Array, kind: str, at: Point) -> Array:
    """k_q - k_p [n] at x [n] on the line."""
    return (predict(q, x[:, None], kind, at) - predict(p, x[:, None], kind, at))[:, 0]


def mean_square(p: Mixture, q: Mixture, kind: str, at: Point) -> float:
    """E (k_q - k_p)^2 under p_t, in squared units of the prediction."""
    on = grid_of((p,), at)
    mass = np.exp(log_density(p, on.points, at)) * on.step
    return float(mass @ difference(p, q, on.points, kind, at) ** 2)


def divergence(p: Mixture, q: Mixture, at: Point) -> float:
    """KL(p_t || q_t) in nats."""
    on = grid_of((p, q), at)
    own, other = (log_density(law, on.points, at) for law in (p, q))
    # q - p - p log(q / p) >= 0 at every point, so that nearly equal laws keep their digits
    gap = other - own
    near = np.abs(gap) < 0.5
    small = np.where(near, gap, 0.0)
    close = np.exp(own) * (np.expm1(small) - small)
    apart = np.exp(other) - np.exp(own) * (1 + gap)
    return float(np.where(near, close, apart).sum()) * on.step


def root_mean_square(p: Mixture, q: Mixture, kind: str, at: Point) -> float:
    """Its root, in units of the prediction."""
    return math.sqrt(mean_square(p, q, kind, at))
