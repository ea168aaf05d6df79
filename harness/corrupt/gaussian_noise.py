r"""Gaussian noise: independent, of the same strength in every pixel.

.. math::  x \mapsto x + \sigma n, \qquad n \sim N(0, I).

Not clipped: the output may leave [-1, 1], and for that reason it is exactly the image at noise
level :math:`\sigma`. It is the one corruption whose right noise level is known, so it calibrates
an annotator (Daras, Dagan, Dimakis, Daskalakis, Consistent Diffusion Meets Tweedie, ICML 2024).

Spectrum (in expectation): an orthonormal transform of white noise is white, so every mode has gain
1 and floor :math:`\sigma^2`. The mean of an image is kept in expectation only.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from harness.corrupt.parameter import require_positive


@final
@dataclass(frozen=True)
class GaussianNoise:
    """Noise of standard deviation ``sigma``, in units of the pixels' range [-1, 1]."""

    sigma: float

    def __post_init__(self) -> None:
        require_positive("sigma of gaussian_noise, in pixel units", self.sigma)

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Noisy images ``[B, C, H, W]``, not clipped; one draw an image, from the generator.

        The draw is made where the generator lives and then moved to the images.
        """
        noise = torch.randn(
            x.shape, generator=generator, dtype=x.dtype, device=generator.device
        ).to(x.device)
        return x + self.sigma * noise

    def spectrum(self, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Gain 1 and floor sigma² of the DCT-II power, each ``[H, W]``; in expectation."""
        return np.ones((height, width)), np.full((height, width), float(self.sigma) ** 2)
