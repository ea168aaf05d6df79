r"""Relative Mahalanobis distance: is a sample near to its class, more than to the data as a whole?

.. math::  RMD(x) = M(x) - M_0(x), \qquad
           M(x) = -(x - \mu_y)^T S^{-1} (x - \mu_y), \qquad
           M_0(x) = -(x - \mu)^T T^{-1} (x - \mu)

with :math:`\mu_y` the mean features of the reference images of class y, S their covariance about
the mean of their own class, shared by all classes, and :math:`\mu` and T the mean and covariance of
all of them; S and T are divided by the number M of images, as published. Source: Ren et al., A
simple fix to Mahalanobis distance for improving near-OOD detection, 2021, where the distances are
positive and the lesser difference the more like the data; with this sign Chen et al., Slight
corruption in pre-training data makes better diffusion models, NeurIPS 2024, who report the top 1 %
of the samples as a sign of how complex images are. Here it is the mean over samples.

How to read it. Over the reference itself, at its own classes, the mean is exactly 0, since
:math:`\operatorname{tr} S^{-1} S = \operatorname{tr} T^{-1} T = d`; so the mean of fresh data tends
to 0, whatever its law. Below 0: samples stand off their class. Above: they are more typical of
their class than data is. To first order fresh data is below 0 by the fit: by
:math:`2 d (K - 1) / M` for K classes of equal size and no difference. Exactly, for normal features,

.. math::  E\, RMD = d M \left[ \frac{1 + 1/M}{M - d - 2} - \frac{1 + K/M}{M - K - d - 1} \right]

(derived here, from the mean of an inverse Wishart matrix).

The class y of a sample is its label; where it has none, the class of the reference with the largest
logit; where it has no logits either, the class with the largest M(x).

Few images. S has rank M - K at most, and near that its inverse is all noise: the factor
:math:`M / (M - K - d - 1)` above is 2 at M = 2 d and a few classes. So fewer than 2 (d + 1), or
d + K + 1, reference images are refused; no ridge is added, since below that the number would be
that of the ridge. Directions in which the reference does not vary at all (the corners of digits,
dead units) are left out of both distances. A direction in which it varies only between classes has
no S^{-1}, and is refused.

Standard error, to first order, over both sets. With A and B the second moments of the samples about
their classes' means and about :math:`\mu`, an image r of class y of the reference moves the mean by

.. math::  \phi(r) = \frac{M}{M_y} \frac{2}{N} \sum_{i: y_i = y} (x_i - \mu_y)^T S^{-1} (r - \mu_y)
           + (r - \mu_y)^T S^{-1} A S^{-1} (r - \mu_y)
           - 2 (\bar x - \mu)^T T^{-1} (r - \mu) - (r - \mu)^T T^{-1} B T^{-1} (r - \mu)

up to its mean; the square of the error is
:math:`\operatorname{Var}(RMD) / N + \operatorname{Var}(\phi) / M`.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.linalg import LinAlgError, cholesky, eigh, solve_triangular

from harness.metrics.classes import Classes, predicted, reference_classes, require_labels
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.metrics.moments import Moments
from harness.metrics.sensitivity import Kind
from harness.problem import Problem

ROUNDING = 1e-10  # of the largest variance: a direction with less does not vary


@final
@dataclass(frozen=True, eq=False)
class _Fit:
    """The reference in coordinates where T is the identity, and where S is.

    ``centre`` ``[d]``; ``white`` ``[d, r]``, so that z = (x - centre) white has covariance 1 and
    M_0 = -|z|²; ``within`` ``[r, r]``, so that u = z within has covariance 1 about the means
    ``means`` ``[K, r]`` of u in the classes.
    """

    centre: np.ndarray
    white: np.ndarray
    within: np.ndarray
    means: np.ndarray

    @classmethod
    def of(cls, what: str, reference: Features, classes: Classes) -> "_Fit":
        """The fit, or ``Problem`` where a direction varies between classes only."""
        moments, count = Moments.of(reference), len(reference)
        values, vectors = eigh(moments.covariance * ((count - 1) / count))
        varies = values > ROUNDING * values[-1]
        white = vectors[:, varies] / np.sqrt(values[varies])
        means = (classes.means(reference) - moments.mean) @ white  # [K, r], of z
        # T = S + the covariance of the means, and T is the identity here.
        between = (means.T * (classes.counts / count)) @ means
        inner = np.eye(len(between)) - between
        try:
            factor = cholesky(inner, lower=True)
            thin = np.diag(factor).min(initial=1.0) ** 2 < ROUNDING
        except LinAlgError:
            thin = True
        if thin or not len(between):
            raise Problem(
                what,
                "features that do not vary within the classes",
                "give more images, or use other features",
            )
        within = solve_triangular(factor, np.eye(len(inner)), lower=True).T
        return cls(moments.mean, white, within, means @ within)

    def coordinates(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """z and u of rows ``[B, d]``: ``[B, r]`` each."""
        z = (x - self.centre) @ self.white
        return z, z @ self.within


def _sample_classes(what: str, samples: Features, classes: Classes, fit: _Fit) -> np.ndarray:
    """The place in ``classes`` of the class of each sample: int ``[N]``."""
    if samples.labels is None and samples.logits is None:
        nearest = np.empty(len(samples), np.int64)
        square = np.square(fit.means).sum(1)
        for piece, x in samples.pieces():
            nearest[piece] = (square - 2 * fit.coordinates(x)[1] @ fit.means.T).argmin(1)
        return nearest
    if samples.labels is None:
        given = predicted(what, samples, among=classes.names)
    else:
        given = require_labels(what, samples)
    unknown = np.setdiff1d(given, classes.names)
    if len(unknown):
        raise Problem(
            what, f"samples of class {unknown[0]}, of which the reference has no image",
            "give reference images of each class",
        )  # fmt: skip
    return np.searchsorted(classes.names, given)


@final
@dataclass(frozen=True)
class RelativeMahalanobis:
    """Mean over samples of the Mahalanobis distance to all data less that to their class.

    Range minus to plus infinity; 0 is right: below, samples stand off their class, above, they are
    more typical than data. Neither higher nor lower is better. Bias: downward, by about
    2 d (K - 1) / M for M reference images, see the module's page: compare at one reference, and
    with fresh data. Where samples have neither labels nor logits they go to the nearest class,
    which raises it. Cost: O((N + M) d² + d³). Least n: 2 (d + 1), and d + K + 1, of the reference;
    2 samples. The published number is the top 1 % of samples, not the mean. Cannot see: what all
    classes share (both distances rise alike), repeats, copies, dropped classes, and whether the
    features of a class are normal, which both distances assume.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = None
    needs: ClassVar[str] = "classes"
    right: ClassVar[float | None] = None
    sees: ClassVar[tuple[Kind, ...]] = ()
    blind: ClassVar[tuple[Kind, ...]] = ()

    def least(self, dimension: int) -> int:
        """The fewest reference images accepted, with up to d + 1 classes; samples need 2."""
        return 2 * (dimension + 1)

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The mean for features ``[N, d]`` against the classes of ``[M, d]``; no draw is made.

        Raises ``Problem`` for too few rows, a reference without classes or of one class only, one
        that does not vary within them, a sample of a class that it lacks, different d, or NaN.
        """
        what = "relative_mahalanobis"
        a, b = require_pair(what, samples, reference, 2)
        name = f"{what} of a reference"
        classes = reference_classes(name, b)
        kinds, count = len(classes.names), len(b)
        if kinds < 2:
            raise Problem(what, "a reference of one class", "give one of at least 2 classes")
        least = max(self.least(b.dimension), b.dimension + kinds + 1)
        if count < least:
            got = f"{count} images of {kinds} classes and {b.dimension} features"
            raise Problem(name, got, f"give at least {least}")
        fit = b.once("mahalanobis", lambda: _Fit.of(name, b, classes))
        index = _sample_classes(f"{what} of samples", a, classes, fit)

        distance = np.empty(len(a))
        side = len(fit.within)
        inside, overall = np.zeros((side, side)), np.zeros((side, side))  # A and B
        off_class, off_all = np.zeros_like(fit.means), np.zeros(side)
        for piece, x in a.pieces():
            z, u = fit.coordinates(x)
            step = u - fit.means[index[piece]]
            distance[piece] = np.square(z).sum(1) - np.square(step).sum(1)
            inside += step.T @ step / len(a)
            overall += z.T @ z / len(a)
            np.add.at(off_class, index[piece], step / len(a))
            off_all += z.sum(0) / len(a)

        moved = np.empty(count)
        share = classes.counts / count
        for piece, r in b.pieces():
            y = classes.index[piece]
            z, u = fit.coordinates(r)
            step = u - fit.means[y]
            moved[piece] = (
                2 * (step * off_class[y]).sum(1) / share[y]
                + (step * (step @ inside)).sum(1)
                - 2 * z @ off_all
                - (z * (z @ overall)).sum(1)
            )
        variance = distance.var(ddof=1) / len(a) + moved.var(ddof=1) / count
        return Estimate(float(distance.mean()), float(np.sqrt(variance)), len(a))


RELATIVE_MAHALANOBIS = RelativeMahalanobis()
