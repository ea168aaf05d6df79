r"""Down-up sampling: a smaller image, enlarged again, as a low-resolution source would give.

Down by a whole factor f with the box mean of each block (``harness.corrupt.blocks``). Up by
interpolation between the middles of the blocks: pixel p lies at :math:`t = (p + 1/2)/f - 1/2` on
the small image and takes :math:`\sum_b h(t - b)\, y_b`, along each axis, with

    bilinear   h(t) = 1 - |t|                       for |t| < 1
    bicubic    h(t) = 1.5 |t|³ - 2.5 |t|² + 1       for |t| < 1
                      -.5 |t|³ + 2.5 |t|² - 4|t| + 2     < 2      (Keys, with a = -1/2)

and half-sample reflection of the small image at its border (``harness.corrupt.reflection``). The
nearest neighbour instead of these is ``pixelate``. The bicubic kernel has negative lobes and is
clipped to [-1, 1] at the end; the bilinear one stays there. Where f does not divide a side, the
last block is narrower and is then enlarged as if it were whole: its mean is shown less than half a
block from where it was taken.

Spectrum: where f divides N, bilinear, mode k of an axis goes to mode j with the amplitude
:math:`\pm d_k d_j^2 c_j` if j = 2nm ± k for a whole m, and to no other; d is that of
``harness.corrupt.blocks`` and :math:`c_j = \cos(\pi j / 2N)` for even f, 1 for odd, since the
triangle is then met at half steps. So a mode keeps :math:`(d_k^3 c_k)^2` of its power in place,
the mean of an image is kept, and a part comes back at other frequencies. That depends on the image:
``spectrum`` returns None. Unlike a Gaussian blur it cannot be written as one convolution.

Source: the low-resolution input of Dong, Loy, He, Tang, Learning a Deep Convolutional Network for
Image Super-Resolution, ECCV 2014 (bicubic up; their way down is a blur and every f-th pixel); Keys,
Cubic convolution interpolation for digital image processing, IEEE Trans. ASSP 29(6), 1981. The way
down by box means and the reflection are ours.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from harness.corrupt.blocks import block_means, require_factor
from harness.corrupt.reflection import reflect
from harness.problem import Problem


def bilinear(t: np.ndarray) -> np.ndarray:
    """The triangle of half-width 1."""
    return np.clip(1 - np.abs(t), 0, None)


def bicubic(t: np.ndarray) -> np.ndarray:
    """Keys's cubic of half-width 2, with a = -1/2."""
    t = np.abs(t)
    inner = (1.5 * t - 2.5) * t**2 + 1
    outer = ((-0.5 * t + 2.5) * t - 4) * t + 2
    return np.where(t < 1, inner, np.where(t < 2, outer, 0.0))


KERNELS = {"bilinear": bilinear, "bicubic": bicubic}


@final
@dataclass(frozen=True)
class DownUp:
    """Down by ``factor``, a whole number from 2 up, and back up by the named ``kernel``."""

    factor: int
    kernel: str = "bilinear"

    def __post_init__(self) -> None:
        require_factor("down_up", self.factor)
        if self.kernel not in KERNELS:
            fix = f"choose from {', '.join(KERNELS)}; nearest is pixelate"
            raise Problem("kernel of down_up", repr(self.kernel), fix)

    def matrix(self, side: int) -> np.ndarray:
        """Down and up along one axis, float64 ``[side, side]``; each row has sum 1."""
        means = block_means(self.factor, side)  # [n, side]
        middle = (np.arange(side)[:, None] + 0.5) / self.factor - 0.5  # in blocks
        block = np.floor(middle) + np.arange(-1, 3)  # [side, 4]
        up = np.zeros((side, len(means)))
        source = reflect(block.astype(int), len(means))
        np.add.at(up, (np.arange(side)[:, None], source), KERNELS[self.kernel](middle - block))
        return up @ means

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Images ``[B, C, H, W]`` in [-1, 1], down and up; the generator is not used.

        The products are taken in float64 and rounded once.
        """
        rows, columns = (torch.from_numpy(self.matrix(side)).to(x.device) for side in x.shape[-2:])
        return (rows @ x.double() @ columns.T).clamp(-1, 1).to(x.dtype)

    def spectrum(self, height: int, width: int) -> None:
        """None: it folds modes onto each other, and what their sum is depends on the image."""
        return None
