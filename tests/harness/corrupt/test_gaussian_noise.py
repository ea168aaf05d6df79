import numpy as np
import pytest
import torch

from harness.corrupt.gaussian_noise import GaussianNoise
from harness.problem import Problem
from harness.streams import torch_generator


def test_noise_has_its_mean_and_its_variance_and_is_not_clipped() -> None:
    sigma, n = 0.2, 200_000
    x = torch.ones(n, 1, 1, 1)
    noise = (GaussianNoise(sigma)(x, torch_generator("test", 0, "noise")) - x).double().numpy()
    assert abs(noise.mean()) < 4 * sigma / np.sqrt(n)
    assert abs(noise.var() - sigma**2) < 4 * sigma**2 * np.sqrt(2 / n)
    assert noise.max() > 3 * sigma


def test_images_get_noise_of_their_own() -> None:
    noise = GaussianNoise(1.0)(torch.zeros(2, 1, 64, 64), torch_generator("test", 0, "noise"))
    correlation = float((noise[0] * noise[1]).mean())
    assert abs(correlation) < 4 / 64


def test_noise_of_no_width_is_refused() -> None:
    for sigma in (0.0, -0.1, float("nan")):
        with pytest.raises(Problem, match="sigma of gaussian_noise"):
            GaussianNoise(sigma)
