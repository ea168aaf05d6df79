"""Restoration of Gaussian data has a closed-form error; of a finite set it ends in the set."""

import math

import pytest
import torch
from torch import Tensor

from harness.problem import Problem
from harness.sample.heun import Heun
from harness.sample.restoring import centred_box, restore

FINE = Heun(steps=60)


def gaussian(x: Tensor, sigma: Tensor) -> Tensor:
    """E[x0 | x] for data N(0, 0.25) in each pixel."""
    return x * 0.25 / (0.25 + sigma[:, :, None, None, None] ** 2)


def empirical(points: Tensor):
    """E[x0 | x] for one of ``points`` [n, C, H, W], each as likely."""

    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        square = torch.cdist(x.flatten(2), points.flatten(1)) ** 2  # [K, B, n]
        weight = torch.softmax(-square / (2 * sigma[:, :, None] ** 2), dim=2)
        return (weight @ points.flatten(1)).view_as(x)

    return denoise


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 4.0])
def test_the_flow_of_a_gaussian_is_a_factor(sigma: float) -> None:
    images, noise = 0.5 * normal(1, 50, 1, 2, 2), normal(1, 50, 1, 2, 2, seed=1)
    factor = 0.5 / math.sqrt(0.25 + sigma**2)
    restored = restore(gaussian, FINE, images, noise, sigma)
    assert (restored - factor * (images + sigma * noise)).abs().max() < 2e-3 * sigma


@pytest.mark.parametrize("sigma", [0.3, 1.0, 4.0])
def test_the_error_of_a_gaussian_is_that_of_the_page(sigma: float) -> None:
    images, noise = 0.5 * normal(1, 40_000, 1, 1, 1), normal(1, 40_000, 1, 1, 1, seed=1)
    square = (restore(gaussian, FINE, images, noise, sigma) - images).square().flatten()
    expected = 2 * 0.25 * (1 - 0.5 / math.sqrt(0.25 + sigma**2))
    assert abs(square.mean() - expected) < 4 * square.std() / math.sqrt(len(square)) + 1e-3 * sigma


def test_a_finite_set_is_remembered_where_the_noise_hides_no_image() -> None:
    """Two images 8 apart: at sigma = 1 every image comes back, at 20 it may be the other one."""
    points = normal(4, 1, 4, 4)
    points = 4 * points / points.flatten(1).norm(dim=1)[:, None, None, None]
    images, noise = points[None], normal(1, 4, 1, 4, 4, seed=2)
    denoise = empirical(points)
    assert (restore(denoise, FINE, images, noise, 0.5) - images).abs().max() < 1e-3
    many = points[:1].expand(300, -1, -1, -1)[None]
    far = restore(denoise, FINE, many, normal(1, 300, 1, 4, 4, seed=3), 50.0)
    nearest = torch.cdist(far.flatten(2), points.flatten(1))[0]  # [300, 4]
    assert nearest.min(1).values.max() < 1e-2
    assert (nearest.argmin(1) != 0).float().mean() > 0.5


def test_from_its_own_highest_level_it_is_the_sampler() -> None:
    noise = normal(2, 3, 1, 2, 2)
    sampler = Heun(steps=7, sigma_max=5.0)
    images = torch.zeros_like(noise)
    assert torch.equal(restore(gaussian, sampler, images, noise, 5.0), sampler(gaussian, noise))


def test_the_steps_are_laid_between_the_level_and_the_lowest_one() -> None:
    asked: list[float] = []

    def spy(x: Tensor, sigma: Tensor) -> Tensor:
        asked.append(float(sigma[0, 0]))
        return gaussian(x, sigma)

    images = normal(1, 1, 1, 1, 1)
    restore(spy, Heun(steps=5, sigma_min=0.25), images, images, 2.0)
    assert asked[0] == pytest.approx(2.0)
    assert min(asked) == pytest.approx(0.25)
    assert len(asked) == 9


@pytest.mark.parametrize("sigma", [0.002, 0.001, float("nan")])
def test_a_level_below_the_last_one_is_refused(sigma: float) -> None:
    images = torch.zeros(1, 1, 1, 1, 1)
    with pytest.raises(Problem, match=r"ends at 0\.002"):
        restore(gaussian, Heun(), images, images, sigma)


@pytest.mark.parametrize(
    ("shape", "share", "rows", "columns"),
    [
        ((1, 8, 8), 0.5, range(2, 6), range(2, 6)),
        ((3, 8, 6), 0.5, range(2, 6), range(1, 4)),
        ((1, 5, 5), 0.6, range(1, 4), range(1, 4)),
        ((1, 8, 8), 0.01, range(3, 4), range(3, 4)),
    ],
)
def test_the_box_lies_in_the_middle(shape, share, rows, columns) -> None:
    box = centred_box(shape, share)
    assert box.shape == shape
    for c in range(shape[0]):
        inside = {(int(i), int(j)) for i, j in box[c].nonzero()}
        assert inside == {(i, j) for i in rows for j in columns}
