r"""Fréchet distance: the squared W2 distance between two Gaussians with the features' moments.

.. math::  FD = |m_1 - m_2|^2 + \operatorname{tr} S_1 + \operatorname{tr} S_2
                - 2 \operatorname{tr} (S_1 S_2)^{1/2}

Source: Dowson and Landau, The Fréchet distance between multivariate normal distributions, J.
Multivariate Analysis 12, 1982. On the features of one Inception network it is known as FID
(Heusel et al., 2017); on any other extractor it is another number, named FD-<extractor> here.

Computation, never through a matrix square root and never with a complex number:

* more samples than features: with :math:`S_1 = L L^T`,
  :math:`\operatorname{tr}(S_1 S_2)^{1/2} = \sum \sqrt{\lambda_i(L^T S_2 L)}`. The matrix is
  symmetric, so its eigenvalues are real; negative rounding errors are set to 0. Features that are
  constant in the first set add nothing to the sum and are left out. Where :math:`S_1` is singular,
  so that rounding leaves it without an L, its symmetric root with negative eigenvalues at 0 stands
  for L: good to :math:`10^{-8}` of the trace (a root of float64 rounding);
* fewer samples than features on one side, centred X ``[n, d]``: the n eigenvalues of
  :math:`X S_2 X^T / (n - 1)`, which are those of :math:`S_1 S_2` other than 0. No :math:`S_1`;
* fewer on both: :math:`\operatorname{tr}(S_1 S_2)^{1/2} = \|X Y^T\|_* / \sqrt{(n_1 - 1)(n_2 - 1)}`,
  the nuclear norm by the eigenvalues of the symmetric :math:`X Y^T Y X^T`, of the side of the
  smaller set. Both Gram forms are good to :math:`10^{-8}` of the trace as well.

Standard error (first case only), to first order in 1/√n: the derivative of FD along a sample x of
the first set is :math:`2 (m_1 - m_2)^T (x - m_1) + (x - m_1)^T (I - T)(x - m_1)`, less its mean,
where :math:`T = L^{-T} (L^T S_2 L)^{1/2} L^{-1}` transports the first Gaussian to the second; the
same with the roles exchanged; here :math:`S_1` has a ridge of :math:`10^{-10}` of its mean
variance. Source: Rippl, Munk and Sturm, Limit laws of the empirical
Wasserstein distance: Gaussian distributions, J. Multivariate Analysis 151, 2016. Where the two
sets have the same law the first order vanishes and the true error is of order 1/n.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.linalg import LinAlgError, cholesky, eigh, eigvalsh, solve_triangular
from scipy.linalg.lapack import dsygst

from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.metrics.moments import Moments
from harness.metrics.sensitivity import Kind

RIDGE = 1e-10  # of the mean variance; in standard errors alone


def _factor(covariance: np.ndarray, ridge: float = 0.0) -> np.ndarray | None:
    """The lower Cholesky factor of a covariance ``[d, d]`` with a relative ridge, or None."""
    side = len(covariance)
    added = ridge * np.trace(covariance) / side * np.eye(side) if ridge else 0
    try:
        return cholesky(covariance + added, lower=True, check_finite=False)
    except LinAlgError:
        return None


def _root(covariance: np.ndarray) -> np.ndarray:
    """The symmetric root of a covariance, eigenvalues below 0 taken as 0."""
    values, vectors = eigh(covariance, check_finite=False)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def _congruent(factor: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """L^T S L, of which the lower triangle counts: a third of the work of two full products."""
    found, _ = dsygst(covariance.T, factor, itype=2, lower=1)
    return found


def _inner(covariance_a: np.ndarray, covariance_b: np.ndarray) -> np.ndarray:
    """A matrix with the eigenvalues of S1 S2 other than 0; its lower triangle counts."""
    moving = np.diag(covariance_a) > 0
    if not moving.all():
        covariance_a, covariance_b = (
            s[np.ix_(moving, moving)] for s in (covariance_a, covariance_b)
        )
    if not moving.any():
        return covariance_a
    factor = _factor(covariance_a)
    if factor is None:
        root = _root(covariance_a)
        return root @ covariance_b @ root
    return _congruent(factor, covariance_b)


def _roots(symmetric: np.ndarray) -> np.ndarray:
    """The roots of the eigenvalues, those below 0 taken as 0."""
    if not len(symmetric):
        return np.zeros(0)
    return np.sqrt(np.clip(eigvalsh(symmetric, lower=True, check_finite=False), 0, None))


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
    trace_root = _roots(_inner(cov_a, cov_b)).sum()
    return _distance(mean_a, np.trace(cov_a), mean_b, np.trace(cov_b), trace_root)


def frechet_distance_gram(few: Features, many: Features) -> float:
    """Fréchet distance in a Gram form: ``few`` has no more rows than features, held in memory.

    Where ``many`` has more rows than features its covariance is used, else its rows, in pieces.
    """
    x = np.asarray(few.rows, np.float64)
    mean_few = x.mean(0)
    x = x - mean_few  # [n, d]
    if len(many) > many.dimension:
        other = Moments.of(many)
        mean_many, covariance = other.mean, other.covariance
        gram = x @ covariance @ x.T
        trace_many = float(np.trace(covariance))
    else:
        mean_many = np.asarray(many.rows, np.float64).mean(0)
        gram, trace_many = np.zeros((len(x), len(x))), 0.0
        for _, rows in many.pieces():
            y = rows - mean_many
            cross = x @ y.T
            gram += cross @ cross.T
            trace_many += float(np.square(y).sum())
        gram /= len(many) - 1
        trace_many /= len(many) - 1
    trace_root = _roots(gram / (len(x) - 1)).sum()
    trace_few = np.square(x).sum() / (len(x) - 1)
    return _distance(mean_few, trace_few, mean_many, trace_many, trace_root)


def distance_of(a: Features, b: Features) -> float:
    """Fréchet distance of two sets of features, by the form that fits their sizes."""
    few, many = sorted((a, b), key=len)
    if len(few) <= a.dimension:
        return frechet_distance_gram(few, many)
    first, second = Moments.of(a), Moments.of(b)
    return frechet_distance(first.mean, first.covariance, second.mean, second.covariance)


def influences(a: Features, b: Features) -> tuple[np.ndarray, np.ndarray] | None:
    """The derivative of FD along each row of either set, ``[n]`` and ``[m]``, up to its mean.

    Both sets have more rows than features. None where a set has no spread: there FD has no
    derivative. Worked out once for a pair.
    """
    return a.once(("influences", b), lambda: _influences(a, b))


def _influences(a: Features, b: Features) -> tuple[np.ndarray, np.ndarray] | None:
    first, second = Moments.of(a), Moments.of(b)
    covariance = second.covariance
    if not first.covariance.any() or not covariance.any():
        return None
    factor = _factor(first.covariance, RIDGE)
    if factor is None:
        return None
    values, vectors = eigh(_congruent(factor, covariance), lower=True, check_finite=False)
    roots = np.sqrt(np.clip(values, 0, None))  # [d]
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0)
    white = solve_triangular(factor, vectors, lower=True, trans=1, check_finite=False)
    pushed = factor @ vectors  # coordinate i of a row of b in it has variance roots[i]^2
    shift = first.mean - second.mean
    return (
        _along(a, first.mean, shift, (white * roots) @ white.T),
        _along(b, second.mean, -shift, (pushed * inverse) @ pushed.T),
    )


def _along(
    features: Features, mean: np.ndarray, shift: np.ndarray, transport: np.ndarray
) -> np.ndarray:
    """2 shift·x + x·(I - T)x for each centred row x: ``[n]``."""
    found = np.empty(len(features))
    for piece, rows in features.pieces():
        x = rows - mean
        found[piece] = 2 * x @ shift + (x * (x - x @ transport)).sum(1)
    return found


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
    neither copies of the reference (it falls: their moments are those of the data) nor what the
    extractor throws away. Repeated samples move it only as fewer samples would, by the bias.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "features"
    sees: ClassVar[tuple[Kind, ...]] = ("noise", "blur", "jpeg", "colour", "dropped")
    blind: ClassVar[tuple[Kind, ...]] = ("copies",)
    right: ClassVar[float | None] = 0.0

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side, whatever the number of features."""
        return 2

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The distance of features ``[N, d]`` and ``[M, d]``; the generator is not used.

        The standard error covers the draw of both sets; None where either has no more rows than
        features. Raises ``Problem`` for NaN, too few rows or different d.
        """
        a, b = require_pair("fd", samples, reference)
        if min(len(a), len(b)) <= a.dimension:
            return Estimate(distance_of(a, b), None, len(a))
        value, along = distance_of(a, b), influences(a, b)
        if along is None:
            return Estimate(value, None, len(a))
        variance = sum(each.var(ddof=1) / len(each) for each in along)
        return Estimate(value, float(np.sqrt(variance)), len(a))


FRECHET = Frechet()
