"""Gaussians in any dimension: their distances in closed form.

For N(m1, S1) and N(m2, S2) on R^d, Delta = m1 - m2:

    KL  = 1/2 (tr(S2^-1 S1) - d - log det(S2^-1 S1) + Delta' S2^-1 Delta)                 nats
    W2^2 = |Delta|^2 + tr(S1 + S2 - 2 (S2^1/2 S1 S2^1/2)^1/2)     (Gelbrich 1990)
    TV  = 2 Phi(|Delta|_S / 2) - 1        for one covariance S, |Delta|_S^2 = Delta' S^-1 Delta

The root in W2 is that of a symmetric matrix, so that it is real whatever the rounding, and
singular covariances are allowed; the trace of the root is the sum of the singular values of
``S1^1/2 S2^1/2``, which needs no second root. KL sums ``f(r) = r - 1 - log r`` over the
eigenvalues r of S1 relative to S2, with log1p where r is near 1, so that nearly equal laws keep
their digits.
"""

import math

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from theory.surplus import surplus

Array = npt.NDArray[np.float64]


def root(covariance: Array) -> Array:
    """The symmetric square root [d, d] of a positive semidefinite matrix [d, d].

    Eigenvalues below 0 by rounding count as 0.
    """
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def excess(ratio: Array) -> Array:
    """``r - 1 - log r`` >= 0 for ratios r > 0 of variances, with its digits near r = 1."""
    return surplus(np.asarray(ratio, float) - 1.0)


def kullback_leibler(m1: Array, s1: Array, m2: Array, s2: Array) -> float:
    """KL(N(m1, S1) || N(m2, S2)) in nats; means [d], positive definite covariances [d, d]."""
    ratios = linalg.eigh(s1, s2, eigvals_only=True)
    delta = np.asarray(m1, float) - m2
    distance = float(delta @ linalg.solve(s2, delta, assume_a="pos"))
    return 0.5 * (float(excess(ratios).sum()) + distance)


def wasserstein2_squared(m1: Array, s1: Array, m2: Array, s2: Array) -> float:
    """W2^2 of N(m1, S1) and N(m2, S2); means [d], positive semidefinite covariances [d, d]."""
    cross = np.linalg.svd(root(s1) @ root(s2), compute_uv=False).sum()
    delta = np.asarray(m1, float) - m2
    spread = float(np.trace(s1) + np.trace(s2) - 2 * cross)
    return float(delta @ delta) + max(0.0, spread)


def total_variation(m1: Array, m2: Array, covariance: Array) -> float:
    """TV of N(m1, S) and N(m2, S); means [d], a positive definite covariance [d, d]."""
    delta = np.asarray(m1, float) - m2
    distance = math.sqrt(float(delta @ linalg.solve(covariance, delta, assume_a="pos")))
    return float(special.erf(distance / math.sqrt(8)))
