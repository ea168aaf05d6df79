"""Preconditioning against its closed forms."""

import numpy as np
import torch
from scipy.fft import dctn
from torch import Tensor, nn

from harness.nets.basis import Basis
from harness.nets.dct import Dct, dct_matrix, mode_scales
from harness.nets.patch_pca import PatchPCA
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


class Listener(nn.Module):
    """Keeps what it is given; gives a number that its tokens decide."""

    def forward(self, x: Tensor, c_noise: Tensor, tokens: Tensor) -> Tensor:
        self.given = x, c_noise, tokens
        return torch.zeros_like(x) + tokens.sum(2)[..., None, None, None]


def patches() -> tuple[Basis, Tensor, Tensor]:
    """A basis of two copies with means of their own, its scales, and images [2, 400, 1, 8, 16]."""
    basis = PatchPCA((1, 8, 16), 2, patch=4, keep=6)
    rng = np.random.default_rng(1)
    x = np.cumsum(rng.standard_normal((2, 400, 1, 8, 16)), -1) / 4 + [[[[[3.0]]]], [[[[-5.0]]]]]
    scales = np.stack([basis.measure(k, x[k], True) for k in (0, 1)])
    return basis.double(), torch.as_tensor(scales), torch.as_tensor(x)


def test_the_network_is_given_unit_numbers_the_level_and_the_caption() -> None:
    basis, scales, x = patches()
    denoiser = Denoiser(Listener(), basis, scales)
    level = torch.tensor([[0.02], [5.0]]).double().expand(2, 400)
    tokens = torch.arange(2 * 400 * 3).view(2, 400, 3)
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(0)).double()
    denoiser(x + level[:, :, None, None, None] * noise, level, tokens)
    seen, c_noise, told = denoiser.network.given
    assert torch.equal(told, tokens)
    assert torch.allclose(c_noise, level.log() / 4)
    # 400 images of 8 patches, of which neighbours resemble each other: count the images alone.
    assert ((seen.square().mean((1, 3, 4)) - 1).abs() < 4 * np.sqrt(2 / 400)).all()


def test_a_silent_denoiser_shrinks_each_mode_towards_the_mean_of_its_copy() -> None:
    basis, scales, x = patches()
    silent, tokens = Denoiser(Listener(), basis, scales), torch.zeros(2, 400, 1).long()
    for sigma in (1e-6, 0.5, 1e6):
        found = silent(x, torch.full((2, 400), sigma).double(), tokens)
        for k in (0, 1):
            mean = x[k].mean(0)
            matrix = basis.matrix[k].numpy()
            off = (x[k] - mean).numpy().reshape(400, 2, 4, 4, 4).swapaxes(2, 3).reshape(-1, 16)
            s = scales[k, :, 0, 0].numpy()
            shrunk = off @ matrix * (s**2 / (s**2 + sigma**2)) @ matrix.T
            shrunk = shrunk.reshape(400, 2, 4, 4, 4).swapaxes(2, 3).reshape(400, 1, 8, 16)
            assert np.allclose(found[k], mean.numpy() + shrunk, atol=1e-5)


def test_the_weighted_error_is_that_of_the_estimate_mode_by_mode() -> None:
    """Over 1/c_out^2 with c_out = sigma s/sqrt(s^2 + sigma^2), of estimates in pixels."""
    basis, scales, x = patches()
    denoiser = Denoiser(Listener(), basis, scales)
    level = torch.linspace(0.1, 3, 400).double().expand(2, 400)
    tokens = torch.ones(2, 400, 1).long()
    target = x + 1
    off = basis.modes(denoiser(x, level, tokens) - target)
    s, sigma = scales[:, None], level[:, :, None, None, None]
    expected = (off / (sigma * s / (s**2 + sigma**2).sqrt())).square().sum((2, 3, 4))
    assert torch.allclose(denoiser.weighted_error(x, target, level, tokens), expected)
