"""The toy data: its geometry, its denoiser, and what stays put under restarts."""

import math

import numpy as np
import pytest

from theory.mixture import Mixture
from theory.restart.bound import overlap
from theory.restart.synthetic import DIMENSION, SOURCE_MEAN, WEIGHT, Synthetic, final_points, toy

LAW = Synthetic()


@pytest.mark.parametrize("projection", [0, 1, 5])
def test_the_geometry_of_the_projection(projection):
    """Total variance 20, and the eigenvalues of D A A' D with A drawn again."""
    data = toy(projection)
    total = data.variances.sum() + 4 * WEIGHT * (1 - WEIGHT) * data.distance**2
    assert total == pytest.approx(DIMENSION, rel=1e-12)
    a = np.random.default_rng(projection).standard_normal((DIMENSION, 4))
    covariance = a @ (np.eye(4) + 0.84 * np.full((4, 4), 9.0)) @ a.T
    scaled = a / np.sqrt(np.diag(covariance))[:, None]
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    assert np.sort(data.variances) == pytest.approx(values[-4:], rel=1e-9)
    mean = vectors[:, -4:].T @ (scaled @ SOURCE_MEAN)
    assert np.sort(np.abs(data.mean)) == pytest.approx(np.sort(np.abs(mean)), rel=1e-9)


@pytest.mark.parametrize("t", [0.3, 1.0, 4.0])
def test_the_denoiser_is_that_of_the_mixture(t):
    data = toy(0)
    law = Mixture(
        np.array([WEIGHT, 1 - WEIGHT]),
        np.stack([data.mean, -data.mean]),
        np.stack([np.diag(data.variances)] * 2),
    )
    x = law.noised(t).sample(200, np.random.default_rng(3))
    assert data.denoise(x, t) == pytest.approx(law.denoise(x, t), rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("t_max", [1.5, 6.0])
def test_restarts_keep_the_right_law(t_max):
    """From the right weights, two restarts: weight, mean and variance along m stay."""
    data, n, generator = toy(0), 12_000, np.random.default_rng(9)
    parts = [
        final_points(data, 2, 1.0, t_max, 24, sign, round(share * n), generator)
        for sign, share in ((1.0, WEIGHT), (-1.0, 1 - WEIGHT))
    ]
    x = np.concatenate(parts)
    along = x @ data.mean / data.distance
    metric = data.mean / (data.variances + 1)
    share = float((x @ metric > 0).mean())
    spread = data.mean @ (data.variances * data.mean) / data.distance**2 + 1
    # points beyond the middle belong, rightly, to the tail of the other component
    across = math.sqrt(float(data.mean @ metric))
    tail = 0.5 * math.erfc(across / math.sqrt(2))
    expected = WEIGHT * (1 - tail) + (1 - WEIGHT) * tail
    assert abs(share - expected) < 4 * math.sqrt(0.21 / n)
    variance = spread + 0.84 * data.distance**2
    assert abs(along.mean() + 0.4 * data.distance) < 4 * math.sqrt(variance / n)
    assert along.var() == pytest.approx(variance, rel=4 * math.sqrt(2 / n))


def test_the_interval_of_the_paper_moves_few_points_and_a_long_one_many():
    def left(t_max, restarts):
        point = {"restarts": restarts, "t_max": t_max, "draws": 4000, "steps": 8}
        return LAW.exact(point, np.random.default_rng(1))

    assert overlap(2 * toy(0).distance, 1.0, 1.5) < 3e-4
    few, many = left(1.5, 3), left(6.0, 3)
    assert few.value > 0.17
    assert many.value < 0.05
    assert 0 < few.standard_error < many.standard_error < 0.01


def test_printed_void_and_impossible():
    point = {"restarts": 3, "t_max": 1.5}
    lam = overlap(2 * toy(0).distance, 1.0, 1.5)
    assert LAW.printed(point).value == pytest.approx(0.2 * (1 - lam) ** 3, rel=1e-12)
    assert LAW.void(point)
    assert not LAW.void(LAW.example)
    beside = LAW.sharper(LAW.example, np.random.default_rng(4))
    left = LAW.exact(LAW.example, np.random.default_rng(4))
    assert beside["taken_off"].value == pytest.approx(0.2 - left.value, abs=1e-12)
    with pytest.raises(ValueError, match="other than"):
        LAW.printed({**point, "start": 0.3})
    with pytest.raises(ValueError, match="generator"):
        LAW.exact(point)
