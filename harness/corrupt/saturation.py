r"""Saturation: the distance of every pixel from its own grey, times a factor.

.. math::  y = \mathrm{clip}(g + f\,(x - g),\, -1,\, 1), \qquad g = .299 R + .587 G + .114 B,

the Rec. 601 luma, in each pixel. At f = 0 the image is grey, above 1 its colours are stronger. It
is taken of 3 channels only: a grey image has no saturation.

What it keeps: for f below 1 nothing is clipped (``harness.corrupt.blend``), and the luma of every
pixel stays as it was, since the weights have sum 1. Grey pixels do not change.

Spectrum: in the differences of channels from the luma every mode has the gain :math:`f^2`, in the
luma 1. The power of a channel mixes both, with a weight that depends on the image: ``spectrum``
returns None.

Source: ``adjust_saturation`` of torchvision and ``ImageEnhance.Color`` of PIL, after Haeberli and
Voorhies, 1994 (torchvision's weights are .2989, .587, .114, with sum .9999). ``saturate`` of
ImageNet-C scales the S of HSV instead.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from harness.corrupt.blend import blend, require_blend
from harness.problem import Problem

LUMA = (0.299, 0.587, 0.114)  # Rec. 601


@final
@dataclass(frozen=True)
class Saturation:
    """Saturation times ``factor``: below 1 paler, 0 grey, above 1 stronger."""

    factor: float
    channels: ClassVar[tuple[int, ...]] = (3,)  # the numbers of channels that it takes

    def __post_init__(self) -> None:
        require_blend("saturation", self.factor)

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Images ``[B, 3, H, W]``, clipped to [-1, 1]; the generator is not used.

        Taken in float64 and rounded once. Raises ``Problem`` for another number of channels.
        """
        if x.shape[1] != 3:
            got = f"images of {x.shape[1]} channel{'' if x.shape[1] == 1 else 's'}"
            raise Problem(f"{self}", got, "give images of 3 channels: grey has no saturation")
        exact = x.double()
        weight = torch.tensor(LUMA, dtype=torch.float64, device=x.device)[:, None, None]
        return blend(exact, (weight * exact).sum(1, keepdim=True), self.factor).to(x.dtype)

    def spectrum(self, height: int, width: int) -> None:
        """None: the power of a channel mixes luma and colour, and depends on the image."""
        return None
