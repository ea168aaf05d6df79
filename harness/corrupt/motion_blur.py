r"""Motion blur: the average over a straight line of a given length and direction.

The camera moves by ``length`` pixels along ``angle`` during the exposure, so each pixel shows the
mean along the segment :math:`s (\cos\theta, \sin\theta)`, :math:`|s| \le \ell / 2`. The kernel
weight of a pixel is the length of the segment inside that pixel's unit square, over :math:`\ell`.
It is computed exactly: the segment is cut where it crosses a side of a square, and each piece
belongs to the square of its middle. Angle 0 is horizontal, 90 vertical, counter-clockwise as the
image is looked at. A segment inside the middle pixel (length at most 1 along an axis) changes
nothing. The border is reflected (``harness.corrupt.reflection``); values stay in [-1, 1].

Spectrum: the DCT-II diagonalises a kernel that is symmetric in each axis by itself, as it is at
multiples of 90 degrees, and then mode (u, v) has the gain
:math:`(\sum_{ij} w_{ij} \cos(\pi u i / H) \cos(\pi v j / W))^2`, exactly, and the mean of an image
is kept. An oblique line is symmetric only about its centre: it mixes mode (u, v) with the modes
that its reflection would show, moves the mean of an image a little at the border, and ``spectrum``
returns None. Along the line it damps as a sinc of :math:`\ell`, across it nothing, so no isotropic
blur stands in for it.
"""

import math
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from harness.corrupt.parameter import require_finite, require_positive
from harness.corrupt.reflection import reflect


@final
@dataclass(frozen=True)
class MotionBlur:
    """Motion by ``length`` pixels along ``angle`` degrees."""

    length: float
    angle: float

    def __post_init__(self) -> None:
        require_positive("length of motion_blur, in pixels", self.length)
        require_finite("angle of motion_blur, in degrees", self.angle)

    def kernel(self) -> np.ndarray:
        """The kernel, float64 ``[2r + 1, 2r + 1]``, symmetric about its centre, with sum 1."""
        half = self.length / 2
        theta = math.radians(self.angle)
        down, right = -math.sin(theta), math.cos(theta)  # rows count downwards
        cuts = [np.array([-half, half])]
        for component in (abs(down), abs(right)):
            met = np.arange(int(half * component + 0.5)) + 0.5  # sides met on the way out
            out = met / component if component > 0 else met
            cuts += [out[out < half], -out[out < half]]
        cut = np.sort(np.concatenate(cuts))
        middle, piece = (cut[1:] + cut[:-1]) / 2, np.diff(cut)
        kept = piece > 1e-12 * self.length  # two cuts at one corner leave a piece of no length
        row = np.rint(middle[kept] * down).astype(int)
        column = np.rint(middle[kept] * right).astype(int)
        radius = int(max(np.abs(row).max(), np.abs(column).max()))
        kernel = np.zeros((2 * radius + 1, 2 * radius + 1))
        np.add.at(kernel, (row + radius, column + radius), piece[kept])
        return kernel / kernel.sum()

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Blurred images ``[B, C, H, W]`` in [-1, 1]; the generator is not used.

        One shifted copy a weight, summed in float64 and rounded once.
        """
        kernel = self.kernel()
        radius = len(kernel) // 2
        height, width = x.shape[-2:]
        sharp = x.double()
        blurred = torch.zeros_like(sharp)
        for i, j in np.argwhere(kernel > 0):
            rows = torch.from_numpy(reflect(np.arange(height) + i - radius, height)).to(x.device)
            columns = torch.from_numpy(reflect(np.arange(width) + j - radius, width)).to(x.device)
            blurred += float(kernel[i, j]) * sharp[..., rows, :][..., columns]
        return blurred.to(x.dtype)

    def spectrum(self, height: int, width: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Gain and floor of the DCT-II power, each ``[H, W]``; None for an oblique line.

        Exact at multiples of 90 degrees, with a floor of 0.
        """
        kernel = self.kernel()
        if not np.allclose(kernel, kernel[::-1], rtol=0, atol=1e-12):
            return None
        step = np.arange(len(kernel)) - len(kernel) // 2
        rows = np.cos(np.pi * np.outer(np.arange(height), step) / height)  # [H, 2r + 1]
        columns = np.cos(np.pi * np.outer(np.arange(width), step) / width)  # [W, 2r + 1]
        return (rows @ kernel @ columns.T) ** 2, np.zeros((height, width))
