"""The orthonormal DCT-II of whole images, the basis of stationary fields.

The network sees pixels. The transform is the same for every copy and knows nothing of the data but
its scale in each mode.
"""

import numpy as np
import torch
from scipy.fft import dct
from torch import Tensor

from harness.nets.basis import Basis

LEAST = 1e-3  # a mode that the data does not use has this share of the overall scale


def dct_matrix(side: int) -> np.ndarray:
    """The orthonormal DCT-II as a matrix [side, side]: coefficients = matrix @ signal."""
    return dct(np.eye(side), axis=0, norm="ortho")


def to_modes(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Orthonormal two-dimensional DCT-II of the last two axes; rows [H, H], columns [W, W]."""
    return torch.matmul(rows, torch.matmul(x, columns.T))


def mode_scales(images: np.ndarray, per_mode: bool) -> np.ndarray:
    """The data's scale s [C, H, W]: root mean square of each DCT mode, or of all of them.

    Images are [N, C, H, W]. A mode that the images do not use at all gets a thousandth of the
    overall scale, so that no scale is zero.
    """
    rows, columns = dct_matrix(images.shape[-2]), dct_matrix(images.shape[-1])
    modes = rows @ images.astype(np.float64) @ columns.T  # [N, C, H, W]
    overall = float(np.sqrt((modes**2).mean()))
    if not per_mode:
        return np.full(images.shape[1:], overall)
    return np.maximum(np.sqrt((modes**2).mean(0)), LEAST * overall)


class Dct(Basis):
    """Modes [K, B, C, H, W] of images of that shape."""

    rows: Tensor
    columns: Tensor
    centre = 0.0

    def __init__(
        self, shape: tuple[int, int, int], stack: int, dtype: torch.dtype = torch.float32
    ) -> None:
        super().__init__()
        self.shape = self.mode_shape = self.seen_shape = shape
        for name, side in (("rows", shape[1]), ("columns", shape[2])):
            self.register_buffer(name, torch.as_tensor(dct_matrix(side), dtype=dtype))

    def measure(self, copy: int, images: np.ndarray, per_mode: bool) -> np.ndarray:
        """The scales [C, H, W] of a copy's clean images [N, C, H, W]."""
        return mode_scales(images, per_mode)

    def modes(self, x: Tensor) -> Tensor:
        return to_modes(x, self.rows, self.columns)

    def pixels(self, modes: Tensor) -> Tensor:
        return to_modes(modes, self.rows.T, self.columns.T)

    def seen(self, modes: Tensor) -> Tensor:
        return self.pixels(modes)

    def unseen(self, out: Tensor) -> Tensor:
        return self.modes(out)

    @staticmethod
    def seen_as(shape: tuple[int, int, int]) -> tuple[int, int, int]:
        """The shape that a network sees of images of a shape."""
        return shape
