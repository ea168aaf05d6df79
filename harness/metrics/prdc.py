r"""Precision, recall, density and coverage: which images lie in the neighbourhoods of the others.

With samples y (N of them), the reference x (M), and :math:`B(x_i)` the open ball around x_i up to
its k-th nearest neighbour among the other x, and likewise :math:`B(y_j)`:

.. math::  precision &= \frac1N \sum_j 1[y_j \in \textstyle\bigcup_i B(x_i)] \\
           recall &= \frac1M \sum_i 1[x_i \in \textstyle\bigcup_j B(y_j)] \\
           density &= \frac{1}{k N} \sum_j \sum_i 1[y_j \in B(x_i)] \\
           coverage &= \frac1M \sum_i 1[\exists j: y_j \in B(x_i)]

Source: Naeem, Oh, Uh, Choi and Yoo, Reliable fidelity and diversity metrics for generative models,
ICML 2020, equations 1, 2, 4 and 5, with k = 5; precision and recall are those of Kynkäänniemi et
al., Improved precision and recall metric for assessing generative models, NeurIPS 2019.

For equal laws without ties, whatever the law and its dimension,

.. math::  E\, density = 1, \qquad
           E\, coverage = 1 - \prod_{i < k} \frac{M - 1 - i}{M + N - 1 - i} \to 1 - 2^{-k}

(the same paper, section 4, with the exact product). Precision and recall have no such value.

A set against itself gives 1 in all four: each image is the centre of a ball and, being at distance
0, inside it, and each ball holds its centre and k - 1 neighbours, the k-th being on its rim. With
more than k duplicates of an image the ball around it is empty and it is no longer inside it;
closed, that ball holds the duplicates.

Standard error: each is a mean over one set of what the balls of the other, or the points in them,
decide. Its variance is that of the mean over the first set, plus the delete-one jackknife over the
second: precision loses the samples that one ball alone holds, recall the reference images that one
ball alone holds, coverage the balls that one sample alone fills, density the samples in one ball.
The radii are held fixed, though leaving an image out would let its neighbours' balls grow. Measured
on Gaussians of 2 to 64 features, 100 to 300 images a side: 1.0 to 1.9 times the true spread for
precision and recall, 1.1 to 2.0 for coverage, 0.8 to 1.3 for density. The plain error of the mean
over the first set would be 0.5 to 1.0 of it. The error is ours.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, final, get_args

import numpy as np

from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.metrics.neighbourhood import balls, radii
from harness.metrics.sensitivity import Kind
from harness.problem import Problem

Reading = Literal["precision", "recall", "density", "coverage"]
SEES: dict[Reading, tuple[Kind, ...]] = {
    "precision": (),
    "recall": ("dropped", "duplicates"),
    "density": (),
    "coverage": ("noise", "dropped", "duplicates"),
}
BLIND: dict[Reading, tuple[Kind, ...]] = {
    "precision": ("duplicates",),
    "recall": (),
    "density": ("duplicates",),
    "coverage": (),
}


@final
@dataclass(frozen=True)
class Prdc:
    """One of precision, recall, density and coverage; all four share one pass over the distances.

    Range 0 to 1, density 0 to infinity; higher is better, but a density above 1 says that samples
    crowd where the reference is dense, as truncation makes them do. Bias: none for density, known
    for coverage (see the module); precision and recall have no value that equal laws reach, it
    depends on the law and on n (Gaussians of 64 features: 0.79 at 200 images a side, 0.76 at 500),
    so compare at one n and against two halves of clean data. An outlier of the reference has a wide
    ball, which density counts as one of k and precision in full. Cost: O((N² + M² + 2 N M) d / 2),
    in memory that does not grow with n. Least n: k + 1 on either side. Cannot see: precision and
    density: whole classes left out, duplicates, copies of the reference, and noise where the
    reference has heavy tails, since the wide balls of its outliers take it in (for 8×8 photographs
    under random convolutions precision rises up to noise of 0.1, and falls after); recall: samples
    beside the data, as long as others are near it; coverage: shares, as long as each ball holds one
    sample; none of them: memorised training images. Recall also falls with duplicates, which shrink
    the balls of samples, to nothing where an image stands more than k times.

    k = 5 and open balls (strictly less), as the package prdc. torch-fidelity and the evaluator of
    guided-diffusion take k = 3 and closed balls (less or equal), the latter by distances in
    float16; set ``k`` and ``closed``. The k-th neighbour leaves the image itself out, once.

    The standard error covers both sets, with the radii held fixed (see the module).
    """

    reading: Reading
    k: int = 5
    closed: bool = False
    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = True
    needs: ClassVar[str] = "features"
    right: ClassVar[float | None] = 1.0

    def __post_init__(self) -> None:
        if self.reading not in get_args(Reading):
            known = ", ".join(get_args(Reading))
            raise Problem(f"the reading {self.reading!r}", "no such one", f"choose from {known}")
        if self.k < 1:
            raise Problem(
                f"{self.reading} of k = {self.k}", "no neighbour", "give a k of 1 or more"
            )

    @property
    def sees(self) -> tuple[Kind, ...]:
        """Damage that must lower it."""
        return SEES[self.reading]

    @property
    def blind(self) -> tuple[Kind, ...]:
        """Damage that must leave it alone."""
        return BLIND[self.reading]

    def expected(self, samples: int, reference: int) -> float | None:
        """The mean for equal laws without ties, of so many images; None where it is not known."""
        if self.reading == "density":
            return 1.0
        if self.reading == "coverage":
            misses = [(reference - 1 - i) / (reference + samples - 1 - i) for i in range(self.k)]
            return 1 - math.prod(misses)
        return None

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side: k neighbours beside the image itself."""
        return self.k + 1

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The reading of features ``[N, d]`` and ``[M, d]``; the generator is not used.

        Raises ``Problem`` for NaN, too few rows, different d, squares that overflow, or a reference
        in which every image has more than k duplicates, so that no ball holds anything.
        """
        a, b = require_pair(self.reading, samples, reference, self.least(0))
        if not radii(b, self.k).any():
            raise Problem(
                f"{self.reading} against a reference",
                f"only images with {self.k} duplicates or more, so all radii are 0",
                "give a reference of different images",
            )
        filled, holding, reached = balls(a, b, self.k, self.closed)
        values, taken = {
            "precision": (holding.met > 0, holding.only(len(b)) / len(a)),
            "recall": (reached.met > 0, reached.only(len(a)) / len(b)),
            "density": (holding.met / self.k, filled.met / (self.k * len(a))),
            "coverage": (filled.met > 0, filled.only(len(a)) / len(b)),
        }[self.reading]
        variance = values.var(ddof=1) / len(values) + (len(taken) - 1) * taken.var()
        return Estimate(float(values.mean()), float(np.sqrt(variance)), len(a))


PRECISION = Prdc("precision")
RECALL = Prdc("recall")
DENSITY = Prdc("density")
COVERAGE = Prdc("coverage")
