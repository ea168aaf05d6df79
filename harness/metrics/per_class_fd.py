r"""Per-class Fréchet distance: samples asked for a class against the true images of that class.

.. math::  \sum_k \pi_k \, FD(A_k, B_k)

with :math:`A_k`, :math:`B_k`, the shares :math:`\pi_k` of the reference and the standard error of
``harness.metrics.by_class``, and FD of ``harness.metrics.frechet`` by the form that fits the sizes:
a class has few images, often fewer than there are features, and there the Gram form takes the place
of a covariance without an inverse. Nothing is shrunk, and no ridge is added. Features are centred
on the mean of the reference first, for their digits.

Bias. A Fréchet distance is too large on few images, and a class has few. Of two sets of n and m
images from one Gaussian with covariance S on d features, n and m well above d, to first order

.. math::  E\, FD \approx \Big(\frac1n + \frac1m\Big) \Big(\frac54 \operatorname{tr} S
           + \sum_{ij} \frac{s_i s_j}{2 (s_i + s_j)}\Big),

:math:`s_i` the eigenvalues: for S the identity :math:`(1/n + 1/m)\, d (d + 5) / 4`. With K equal
classes n and m are a K-th of the whole, so that the floor of the mean over classes is K times that
of the whole sets where classes are alike. Below d images it is larger still, up to some tr S.
(Second-order expansion of tr (S1 S2)^{1/2} with Wishart covariances, whose entries have the
variance s_i s_j / n, twice that on the diagonal; derived here.) So it ranks
arms of one size alone, beside the same reading of two clean halves.

Used for class-conditional models as class-wise or intra-FID: Miyato and Koyama, cGANs with
projection discriminator, ICLR 2018, appendix; Benny et al., Evaluation metrics for conditional
image generation, IJCV 2021 (WCFID). Theirs is the plain mean over classes.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from harness.metrics.by_class import by_class
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features
from harness.metrics.frechet import distance_of
from harness.metrics.sensitivity import Kind


@final
@dataclass(frozen=True)
class PerClassFrechet:
    """Mean over classes of the Fréchet distance of what was asked for to what it is.

    Range 0 to infinity, 0 is right, lower is better. Bias: upward, by the number of classes more
    than FD, see the module's page; compare at one n and one draw of classes. Cost: O(n d² + K d³),
    or O(n² d / K) in the Gram form, for the value; the standard error takes ten times as much at
    half the size. Least n: 2 of each class on either side; 4 for a standard error. Cannot see:
    what FD within a class cannot, anything beyond mean and covariance; copies of the reference,
    and on pixels a slight blur, make it fall. How far wrong classes move it is the extractor's
    matter: of 650 digits a tenth of the classes in a circle take it from 19 to 58 on the trained
    features, from 1.03 to 1.32 on pixels and from .256 to .289 on random convolutions.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "labels"
    right: ClassVar[float | None] = 0.0
    sees: ClassVar[tuple[Kind, ...]] = ("noise", "colour", "gaussian", "relabelled")
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
        """The distance of labelled features ``[N, d]`` and ``[M, d]``.

        The generator draws the halves behind the standard error. Raises ``Problem`` as
        ``harness.metrics.by_class``.
        """
        pairs = by_class("per_class_fd", samples, reference, self.least(0))
        return pairs.mean(distance_of, generator)


PER_CLASS_FD = PerClassFrechet()
