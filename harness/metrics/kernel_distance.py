r"""Kernel distance of directions: a Gaussian kernel on features of length 1, as in CMMD.

.. math::  1000 \Big( \frac{1}{n^2} \sum_{i, j} k(x_i, x_j) + \frac{1}{m^2} \sum_{i, j} k(y_i, y_j)
           - \frac{2}{nm} \sum_{i, j} k(x_i, y_j) \Big), \quad
           k(x, y) = e^{-|x - y|^2 / 2 \sigma^2}, \quad \sigma = 10

with every feature vector divided by its length, and the pairs i = j among the rest (the biased
V-statistic). Source: Jayasumana et al., Rethinking FID: towards a better evaluation metric for
image generation, CVPR 2024, section 4 and its released code; Gretton et al., JMLR 13, 2012,
equation 5.

What it sees: on vectors of length 1, :math:`k = e^{-1/\sigma^2} e^{x \cdot y / \sigma^2}`, so
exactly

.. math::  1000\, e^{-1/\sigma^2} \sum_{p \ge 1} \frac{1}{p!\, \sigma^{2p}}
           \Big\| \frac1n \sum_i x_i^{\otimes p} - \frac1m \sum_j y_j^{\otimes p} \Big\|^2 .

At :math:`\sigma = 10` the term in the means (p = 1) can reach 39.6, and all others together stay
below 0.1. So this is, but for that, the squared distance of the mean directions, times 9.9. The
expansion is ours.

Rounding: the kernel lies between 0.98 and 1. What is summed is therefore 1 - k, by ``expm1`` of
squared distances that are taken from centred directions; the constant cancels.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.metrics.kernel_sums import Kernel, Sums, across, discrepancy, within
from harness.metrics.sensitivity import Kind
from harness.problem import Problem

SCALE = 1000


def directions(rows: np.ndarray) -> np.ndarray:
    """Each row ``[B, d]`` divided by its length; NaN for a row of zeros."""
    largest = np.abs(rows).max(1, keepdims=True)
    with np.errstate(invalid="ignore"):
        scaled = rows / largest  # so that no square overflows or vanishes
    return scaled / np.linalg.norm(scaled, axis=1, keepdims=True)


def mean_direction(what: str, features: Features) -> np.ndarray:
    """The mean of the directions, ``[d]``. Raises ``Problem`` for a row of zeros."""

    def make() -> np.ndarray:
        return sum(directions(x).sum(0) for _, x in features.pieces()) / len(features)

    mean = features.once("mean direction", make)
    if np.isnan(mean).any():
        zeros = sum(int((~x.any(1)).sum()) for _, x in features.pieces())
        raise Problem(
            what,
            f"{zeros} of {len(features)} rows of zeros, which have no direction",
            "see what the extractor gives for these images",
        )
    return mean


def complement(sigma: float) -> Kernel:
    """1 - k of rows ``[A, d]`` and ``[B, d]``."""

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        block = x @ y.T  # [A, B]
        block *= -2
        block += np.square(x).sum(1)[:, None]
        block += np.square(y).sum(1)
        np.maximum(block, 0, out=block)
        block *= -1 / (2 * sigma**2)
        np.expm1(block, out=block)
        return np.negative(block, out=block)

    return kernel


@final
@dataclass(frozen=True)
class KernelDistance:
    """1,000 times the squared mean discrepancy of directions; CMMD on CLIP's features alone.

    Range 0 to 40 at sigma = 10, 0 is right, lower is better; the unit is a thousandth of the
    kernel's. Bias: upward by (1 / n + 1 / m) (1000 - mean of 1000 k), at most 10 (1 / n + 1 / m)
    for directions that are spread over the sphere. Cost: O((n + m)² d), each pair once, in memory
    that does not grow with n. Least n: 2. Cannot see: the length of a feature vector, and next to
    nothing but the mean direction (see the module), so neither a change of spread around it nor
    dropped classes that leave it, nor memorised samples.

    Called CMMD only on CLIP ViT-L/14@336, where it is the published number, pairs i = j included.
    The standard error is the delete-one jackknife over both sets, √2 too large where the laws are
    equal.
    """

    sigma: float = 10.0
    unit: ClassVar[str] = "1e-3"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "features"
    right: ClassVar[float | None] = 0.0
    sees: ClassVar[tuple[Kind, ...]] = ("noise", "blur")
    blind: ClassVar[tuple[Kind, ...]] = ()

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side."""
        return 2

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """The distance of features ``[N, d]`` and ``[M, d]``; the generator is not used.

        Raises ``Problem`` for NaN, too few rows, different d, or a row of zeros.
        """
        what = "kernel_distance"
        a, b = require_pair(what, samples, reference, self.least(0))
        mean_direction(f"{what} of samples", a)
        middle = mean_direction(f"{what} of a reference", b)
        kernel = complement(self.sigma)

        def prepare(x: np.ndarray) -> np.ndarray:
            return directions(x) - middle

        own_b = b.once((what, self.sigma), lambda: within(b, prepare, kernel))
        own_a = own_b if a is b else within(a, prepare, kernel)
        cross_a, cross_b = across(a, b, prepare, kernel)
        value, error = discrepancy(Sums(own_a, cross_a), Sums(own_b, cross_b), biased=True)
        return Estimate(max(0.0, -SCALE * value), SCALE * error, len(a))


KERNEL_DISTANCE = KernelDistance()
