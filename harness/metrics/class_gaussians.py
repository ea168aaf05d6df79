r"""What is generated for a class, as a Gaussian: three optima in closed form, and its readings.

Class k is N(mu_k, I) in R^d, in units of its deviation. A model saw, as images of class k, points
with the mean muh_k and the biased covariance Sh_k, and in training the code of a class under noise
of the deviation gamma in every coordinate; it generates at the clean code. With kappa = gamma^2 /
(1 + gamma^2):

    optimum   N((1 - kappa) muh, Sh + kappa muh muh')     linear, separate by class: the minimiser
    printed   N((1 - kappa) muh, Sh + kappa |muh|^2 I)    what Lemma 4 prints in its place
    free      a mixture of all classes, below             no restriction: the minimiser of all

The first two are those of ``theory.slight_corruption.sampler_output`` at an infinite horizon.

**The free optimum** (derived here). With nothing asked of the network the minimiser of the loss is
D(x, sigma, c) = E[x_0 | x_sigma = x, code = c], code = c_y + gamma xi for an image told class y. At
the clean code c_k of class k the codes of other classes count too: where they are orthonormal, two
of them sqrt 2 apart, an image told class j has the weight

.. math::  \frac{e^{-1/\gamma^2}}{n_k + \sum_{i \ne k} n_i e^{-1/\gamma^2}}, \qquad j \ne k,

n_i the number of images told i, since the densities of c_j + gamma xi and of c_k + gamma xi at c_k
are as exp(-2 / (2 gamma^2)) to 1. To a network without limits embedding noise is therefore *the
same as labels flipped anew at each visit*, at the rate (K - 1) q / (1 + (K - 1) q) for K equal
classes and q = exp(-1/gamma^2): nothing at all for small gamma, .12 at gamma = .57 and K = 4,
whatever the number of images. What it generates is the mixture of the images themselves with these
weights, whose moments these are. Unlike labels that are flipped once, it loses no image of its own
class and gains those of all others, so that its mean errs less: it can gain much more in W2 than
the linear optimum, at a gamma of its own.

**Readings** of a law with mean m and covariance S, each the mean over classes:

    class_w2_squared   W2^2 to N(mu, I), |m - mu|^2 + sum_i (sqrt(lam_i) - 1)^2: of a Gaussian; of
                       any other law with these moments the least that it can be (Gelbrich 1990)
    class_entropy      1/2 log det(2 pi e S) nats; of any other law the most that it can be
    mean_kept          m . muh / |muh|^2, how much of the mean that was seen: 1 - kappa in the laws
    scaled_gain        n^2 (W2^2 without noise - W2^2), without its chance part of the first order

For gamma = c/sqrt n the gain is of the order kappa c1 = (c^2/n) O(1/n), so that the last tends to a
number. Its part ``2 kappa (1 - kappa) mu . (muh - mu)`` has the mean 0 and, for the optimum at d =
8, two thirds of the variance; it is taken off.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Gaussians(NamedTuple):
    """Means [R, K, d] and covariances [R, K, d, d], by replicate and class."""

    mean: Array
    covariance: Array


def kappa(noise: float) -> float:
    """``gamma^2 / (1 + gamma^2)``."""
    return noise**2 / (1 + noise**2)


def fitted(points: list[list[Array]]) -> Gaussians:
    """The moments of points [n_k, d], by replicate and class; covariances are biased."""
    means = np.array([[x.mean(0) for x in own] for own in points])
    spreads = np.array(
        [[np.cov(x.T, bias=True).reshape(2 * x.shape[1:]) for x in own] for own in points]
    )
    return Gaussians(means, spreads)


def optimum(fit: Gaussians, noise: float) -> Gaussians:
    """The corrected law."""
    outer = fit.mean[..., :, None] * fit.mean[..., None, :]
    return Gaussians((1 - kappa(noise)) * fit.mean, fit.covariance + kappa(noise) * outer)


def printed(fit: Gaussians, noise: float) -> Gaussians:
    """The printed law."""
    square = np.square(fit.mean).sum(-1)[..., None, None]
    added = kappa(noise) * square * np.eye(fit.mean.shape[-1])
    return Gaussians((1 - kappa(noise)) * fit.mean, fit.covariance + added)


def free(fit: Gaussians, counts: Array, noise: float) -> Gaussians:
    """The mixture that an unrestricted network generates; counts: images told of a class [R, K]."""
    other = np.exp(-1 / noise**2) if noise else 0.0
    eye = np.eye(counts.shape[1])
    weight = counts[:, None, :] * (eye + other * (1 - eye))  # [R, K, J]
    weight = weight / weight.sum(-1, keepdims=True)
    mean = weight @ fit.mean
    gap = fit.mean[:, None] - mean[:, :, None]  # [R, K, J, d]
    between = np.einsum("rkj,rkja,rkjb->rkab", weight, gap, gap)
    return Gaussians(mean, np.einsum("rkj,rjab->rkab", weight, fit.covariance) + between)


def w2_squared(law: Gaussians, true: Array) -> tuple[Array, Array]:
    """The parts of W2^2 [R, K] to N(mu_k, I): of the means, and of the spreads; true: mu [K, d]."""
    values = np.maximum(np.linalg.eigvalsh(law.covariance), 0)
    spread = np.square(np.sqrt(values) - 1).sum(-1)
    return np.square(law.mean - true).sum(-1), spread


def entropy(law: Gaussians) -> Array:
    """1/2 log det(2 pi e S) [R, K] in nats; NaN where S has no density."""
    sign, log = np.linalg.slogdet(2 * np.pi * np.e * law.covariance)
    return np.where(sign > 0, 0.5 * log, np.nan)


def readings(law: Gaussians, fit: Gaussians, true: Array) -> dict[str, Array]:
    """The readings of each replicate [R] but for the gain."""
    mean, spread = w2_squared(law, true)
    kept = (law.mean * fit.mean).sum(-1) / np.square(fit.mean).sum(-1)
    found = {
        "class_w2_squared": mean + spread,
        "class_w2_squared/mean": mean,
        "class_w2_squared/spread": spread,
        "class_entropy": entropy(law),
        "mean_kept": kept,
    }
    return {name: values.mean(-1) for name, values in found.items()}


def scaled_gain(law: Gaussians, fit: Gaussians, true: Array, counts: Array, noise: float) -> Array:
    """n^2 times the gain of each replicate [R], less its chance part of the first order."""
    gain = sum(w2_squared(fit, true)) - sum(w2_squared(law, true))
    chance = 2 * kappa(noise) * (1 - kappa(noise)) * ((fit.mean - true) * true).sum(-1)
    return np.asarray((counts**2 * (gain - chance)).mean(-1))
