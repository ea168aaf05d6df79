r"""Gaussian blur: convolution with a discrete, truncated, normalised Gaussian.

.. math::  w_j \propto \exp(-j^2 / 2\sigma^2), \quad |j| \le r = \lfloor 4\sigma + 1/2 \rfloor,

along each axis, with half-sample reflection at the border: the filter of
``scipy.ndimage.gaussian_filter`` with its defaults. It is not the sampled continuous Gaussian of
the same width: at :math:`\sigma = 0.4` the discrete kernel is (.040, .919, .040).

Spectrum (exact, see ``harness.corrupt.reflection``): DCT-II mode (u, v) is multiplied by
:math:`g_u g_v`, with :math:`g_k = \sum_j w_j \cos(\pi k j / N)`, its power by :math:`g_u^2 g_v^2`;
there is no floor. The mean of an image is kept. Values stay in [-1, 1].
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from harness.corrupt.parameter import require_positive
from harness.corrupt.reflection import convolution_matrix, transfer


@final
@dataclass(frozen=True)
class GaussianBlur:
    """Blur of width ``sigma`` pixels; the kernel ends at ``truncate`` widths."""

    sigma: float
    truncate: float = 4.0

    def __post_init__(self) -> None:
        require_positive("sigma of gaussian_blur, in pixels", self.sigma)
        require_positive("truncate of gaussian_blur, in widths", self.truncate)

    def kernel(self) -> np.ndarray:
        """The kernel of one axis, float64 ``[2r + 1]``, symmetric, with sum 1."""
        radius = int(self.truncate * self.sigma + 0.5)
        weight = np.exp(-0.5 * (np.arange(-radius, radius + 1) / self.sigma) ** 2)
        return weight / weight.sum()

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Blurred images ``[B, C, H, W]`` in [-1, 1]; the generator is not used.

        The products are taken in float64 and rounded once.
        """
        kernel = self.kernel()
        rows, columns = (
            torch.from_numpy(convolution_matrix(kernel, side)).to(x.device) for side in x.shape[-2:]
        )  # [H, H], [W, W]
        return (rows @ x.double() @ columns.T).to(x.dtype)

    def spectrum(self, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Gain and floor of the DCT-II power, each ``[H, W]``; exact, with a floor of 0."""
        kernel = self.kernel()
        gain = np.outer(transfer(kernel, height), transfer(kernel, width)) ** 2
        return gain, np.zeros((height, width))
