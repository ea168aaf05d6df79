r"""Random mask: each pixel is dropped by itself, in all its channels at once.

.. math::  y_p = m_p x_p + (1 - m_p) v, \qquad m_p \sim \mathrm{Bernoulli}(1 - s),

with the share s and the level v that stands in the place of what is dropped. The others are kept to
the bit, and values stay in [-1, 1]. The number of dropped pixels of an image is binomial, with mean
s H W. For one state of the generator a larger share drops the same pixels and more.

Spectrum. Over masks, coefficient k of the orthonormal DCT-II has mean
:math:`(1 - s) X_k + s v \sqrt{HW}\, [k = 0]` and variance
:math:`s (1 - s) \sum_p \phi_k(p)^2 (x_p - v)^2`. So with v = 0 the power has the gain
:math:`(1 - s)^2` in every mode and a floor that is nearly white, but the floor is a weighted power
of the image itself: :math:`s (1 - s)` times the mean of :math:`x^2`, where that is alike all over.
No statement holds without the image, so ``spectrum`` returns None. In dark and in bright images the
missing pixels stand out as points of strong contrast, which little noise does not hide.

Source: ``Block-Pixels`` of Bora, Price, Dimakis, AmbientGAN, ICLR 2018; random inpainting of Daras,
Shah, Dagan, Gollakota, Dimakis, Klivans, Ambient Diffusion, NeurIPS 2023.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from harness.corrupt.mask import require_mask


@final
@dataclass(frozen=True)
class RandomMask:
    """Each pixel is dropped with probability ``share`` and shown at the level ``fill``."""

    share: float
    fill: float = 0.0

    def __post_init__(self) -> None:
        require_mask("random_mask", self.share, self.fill)

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Masked images ``[B, C, H, W]`` in [-1, 1]; one number a pixel from the generator.

        The draw is made where the generator lives and then moved to the images.
        """
        count, _, height, width = x.shape
        shape = (count, 1, height, width)
        drawn = torch.rand(shape, generator=generator, device=generator.device)
        return x.masked_fill((drawn < self.share).to(x.device), self.fill)

    def spectrum(self, height: int, width: int) -> None:
        """None: the floor is a power of the image itself."""
        return None
