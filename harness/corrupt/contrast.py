r"""Contrast: the distance of every pixel from the mean of its image, times a factor.

.. math::  y_c = \mathrm{clip}(\bar x_c + f\,(x_c - \bar x_c),\, -1,\, 1),

about the mean :math:`\bar x_c` of each channel of each image, as ImageNet-C and TensorFlow's
``adjust_contrast`` do it. torchvision and PIL turn instead about one level for all channels, the
mean of the grey image: on one channel that is the same, on three it pulls the mean colour to grey
as well, which here is what ``saturation`` is for.

Spectrum: for f below 1 nothing is clipped (``harness.corrupt.blend``), the mean of each channel is
kept, and every other mode of the DCT-II has the gain :math:`f^2`, exactly, with no floor. It acts
on all frequencies alike, so it weighs most where an image has most power, at the low ones, and
noise hides it last there. Above 1 pixels are clipped, and ``spectrum`` returns None. It is no loss
of information for f between 0 and 1: whoever knows f can undo it.

Source: ``contrast`` of ImageNet-C (Hendrycks, Dietterich, Benchmarking Neural Network Robustness to
Common Corruptions and Perturbations, ICLR 2019), with f of .4, .3, .2, .1, .05 by severity.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from harness.corrupt.blend import blend, require_blend


@final
@dataclass(frozen=True)
class Contrast:
    """Contrast times ``factor``: below 1 flatter, 0 the mean alone, above 1 stronger."""

    factor: float

    def __post_init__(self) -> None:
        require_blend("contrast", self.factor)

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Images ``[B, C, H, W]``, clipped to [-1, 1]; the generator is not used.

        Taken in float64 and rounded once.
        """
        exact = x.double()
        return blend(exact, exact.mean((2, 3), keepdim=True), self.factor).to(x.dtype)

    def spectrum(self, height: int, width: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Gain and floor of the DCT-II power, each ``[H, W]``, exact; None for a factor above 1."""
        if self.factor > 1:
            return None
        gain = np.full((height, width), float(self.factor) ** 2)
        gain[0, 0] = 1
        return gain, np.zeros((height, width))
