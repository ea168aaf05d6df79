"""Plain denoising."""

import torch

from harness.objectives.denoising import Denoising


def test_input_is_the_noised_image_and_target_the_image() -> None:
    x0 = torch.arange(4.0).view(1, 4, 1, 1, 1)
    sigma, noise = torch.full_like(x0, 0.5), torch.ones_like(x0)
    xt, target = Denoising().pair(x0, sigma, 0 * x0, noise, 99 * noise)
    assert torch.equal(xt, x0 + 0.5)
    assert torch.equal(target, x0)
