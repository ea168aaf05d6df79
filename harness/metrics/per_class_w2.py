r"""Per-class Wasserstein distance: samples asked for a class against the true images of that class.

.. math::  \sum_k \pi_k \, W_2(A_k, B_k), \qquad
           W_2^2(A, B) = \min_\tau \frac1n \sum_i |a_i - b_{\tau(i)}|^2

over permutations τ: the distance of the two empirical measures at equal numbers, exact, by a linear
assignment, and its root taken, so that it has the unit of a feature. :math:`\pi_k` and the standard
error are those of ``harness.metrics.by_class``. Where the numbers of a class differ, as many are
drawn of the larger side; of a class with more than ``MOST`` on both, ``MOST`` of each.

Bias. Two sets of n images from one law on d features are :math:`W_2 \approx c\, n^{-1/d}` apart
(Dudley 1969; Fournier and Guillin, On the rate of convergence in Wasserstein distance of the
empirical measure, 2015, theorem 1, for d > 4), which hardly falls with n: on 64 features, and 100
images a class, W2 is mostly this floor. It ranks arms of one n alone, and its differences are
smaller than those of a Fréchet distance in multiples of the floor; what it has before FD is that it
sees the whole law of a class and not two moments.

Standard error: :math:`W_2^2` is, to first order, a sum of the optimal potentials over independent
images (del Barrio and Loubes, Central limit theorems for empirical transportation cost in general
dimension, Annals of Probability 47(2), 2019), so that halves serve: around its own mean at this n,
not around the distance of the laws.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from harness.metrics.by_class import by_class
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features
from harness.metrics.sensitivity import Kind

MOST = 500  # images of a class on either side: 0.04 s of a core an assignment, with its halves 0.1


def wasserstein(a: Features, b: Features) -> float:
    """W2 of two sets of one size ``[n, d]``, each image with the mass 1/n."""
    cost = cdist(a.rows, b.rows, "sqeuclidean")  # [n, n]
    return float(np.sqrt(cost[linear_sum_assignment(cost)].mean()))


@final
@dataclass(frozen=True)
class PerClassWasserstein:
    """Mean over classes of the exact W2 distance of what was asked for to what it is.

    Range 0 to infinity, 0 is right, lower is better. Bias: upward, and hardly smaller with more
    images in many dimensions, see the module's page: compare at one n. Cost: O(n³) a class of n
    images, at most 500 of them, and as much again for the standard error. Least n: 2 of each class
    on either side; 4 for a standard error. Cannot see: small departures beside its floor; copies
    of the reference, and on pixels blur and JPEG, make it fall. Of 650 digits a tenth of the
    classes in a circle take it from 7.4 to 10.0 on the trained features, from 1.52 to 1.65 on
    pixels and from .784 to .819 on random convolutions.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "labels"
    right: ClassVar[float | None] = 0.0
    sees: ClassVar[tuple[Kind, ...]] = ("noise", "gaussian", "relabelled")
    blind: ClassVar[tuple[Kind, ...]] = ("copies",)

    def least(self, dimension: int) -> int:
        """The fewest samples of each class accepted on either side."""
        return 2

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The distance of labelled features ``[N, d]`` and ``[M, d]``; n counts the samples used.

        The generator draws what is left out where numbers differ, and the halves behind the
        standard error. Raises ``Problem`` as ``harness.metrics.by_class``.
        """
        pairs = by_class("per_class_w2", samples, reference, self.least(0))
        return pairs.equal(MOST, generator).mean(wasserstein, generator)


PER_CLASS_W2 = PerClassWasserstein()
