"""The spectral annotator: sigma_min from two power spectra, in closed form and without training.

Clean and corrupted images are modelled as Gaussian fields that are independent in the DCT basis of
each principal colour. Their powers are measured on the clean subset and on the corrupted images;
``theory.ambient.spectral_annotator`` gives the noise level from which on the optimal classifier can
no longer tell them apart: E_q[c*] > threshold. All corrupted images get that one level, or with
``per_image`` each the level at which its own mean over draws of the noise exceeds the threshold,
under the same two Gaussian laws; its curve is measured at the levels of
``harness.annotate.crossing``.

What it cannot see: differences that leave the power spectrum alone (phase, sign, mixture).
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.fft import dctn

from harness.annotate.case import Case
from harness.annotate.crossing import LEVELS, crossings
from harness.annotate.parameter import require_threshold
from harness.problem import Problem
from theory.ambient.spectral_annotator import sample_probabilities, sigma_min

DRAWS = 16  # of the noise, for the level of a single image


def colour_axes(images: np.ndarray) -> np.ndarray:
    """Principal axes of the colours [C, C] (rows) of images [n, C, H, W]; one for grey."""
    channels = images.shape[1]
    colours = np.moveaxis(images.astype(np.float64), 1, -1).reshape(-1, channels)
    return np.linalg.eigh(np.cov(colours.T).reshape(channels, channels))[1].T


def mode_values(images: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Coefficients of each colour x DCT mode, [n, C*H*W], of images [n, C, H, W]."""
    turned = np.einsum("dc,nchw->ndhw", axes, images.astype(np.float64))
    return dctn(turned, axes=(2, 3), norm="ortho").reshape(len(images), -1)


def power(images: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Variance of each colour x DCT mode, [C*H*W], of images [n, C, H, W]."""
    return mode_values(images, axes).var(axis=0)


@final
@dataclass(frozen=True)
class Spectral:
    """sigma_min by two spectra, one for all corrupted images or one each; units of the images."""

    threshold: float = 0.45
    per_image: bool = False

    def __post_init__(self) -> None:
        require_threshold("threshold of the annotator spectral", self.threshold)
        if self.threshold == 0.5:
            fix = "give less, for example 0.45"
            raise Problem("threshold of the annotator spectral", "0.5, which no pair exceeds", fix)

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2] of the n imperfect images."""
        axes = colour_axes(case.clean)
        clean, corrupted = power(case.clean, axes), power(case.imperfect, axes)
        levels = np.zeros((len(case.imperfect), 2), np.float32)
        if self.per_image:
            values = mode_values(case.imperfect, axes) - mode_values(case.clean, axes).mean(0)
            curves = sample_probabilities(
                values, clean, corrupted, np.array(LEVELS), case.generator, DRAWS
            )
            levels[:, 0] = crossings(curves, LEVELS, self.threshold)
        else:
            levels[:, 0] = sigma_min(clean, corrupted, self.threshold)
        return levels

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """The transforms, as dense products with DCT matrices, and the squares; for single images
        the two products with the modes' weights at each level and draw as well."""
        modes = int(np.prod(shape))
        transforms = (clean + imperfect) * 2 * modes * (sum(shape) + 1)
        single = imperfect * 2 * modes * len(LEVELS) * (1 + 2 * DRAWS) if self.per_image else 0
        return float(transforms + single)
