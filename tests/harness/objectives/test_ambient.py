"""The ambient loss in its pseudo-target form, against its algebra and its population laws."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.objectives.ambient import Ambient
from harness.objectives.denoising import Denoising
from harness.problem import Problem

LEVELS = st.floats(0.01, 5.0)


def draws(count: int, seed: int = 0) -> list[torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    shape = (1, count, 1, 1, 1)
    return [torch.randn(shape, generator=g, dtype=torch.float64) for _ in range(3)]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(floor=LEVELS, excess=st.floats(1.001, 30.0))
def test_pseudo_target_is_the_weighted_ambient_loss(floor: float, excess: float) -> None:
    x0, noise, frozen = draws(7)
    sigma, sigma_n = torch.full_like(x0, floor * excess), torch.full_like(x0, floor)
    xt, target = Ambient().pair(x0, sigma, sigma_n, noise, frozen)
    guess = torch.linspace(-2, 2, 7, dtype=torch.float64).view_as(x0)
    alpha = (sigma**2 - sigma_n**2) / sigma**2
    x_tn = x0 + sigma_n * frozen
    ambient = (alpha * guess + (1 - alpha) * xt - x_tn) ** 2 / alpha**2
    assert torch.allclose(ambient, (guess - target) ** 2, rtol=1e-6)


def test_unannotated_images_are_denoised_plainly() -> None:
    x0, noise, frozen = draws(9)
    sigma = torch.full_like(x0, 0.4)
    given = (x0, sigma, torch.zeros_like(x0), noise, frozen)
    for found, expected in zip(Ambient().pair(*given), Denoising().pair(*given)):
        assert torch.allclose(found, expected, atol=1e-14)


@pytest.mark.parametrize(("sigma_n", "sigma"), [(0.2, 0.25), (0.2, 0.4), (1.0, 2.0)])
def test_regression_on_the_target_is_the_posterior_mean_and_its_price_is_as_stated(
    sigma_n: float, sigma: float
) -> None:
    s, n = 0.5, 200_000
    x0, noise, frozen = draws(n, seed=3)
    x0 = s * x0
    given = (x0, torch.full_like(x0, sigma), torch.full_like(x0, sigma_n), noise, frozen)
    xt, target = (t.flatten() for t in Ambient().pair(*given))
    residual = target - s**2 / (s**2 + sigma**2) * xt  # minus Tweedie's mean of N(0, s^2)
    # Mean zero and uncorrelated with the input, each within four standard errors.
    for moment in (residual, residual * xt):
        assert abs(moment.mean()) < 4 * moment.std() / math.sqrt(n)
    alpha = 1 - sigma_n**2 / sigma**2
    clean = s**2 * sigma**2 / (s**2 + sigma**2)
    expected = clean * (1 + sigma_n**2 / s**2) / alpha
    assert abs(residual.var() - expected) < 4 * expected * math.sqrt(2 / n)


def test_buffer_caps_the_ratio() -> None:
    for cap in (2.0, 4.0, 8.0):
        b = Ambient(cap).buffer
        assert b**2 / (b**2 - 1) == pytest.approx(cap)


def test_an_image_below_its_own_level_is_refused() -> None:
    x0, noise, frozen = draws(2)
    level = torch.full_like(x0, 0.3)
    with pytest.raises(ValueError, match="annotation level"):
        Ambient().pair(x0, level, level, noise, frozen)


def test_cap_of_one_is_refused() -> None:
    with pytest.raises(Problem, match="cap"):
        Ambient(1.0)
