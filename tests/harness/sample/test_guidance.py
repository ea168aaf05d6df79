"""Guidance against its closed form on Gaussian data."""

import math

import pytest
import torch
from torch import Tensor

from harness.sample.guidance import Guided
from harness.sample.heun import Heun


class Two:
    """Data N(m, 1) under caption m = 1, 2, ..., and N(0, 4) under none."""

    calls = 0

    def __call__(self, x: Tensor, sigma: Tensor, tokens: Tensor) -> Tensor:
        self.calls += x.shape[1]
        level = sigma[:, :, None, None, None] ** 2
        mean = tokens[:, :, 0, None, None, None].to(x.dtype)
        told = mean + (x - mean) / (1 + level)
        return torch.where(mean > 0, told, x * 4 / (4 + level))


@pytest.mark.parametrize("w", [-1.0, 0.0, 0.5, 3.0])
def test_a_guided_denoiser_is_the_sum_of_the_two(w: float) -> None:
    x, sigma = torch.tensor([[0.3, -2.0]])[..., None, None, None], torch.tensor([[0.5, 2.0]])
    tokens = torch.tensor([[[1], [2]]])
    found = Guided(Two(), tokens, w)(x, sigma).flatten()
    for value, s, m, each in zip((0.3, -2.0), (0.5, 2.0), (1, 2), found):
        told, free = m + (value - m) / (1 + s * s), value * 4 / (4 + s * s)
        assert float(each) == pytest.approx((1 + w) * told - w * free, rel=1e-5)


def test_without_guidance_the_flow_ends_in_the_conditional_law_and_asks_once() -> None:
    denoiser = Two()
    noise = torch.randn(1, 4000, 1, 1, 1, generator=torch.Generator().manual_seed(0)).double()
    x = Heun(64)(Guided(denoiser, torch.full((1, 4000, 1), 2), 0.0), noise).flatten()
    assert abs(float(x.mean()) - 2) < 4 / math.sqrt(4000)
    assert abs(float(x.std()) - 1) < 4 / math.sqrt(2 * 4000) + 0.01
    assert denoiser.calls == Heun(64).calls * 4000


def test_guidance_moves_samples_away_from_the_unconditional_law() -> None:
    noise = torch.randn(1, 2000, 1, 1, 1, generator=torch.Generator().manual_seed(0)).double()
    tokens = torch.ones(1, 2000, 1, dtype=torch.long)
    means = [float(Heun(32)(Guided(Two(), tokens, w), noise).mean()) for w in (0.0, 1.0, 4.0)]
    assert means[0] < means[1] < means[2]
