"""Noise with the spectrum of photographs: power falling as f^-a, and nothing else in it.

Photographs have a power spectrum near f^-2, f the spatial frequency (Field 1987, "Relations between
the statistics of natural images and the response properties of cortical cells"). Noise with that
spectrum and random phases has no edge and no object; Baradad et al. (2021, "Learning to see by
looking at noise") train on it beside dead leaves.

Definition. On a torus of n = 2 side pixels each way, with frequencies k in whole cycles on it, let

    S(k) = max(|k|, 1)^-a,     |k| = sqrt(k_1^2 + k_2^2),     scaled so that its mean is 1,

and rho its inverse transform, rho(0) = 1. The image is a quadrant of

    x = 2 Phi(g) - 1,      g Gaussian with mean 0, variance 1, correlation 2 sin(pi rho / 6),

Phi the normal distribution function. Channels are independent. The use of an exactly uniform law
in place of a Gaussian one, which no bound contains, is ours.

What is known. A pixel is uniform on [-1, 1]: mean 0, variance 1/3, and nothing is clipped. For two
standard normals of correlation c, E (2 Phi(g_1) - 1)(2 Phi(g_2) - 1) = 2 / pi asin(c / 2) (Pearson
1907), so that the covariance of two pixels is rho / 3 and the spectrum of x on the torus S / 3:
exactly a power law, in spite of the bounds. Within the quadrant no pixel is near another around the
torus. For g to exist, the transform of 2 sin(pi rho / 6) must nowhere be negative: it is not for
exponents from 0 to 4 at sides of 4 to 64 pixels.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem

CHUNK = 64  # images at a time


@final
@dataclass(frozen=True)
class PowerLaw:
    """exponent: a, of the power; 2 is that of photographs, 0 is white noise."""

    exponent: float = 2.0

    def __post_init__(self) -> None:
        if not (isinstance(self.exponent, float) and 0 <= self.exponent <= 4):
            got = "no exponent of such a field"
            raise Problem(f"exponent={self.exponent!r}", got, "give a number from 0 to 4")

    def spectrum(self, side: int) -> NDArray[np.float64]:
        """3 E |DFT x|^2 / n^2 on the torus, ``[n, n]`` with n = 2 side, of mean 1."""
        k = np.fft.fftfreq(2 * side, 1 / (2 * side))
        power = np.maximum(np.hypot(k[:, None], k), 1.0) ** -self.exponent
        return power / power.mean()

    def gaussian(self, side: int) -> NDArray[np.float64]:
        """The spectrum of g, ``[n, n]``, of mean 1."""
        correlation = np.fft.ifft2(self.spectrum(side)).real
        return np.maximum(np.fft.fft2(2 * np.sin(np.pi / 6 * correlation)).real, 0)

    def torus(
        self, shape: tuple[int, int], side: int, generator: np.random.Generator
    ) -> NDArray[np.float64]:
        """Independent g on the whole torus, ``[*shape, n, n]``."""
        white = generator.standard_normal((*shape, 2 * side, 2 * side))
        amplitude = np.sqrt(self.gaussian(side))[:, : side + 1]
        return np.fft.irfft2(np.fft.rfft2(white) * amplitude, s=white.shape[2:])

    def draw(
        self, count: int, side: int, channels: int, generator: np.random.Generator
    ) -> NDArray[np.float32]:
        """``count`` images ``[count, channels, side, side]``, every pixel uniform on [-1, 1]."""
        from scipy.special import erf

        images = np.empty((count, channels, side, side), np.float32)
        for start in range(0, count, CHUNK):
            part = images[start : start + CHUNK]
            g = self.torus(part.shape[:2], side, generator)[..., :side, :side]
            part[:] = erf(g / np.sqrt(2))
        return images
