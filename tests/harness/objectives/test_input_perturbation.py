"""Input perturbation against its closed forms: what is seen, what is asked, what is left."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from harness.cell import part
from harness.data.load import load
from harness.objectives.denoising import Denoising
from harness.objectives.input_perturbation import InputPerturbation
from harness.problem import Problem
from harness.train.drawing import Drawing
from harness.train.material import gather
from harness.train.training import Training
from theory.mixture import Mixture

N = 200_000


def drawn(count: int, seed: int = 0) -> list[Tensor]:
    """Three unit noises [1, count, 1, 1, 1]: of the image, eps and xi."""
    g = torch.Generator().manual_seed(seed)
    return [torch.randn(1, count, 1, 1, 1, generator=g).double() for _ in range(3)]


def pair(gamma: float, x0: Tensor, sigma: float, eps: Tensor, xi: Tensor) -> tuple[Tensor, Tensor]:
    given = (x0, torch.full_like(x0, sigma), torch.zeros_like(x0), eps, xi)
    return InputPerturbation(gamma).pair(*given)


def test_the_network_sees_both_noises_and_is_asked_for_the_one() -> None:
    x0, eps, xi = drawn(50)
    seen, target = pair(0.3, x0, 0.7, eps, xi)
    assert torch.allclose(seen, x0 + 0.7 * (eps + 0.3 * xi))
    assert torch.allclose((seen - target) / 0.7, eps)
    plain = Denoising().pair(x0, torch.full_like(x0, 0.7), torch.zeros_like(x0), eps, xi)
    for found, expected in zip(pair(0.0, x0, 0.7, eps, xi), plain):
        assert torch.equal(found, expected)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("sigma", [0.2, 1.0])
def test_the_target_regresses_on_the_input_as_stated_for_gaussian_data(
    gamma: float, sigma: float
) -> None:
    """m + (s^2 + gamma^2 sigma^2)/(s^2 + (1 + gamma^2) sigma^2) (x' - m), of N(m, s^2)."""
    m, s = 0.4, 0.5
    unit, eps, xi = drawn(N)
    seen, target = (each.flatten() for each in pair(gamma, m + s * unit, sigma, eps, xi))
    total = s**2 + (1 + gamma**2) * sigma**2
    assert abs(seen.var() - total) < 4 * total * math.sqrt(2 / N)
    residual = target - m - (s**2 + (gamma * sigma) ** 2) / total * (seen - m)
    for moment in (residual, residual * (seen - m)):
        assert abs(moment.mean()) < 4 * moment.std() / math.sqrt(N)


def test_the_minimiser_is_the_posterior_mean_and_a_share_of_the_noise_that_is_left() -> None:
    """On two classes, where it is not linear: no function of the input explains the residual."""
    gamma, sigma, spread = 0.8, 0.4, 0.1
    unit, eps, xi = drawn(N, seed=1)
    side = torch.where(torch.arange(N) % 2 == 0, 0.5, -0.5).view_as(unit)
    seen, target = (
        each.flatten().numpy() for each in pair(gamma, side + spread * unit, sigma, eps, xi)
    )
    law = Mixture(np.array([0.5, 0.5]), np.array([[0.5], [-0.5]]), np.array(spread**2))
    mean = law.denoise(seen[:, None], sigma * math.sqrt(1 + gamma**2))[:, 0]
    residual = target - mean - gamma**2 / (1 + gamma**2) * (seen - mean)
    for test in (np.ones(N), seen, seen**3, np.tanh(5 * seen), np.cos(4 * seen), np.abs(seen)):
        moment = residual * test
        assert abs(moment.mean()) < 4 * moment.std() / math.sqrt(N)
    # Of the noise of the level alone it would be another function.
    other = target - law.denoise(seen[:, None], sigma)[:, 0]
    assert abs((other * seen).mean()) > 20 * (other * seen).std() / math.sqrt(N)


def test_the_added_noise_is_fresh_and_moves_no_other_draw() -> None:
    asked = Training(part("digits"), "oracle", part("mlp"), part("denoising"), 500, batch=500)
    material = gather(asked, load("digits").train, 0)
    plain, moved = (
        Drawing(material, each, asked, 0, "cpu") for each in (Denoising(), InputPerturbation())
    )
    seen = []
    for _ in range(2):
        one, other = plain(), moved()
        for before, same in zip(one[:4], other[:4], strict=True):
            assert torch.equal(before, same)
        seen.append(other[4])
    assert len(torch.cat(seen).flatten(1).unique(dim=0)) == 1000
    noise = one[3].flatten()
    assert abs(float((noise * seen[1].flatten()).mean())) < 4 / math.sqrt(len(noise))


@pytest.mark.parametrize("gamma", [-0.1, math.nan, math.inf])
def test_a_gamma_that_is_no_deviation_is_refused(gamma: float) -> None:
    with pytest.raises(Problem, match="finite gamma of 0 or more"):
        InputPerturbation(gamma)


def test_images_are_admitted_above_their_level_as_in_plain_denoising() -> None:
    assert InputPerturbation().buffer == Denoising().buffer == 1
    assert InputPerturbation().gamma == 0.1
    assert InputPerturbation().passes == 1
    assert InputPerturbation().factor(torch.ones(1, 1), torch.ones(1, 1)) is None
