r"""Kernel inception distance: the squared mean discrepancy under a cubic kernel, without bias.

.. math::  k(x, y) = (x \cdot y / d + 1)^3

in the U-statistic of ``harness.metrics.kernel_sums`` over all pairs of images. Source: Bińkowski,
Sutherland, Arbel and Gretton, Demystifying MMD GANs, ICLR 2018, section 4.

Rounding: with c the centre of the reference, :math:`\alpha = (x - c) \cdot c / d`,
:math:`\beta = (y - c) \cdot c / d`, :math:`w = (x - c) \cdot (y - c) / d`, :math:`s = |c|^2/d + 1`
and :math:`t = s + \alpha + \beta`, the kernel is :math:`(t + w)^3`. What is summed is

.. math::  k - (s + \alpha)^3 - (s + \beta)^3 + s^3
           = 3 \alpha \beta (s + t) + 2 h \big(3 (t + h)^2 + h^2\big), \quad h = w / 2,

which gives the same statistic, since functions of x alone and of y alone cancel, and keeps its
digits for features far from the origin. Features that are all alike give exactly 0. This form is
ours.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from harness.metrics.centre import centre
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.metrics.kernel_sums import Kernel, Sums, across, discrepancy, within
from harness.metrics.sensitivity import Kind
from harness.problem import Problem


def cubic(middle: np.ndarray) -> Kernel:
    """The kernel of centred rows ``[A, d]``, ``[B, d]``, up to terms in x alone and in y alone."""
    dimension = len(middle)
    level = middle @ middle / dimension + 1

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        alpha, beta = x @ middle / dimension, y @ middle / dimension
        h = x @ y.T  # [A, B]
        h /= 2 * dimension
        block = h + (level + alpha)[:, None]
        block += beta
        block *= block
        block *= 3
        block += h * h
        block *= h
        left = 3 * np.stack([alpha * (2 * level + alpha), alpha], 1)
        block *= 2
        block += left @ np.stack([beta, beta * beta])
        return block

    return kernel


@final
@dataclass(frozen=True)
class Kid:
    """KID on whatever features are given; only on the FID network's is it the published number.

    Range -infinity to infinity, lower is better, 0 in the mean where the laws are equal: negative
    values are right and are not cut off, and a set against itself gives one. Bias: none, at any n.
    Cost: O((n + m)² d), each pair once, in memory that does not grow with n. Least n: 3, since
    the standard error leaves one out and the U-statistic needs two more. Cannot see: laws whose
    features have equal moments up to the third, nor memorised samples.

    The value is the U-statistic over all pairs. torch-fidelity, clean-fid and torchmetrics average
    it over 100 random subsets of 1,000 images, which is the same in the mean and noisier, and print
    the standard deviation over subsets: that is neither a standard error nor does it fall with more
    images than a subset holds. Papers often multiply by 1,000; here nothing is. The standard error
    is the delete-one jackknife over both sets, √2 too large where the laws are equal.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "features"
    right: ClassVar[float | None] = 0.0
    sees: ClassVar[tuple[Kind, ...]] = ("noise", "blur")
    blind: ClassVar[tuple[Kind, ...]] = ()

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side."""
        return 3

    def __call__(
        self,
        samples: Features | np.ndarray,
        reference: Features | np.ndarray,
        generator: np.random.Generator,
    ) -> Estimate:
        """KID of features ``[N, d]`` and ``[M, d]``; the generator is not used.

        Raises ``Problem`` for NaN, too few rows, different d, or features whose cubes overflow.
        """
        a, b = require_pair("kid", samples, reference, self.least(0))
        middle = centre(b)
        kernel = cubic(middle)

        def prepare(x: np.ndarray) -> np.ndarray:
            return x - middle

        with np.errstate(over="ignore", invalid="ignore"):
            own_b = b.once("kid", lambda: within(b, prepare, kernel))
            own_a = own_b if a is b else within(a, prepare, kernel)
            cross_a, cross_b = across(a, b, prepare, kernel)
            value, error = discrepancy(Sums(own_a, cross_a), Sums(own_b, cross_b), biased=False)
        if not np.isfinite([value, error]).all():
            raise Problem("kid", "features whose cubes overflow", "scale the features down")
        return Estimate(value, error, len(a))


KID = Kid()
