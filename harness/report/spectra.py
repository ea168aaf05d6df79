r"""Radially averaged power spectra of samples, beside those of real held-out images.

The power of a mode is the mean over channels of the square of its orthonormal DCT-II coefficient,
as in ``harness.metrics.spectrum``: the Fourier transform of the image mirrored at its borders, so
that a patch has no jump there. (The plain transform has one, whose power falls as :math:`f^{-2}`
and hides what blur takes away.) It is the basis of the blurring process of Rissanen et al. (2023,
"Generative modelling with inverse heat dissipation", ICLR), as it is of ``harness.corrupt``'s
blurs. Mode (u, v) of an H×W image has the frequency

.. math:: f = \sqrt{(u / 2H)^2 + (v / 2W)^2} \text{ cycles per pixel},

and the isotropic spectrum is the mean power over the ring of modes around each multiple of
1 / 2 min(H, W) (Field 1987, J. Opt. Soc. Am. A 4:2379: of photographs it falls as
:math:`f^{-2}`). Along the axes f ends below 1/2; the rings beyond hold the corners alone.

Consequences, which the tests hold: white noise of variance :math:`s^2` has :math:`s^2` in every
ring; the mean over all modes is the mean square of the pixels (Parseval); a blur of
``harness.corrupt`` multiplies the power by the square of its gain; a cosine of the basis lies in
one ring.

Decibels: :math:`10 \log_{10} P`, with P in squared units of pixels in [-1, 1], so that 0 dB is
white noise of standard deviation 1 and the rounding to 8 bits lies at -53 dB; nothing is told from
``FLOOR``. A standard error is that of the mean over images, :math:`sd / \sqrt n`, taken to decibels
by the delta method; in a difference of two spectra the errors add in squares. It speaks of one
trained model, replicate 0, and of images taken as independent; patches of one photograph are not
quite.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from harness.metrics.spectrum import mode_power

FLOOR = 1e-12  # of power, -120 dB
DECIBEL = 10 / np.log(10)  # of a natural logarithm of power
Array = NDArray[np.float64]
Parts = NDArray[np.int64]  # the part of the modes that each one is in, [H, W]


@final
@dataclass(frozen=True, eq=False)
class Spectrum:
    """frequency: cycles per pixel [K]; power: mean over n images, in squared units of pixels, and
    error, its standard error, both [K]."""

    frequency: Array
    power: Array
    error: Array
    n: int

    @property
    def decibels(self) -> Array:
        """The power in dB, [K]."""
        return DECIBEL * np.log(np.maximum(self.power, FLOOR))

    @property
    def decibels_error(self) -> Array:
        """The standard error of ``decibels``, [K]."""
        return DECIBEL * self.error / np.maximum(self.power, FLOOR)

    def above(self, other: "Spectrum") -> tuple[Array, Array]:
        """How many dB this one lies above another, with the standard error; both [K]."""
        return (
            self.decibels - other.decibels,
            np.hypot(self.decibels_error, other.decibels_error),
        )


def frequencies(height: int, width: int) -> Array:
    """Cycles per pixel of each DCT mode, [H, W]."""
    return np.hypot.outer(np.arange(height) / (2 * height), np.arange(width) / (2 * width))


def rings(height: int, width: int) -> NDArray[np.int64]:
    """The ring of each mode, [H, W]: the nearest multiple of the lowest frequency along the
    shorter side; the mean of the image alone is 0."""
    nearest = np.floor(2 * min(height, width) * frequencies(height, width) + 0.5)
    found = np.maximum(nearest, 1).astype(np.int64)
    found[0, 0] = 0
    return found


def octaves(height: int, width: int) -> NDArray[np.int64]:
    """The octave of each mode, [H, W]: k from 2^-(k + 1) on to below 2^-k, 0 from 1/2 on; -1 for
    the mean."""
    f = frequencies(height, width)
    f[0, 0] = 1.0
    found = np.maximum(np.ceil(-np.log2(f)) - 1, 0).astype(np.int64)
    found[0, 0] = -1
    return found


def powers(images: NDArray[np.float32]) -> Array:
    """The power of every mode, [n, H, W], of those of the images [N, C, H, W] whose pixels are all
    finite."""
    return mode_power(images[np.isfinite(images).all(axis=(1, 2, 3))])


def spectrum(power: Array, parts: Parts, wanted: Sequence[int]) -> Spectrum:
    """The mean power [n, H, W] of some parts of the modes; two images or more."""
    chosen = [parts == part for part in wanted]
    each = np.stack([power[:, mask].mean(1) for mask in chosen], 1)  # [n, K]
    middle = [frequencies(*parts.shape)[mask].mean() for mask in chosen]
    n = len(each)
    return Spectrum(np.array(middle), each.mean(0), each.std(0, ddof=1) / n**0.5, n)


def radial(power: Array) -> Spectrum:
    """The spectrum ring by ring, without the mean of an image; power [n, H, W]."""
    parts = rings(*power.shape[1:])
    return spectrum(power, parts, range(1, int(parts.max()) + 1))


def by_octave(power: Array) -> dict[int, Spectrum]:
    """The power of each octave that there is, lowest frequencies first; power [n, H, W]."""
    parts = octaves(*power.shape[1:])
    there = sorted({int(k) for k in parts.ravel()} - {-1}, reverse=True)
    return {k: spectrum(power, parts, [k]) for k in there}
