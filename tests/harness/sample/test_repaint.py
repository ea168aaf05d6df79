"""Filling in a Gaussian: its mean and variance follow a recursion, and end in the conditional."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.problem import Problem
from harness.sample import INPAINTERS
from harness.sample.heun import Heun
from harness.sample.repaint import RePaint

RHO = 0.9  # of the two pixels of an image, each of variance one
COVARIANCE = np.array([[1, RHO], [RHO, 1]])
KNOWN = 1.5
UNKNOWN = torch.tensor([[[False, True]]])


def gaussian(x: Tensor, sigma: Tensor) -> Tensor:
    """E[x0 | x] for a pair of pixels with that covariance."""
    level = float(sigma.reshape(-1)[0])
    weight = COVARIANCE @ np.linalg.inv(COVARIANCE + level**2 * np.eye(2))
    return x @ torch.as_tensor(weight.T, dtype=x.dtype)


def fill(n: int, **params: float) -> Tensor:
    """The second pixel of n images whose first one is known."""
    images = torch.full((1, n, 1, 1, 2), KNOWN, dtype=torch.float64)
    images[..., 1] = 1e6  # what is unknown is not looked at
    generator = [torch.Generator().manual_seed(3)]
    return RePaint(**params)(gaussian, images, UNKNOWN, generator)[0, :, 0, 0]


def moments(steps: int, resamplings: int) -> tuple[float, float]:
    """Mean and variance of the fill, carried along as numbers instead of draws."""
    ladder = Heun(steps, 0.02, 20.0, 7.0).levels().tolist()
    mean, covariance = np.array([KNOWN, 0.0]), ladder[0] ** 2 * np.eye(2)
    for high, low in pairwise(ladder):
        weight = COVARIANCE @ np.linalg.inv(COVARIANCE + high**2 * np.eye(2))
        share = low**2 / high**2
        step = (1 - share) * weight + share * np.eye(2)
        for turn in range(resamplings if low > 0 else 1):
            if turn > 0:
                covariance = covariance + (high**2 - low**2) * np.eye(2)
            drawn = (step @ covariance @ step.T)[1, 1] + low**2 * (1 - share)
            mean, covariance = np.array([KNOWN, (step @ mean)[1]]), np.diag([low**2, drawn])
    return float(mean[1]), float(covariance[1, 1])


@pytest.mark.parametrize(("steps", "resamplings"), [(8, 1), (8, 3), (12, 4), (3, 2)])
def test_the_fill_follows_its_recursion(steps: int, resamplings: int) -> None:
    n = 20_000
    mean, variance = moments(steps, resamplings)
    found = fill(n, steps=steps, resamplings=resamplings)[:, 1]
    assert abs(found.mean() - mean) < 4 * math.sqrt(variance / n)
    assert abs(found.var() - variance) < 4 * variance * math.sqrt(2 / n)


def test_resampling_leads_to_the_conditional_law_and_a_single_pass_does_not() -> None:
    conditional = RHO * KNOWN
    off = [abs(moments(24, r)[0] - conditional) for r in (1, 2, 4, 8, 64)]
    assert off == sorted(off, reverse=True)
    assert off[0] > 0.2 * conditional
    assert off[-1] < 0.01 * conditional
    mean, variance = moments(400, 64)
    assert mean == pytest.approx(conditional, rel=0.005)
    assert variance == pytest.approx(1 - RHO**2, rel=0.03)


def test_known_pixels_come_back_as_they_are() -> None:
    assert (fill(10, steps=4, resamplings=2)[:, 0] == KNOWN).all()


@pytest.mark.parametrize("name", list(INPAINTERS))
@pytest.mark.parametrize(("steps", "resamplings"), [(2, 1), (5, 3), (12, 4)])
def test_calls_of_the_denoiser_are_counted(name: str, steps: int, resamplings: int) -> None:
    calls = 0

    def counting(x: Tensor, sigma: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return gaussian(x, sigma)

    inpaint = INPAINTERS[name](steps=steps, resamplings=resamplings)
    inpaint(counting, torch.ones(1, 3, 1, 1, 2), UNKNOWN, [torch.Generator()])
    assert calls == inpaint.calls


def test_a_copy_of_a_stack_draws_what_it_would_draw_alone() -> None:
    images = torch.ones(2, 4, 1, 1, 2, dtype=torch.float64)
    sampler = RePaint(steps=4, resamplings=2)

    def streams() -> list[torch.Generator]:
        return [torch.Generator().manual_seed(seed) for seed in (7, 8)]

    both = sampler(gaussian, images, UNKNOWN, streams())
    alone = sampler(gaussian, images[1:], UNKNOWN, streams()[1:])
    assert torch.equal(both[1:], alone)
    assert not torch.equal(both[0], both[1])


def test_too_few_steps_are_refused() -> None:
    for wrong in ({"steps": 1}, {"resamplings": 0}):
        with pytest.raises(Problem, match="at least 2 steps and 1 resampling"):
            RePaint(**wrong)
