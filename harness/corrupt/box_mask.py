r"""Box mask: one box of each image is dropped, of a fixed area, at a random place.

The box lies along the axes and wholly inside the image; its place is uniform among all those. Its
sides have the proportions of the image, in whole pixels: along the shorter side a of the image it
has :math:`\max(\lceil s a \rceil, \mathrm{round}(\sqrt{s}\, a))` pixels, along the longer side b as
many as bring its area nearest to the share s of the image, and 1 at least. So the share that is
covered differs from s by at most 1 / 2b, or the box is one pixel. It is the same for every image. A
share close to 1 may cover all.

What is outside the box is kept to the bit, what is inside is at the level ``fill``, in all
channels, and values stay in [-1, 1]. The middle of an image is covered more often than its corners:
in an axis of N pixels, pixel i is covered by :math:`\min(i + 1,\, N - i,\, h,\, N - h + 1)` of the
N - h + 1 places of a box of h.

Spectrum: a box is a window, so it mixes each mode with its neighbours, by an amount that depends on
the image; ``spectrum`` returns None. It is a corruption at all frequencies: the hole itself is
large, its border sharp.

Source: ``Block-Patch`` of Bora, Price, Dimakis, AmbientGAN, ICLR 2018; as an augmentation, DeVries,
Taylor, Improved Regularization of Convolutional Neural Networks with Cutout, 2017, whose boxes may
leave the image.
"""

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from harness.corrupt.mask import require_mask


@final
@dataclass(frozen=True)
class BoxMask:
    """A box of the share ``share`` of the area, shown at the level ``fill``."""

    share: float
    fill: float = 0.0

    def __post_init__(self) -> None:
        require_mask("box_mask", self.share, self.fill)

    def sides(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of the box in pixels, in an image of this height and width."""
        shorter, longer = sorted((height, width))
        first = max(math.ceil(self.share * shorter), round(math.sqrt(self.share) * shorter))
        second = max(1, round(self.share * shorter * longer / first))
        return (first, second) if height <= width else (second, first)

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Masked images ``[B, C, H, W]`` in [-1, 1]; two whole numbers an image are drawn.

        The draw is made where the generator lives and then moved to the images.
        """
        covered = []
        for side, length in zip(x.shape[-2:], self.sides(*x.shape[-2:]), strict=True):
            start = torch.randint(
                side - length + 1, (len(x), 1), generator=generator, device=generator.device
            ).to(x.device)
            pixel = torch.arange(side, device=x.device)
            covered.append((pixel >= start) & (pixel < start + length))  # [B, side]
        rows, columns = covered
        return x.masked_fill(rows[:, None, :, None] & columns[:, None, None, :], self.fill)

    def spectrum(self, height: int, width: int) -> None:
        """None: a window mixes the modes of the image."""
        return None
