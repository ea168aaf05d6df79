"""Noise schedules: their ends, their sums, and what they are named for."""

import math

import numpy as np
import pytest

from theory.schedule import SCHEDULES, alpha_bar, beta, ornstein_uhlenbeck


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_destroys_the_data_step_by_step(schedule: str) -> None:
    left = alpha_bar(schedule)
    assert left[0] == 1
    assert left.shape == (1001,)
    assert (np.diff(left) < 0).all()
    assert left[-1] < 1e-4
    np.testing.assert_allclose(1 - left[1:] / left[:-1], beta(schedule), rtol=1e-9)


def test_the_linear_schedule_is_that_of_ddpm() -> None:
    steps = beta("linear")
    assert (steps[0], steps[-1]) == (1e-4, 0.02)
    np.testing.assert_allclose(np.diff(steps), (0.02 - 1e-4) / 999)
    assert math.sqrt(alpha_bar("linear")[-1]) == pytest.approx(0.006352818, rel=1e-6)


def test_the_cosine_schedule_is_a_squared_cosine_until_it_is_clipped() -> None:
    t = np.arange(999)
    angle = math.pi / 2 * (t / 1000 + 0.008) / 1.008
    expected = np.cos(angle) ** 2 / math.cos(math.pi / 2 * 0.008 / 1.008) ** 2
    np.testing.assert_allclose(alpha_bar("cosine")[:999], expected, rtol=1e-9)
    assert beta("cosine").max() == 0.999


def test_an_unknown_schedule_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'quadratic'.*linear, cosine"):
        alpha_bar("quadratic")


@pytest.mark.parametrize("t", [0.0, 1e-9, 0.3, 8.0])
def test_the_ornstein_uhlenbeck_process_keeps_variance_one(t: float) -> None:
    r, variance = ornstein_uhlenbeck(t)
    assert r**2 + variance == pytest.approx(1, rel=1e-15)
    assert variance == pytest.approx(2 * t if t < 1e-6 else 1 - math.exp(-2 * t), rel=1e-8)
