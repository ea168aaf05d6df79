r"""ZCA-whitened pixels: every direction of the data counts alike.

.. math::  f(x) = W (x - m), \qquad W = V (\Lambda + \epsilon \bar\lambda I)^{-1/2} V^T

with the mean m and the covariance :math:`V \Lambda V^T` of the reference and the mean
:math:`\bar\lambda` of its eigenvalues. Source: Bell and Sejnowski, The independent components of
natural scenes are edge filters, Vision Research 37, 1997. Whitening matters because photographs
have hundreds of times the power in low modes: in plain pixels a Fréchet distance sees those alone.

:math:`\epsilon = 0.1` is a choice. A smaller one weighs the weakest modes more, where a sampler's
residual noise is what there is to see. On 8×8 grey photographs it makes little difference to this
extractor (blur of 0.8 pixels: 9.9 times the distance of two clean halves, 10.5 at 0.01).

W does not depend on the signs or the order of the eigenvectors, so it is one matrix on every
machine, up to rounding. As a linear map followed by a Fréchet distance it sees the mean and the
covariance of the pixels, and so not the difference between photographs and Gaussian fields. With
d = C·H·W features it wants many images, see ``harness.metrics.frechet.Frechet``: 8×8 grey is what
it is for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, final

import numpy as np

from harness.metrics.extractor import hash_of
from harness.metrics.features import Features
from harness.metrics.moments import Moments
from harness.metrics.requirement import require
from harness.problem import Problem

EPSILON = 0.1  # of the mean eigenvalue


def whitening(moments: Moments) -> np.ndarray:
    """The matrix W of vectors with these moments, float64 ``[d, d]``; d is any.

    Raises ``Problem`` where all vectors are the same.
    """
    eigenvalues, vectors = np.linalg.eigh(moments.covariance)
    eigenvalues = np.clip(eigenvalues, 0, None)
    # Sums of squares cancel to some 1e-16 of the squares, which is no spread.
    if eigenvalues.sum() <= 1e-12 * np.trace(moments.outer) / moments.count:
        raise Problem("whitening of images", "images without any contrast", "give different ones")
    return (vectors / np.sqrt(eigenvalues + EPSILON * eigenvalues.mean())) @ vectors.T


@final
@dataclass(frozen=True, eq=False)
class ZcaPixels:
    """Whitened pixels; d = C·H·W. Fitting costs O(N d² + d³), a call O(N d²)."""

    shape: tuple[int, int, int]  # C, H, W
    centre: np.ndarray  # [d]
    whitening: np.ndarray  # [d, d]
    name: ClassVar[str] = "zca_pixels"

    @classmethod
    def fit(cls, reference: np.ndarray, weights: Path | None = None) -> "ZcaPixels":
        """Fit on clean reference images ``[N, C, H, W]``, N at least 2; it has no weights to read.

        Raises ``Problem`` for NaN, too few images, or images that are all the same.
        """
        images = require("zca_pixels fitted on images", reference, axes=4, least=2)
        moments = Moments.of(images.reshape(len(images), -1))
        channels, height, width = images.shape[1:]
        return cls((channels, height, width), moments.mean, whitening(moments))

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "ZcaPixels":
        """The extractor that left this state."""
        channels, height, width = (int(n) for n in state["shape"])
        return cls((channels, height, width), state["centre"], state["whitening"])

    def state(self) -> dict[str, np.ndarray]:
        """Its numbers."""
        shape = np.array(self.shape, np.int64)
        return {"shape": shape, "centre": self.centre, "whitening": self.whitening}

    def __call__(self, images: np.ndarray) -> Features:
        """Features of images ``[N, C, H, W]``: float64 ``[N, C·H·W]``.

        Raises ``Problem`` for NaN or for images of another shape than the reference.
        """
        x = require("zca_pixels of images", images, axes=4, least=1)
        if x.shape[1:] != self.shape:
            raise Problem(
                "zca_pixels of images", f"shape {x.shape[1:]}", f"it was fitted on {self.shape}"
            )
        return Features((x.reshape(len(x), -1) - self.centre) @ self.whitening)

    @property
    def channels(self) -> int:
        return self.shape[0]

    @property
    def side(self) -> int | None:
        """The side of its images; None where they are not square."""
        return self.shape[1] if self.shape[1] == self.shape[2] else None

    @cached_property
    def hash(self) -> str:
        """sha256 of its numbers."""
        return hash_of(self.name, self.state())
