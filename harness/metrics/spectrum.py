r"""What samples do to the power spectrum: leaked blur shows as missing high frequencies.

The power of mode (u, v) is the mean over images and channels of the square of its orthonormal
DCT-II coefficient, :math:`P_{uv} = E c_{uv}^2`. The DCT-II is used and not the Fourier transform
because its basis reflects at the border: a patch has no jump there, and the blurs of
``harness.corrupt`` are diagonal in it, so that a blur of gain g gives, exactly,

* high-frequency ratio :math:`R = \sum_{high} P^{samples} / \sum_{high} P^{reference}`, over the
  modes of radial frequency :math:`\rho = \sqrt{(a^2 + b^2) / 2} > 1/2`, where
  :math:`a = u / (H - 1)`, :math:`b = v / (W - 1)` and the last corner has :math:`\rho = 1`: 42 of
  the 64 modes of an 8×8 image;
* spectrum distance :math:`D = \sqrt{\operatorname{mean}_{uv \ne 00}
  \ln^2 (P^{samples}_{uv} / P^{reference}_{uv})}`, which is the root mean square of
  :math:`\ln g`, whatever the images. It weighs each mode the same; the mode (0, 0) is left out.

Standard errors by the delta method over images: a mean square of n images has the relative
error :math:`\operatorname{sd}(c^2) / (P \sqrt n)`. Images are taken as independent; patches of one
photograph are not quite.

Sampling floor of D: with independent Gaussian coefficients :math:`\ln P` of n images (one channel)
has variance :math:`\psi'(n/2) \approx 2/n`, so identical laws give
:math:`D \approx \sqrt{2/n_1 + 2/n_2}`; with coefficients of kurtosis k it is
:math:`\sqrt{(k - 1)(1/n_1 + 1/n_2)}`, and k is 12 and more in each mode of 8×8
photographs. Derived here from :math:`\operatorname{Var} \ln \chi^2_n = \psi'(n/2)` and
:math:`\operatorname{Var}(c^2) = (k - 1) P^2`.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from scipy.fft import dctn

from harness.metrics.estimate import Estimate
from harness.metrics.requirement import require, require_alike
from harness.metrics.sensitivity import Kind
from harness.problem import Problem

PIECE = 4096  # images transformed at once


def mode_power(images: np.ndarray) -> np.ndarray:
    """Power of the orthonormal DCT-II modes, mean over channels: float64 ``[N, H, W]``."""
    power = np.empty((len(images), *images.shape[2:]))
    for start in range(0, len(images), PIECE):
        x = images[start : start + PIECE].astype(np.float64)
        coefficient = dctn(x, type=2, norm="ortho", axes=(2, 3))  # [B, C, H, W]
        power[start : start + PIECE] = np.square(coefficient).mean(1)
    return power


def radial_frequency(height: int, width: int) -> np.ndarray:
    """Radial frequency of each mode, ``[H, W]``: 0 for the mean, 1 for the last corner."""
    rows, columns = (np.arange(side) / max(side - 1, 1) for side in (height, width))
    return np.sqrt(np.add.outer(rows**2, columns**2) / 2)


def _powers(what: str, samples: np.ndarray, reference: np.ndarray) -> list[np.ndarray]:
    """The mode powers of both sets, ``[N, H, W]``, or ``Problem``."""
    a = require(f"{what} of samples", samples, axes=4, least=2)
    b = require(f"{what} of a reference", reference, axes=4, least=2)
    require_alike(f"{what} of images", a, b)
    return [mode_power(a), mode_power(b)]


def _relative_variance(values: np.ndarray) -> float:
    """The variance of a mean over the square of that mean; values ``[n]``."""
    return float(values.var(ddof=1) / len(values) / values.mean() ** 2)


@final
@dataclass(frozen=True)
class HighFrequencyRatio:
    """Power of samples over power of the reference in the high-frequency modes.

    Range 0 to infinity, 1 is right: below 1 is leaked blur, above 1 surplus noise. Neither higher
    nor lower is better; ``HighFrequencyError`` ranks. Bias: of order 1 / n. Cost: one DCT an image.
    Least n: 2. Cannot see: phases, so a picture and noise of the same spectrum are alike; nor
    blur and noise that cancel, for which see ``SpectrumDistance``.
    """

    cut: float = 0.5
    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = None
    needs: ClassVar[str] = "images"
    sees: ClassVar[tuple[Kind, ...]] = ("blur",)
    blind: ClassVar[tuple[Kind, ...]] = ("gaussian",)
    right: ClassVar[float | None] = 1.0

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side."""
        return 2

    def __call__(
        self, samples: np.ndarray, reference: np.ndarray, generator: np.random.Generator
    ) -> Estimate:
        """The ratio for images ``[N, C, H, W]`` and ``[M, C, H, W]``; the generator is not used.

        Raises ``Problem`` for NaN, too few images, different shapes, images without modes above
        the cut, or a reference without power there.
        """
        what = "high_frequency_ratio"
        powers = _powers(what, samples, reference)
        high = radial_frequency(*powers[0].shape[1:]) > self.cut  # [H, W]
        if not high.any():
            raise Problem(what, f"images of {high.shape}", "give images of a side of 2 or more")
        a, b = (power[:, high].sum(1) for power in powers)  # [N], [M]
        if b.mean() == 0:
            raise Problem(what, "a reference without high frequencies", "give real images")
        ratio = float(a.mean() / b.mean())
        if ratio == 0:
            return Estimate(0.0, 0.0, len(a))
        error = ratio * np.sqrt(_relative_variance(a) + _relative_variance(b))
        return Estimate(ratio, float(error), len(a))


@final
@dataclass(frozen=True)
class HighFrequencyError:
    """|ln| of the high-frequency ratio: how far it is from 1, on either side.

    Range 0 to infinity, 0 is right, lower is better. Bias: upward near 0, by up to 0.8 standard
    errors, since it is folded there; the standard error is that of the unfolded logarithm.
    Cost: one DCT an image. Least n: 2. Cannot see: what ``HighFrequencyRatio`` does not.
    """

    cut: float = 0.5
    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "images"
    sees: ClassVar[tuple[Kind, ...]] = ("noise", "blur")
    blind: ClassVar[tuple[Kind, ...]] = ("gaussian",)
    right: ClassVar[float | None] = 0.0

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side."""
        return 2

    def __call__(
        self, samples: np.ndarray, reference: np.ndarray, generator: np.random.Generator
    ) -> Estimate:
        """|ln ratio|, called as ``HighFrequencyRatio``; also ``Problem`` where the ratio is 0."""
        ratio = HighFrequencyRatio(self.cut)(samples, reference, generator)
        if ratio.value == 0 or ratio.standard_error is None:
            raise Problem(
                "high_frequency_error", "samples without high frequencies", "see the samples"
            )
        error = ratio.standard_error / ratio.value
        return Estimate(abs(float(np.log(ratio.value))), error, ratio.n)


@final
@dataclass(frozen=True)
class SpectrumDistance:
    """Root mean square over modes of the logarithm of the power ratio, the mean mode left out.

    Range 0 to infinity, 0 is right, lower is better. Bias: upward, with the floor of the module's
    docstring: compare at one n, and against two halves of clean data. Cost: one DCT an image.
    Least n: 2. The standard error is of first order, too small where the distance is at its floor.
    Cannot see: phases and anything else beyond second moments; sign, so blur and noise alike raise
    it.
    """

    unit: ClassVar[str] = "1"
    higher_is_better: ClassVar[bool | None] = False
    needs: ClassVar[str] = "images"
    sees: ClassVar[tuple[Kind, ...]] = ("noise", "blur")
    blind: ClassVar[tuple[Kind, ...]] = ("gaussian",)
    right: ClassVar[float | None] = 0.0

    def least(self, dimension: int) -> int:
        """The fewest samples accepted on either side."""
        return 2

    def __call__(
        self, samples: np.ndarray, reference: np.ndarray, generator: np.random.Generator
    ) -> Estimate:
        """The distance for images ``[N, C, H, W]``, ``[M, C, H, W]``; the generator is not used.

        Raises ``Problem`` for NaN, too few images, different shapes, images of one pixel, or a mode
        without power in either set.
        """
        what = "spectrum_distance"
        a, b = (power.reshape(len(power), -1)[:, 1:] for power in _powers(what, samples, reference))
        if a.shape[1] == 0:
            raise Problem(what, "images of one pixel", "give images of a side of 2 or more")
        for name, power in (("samples", a), ("a reference", b)):
            if not power.mean(0).all():
                mode = int(np.argmin(power.mean(0))) + 1
                raise Problem(what, f"{name} without power in mode {mode}", "see the images")
        log_ratio = np.log(a.mean(0) / b.mean(0))  # [modes]
        distance = float(np.sqrt(np.square(log_ratio).mean()))
        if distance == 0:
            return Estimate(0.0, 0.0, len(a))
        weight = log_ratio / (len(log_ratio) * distance)  # d distance / d log power
        variance = sum(
            (power / power.mean(0) @ weight).var(ddof=1) / len(power) for power in (a, b)
        )
        return Estimate(distance, float(np.sqrt(variance)), len(a))


HIGH_FREQUENCY_RATIO = HighFrequencyRatio()
HIGH_FREQUENCY_ERROR = HighFrequencyError()
SPECTRUM_DISTANCE = SpectrumDistance()
