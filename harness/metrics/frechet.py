r"""Fréchet distance: the squared W2 distance between two Gaussians with the features' moments.

.. math::  FD = |m_1 - m_2|^2 + \operatorname{tr} S_1 + \operatorname{tr} S_2
                - 2 \operatorname{tr} (S_1 S_2)^{1/2}

Source: Dowson and Landau, The Fréchet distance between multivariate normal distributions, J.
Multivariate Analysis 12, 1982. On the features of one Inception network it is known as FID
(Heusel et al., 2017); on any other extractor it is another number, named FD-<extractor> here.

Computation, never through a matrix square root and never with a complex number:

* more samples than features: with :math:`S_1 + \delta I = L L^T`,
  :math:`\operatorname{tr}(S_1 S_2)^{1/2} = \sum \sqrt{\lambda_i(L^T S_2 L)}`. The matrix is
  symmetric, so its eigenvalues are real; negative rounding errors are set to 0. The ridge is
  :math:`\delta = 10^{-10} \operatorname{tr} S_1 / d`. It makes FD too small, by at most
  :math:`2 \sqrt\delta \operatorname{tr} S_2^{1/2}` (the trace of a root is subadditive), and for a
  regular :math:`S_1` by some :math:`10^{-10}` of the trace;
* otherwise: with centred features X, Y,
  :math:`\operatorname{tr}(S_1 S_2)^{1/2} = \|X Y^T\|_* / \sqrt{(n_1 - 1)(n_2 - 1)}`, the nuclear
  norm by the eigenvalues of the symmetric :math:`X Y^T Y X^T`, of the side of the smaller set.
  Exact, without a ridge, up to :math:`10^{-8}` of the trace (a root of float64 rounding).

Standard error (first case only), to first order in 1/√n: the derivative of FD along a sample x of
the first set is :math:`2 (m_1 - m_2)^T (x - m_1) + (x - m_1)^T (I - T)(x - m_1)`, less its mean,
where :math:`T = L^{-T} (L^T S_2 L)^{1/2} L^{-1}` transports the first Gaussian to the second; the
same with the roles exchanged. Source: Rippl, Munk and Sturm, Limit laws of the empirical
Wasserstein distance: Gaussian distributions, J. Multivariate Analysis 151, 2016. Where the two
sets have the same law the first order vanishes and the true error is of order 1/n.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.linalg import cholesky, eigh, eigvalsh, solve_triangular

from harness.metrics.estimate import Estimate
from harness.metrics.moments import Moments
from harness.metrics.requirement import require, require_alike

RIDGE = 1e-10  # of the mean variance


def _factor(covariance: np.ndarray) -> np.ndarray:
    """The lower Cholesky factor of a covariance ``[d, d]`` with the relative ridge."""
    side = len(covariance)
    ridge = RIDGE * np.trace(covariance) / side
    if ridge <= 0:  # one point: no spread, and a factor of zero is exact
        return np.zeros_like(covariance)
    return cholesky(covariance + ridge * np.eye(side), lower=True)


def _distance(
    mean_a: np.ndarray, trace_a: float, mean_b: np.ndarray, trace_b: float, trace_root: float
) -> float:
    """The formula, with what rounding leaves below zero set to 0."""
    shift = float(np.square(mean_a - mean_b).sum())
    return max(shift + float(trace_a) + float(trace_b) - 2 * float(trace_root), 0.0)


def frechet_distance(
    mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray
) -> float:
    """Fréchet distance from moments: means ``[d]``, covariances ``[d, d]``, in float64."""
    factor = _factor(cov_a)
    roots = np.sqrt(np.clip(eigvalsh(factor.T @ cov_b @ factor), 0, None))
    return _distance(mean_a, np.trace(cov_a), mean_b, np.trace(cov_b), roots.sum())


def frechet_distance_gram(features_a: np.ndarray, features_b: np.ndarray) -> float:
    """Fréchet distance from features ``[n, d]`` by the Gram form, for fewer samples than features.

    No ``[d, d]`` matrix; the larger set is read in pieces.
    """
    small, large = sorted((features_a, features_b), key=len)
    mean_small, mean_large = small.mean(0), large.mean(0)
    x, y = small - mean_small, large - mean_large
    gram = np.zeros((len(x), len(x)))
    for start in range(0, len(y), 4096):
        cross = x @ y[start : start + 4096].T
        gram += cross @ cross.T
    degrees = (len(x) - 1) * (len(y) - 1)
    trace_root = np.sqrt(np.clip(eigvalsh(gram) / degrees, 0, None)).sum()
    trace_x, trace_y = np.square(x).sum() / (len(x) - 1), np.square(y).sum() / (len(y) - 1)
    return _distance(mean_small, trace_x, mean_large, trace_y, trace_root)


def _distance_and_error(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Fréchet distance and its standard error, for more samples than features."""
    first, second = Moments.of(a), Moments.of(b)
    cov_a, cov_b = first.covariance, second.covariance
    factor = _factor(cov_a)
    eigenvalues, vectors = eigh(factor.T @ cov_b @ factor)
    roots = np.sqrt(np.clip(eigenvalues, 0, None))  # [d]
    value = _distance(first.mean, np.trace(cov_a), second.mean, np.trace(cov_b), roots.sum())
    if not factor.any() or not cov_b.any():
        return value, float("nan")

    x, y = a - first.mean, b - second.mean
    shift = first.mean - second.mean
    white = solve_triangular(factor, x.T, lower=True).T @ vectors  # [n, d], of unit variance
    along_a = 2 * x @ shift + np.square(x).sum(1) - np.square(white) @ roots
    # Coordinate i of this has variance roots[i]^2 over b, so dividing by roots[i] is harmless.
    pushed = y @ factor @ vectors  # [n, d]
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0)
    along_b = -2 * y @ shift + np.square(y).sum(1) - np.square(pushed) @ inverse
    variance = along_a.var(ddof=1) / len(a) + along_b.var(ddof=1) / len(b)
    return value, float(np.sqrt(variance))


@final
@dataclass(frozen=True)
class Frechet:
    """FD-<extractor> between the features of samples and those of a reference.

    Range 0 to infinity, 0 is right, lower is better. Bias: too large by about c / n on either
    side, and c depends on the distribution, so compare arms at one n, and against the distance
    between two halves of clean data; extrapolating in one n leaves the bias of the other. Blur
    removes the very variance that the bias is made of: on 8×8 grey photographs FD-zca_pixels ranks
    blur before clean data for n below 4 d (blur of 0.8 pixels) to 20 d (0.4), FD-random_conv at no
    n from 128 on. Cost: O(n d² + d³), or O(n² d) in the Gram form. Least n: 2, where it is defined;
    see the bias. Cannot see: anything beyond the mean and the covariance of the features, so
    neither memorised samples (their moments are nearly those of the data) nor what the extractor
    throws away.
    """

    extractor: str
    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "features"

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side, whatever the number of features."""
        return 2

    def __call__(
        self, samples: np.ndarray, reference: np.ndarray, generator: np.random.Generator
    ) -> Estimate:
        """The distance of features ``[N, d]`` and ``[M, d]``; the generator is not used.

        The standard error covers the draw of both sets; None where either has no more rows than
        features. Raises ``Problem`` for NaN, too few rows or different d.
        """
        name = f"fd_{self.extractor}"
        a = require(f"{name} of samples", samples, axes=2, least=2).astype(np.float64)
        b = require(f"{name} of a reference", reference, axes=2, least=2).astype(np.float64)
        require_alike(f"{name} of features", a, b)
        if min(len(a), len(b)) <= a.shape[1]:
            return Estimate(frechet_distance_gram(a, b), None, len(a))
        value, error = _distance_and_error(a, b)
        return Estimate(value, error if np.isfinite(error) else None, len(a))


ZCA_PIXELS = Frechet("zca_pixels")
RANDOM_CONV = Frechet("random_conv")
