"""Pixels: the image itself as its features, in [0, 1].

.. math::  f(x) = (x + 1) / 2, \\qquad d = C H W

in the order of channels, rows, columns; so a level v of a file is v / 255, and a distance here is
255 times smaller than one in levels. Nothing is learned or drawn. What weighs in a distance of
pixels is what has power: in photographs the slow modes, which hold hundreds of times that of the
fast ones (``harness.metrics.zca`` whitens them). It is the right space where pixels are what is
asked for (memorised copies, error norms) and the weakest one for what a person sees: a shift by one
pixel is far, a blur is near.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, final

import numpy as np

from harness.metrics.extractor import hash_of
from harness.metrics.features import Features
from harness.metrics.requirement import require
from harness.problem import Problem


@final
@dataclass(frozen=True, eq=False)
class Pixels:
    """Pixels in [0, 1] as float32 rows; d = C·H·W, whatever C, H and W. No spatial features."""

    shape: tuple[int, int, int]  # C, H, W
    name: ClassVar[str] = "pixels"

    @classmethod
    def fit(cls, reference: np.ndarray, weights: Path | None = None) -> "Pixels":
        """For images of the reference's shape ``[N, C, H, W]``; nothing else of it is used.

        Raises ``Problem`` for NaN, for no image, and for a file of weights: it has none.
        """
        if weights is not None:
            raise Problem("pixels", f"the weights {weights}", "leave them out: it has none")
        channels, height, width = require("pixels of a reference", reference, 4, 1).shape[1:]
        return cls((channels, height, width))

    @classmethod
    def restore(cls, state: Mapping[str, np.ndarray]) -> "Pixels":
        """The extractor that left this state."""
        channels, height, width = (int(n) for n in state["shape"])
        return cls((channels, height, width))

    def state(self) -> dict[str, np.ndarray]:
        """Its numbers: the shape."""
        return {"shape": np.array(self.shape, np.int64)}

    def __call__(self, images: np.ndarray) -> Features:
        """Features of images ``[N, C, H, W]``: float32 ``[N, C·H·W]``.

        Raises ``Problem`` for NaN or for images of another shape than the reference.
        """
        x = require("pixels of images", images, axes=4, least=1)
        if x.shape[1:] != self.shape:
            raise Problem(
                "pixels of images", f"shape {x.shape[1:]}", f"the reference has {self.shape}"
            )
        half = np.float32(0.5)
        return Features(x.reshape(len(x), -1).astype(np.float32) * half + half)

    @property
    def channels(self) -> int:
        return self.shape[0]

    @property
    def side(self) -> int | None:
        """The side of its images; None where they are not square."""
        return self.shape[1] if self.shape[1] == self.shape[2] else None

    @cached_property
    def hash(self) -> str:
        """sha256 of its name and the shape."""
        return hash_of(self.name, self.state())
