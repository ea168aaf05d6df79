"""Preconditioning against its closed forms."""

import numpy as np
import torch
from scipy.fft import dctn
from torch import Tensor, nn

from harness.nets.dct import Dct, dct_matrix, mode_scales
from harness.nets.preconditioning import Denoiser


class Zero(nn.Module):
    def forward(self, x: Tensor, c_noise: Tensor) -> Tensor:
        return torch.zeros_like(x)


class Ones(nn.Module):
    def forward(self, x: Tensor, c_noise: Tensor) -> Tensor:
        return torch.ones_like(x)


def images(count: int = 50, side: int = 8) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, 1, side, side)).astype(np.float32)


def test_dct_matrix_is_scipys_transform() -> None:
    x = images(1)[0, 0]
    a = dct_matrix(8)
    assert np.allclose(a @ x @ a.T, dctn(x, norm="ortho"), atol=1e-12)


def test_mode_scales_are_the_root_mean_squares_of_the_modes() -> None:
    x = images(200)
    expected = np.sqrt((dctn(x.astype(float), axes=(2, 3), norm="ortho") ** 2).mean(0))
    assert np.allclose(mode_scales(x, per_mode=True), expected)
    assert np.allclose(mode_scales(x, per_mode=False), np.sqrt((expected**2).mean()))


def test_a_mode_without_power_gets_a_scale() -> None:
    flat = np.ones((10, 1, 4, 4), np.float32)
    assert (mode_scales(flat, per_mode=True) > 0).all()


def test_silent_network_is_the_optimal_linear_denoiser_of_each_mode() -> None:
    scales = torch.as_tensor(mode_scales(images(), True))[None]  # [1, 1, 8, 8]
    x = torch.as_tensor(images(5, 8), dtype=torch.float64)[None]
    sigma = torch.tensor([[0.1, 0.5, 1.0, 2.0, 9.0]], dtype=torch.float64)
    found = Denoiser(Zero(), Dct((1, 8, 8), 1, torch.float64), scales)(x, sigma)[0].numpy()
    gain = scales.numpy()[0] ** 2 / (
        scales.numpy()[0] ** 2 + sigma.numpy()[0][:, None, None, None] ** 2
    )
    expected = gain * dctn(x[0].numpy(), axes=(2, 3), norm="ortho")
    assert np.allclose(dctn(found, axes=(2, 3), norm="ortho"), expected, atol=1e-12)


def test_equal_scales_are_edms_scalar_form() -> None:
    s, level = 0.5, 0.7
    denoiser = Denoiser(
        Ones(), Dct((1, 8, 8), 1, torch.float64), torch.full((1, 1, 8, 8), s).double()
    )
    x = torch.as_tensor(images(3), dtype=torch.float64)[None]
    sigma = torch.full((1, 3), level, dtype=torch.float64)
    expected = s**2 / (s**2 + level**2) * x + level * s / np.hypot(s, level)
    assert torch.allclose(denoiser(x, sigma), expected)
    target = denoiser(x, sigma) - 1
    error = denoiser.weighted_error(x, target, sigma)
    assert torch.allclose(
        error, torch.full((1, 3), 64 * (level**2 + s**2) / (level * s) ** 2).double()
    )
