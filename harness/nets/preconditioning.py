"""EDM preconditioning (Karras et al. 2022, table 1), scalar or one scale for each DCT mode.

For data of scale s and noise of scale sigma the denoiser is

    D(x, sigma) = c_skip x + c_out F(c_in x, ln(sigma)/4),
    c_skip = s^2/(s^2 + sigma^2),
    c_out = sigma s/sqrt(s^2 + sigma^2),
    c_in = 1/sqrt(s^2 + sigma^2)

so that the network F sees and gives numbers of variance one, and the loss weight is 1/c_out^2 =
(sigma^2 + s^2)/(sigma s)^2. EDM takes one s for the whole image. Natural images are far from
that: their power falls by orders of magnitude from the lowest to the highest frequency, and with
one s the network must learn the spectrum first. In the orthonormal DCT-II basis, where white noise
stays white, each mode k can have its own s_k: then D with F = 0 is the optimal linear denoiser of
a stationary Gaussian field, and F learns only what is not Gaussian. The minimiser of the loss is
the same in both; the weights, 1/sigma^2 + 1/s_k^2 for mode k, differ.
"""

import numpy as np
import torch
from scipy.fft import dct
from torch import Tensor, nn


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
    return np.maximum(np.sqrt((modes**2).mean(0)), 1e-3 * overall)


class Denoiser(nn.Module):
    """A stack of K preconditioned networks: x [K, B, C, H, W], sigma [K, B] -> E[x0 | x]."""

    rows: Tensor
    columns: Tensor
    scales: Tensor

    def __init__(self, network: nn.Module, scales: Tensor) -> None:
        """Scales are [K, C, H, W], one a DCT mode (all equal for EDM's own, scalar form)."""
        super().__init__()
        self.network = network
        self.register_buffer("scales", scales[:, None])  # [K, 1, C, H, W]
        for name, side in (("rows", scales.shape[-2]), ("columns", scales.shape[-1])):
            self.register_buffer(name, torch.as_tensor(dct_matrix(side), dtype=scales.dtype))

    def _modes(self, x: Tensor) -> Tensor:
        return to_modes(x, self.rows, self.columns)

    def _pixels(self, modes: Tensor) -> Tensor:
        return to_modes(modes, self.rows.T, self.columns.T)

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        level = sigma[:, :, None, None, None]  # [K, B, 1, 1, 1]
        norm = torch.sqrt(self.scales**2 + level**2)  # [K, B, C, H, W]
        modes = self._modes(x)
        inward = self._pixels(modes / norm)
        outward = self._modes(self.network(inward, sigma.log() / 4))
        return self._pixels(
            (self.scales / norm) ** 2 * modes + level * self.scales / norm * outward
        )

    def weighted_error(self, estimate: Tensor, target: Tensor, sigma: Tensor) -> Tensor:
        """EDM's weighted squared error of each image, [K, B]: sum over modes of (d/c_out)^2."""
        level = sigma[:, :, None, None, None]
        weight = 1 / level**2 + 1 / self.scales**2  # = 1/c_out^2, [K, B, C, H, W]
        return (weight * self._modes(estimate - target) ** 2).sum(dim=(2, 3, 4))
