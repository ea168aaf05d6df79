"""Waves through waves: arcsine pixels, and the covariance of two Bessel functions."""

import numpy as np
import pytest
from scipy.special import j0
from scipy.stats import kstest

from harness.data.waves import FINEST, Waves, phases

SIDE, COUNT = 8, 20000
IMAGES = Waves().draw(COUNT, SIDE, 3, np.random.default_rng(0)).astype(float)


def middle(count: int) -> np.ndarray:
    """The middles of ``count`` equal parts of [0, 1]."""
    return (np.arange(count) + 0.5) / count


def covariance(down: int, right: int) -> float:
    """The closed form, by sums over the moduli, the direction of l and w."""
    coarsest = 1 / (2 * SIDE)
    modulus = coarsest * (FINEST / coarsest) ** middle(200)
    angle, w = 2 * np.pi * middle(200), 2 * np.pi * middle(100)
    straight = j0(2 * np.pi * modulus * np.hypot(down, right)).mean()
    along = modulus[:, None] * (np.cos(angle) * down + np.sin(angle) * right)
    return 0.5 * straight * j0(2 * w * np.sin(np.pi * along)[..., None]).mean()


@pytest.mark.parametrize("offset", [(0, 1), (1, 0), (1, 1), (2, 1), (0, 4), (7, 7)])
def test_the_covariance_is_the_closed_form(offset: tuple[int, int]) -> None:
    down, right = offset
    one, two = IMAGES[:, 0, down:, right:], IMAGES[:, 0, : SIDE - down, : SIDE - right]
    product = (one * two).mean(axis=(1, 2))
    assert abs(product.mean() - covariance(*offset)) < 4 * product.std() / np.sqrt(COUNT)


def test_the_closed_form_at_no_distance_is_the_variance() -> None:
    assert covariance(0, 0) == pytest.approx(0.5)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (4, 3), (7, 7)])
def test_a_pixel_follows_the_arcsine_law(row: int, column: int) -> None:
    for channel in range(3):
        x = IMAGES[:, channel, row, column]
        assert kstest(x, "arcsine", (-1, 2)).pvalue > 1e-4


def test_channels_have_no_correlation_but_one_phase() -> None:
    product = IMAGES[:, 0, 2, 2] * IMAGES[:, 1, 2, 2]
    assert abs(product.mean()) < 4 * product.std() / np.sqrt(COUNT)
    flat = IMAGES[:100].reshape(100, 3, -1)  # sin(phi_c + u) spans two dimensions for all c
    values = np.linalg.svd(flat, compute_uv=False)
    assert values[:, 2].max() < 1e-5
    assert np.median(values[:, 1]) > 1


def test_wave_vectors_have_the_stated_moduli_and_directions() -> None:
    found = phases(20000, 16, np.random.default_rng(1)) / (2 * np.pi)
    k = np.stack([found[:, 1, 0], found[:, 0, 1]])  # [2, N], cycles a pixel
    np.testing.assert_allclose(found[:, 5, 3], 5 * k[0] + 3 * k[1])
    assert not found[:, 0, 0].any()
    modulus = np.hypot(*k)
    assert kstest(np.log(modulus * 32) / np.log(8), "uniform").pvalue > 1e-4
    assert kstest(np.arctan2(*k), "uniform", (-np.pi, 2 * np.pi)).pvalue > 1e-4
