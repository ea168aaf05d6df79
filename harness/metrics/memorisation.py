r"""Memorisation in feature space: authenticity, and a Fréchet distance that punishes copies.

The reference of both is the training set: the images that the model saw.

Authenticity. With t* the training image nearest to sample x, in Euclidean distance of features,

.. math::  x \text{ is authentic iff } |x - t^*| > \min_{t \ne t^*} |t^* - t|.

Source: Alaa, van Breugel, Saveliev and van der Schaar, How faithful is your synthetic data?, ICML
2022, Section 4; the share of authentic samples is called AuthPct by Jiralerspong et al., Feature
likelihood divergence, NeurIPS 2023. Their code and dgm-eval's take the same strict inequality and
print percent; here it is a share. They subtract in float32 through :math:`|x|^2 - 2 x t + |t|^2`,
which loses small distances; here both distances are computed anew from the difference, so that a
copy is never authentic. The code released with the first paper looks from each training image for
the nearest sample, and then reads the radius of another row than the one it found.

What fresh data gives (derived here): x, drawn like the n training images, is not authentic iff it
and t* are each other's nearest among the n + 1. The share of reflexive nearest neighbours in a
d-dimensional smooth law is, for large n, :math:`1 / (2 - I_{3/4}(\frac{d+1}{2}, \frac12))` with I
the regularised incomplete beta function (the volume of a ball over that of its union with a second
one, whose centre lies on its surface; Schilling, Mutual and shared neighbor probabilities, Advances
in Applied Probability 18, 1986). So fresh data is authentic at a rate of 1/3 for d = 1, 0.378 for
d = 2 and up to 1/2 for many dimensions, where the density does not vary over the distance between
neighbours. Where it does, samples far out have their nearest image further in, where images lie
closer, and count as authentic: 8×8 photographs, whitened, have 0.85 to 0.87 for n from 200 to
1,600. The standard error is that of a share.

Memorisation-informed distance. With the distance of a sample to the training set

.. math::  s = \frac1N \sum_i \min_j \left( 1 - \frac{|x_i \cdot t_j|}{|x_i| |t_j|} \right),
           \qquad  D = \begin{cases} FD / s & s < \tau \\ FD & \text{otherwise} \end{cases}

Source: Bai, Lin, Raffel and Kan, On training sample memorization, KDD 2021, with
:math:`\tau = 0.1` in the competition that it reports, on features of the Inception network, where
it is called MiFID. On other features the cosines, and so what s < 0.1 means, are others: networks
with positive features have cosines near 1 for any two images. torchmetrics takes for s the mean
over training images of the distance to the nearest sample, and it and the competition leave out
rows that sum to 0, which centred features may do. Here a row of zeros has distance 1 to all.

Standard error of D for s < :math:`\tau`, to first order: the variance over samples of
:math:`\phi_i / s - FD \cdot s_i / s^2`, with :math:`\phi` the derivative of FD
(``harness.metrics.frechet``), and over training images that of :math:`\phi_j / s`, which moves FD
alone: in s the training set is held fixed.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.special import betainc

from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.metrics.frechet import FRECHET, influences
from harness.metrics.neighbourhood import nearest, radii
from harness.metrics.sensitivity import Kind
from harness.problem import Problem

ROWS, COLUMNS = 512, 4096  # a piece of the matrix of cosines: 16 MiB


def fresh_authenticity(dimension: int) -> float:
    """The share of authentic samples that fresh data has, for many images of a smooth law."""
    return float(1 - 1 / (2 - betainc((dimension + 1) / 2, 0.5, 0.75)))


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows divided by their norms; zeros stay."""
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norm, out=np.zeros_like(rows), where=norm > 0)


def cosine_distances(points: Features, train: Features) -> np.ndarray:
    """1 - |cos| of each point to the training image where it is least: float64 ``[N]``.

    From the difference of the unit vectors, so that a copy has distance 0 up to a scale.
    """
    best = np.full(len(points), -1.0)
    distance = np.empty(len(points))
    for _, t in train.pieces(COLUMNS):
        v = _unit(t)
        for place, x in points.pieces(ROWS):
            u = _unit(x)
            cosine = u @ v.T
            index = np.abs(cosine).argmax(1)
            found = cosine[np.arange(len(u)), index]
            better = np.abs(found) > best[place]
            difference = u - np.sign(found)[:, None] * v[index]
            exact = np.where(found == 0, 1.0, np.square(difference).sum(1) / 2)
            distance[place] = np.where(better, exact, distance[place])
            best[place] = np.maximum(np.abs(found), best[place])
    return distance


@final
@dataclass(frozen=True)
class Authenticity:
    """Share of samples that lie further from the nearest training image than its neighbours do.

    Range 0 to 1; 0: all samples copy. Neither higher nor lower is better: fresh data gives 1/3 to
    1/2 by the dimension of the data where neighbours are near (see the module's page), so compare
    with held-out images; fewer is memorised, more is unlike the data: noise gives 1. Bias: none
    over samples; the rate of fresh data depends on the law, and on M by little. Cost: O(N M d) for
    N samples and M training images, and O(M² d) once for these. Least n: 2. Strict inequality. The
    standard error is over samples, with the training set, which the model was made from, held
    fixed. Cannot see: a copy of an image that was in the training set twice, unless it is exact;
    copies after a change that moves the features; repeats among samples; and it takes blurred
    samples for near ones where features do.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = None
    needs: ClassVar[str] = "features"
    right: ClassVar[float | None] = None
    sees: ClassVar[tuple[Kind, ...]] = ("noise", "copies")
    blind: ClassVar[tuple[Kind, ...]] = ()

    def least(self, dimension: int) -> int:
        """The fewest samples and training images accepted."""
        return 2

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The share for features ``[N, d]`` and those of the training set ``[M, d]``; no draw.

        Raises ``Problem`` for NaN, too few rows or different d.
        """
        a, b = require_pair("authpct", samples, reference, self.least(0))
        squares, index = nearest(a, b, 1)
        authentic = (squares[:, 0] > radii(b, 1)[index[:, 0]]).astype(np.float64)
        error = authentic.std(ddof=1) / np.sqrt(len(a))
        return Estimate(float(authentic.mean()), float(error), len(a))


@final
@dataclass(frozen=True)
class MemorisationFrechet:
    """FD over the mean cosine distance of samples to the training set, where that is below tau.

    Range 0 to infinity, lower is better. Bias: that of FD, upward by c / n; and it jumps by a
    factor of 1 / tau where s passes tau, so compare two arms only where both are on one side, and
    at one n. Cost: that of FD and O(N M d). Least n: 2. tau is 0.1, that of the competition; the
    number is MiFID on its Inception features only. The standard error is None where FD states none;
    it does not know of the jump. Cannot see: copies among samples that are otherwise right: FD is
    then its bias, which copies lower as fast as s, so that D stays (random_conv, 10 to 90 % of
    copies: within its error) or, above tau, falls (zca_pixels); whether a high value is bad quality
    or copies, so read it beside FD and authenticity; and, on features with cosines near 1,
    memorisation from plain likeness.
    """

    threshold: float = 0.1
    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "features"
    right: ClassVar[float | None] = 0.0
    sees: ClassVar[tuple[Kind, ...]] = ("noise",)
    blind: ClassVar[tuple[Kind, ...]] = ()

    def least(self, dimension: int) -> int:
        """The fewest samples and training images accepted."""
        return 2

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The distance of features ``[N, d]`` to those of the training set ``[M, d]``; no draw.

        Raises ``Problem`` for NaN, too few rows, different d, or samples that all are copies, whose
        distance is infinite.
        """
        what = "mifid_like"
        a, b = require_pair(what, samples, reference, self.least(0))
        found = FRECHET(a, b, generator)
        distances = cosine_distances(a, b)
        mean = float(distances.mean())
        if mean == 0:
            raise Problem(
                f"{what} of samples",
                "training images up to a scale, all of them: it is infinite",
                "see authpct, or give the set that the model was not trained on",
            )
        if mean >= self.threshold:
            return found
        value = found.value / mean
        if found.standard_error is None or (along := influences(a, b)) is None:
            return Estimate(value, None, len(a))
        moved = along[0] / mean - found.value / mean**2 * distances
        variance = moved.var(ddof=1) / len(a) + (along[1] / mean).var(ddof=1) / len(b)
        return Estimate(value, float(np.sqrt(variance)), len(a))


AUTHPCT = Authenticity()
MIFID_LIKE = MemorisationFrechet()
