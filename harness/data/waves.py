"""Waves through waves: sinusoids of sinusoids, as in the short programs that draw on a screen.

A shader computes a colour from a place, mostly by composing sines; Baradad et al. (2022,
"Procedural image programs for representation learning") train on many of them. This is the least
such program with a law in closed form: stripes, bent by other stripes, in the colours of a cosine
palette. At the pixel p = (row, column) channel c has

    x_c(p) = sin(phi_c + 2 pi k.p + w sin(psi + 2 pi l.p)).

phi_c and psi are uniform on a circle and w on [0, 2 pi]; k and l have uniform directions and moduli
of 1 / (2 side) to 1/4 cycles a pixel, uniform in the logarithm; all are independent, and new for
each image.

What is known. phi_c is uniform and independent of all else, so that a pixel follows the arcsine
law, density 1 / (pi sqrt(1 - x^2)) on [-1, 1], with mean 0 and variance 1/2, and two channels have
no correlation though they are functions of one another. The mean over phi_c leaves half the cosine
of the difference of two phases, that over psi and that over the direction of k a Bessel function
each: for two pixels h apart the covariance is

    C(h) = 1/2 E[J_0(2 pi |k| |h|)] E[J_0(2 w sin(pi l.h))].
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

FINEST = 0.25  # cycles a pixel
CHUNK = 256  # images at a time


@final
@dataclass(frozen=True)
class Waves:
    """Sines of sines, drawn anew for each image."""

    def draw(
        self, count: int, side: int, channels: int, generator: np.random.Generator
    ) -> NDArray[np.float32]:
        """``count`` images ``[count, channels, side, side]``, every pixel of the arcsine law."""
        images = np.empty((count, channels, side, side), np.float32)
        for start in range(0, count, CHUNK):
            part = images[start : start + CHUNK]
            n = len(part)
            straight, bent = (phases(n, side, generator) for _ in range(2))  # [n, side, side]
            psi = generator.uniform(0, 2 * np.pi, (n, 1, 1))
            w = generator.uniform(0, 2 * np.pi, (n, 1, 1))
            phi = generator.uniform(0, 2 * np.pi, (n, channels, 1, 1))
            part[:] = np.sin(phi + (straight + w * np.sin(psi + bent))[:, None])
        return images


def phases(n: int, side: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """2 pi k.p at every pixel for n random k, ``[n, side, side]``."""
    coarsest = 1 / (2 * side)
    modulus = coarsest * (FINEST / coarsest) ** generator.random(n)
    angle = generator.uniform(0, 2 * np.pi, n)
    k = 2 * np.pi * modulus * np.stack([np.cos(angle), np.sin(angle)])  # [2, n]
    place = np.arange(side)
    return k[0][:, None, None] * place[:, None] + k[1][:, None, None] * place
