"""The loss, the likelihood that it stands for, and AICc."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from harness.scaling.huber import aicc, influence, log_likelihood, loss


def test_the_loss_is_a_parabola_and_then_its_tangents() -> None:
    r = np.array([-3.0, -0.5, 0.0, 0.5, 2.0])
    np.testing.assert_allclose(loss(r, 0.5), [1.375, 0.125, 0, 0.125, 0.875])
    np.testing.assert_allclose(influence(r, 0.5), [-0.5, -0.5, 0, 0.5, 0.5])
    away = np.array([-3.0, -0.3, 0.1, 2.0])
    slope = (loss(away + 1e-6, 0.5) - loss(away - 1e-6, 0.5)) / 2e-6
    np.testing.assert_allclose(influence(away, 0.5), slope, atol=1e-6)


@pytest.mark.parametrize("delta", [1e-3, 0.3, 10.0])
def test_the_likelihood_is_the_greatest_of_normalised_densities(delta) -> None:
    """Against the integral of the density, over a grid of s."""
    r = np.random.default_rng(1).normal(0, 0.5, 12)
    total = loss(r, delta).sum()

    def by_integral(s: float) -> float:
        far = 60 * max(s / delta, math.sqrt(s))
        z = 2 * quad(
            lambda u: math.exp(-float(loss(np.array(u), delta)) / s),
            0, far, points=[min(delta, far / 2)], limit=400,
        )[0]  # fmt: skip
        return -total / s - len(r) * math.log(z)

    best = max(by_integral(s) for s in total / len(r) * np.geomspace(0.5, 3, 121))
    assert log_likelihood(total, len(r), delta) == pytest.approx(best, abs=2e-3)
    assert log_likelihood(total, len(r), delta) >= best - 1e-9


def test_wide_is_gaussian_and_narrow_is_laplace() -> None:
    r = np.random.default_rng(2).normal(0, 0.5, 20)
    variance, size = (r**2).mean(), np.abs(r).mean()
    gaussian = -10 * (math.log(2 * math.pi * variance) + 1)
    laplace = -20 * (math.log(2 * size) + 1)
    assert log_likelihood(loss(r, 1e3).sum(), 20, 1e3) == pytest.approx(gaussian, rel=1e-8)
    assert log_likelihood(loss(r, 1e-6).sum(), 20, 1e-6) == pytest.approx(laplace, rel=1e-4)


def test_aicc_counts_the_scale_and_needs_points_enough() -> None:
    r = np.random.default_rng(2).normal(0, 0.5, 20)
    variance = (r**2).mean()
    k = 4  # three parameters and s
    expected = 20 * (math.log(2 * math.pi * variance) + 1) + 2 * k + 2 * k * (k + 1) / (20 - k - 1)
    assert aicc(loss(r, 1e3).sum(), 20, 3, 1e3) == pytest.approx(expected, rel=1e-8)
    assert aicc(1.0, 5, 3, 1.0) is None
    assert aicc(1.0, 6, 3, 1.0) is not None


def test_points_that_lie_on_the_law_have_a_finite_likelihood() -> None:
    assert math.isfinite(log_likelihood(0.0, 10, 1e-3))
