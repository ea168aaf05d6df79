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


def mixed(weight: float | tuple[float, ...], copies: int = 3) -> tuple[Tensor, Two]:
    """D_w of a stack of the same images at the same levels."""
    x = torch.tensor([[0.3, -2.0]])[..., None, None, None].expand(copies, -1, -1, -1, -1)
    sigma, tokens = torch.tensor([[0.5, 2.0]]), torch.tensor([[[1], [2]]])
    denoiser = Two()
    guided = Guided(denoiser, tokens.expand(copies, -1, -1), weight)
    return guided(x, sigma.expand(copies, -1)), denoiser


def test_each_copy_of_a_stack_has_its_own_weight() -> None:
    weights = (0.5, 0.0, -1.0)
    found, denoiser = mixed(weights)
    assert denoiser.calls == 4
    for k, w in enumerate(weights):
        assert torch.equal(found[k], mixed(w)[0][k])
    assert not torch.allclose(found[0], found[1])


def test_a_stack_without_guidance_asks_once_and_one_with_any_twice() -> None:
    for weights, calls in (((0.0, 0.0, 0.0), 2), ((0.0, 0.0, 0.1), 4), ((0.1, 0.0, 0.0), 4)):
        assert mixed(weights)[1].calls == calls
    assert torch.equal(mixed((0.0, 0.0, 0.0))[0], mixed(0.0)[0])


def test_one_weight_for_all_is_the_product_with_the_number_itself() -> None:
    """Bit for bit: samples of before must not move."""
    x = torch.randn(2, 5, 1, 3, 3, generator=torch.Generator().manual_seed(0))
    sigma, tokens = torch.rand(2, 5) + 0.1, torch.ones(2, 5, 1, dtype=torch.long)
    told, free = (Two()(x, sigma, each) for each in (tokens, torch.zeros_like(tokens)))
    for w in (0.1, 1 / 3, 2.0):
        assert torch.equal(Guided(Two(), tokens, w)(x, sigma), told + w * (told - free))
        assert torch.equal(Guided(Two(), tokens, (w, w))(x, sigma), told + w * (told - free))
