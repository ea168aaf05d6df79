"""How local the optimal denoiser is: the crop that it needs, on a Gaussian field.

Daras et al. 2025 (section 3.2) use out-of-distribution images at low noise, because there the
optimal denoiser of a pixel looks at a small crop: crop(sigma) is the smallest one from which it
does as well as from the whole image. They state no theorem, and read crop(sigma) off trained
networks at a tolerance of 1e-3.

*Setting, exact here.* A stationary Gaussian field on a torus of ``period`` pixels, spectrum
proportional to |f|^-a (the lowest frequency's power stands in for that at f = 0, which would be
infinite), of a given variance a pixel; seen under white noise sigma in a window of c x c pixels.
The mean squared error of the four centre pixels t, in the mean over them, is

    MMSE(c) = 1/4 tr(K_tt - K_tw (K_ww + sigma^2 I)^-1 K_wt),                         (conditioning)

it falls with c, and crop(sigma) is the smallest even c with MMSE(c) within the tolerance of
MMSE(side): absolutely, or relative to MMSE(side).

*Where it grows, derived here.* With v(c) the variance of a centre pixel given the rest of the
window, both without noise, MMSE(c) = sigma^2 - sigma^4 / v(c) + O(sigma^6) at low noise; at high
noise MMSE(c) = variance - sum_w K_tw^2 / sigma^2 + O(sigma^-4). (Expand the inverse in sigma^2 and
in 1/sigma^2.) The excess of a crop over the whole image is therefore of order sigma^4 at one end
and sigma^-2 at the other, and crop(sigma) is the smallest crop at both: "the crop grows with the
noise" holds in between. The relative reading divides the excess by sigma^2 at low noise and by the
variance at high noise: it asks for larger crops than the absolute one below the noise at which
MMSE is 1, that is at all levels here, and most at low noise.

*Evaluation.* The windows are nested: with pixels ordered from the centre outwards one Cholesky
factor L of K_ww + sigma^2 I serves every c, as the leading block of L is the factor of the leading
block, and the explained variances are partial sums of the squares of L^-1 K_wt. Field and windows
are symmetric under the reflections of both axes, so that K splits into four blocks of (side/2)^2
pixels, one a pair of parities, the mixed two of which are equal by transposition: three factors of
576 x 576 in place of one of 2304 x 2304 at side 48, a thousandth of a second each.

*Printed.* The map that the paper uses on 64 x 64 images (crop by the highest noise at which it
serves): 1 pixel up to 0.01, 4 to 0.05, 8 to 0.15, 16 to 0.2, 24 to 0.35, 32 to 0.55, 48 to 0.7, 64
to 1. It was measured on natural images. A Gaussian field with their spectrum and variance needs a
crop 2 to 6 times narrower: what the map adds is structure that no spectrum has.
"""

import itertools
from functools import lru_cache
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from scipy import linalg

from theory.ambient.contraction import OMNI
from theory.law import Law, Params, Value
from theory.mixture import Array
from theory.parameter import choice, integer, positive

MAP = ((0.01, 1), (0.05, 4), (0.15, 8), (0.2, 16), (0.35, 24), (0.55, 32), (0.7, 48), (1.0, 64))


def covariance(exponent: float, variance: float, period: int) -> Array:
    """Covariances [period, period] by offset of the field on a torus of ``period`` pixels."""
    f = np.fft.fftfreq(period)
    frequency = np.hypot.outer(f, f)
    frequency[0, 0] = 1 / period
    spectrum = frequency**-exponent
    found = np.fft.ifft2(spectrum).real
    return np.asarray(found * (variance / found[0, 0]))


@lru_cache(maxsize=8)
def _blocks(
    exponent: float, variance: float, side: int, period: int
) -> tuple[Array, npt.NDArray[np.int64]]:
    """K for the parities (+,+), (+,-), (-,-) [3, m, m], pixels from the centre outwards.

    And how many pixels of a quadrant a window of 2, 4, .. side pixels holds [side / 2].
    """
    k = covariance(exponent, variance, period)
    half = side // 2
    at = np.array(sorted(itertools.product(range(half), repeat=2), key=lambda ij: (max(ij), ij)))
    near = [np.abs(np.subtract.outer(i, i)) % period for i in at.T]  # offset to a pixel, by axis
    far = [(np.add.outer(i, i) + 1) % period for i in at.T]  # and to its mirror image
    same, x, y, both = (
        k[a, b] for a, b in ((near[0], near[1]), (far[0], near[1]), (near[0], far[1]), tuple(far))
    )
    blocks = [same + s * x + t * y + s * t * both for s, t in ((1, 1), (1, -1), (-1, -1))]
    return np.stack(blocks), np.arange(1, half + 1, dtype=np.int64) ** 2


def centre_errors(
    sigma: float, exponent: float, variance: float = 0.25, side: int = 48, period: int = 128
) -> Array:
    """MMSE of the centre pixels from windows of 2, 4, .. side pixels [side / 2], for sigma > 0."""
    blocks, counts = _blocks(exponent, variance, side, period)
    total = np.zeros(side // 2)
    for block, copies in zip(blocks, (1, 2, 1)):
        factor = linalg.cholesky(block + sigma**2 * np.eye(len(block)), lower=True)
        explained = linalg.solve_triangular(factor, block[:, 0], lower=True) ** 2
        total += copies * (block[0, 0] - np.cumsum(explained)[counts - 1])
    return total / 4


def crop(errors: Array, tolerance: float, relative: bool) -> int:
    """The smallest window, in pixels, with an error [side / 2] within tolerance of the last's."""
    allowed = tolerance * (errors[-1] if relative else 1.0)
    return 2 * (1 + int(np.argmax(errors - errors[-1] <= allowed)))


def mapped_crop(sigma: float) -> int | None:
    """The crop of the paper's map at a noise level; None above its last."""
    return next((pixels for level, pixels in MAP if sigma <= level), None)


@final
class CropSize(Law):
    """The crop that the optimal denoiser needs; parameters exponent, sigma, tolerance, reading."""

    name = "ambient.crop_size"
    statement = (
        "crop(sigma), the smallest crop from which the optimal denoiser of its centre comes within "
        "1e-3 of the whole image, grows with the noise; on 64 x 64 images it is that of the map"
    )
    source = f"{OMNI}, section 3.2 and its map from crops to noise levels"
    unit = "pixels"
    parameters: ClassVar = {
        "exponent": positive("a of the spectrum |f|^-a"),
        "sigma": positive("noise sigma"),
        "tolerance": positive("how much more error the crop may have", default=1e-3),
        "reading": choice("of the tolerance", ("absolute", "relative"), default="absolute"),
        "variance": positive("variance of a pixel", default=0.25),
        "side": integer("pixels along the whole image, an even number", least=4, default=48),
        "period": integer("pixels along the torus, at least the side", least=4, default=128),
    }
    example: ClassVar = {"exponent": 2.4, "sigma": 0.35}

    def _checked(self, params: Params) -> tuple[float, float, float, str, float, int, int]:
        exponent, sigma, tolerance, reading, variance, side, period = self.read(params)
        if side % 2 or side > period:
            raise self.refuse(
                f"side={side} on a torus of {period}", "give an even side, at most the period"
            )
        return exponent, sigma, tolerance, reading, variance, side, period

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        exponent, sigma, tolerance, reading, variance, side, period = self._checked(params)
        errors = centre_errors(sigma, exponent, variance, side, period)
        return Value(float(crop(errors, tolerance, reading == "relative")))

    def printed(self, params: Params) -> Value | None:
        pixels = mapped_crop(self._checked(params)[1])
        return None if pixels is None else Value(float(pixels))

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The error from the whole image, and from the centre pixels alone."""
        exponent, sigma, _, _, variance, side, period = self._checked(params)
        errors = centre_errors(sigma, exponent, variance, side, period)
        unit = "squared units of a pixel"
        return {
            "whole_error": Value(float(errors[-1]), unit=unit),
            "centre_error": Value(float(errors[0]), unit=unit),
        }
