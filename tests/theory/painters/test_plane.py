"""How flat trajectories are: exact planes, simulated ones, and what the first component hides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.painters.plane import Plane, noise_levels, shares
from theory.painters.trajectory import Level, closed_form

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = Plane()


@check
@given(st.floats(1e-3, 100), st.integers(0, 50), st.integers(3, 60))
def test_one_feature_and_the_noise_are_a_plane(variance, off, levels):
    point = {"variances": [variance], "off_data": off, "levels": levels}
    assert LAW.exact(point).value == pytest.approx(1.0, rel=1e-12)


@check
@given(st.lists(st.floats(1e-3, 100), min_size=3, max_size=6, unique=True), st.integers(0, 20))
def test_more_features_are_not(variances, off):
    point = {"variances": variances, "off_data": off}
    beside = LAW.sharper(point)
    assert beside["first"].value <= LAW.exact(point).value <= 1 + 1e-12
    assert LAW.exact({**point, "variances": sorted(variances)}).value == pytest.approx(
        LAW.exact(point).value, rel=1e-12
    )
    counted = {**point, "multiplicities": [2.0] * len(variances), "off_data": 2 * off}
    assert LAW.exact(counted).value == pytest.approx(LAW.exact(point).value, rel=1e-9)


def test_components_of_a_simulated_trajectory():
    """The closed form itself, from the typical start, its states decomposed."""
    variances, times = np.array([9.0, 1.0, 0.2, 0.0]), noise_levels(30, 0.002, 80.0)
    u = np.linalg.qr(np.random.default_rng(1).standard_normal((4, 4)))[0]
    sigma, mean = (u * variances) @ u.T, np.array([1.0, 2.0, -1.0, 0.5])
    start = mean + u @ np.sqrt(variances + 80.0**2)
    path = np.stack(
        [closed_form(start, mean, sigma, Level(1.0, t), Level(1.0, 80.0)) for t in times]
    )
    size = np.linalg.svd(path - path.mean(0), compute_uv=False) ** 2
    expected = size / size.sum()
    point = {"variances": [9.0, 1.0, 0.2], "off_data": 1, "levels": 30}
    assert LAW.exact(point).value == pytest.approx(expected[:2].sum(), rel=1e-9)
    assert LAW.sharper(point)["first"].value == pytest.approx(expected[0], rel=1e-9)
    without = LAW.sharper(point)["without_first"].value
    assert without == pytest.approx(expected[1] / expected[1:].sum(), rel=1e-6)


def test_a_power_law_spectrum_is_nearly_a_line():
    k = np.arange(1, 65)
    found = shares(9.8 * k**-2.0, np.ones(64), noise_levels(40, 0.002, 80.0))
    assert found[0] > 0.99
    assert found[:2].sum() > 0.9999
    low = shares(9.8 * k**-2.0, np.ones(64), noise_levels(40, 0.002, 2.0))
    assert low[0] < found[0]


def test_levels_and_impossible_parameters():
    times = noise_levels(18, 0.002, 80.0)
    assert (times[0], times[-1]) == pytest.approx((80.0, 0.002), rel=1e-12)
    assert times[5] == pytest.approx(12.91, abs=0.01)
    with pytest.raises(ValueError, match="one for each"):
        LAW.exact({"variances": [1.0, 2.0, 3.0], "multiplicities": [1.0, 2.0]})
    with pytest.raises(ValueError, match="below"):
        LAW.exact({"variances": [1.0], "sigma_min": 90.0})
