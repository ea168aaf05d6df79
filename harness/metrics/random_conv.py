r"""Random convolutions on whitened images: 128 features that see texture and need no training.

.. math::  h_1 = \mathrm{relu}(K_1 * z), \quad h_2 = \mathrm{relu}(K_2 * h_1), \qquad
           f = \big( \operatorname{mean} h_l,\; \sqrt{\operatorname{mean} h_l^2} \big)_{l = 1, 2}

with z the whitened image, 32 kernels of 3×3 a layer, drawn once from N(0, 2 / fan-in) (He et al.,
Delving deep into rectifiers, ICCV 2015), half-sample reflection at the border, and means over all
positions. So there are 4·32 features, whatever the side and the number of channels. That random
filters make useful features of images is known since Jarrett et al., What is the best multi-stage
architecture for object recognition, ICCV 2009.

The image is whitened by a convolution: the middle row of the ZCA matrix (``harness.metrics.zca``)
of all 5×5 patches of the reference, as in Coates, Ng and Lee, An analysis of single-layer networks
in unsupervised feature learning, AISTATS 2011. A ZCA matrix of whole images has as many numbers as
pixels squared; fitted on some thousand images it fits their noise, so that blurred images come out
nearer to the reference than clean ones.

Each kernel of the second layer is shifted to sum to 0 over its nine places in each map. The maps
are not negative, so the sum of a plain kernel would decide alone whether it ever fires or always;
so each fires at about half of the places.

The root of the mean square, not the mean square itself: the contrast of patches has heavy tails,
and squared it makes the covariance so noisy that damage drowns.

Sees blur, noise, motion, and what separates photographs from Gaussian fields of the same
covariance. Sees little of JPEG at quality 90 and of a mild class imbalance, and nothing of where
in the image something is, since it averages over positions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, final

import numpy as np

from harness.metrics.extractor import hash_of
from harness.metrics.features import Features
from harness.metrics.moments import Moments
from harness.metrics.requirement import require
from harness.metrics.zca import whitening
from harness.problem import Problem
from harness.streams import numpy_generator

KERNELS = 32  # a layer
MAPS, GRID = 7, 4  # of the spatial features: how many maps, and cells a side
WINDOW = 5  # pixels, of the whitening filter
POSITIONS = 16384  # pixels a piece: the patches of one piece fit a cache


def _patches(maps: np.ndarray, side: int) -> np.ndarray:
    """All patches of maps ``[N, H, W, C]``, one a position: ``[N H W, C·side·side]``."""
    margin = (side // 2, side // 2)
    padded = np.pad(maps, ((0, 0), margin, margin, (0, 0)), mode="symmetric")
    window = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    return window.reshape(-1, maps.shape[3] * side * side)


def _layer(maps: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """relu of a 3×3 convolution: ``[N, H, W, C]`` and ``[9 C, K]`` to ``[N, H, W, K]``."""
    response = _patches(maps, 3) @ kernels
    return np.maximum(response, 0).reshape(*maps.shape[:3], -1)


def _gridded(maps: np.ndarray) -> np.ndarray:
    """Means of maps ``[N, H, W, C]`` over a grid of cells, ``[N, GRID, GRID, C]``."""
    found = maps
    for axis in (1, 2):
        starts = np.arange(GRID) * maps.shape[axis] // GRID
        sizes = np.diff(starts, append=maps.shape[axis])
        shape = [-1 if each == axis else 1 for each in range(4)]
        found = np.add.reduceat(found, starts, axis=axis) / sizes.reshape(shape)
    return found


def _pieces(images: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Images ``[N, C, H, W]`` a few at a time, as float64 ``[B, H, W, C]``."""
    step = max(1, POSITIONS // (images.shape[2] * images.shape[3]))
    for start in range(0, len(images), step):
        piece = slice(start, start + step)
        yield piece, images[piece].transpose(0, 2, 3, 1).astype(np.float64)


@final
@dataclass(frozen=True, eq=False)
class RandomConv:
    """Pooled random convolutions; d = 128. Some 20,000 products a pixel, in float32."""

    channels: int
    centre: np.ndarray  # [25 C]
    filter: np.ndarray  # [25 C, C], the whitening
    first: np.ndarray  # float32 [9 C, 32]
    second: np.ndarray  # float32 [9·32, 32]
    name: ClassVar[str] = "random_conv"
    side: ClassVar[int | None] = None

    @classmethod
    def fit(cls, reference: np.ndarray, weights: Path | None = None) -> "RandomConv":
        """Fit the whitening on clean reference images ``[N, C, H, W]``; the kernels are fixed.

        They come from a stream of their own, not from a file, and depend on the number of channels
        only. Raises
        ``Problem`` for NaN, fewer than 2 images, or images without contrast.
        """
        images = require("random_conv fitted on images", reference, axes=4, least=2)
        channels = images.shape[1]
        size = channels * WINDOW**2
        moments = Moments.none(size)
        for _, maps in _pieces(images):
            moments += Moments.of(_patches(maps, WINDOW))
        middle = np.arange(channels) * WINDOW**2 + WINDOW**2 // 2
        draw = numpy_generator("extractor", 0, "random-conv")
        first, second = (
            draw.normal(scale=np.sqrt(2 / (9 * maps)), size=(maps, 9, KERNELS))
            for maps in (channels, KERNELS)
        )
        second -= second.mean(1, keepdims=True)
        stacked = [k.reshape(-1, KERNELS).astype(np.float32) for k in (first, second)]
        return cls(channels, moments.mean, whitening(moments)[:, middle], *stacked)

    def whiten(self, maps: np.ndarray) -> np.ndarray:
        """The whitened image of ``[B, H, W, C]``, in the same shape."""
        return ((_patches(maps, WINDOW) - self.centre) @ self.filter).reshape(maps.shape)

    def __call__(self, images: np.ndarray) -> Features:
        """Features of images ``[N, C, H, W]`` of any side: float64 ``[N, 128]``.

        Where a side is at least ``GRID`` pixels, ``spatial`` holds the first maps of the second
        layer as means over a grid of ``GRID``² cells: ``[N, 7·GRID²]``.

        Raises ``Problem`` for NaN or for another number of channels than the reference's.
        """
        images = require("random_conv of images", images, axes=4, least=1)
        if images.shape[1] != self.channels:
            raise Problem(
                "random_conv of images",
                f"{images.shape[1]} channels",
                f"it was fitted on {self.channels}",
            )
        features = np.empty((len(images), 4 * KERNELS))
        gridded = min(images.shape[2:]) >= GRID
        spatial = np.empty((len(images), MAPS * GRID**2)) if gridded else None
        for piece, maps in _pieces(images):
            h1 = _layer(self.whiten(maps).astype(np.float32), self.first)  # [B, H, W, 32]
            h2 = _layer(h1, self.second)
            pooled = [
                part
                for h in (h1, h2)
                for part in (h.mean((1, 2)), np.sqrt(np.square(h).mean((1, 2))))
            ]
            features[piece] = np.concatenate(pooled, axis=1)
            if spatial is not None:
                spatial[piece] = _gridded(h2[..., :MAPS]).reshape(len(h2), -1)
        return Features(features, spatial=spatial)

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "RandomConv":
        """The extractor that left this state."""
        names = ("centre", "filter", "first", "second")
        return cls(int(state["channels"]), *(state[name] for name in names))

    def state(self) -> dict[str, np.ndarray]:
        """Its numbers: the whitening and the kernels."""
        return {
            "channels": np.array(self.channels),
            "centre": self.centre,
            "filter": self.filter,
            "first": self.first,
            "second": self.second,
        }

    @cached_property
    def hash(self) -> str:
        """sha256 of its numbers."""
        return hash_of(self.name, self.state())
