"""A basis: the orthonormal modes of an image in which a denoiser weighs signal against noise.

White noise stays white in it, with the same sigma in every mode; the data has one scale a mode.
The network sees the scaled modes as the basis shows them, and gives its own in the same form.
"""

from abc import abstractmethod

import numpy as np
from torch import Tensor, nn


class Basis(nn.Module):
    """shape: (C, H, W) of images; mode_shape, seen_shape: of their modes, and of what a network
    sees of them; centre: what is taken off an image before, and put back after."""

    shape: tuple[int, int, int]
    mode_shape: tuple[int, int, int]
    seen_shape: tuple[int, int, int]
    centre: Tensor | float

    @abstractmethod
    def measure(self, copy: int, images: np.ndarray, per_mode: bool) -> np.ndarray:
        """Learn what there is to learn of a copy's clean images [N, C, H, W]; give the scale of
        each mode [*mode_shape], all equal where not per_mode."""

    @abstractmethod
    def modes(self, x: Tensor) -> Tensor:
        """Modes [K, B, *mode_shape] of images [K, B, C, H, W]; linear."""

    @abstractmethod
    def pixels(self, modes: Tensor) -> Tensor:
        """Images of modes, the inverse of :meth:`modes`."""

    @abstractmethod
    def seen(self, modes: Tensor) -> Tensor:
        """What the network is given of scaled modes, [K, B, *seen_shape]."""

    @abstractmethod
    def unseen(self, out: Tensor) -> Tensor:
        """Modes of what the network gives; zero in those that it does not see."""
