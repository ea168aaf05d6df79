"""Heun's method on Gaussian data, where the flow has a closed form."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.sample import SAMPLERS
from harness.sample.heun import Heun


def gaussian(x: Tensor, sigma: Tensor) -> Tensor:
    """E[x0 | x] for data N(0, 1)."""
    return x / (1 + sigma[:, :, None, None, None] ** 2)


def error(steps: int, name: str = "heun") -> float:
    """Of the flow from x = 80 at sigma = 80 to sigma = 0, whose end is 80/sqrt(1 + 80^2)."""
    start = torch.ones(1, 1, 1, 1, 1, dtype=torch.float64)
    end = SAMPLERS[name](steps=steps)(gaussian, start)
    return abs(float(end) - 80 / math.sqrt(1 + 80**2))


@pytest.mark.parametrize("name", list(SAMPLERS))
def test_measured_order_is_the_declared_one(name: str) -> None:
    steps = np.array([64, 128, 256, 512])
    errors = [error(int(n), name) for n in steps]
    slope = np.polyfit(np.log(steps - 1), np.log(errors), 1)[0]
    assert abs(slope + SAMPLERS[name].order) < 0.05, slope


@pytest.mark.parametrize(
    ("steps", "expected"), [(16, 0.0584289), (32, 0.0127964), (64, 3.00093e-3), (128, 7.27103e-4)]
)
def test_errors_of_a_unit_gaussian(steps: int, expected: float) -> None:
    # The reference values stop at sigma = 0.002; the last step to zero moves them by 2e-6.
    assert error(steps) == pytest.approx(expected, abs=3e-6)


@pytest.mark.parametrize("steps", [2, 5, 18])
def test_calls_of_the_denoiser_are_counted(steps: int) -> None:
    calls = 0

    def counting(x: Tensor, sigma: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return gaussian(x, sigma)

    sampler = Heun(steps=steps)
    sampler(counting, torch.ones(1, 2, 1, 1, 1))
    assert calls == sampler.calls


def test_levels_are_edms() -> None:
    levels = Heun(steps=18).levels()
    assert levels[0] == pytest.approx(80)
    assert levels[-2] == pytest.approx(0.002)
    assert levels[-1] == 0
    assert levels[1] == pytest.approx(
        (80 ** (1 / 7) + (0.002 ** (1 / 7) - 80 ** (1 / 7)) / 17) ** 7
    )
