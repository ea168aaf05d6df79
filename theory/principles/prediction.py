"""Paths and predictions: every parameterisation is a linear form of data and noise.

*Paths*, ``x_t = alpha x_0 + sigma eps``:

    vp      alpha = cos(pi t / 2), sigma = sin(pi t / 2)       0 <= t <= 1    variance preserving
    ou      alpha = exp(-t), sigma = sqrt(1 - exp(-2 t))       0 <= t         variance preserving
    ve      alpha = 1, sigma = t                               0 <= t         variance exploding
    linear  alpha = 1 - t, sigma = t                           0 <= t <= 1    rectified flow

*Predictions*. Each is the conditional mean given x_t of a form A x_0 + B eps:

    kind       A        B          D = alpha B - sigma A
    data       1        0          -sigma
    noise      0        1          alpha
    score      0        -1/sigma   -alpha / sigma
    v          -sigma   alpha      alpha^2 + sigma^2
    velocity   alpha'   sigma'     alpha sigma' - sigma alpha'

the score by Tweedie's formula, grad log p_t(x) = -E[eps | x] / sigma. As x = alpha E[x_0|x] + sigma
E[eps|x], one prediction k and x itself are two linear equations for both, of determinant D_k.

*Theorem (derived here).* For every law of x_0, every x and every path, where D_k is not 0,

    j(x) = (A_j B_k - B_j A_k) / D_k x + (D_j / D_k) k(x).

Proof: solve for E[x_0|x] = (B_k x - sigma k) / D_k and E[eps|x] = (alpha k - A_k x) / D_k, and
insert them into A_j x_0 + B_j eps. Given x, only the factor D_j / D_k tells the five apart: errors
of k are those of j times D_k / D_j (``theory.principles.amplification``).

Where D_k = 0 the prediction k is a function of x alone and says nothing: noise and score at alpha =
0, data at sigma = 0. v never fails. The velocity has D = 1 on the linear path and for ve, pi / 2
for vp (there u = pi v / 2: flow matching on the cosine path is v-prediction), alpha / sigma for ou.

*Conditional means of a mixture* of components N(m, V), C = alpha^2 V + sigma^2, are taken within
each component, E[A x_0 + B eps | x, k] = A m + (A alpha V + B sigma) C^-1 (x - alpha m), and
averaged with the responsibilities: no prediction is got from another.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from theory.mixture import Array, Mixture

PATHS = ("vp", "ou", "ve", "linear")
KINDS = ("data", "noise", "score", "v", "velocity")


class Point(NamedTuple):
    """A path at one time: alpha, sigma and their derivatives in t."""

    alpha: float
    sigma: float
    alpha_rate: float
    sigma_rate: float

    @property
    def determinant(self) -> float:
        """alpha sigma' - sigma alpha', that of the velocity."""
        return self.alpha * self.sigma_rate - self.sigma * self.alpha_rate

    @property
    def log_ratio_rate(self) -> float:
        """-d lambda / dt = 2 (alpha sigma' - sigma alpha') / (alpha sigma) > 0."""
        return 2 * self.determinant / (self.alpha * self.sigma)


def _vp(t: float) -> Point:
    # the complement of t keeps alpha exactly 0 at t = 1
    alpha, sigma = math.sin(math.pi / 2 * (1 - t)), math.sin(math.pi / 2 * t)
    return Point(alpha, sigma, -math.pi / 2 * sigma, math.pi / 2 * alpha)


def _ou(t: float) -> Point:
    alpha, sigma = math.exp(-t), math.sqrt(-math.expm1(-2 * t))
    return Point(alpha, sigma, -alpha, alpha**2 / sigma)


def _ve(t: float) -> Point:
    return Point(1.0, t, 0.0, 1.0)


def _linear(t: float) -> Point:
    return Point(1 - t, t, -1.0, 1.0)


_PATHS: dict[str, tuple[Callable[[float], Point], float]] = {
    "vp": (_vp, 1.0),
    "ou": (_ou, math.inf),
    "ve": (_ve, math.inf),
    "linear": (_linear, 1.0),
}


def path(name: str, t: float) -> Point:
    """A path at time t > 0, at most 1 for vp and linear."""
    at, last = _PATHS[name]
    if not 0 < t <= last:
        limit = "" if last == math.inf else f" and at most {last:g}"
        raise ValueError(f"asked for the path {name} at t={t}; got no such time; give t > 0{limit}")
    return at(t)


def form(kind: str, at: Point) -> tuple[float, float]:
    """(A, B) of a prediction A x_0 + B eps."""
    forms = {
        "data": (1.0, 0.0),
        "noise": (0.0, 1.0),
        "score": (0.0, -1 / at.sigma),
        "v": (-at.sigma, at.alpha),
        "velocity": (at.alpha_rate, at.sigma_rate),
    }
    return forms[kind]


def determinant(kind: str, at: Point) -> float:
    """D = alpha B - sigma A; 0 where the prediction says nothing beyond x."""
    determinants = {
        "data": -at.sigma,
        "noise": at.alpha,
        "score": -at.alpha / at.sigma,
        "v": at.alpha**2 + at.sigma**2,
        "velocity": at.determinant,
    }
    return determinants[kind]


def coefficients(source: str, target: str, at: Point) -> tuple[float, float]:
    """(c_x, c_k) with target = c_x x + c_k source; a ValueError where the source says nothing."""
    over = determinant(source, at)
    if over == 0:
        raise ValueError(
            f"asked for {target} from {source} at alpha={at.alpha:g}, sigma={at.sigma:g}; got a "
            f"{source} that is a function of x alone; give another time or another source"
        )
    (a, b), (own_a, own_b) = form(target, at), form(source, at)
    return (a * own_b - b * own_a) / over, determinant(target, at) / over


def convert(value: Array, x: Array, source: str, target: str, at: Point) -> Array:
    """The prediction ``target`` from the prediction ``source`` at x; arrays of one shape."""
    of_x, of_value = coefficients(source, target, at)
    return of_x * x + of_value * value


def predict(law: Mixture, x: Array, kind: str, at: Point) -> Array:
    """The exact prediction [n, d] of a mixture's noised law at x [n, d], from its definition."""
    if kind == "score":
        return law.noised(at.sigma, at.alpha).score(x)
    if kind == "data":
        return law.denoise(x, at.sigma, at.alpha)
    a, b = form(kind, at)
    noised = law.noised(at.sigma, at.alpha)
    g = noised.responsibilities(x)  # [n, k]
    found = np.zeros_like(x)
    for k, mean in enumerate(law.means):
        offset = x - at.alpha * mean  # [n, d]
        values, vectors = _axes(law, k)
        gain = (a * at.alpha * values + b * at.sigma) / (at.alpha**2 * values + at.sigma**2)  # [d]
        found += g[:, k, None] * (a * mean + ((offset @ vectors) * gain) @ vectors.T)
    return found


def _axes(law: Mixture, k: int) -> tuple[Array, Array]:
    """Variances [d] and axes [d, d] of a component."""
    if law.full:
        values, vectors = np.linalg.eigh(law.covariances[k])
        return values, vectors
    return np.full(law.dimension, law.covariances[k]), np.eye(law.dimension)
