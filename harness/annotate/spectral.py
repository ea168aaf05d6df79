"""The spectral annotator: sigma_min from two power spectra, in closed form and without training.

Clean and corrupted images are modelled as Gaussian fields that are independent in the DCT basis of
each principal colour. Their powers are measured on the clean subset and on the corrupted images;
``theory.ambient.spectral_annotator`` gives the noise level from which on the optimal classifier can
no longer tell them apart: E_q[c*] > threshold. All corrupted images get that one level.

What it cannot see: differences that leave the power spectrum alone (phase, sign, mixture).
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import dctn

from harness.annotate.case import Case
from theory.ambient.spectral_annotator import sigma_min


def colour_axes(images: np.ndarray) -> np.ndarray:
    """Principal axes of the colours [C, C] (rows) of images [n, C, H, W]; one for grey."""
    channels = images.shape[1]
    colours = np.moveaxis(images.astype(np.float64), 1, -1).reshape(-1, channels)
    return np.linalg.eigh(np.cov(colours.T).reshape(channels, channels))[1].T


def power(images: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Variance of each colour x DCT mode, [C*H*W], of images [n, C, H, W]."""
    turned = np.einsum("dc,nchw->ndhw", axes, images.astype(np.float64))
    return dctn(turned, axes=(2, 3), norm="ortho").var(axis=0).ravel()


@dataclass(frozen=True)
class Spectral:
    """One sigma_min for all corrupted images; units of the images."""

    threshold: float = 0.45

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2] of the n imperfect images."""
        axes = colour_axes(case.clean)
        level = sigma_min(power(case.clean, axes), power(case.imperfect, axes), self.threshold)
        return np.tile(np.array([level, 0.0], np.float32), (len(case.imperfect), 1))
