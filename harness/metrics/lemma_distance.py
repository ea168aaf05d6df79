r"""How far a linear network is from the optimum, and whether it is the one that the lemma prints.

Networks ``eps = W x_t + b`` of each class and noise level (``harness.train.per_class_linear``) are
held against two of ``theory.slight_corruption.linear_network``: the corrected optimum, with the
matrix ``S = Sh + kappa muh muh'``, and Lemma 2 as printed, with ``Sh + kappa |muh|^2 I``; at the
level sigma = s/r

.. math::  W = s (s^2 + r^2 S)^{-1}, \qquad b = -r (1 - \kappa) W \hat\mu.

With theta all weights and biases of a replicate, the classes and levels together,

    parameter_error           |theta - theta_corrected| / |theta_corrected|
    parameter_error/printed   |theta - theta_printed| / |theta_corrected|
    toward_printed            (theta - theta_corrected) . delta / |delta|^2,
                              delta = theta_printed - theta_corrected

The last is where theta lies along the way from the one to the other, 0 and 1 being the two. A
network that was trained on samples errs in all directions, which both distances show; along this
one direction it has next to no error. Without noise on the code the two are one, and there is no
way between them. The three are ours.
"""

import numpy as np
from numpy.typing import NDArray

from harness.metrics.class_gaussians import Gaussians, kappa, optimum, printed

Array = NDArray[np.float64]


def networks(fit: Gaussians, spread: Array, noise: float, sigmas: Array) -> tuple[Array, Array]:
    """W [R, K, L, d, d] and b [R, K, L, d] that act on the covariance S [R, K, d, d]."""
    r = 1 / np.sqrt(1 + sigmas**2)
    s = sigmas * r
    eye = np.eye(spread.shape[-1])
    noised = (s**2)[:, None, None] * eye + (r**2)[:, None, None] * spread[:, :, None]
    weight = s[:, None, None] * np.linalg.inv(noised)
    pulled = np.einsum("rklij,rkj->rkli", weight, fit.mean)
    return weight, -(1 - kappa(noise)) * r[:, None] * pulled


def lemma_distance(
    weight: Array, bias: Array, fit: Gaussians, noise: float, sigmas: Array
) -> dict[str, Array]:
    """The rows of each replicate [R]; nothing without noise, where there is one lemma."""
    if noise == 0:
        return {}
    pairs = [networks(fit, law(fit, noise).covariance, noise, sigmas) for law in (optimum, printed)]
    own, corrected, lemma = (_flat(*each) for each in ((weight, bias), *pairs))
    delta, size = lemma - corrected, np.linalg.norm(corrected, axis=1)
    return {
        "parameter_error": np.linalg.norm(own - corrected, axis=1) / size,
        "parameter_error/printed": np.linalg.norm(own - lemma, axis=1) / size,
        "toward_printed": ((own - corrected) * delta).sum(1) / np.square(delta).sum(1),
    }


def _flat(weight: Array, bias: Array) -> Array:
    """All numbers of a replicate in a row, [R, P]."""
    return np.concatenate([each.reshape(len(each), -1) for each in (weight, bias)], axis=1)
