r"""Pixelation: every block of ``factor`` × ``factor`` pixels shows its mean.

.. math::  x \mapsto R_H x R_W^T, \qquad R = \text{repeat}\, \cdot M,

with M the block means of ``harness.corrupt.blocks``; at the lower and the right border the blocks
are cut where the image ends. R is the orthogonal projection on the images that are constant on each
block. So the mean of an image is kept, its power falls and never rises, pixelating again changes
nothing, and values stay in [-1, 1]. A factor at or above the side leaves the mean of that axis.

Spectrum: where f divides N, mode k of an axis goes to mode j with the amplitude
:math:`\pm d_j d_k` if j = 2nm ± k for a whole m, and to no other (n = N / f and d as in
``harness.corrupt.blocks``). It keeps :math:`d_k^4` of its power in place, and
:math:`d_k^2 (1 - d_k^2)` comes back at other frequencies, as the steps between blocks. That depends
on the image, so ``spectrum`` returns None. Unlike a blur it therefore leaves power at high
frequencies, of the wrong kind: a power spectrum alone takes it for milder than it is.

Source: ``pixelate`` of ImageNet-C (Hendrycks, Dietterich, Benchmarking Neural Network Robustness to
Common Corruptions and Perturbations, ICLR 2019), a box filter down and up by PIL; its factors are
not whole numbers and it rounds to 8 bits, ours does neither.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from harness.corrupt.blocks import block_means, require_factor


@final
@dataclass(frozen=True)
class Pixelate:
    """Blocks of ``factor`` pixels a side, a whole number from 2 up."""

    factor: int

    def __post_init__(self) -> None:
        require_factor("pixelate", self.factor)

    def matrix(self, side: int) -> np.ndarray:
        """The projection of one axis, float64 ``[side, side]``, symmetric."""
        return block_means(self.factor, side)[np.arange(side) // self.factor]

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Pixelated images ``[B, C, H, W]`` in [-1, 1]; the generator is not used.

        The products are taken in float64 and rounded once.
        """
        rows, columns = (torch.from_numpy(self.matrix(side)).to(x.device) for side in x.shape[-2:])
        return (rows @ x.double() @ columns.T).to(x.dtype)

    def spectrum(self, height: int, width: int) -> None:
        """None: it folds modes onto each other, and what their sum is depends on the image."""
        return None
