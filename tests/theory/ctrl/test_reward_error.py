"""What an error of the reward moves: on any law by sums, its bound, its limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ctrl.reward_error import RewardError

LAW = RewardError()
check = settings(max_examples=20, deadline=None, derandomize=True)
points = st.fixed_dictionaries(
    {"gamma": st.floats(0.01, 20), "error": st.floats(0.001, 3), "share": st.floats(0.01, 0.99)}
)


@check
@given(points)
def test_a_law_of_two_points_is_moved_as_stated(point):
    share, gain = point["share"], math.exp(point["gamma"] * point["error"])
    before = np.array([share, 1 - share])
    after = before * [gain, 1]
    after /= after.sum()
    assert LAW.exact(point).value == pytest.approx(0.5 * abs(before - after).sum(), rel=1e-9)
    divergence = (before * np.log(before / after)).sum()
    found = LAW.sharper(point)["divergence"].value
    assert found == pytest.approx(divergence, rel=1e-6, abs=1e-12)


@check
@given(st.integers(0, 10_000), st.floats(0.1, 6))
def test_no_error_moves_more_than_the_bound(seed, exponent):
    """On random laws of 6 points and random errors of one oscillation."""
    generator = np.random.default_rng(seed)
    before = generator.dirichlet(np.full(6, 0.5))
    error = generator.random(6)
    error = (error - error.min()) / np.ptp(error)
    after = before * np.exp(exponent * error)
    moved = 0.5 * abs(before - after / after.sum()).sum()
    assert moved <= math.tanh(exponent / 4) + 1e-15


@check
@given(points)
def test_the_bounds_are_ordered_and_one_set_attains_the_sharp_one(point):
    exponent = point["gamma"] * point["error"]
    attained = LAW.sharper(point)["attained"].value
    assert LAW.exact(point).value <= attained * (1 + 1e-12)
    assert attained <= LAW.printed(point).value
    worst = {**point, "share": 1 / (math.exp(exponent / 2) + 1)}
    if 0 < worst["share"] < 1:
        assert LAW.exact(worst).value == pytest.approx(attained, rel=1e-9)
    assert LAW.void(point) == (exponent >= 4)


def test_worked_values():
    """A classifier wrong by a factor of 3 at gamma 1 and 10; no error; a small one."""
    for gamma, attained in ((1.0, 0.268), (10.0, 0.992)):
        found = LAW.sharper({"gamma": gamma, "error": math.log(3), "share": 0.5})
        assert found["attained"].value == pytest.approx(attained, abs=5.1e-4)
    assert LAW.exact({"gamma": 2.0, "error": 0.0, "share": 0.3}).value == 0.0
    small = {"gamma": 1.0, "error": 1e-6, "share": 0.3}
    assert LAW.exact(small).value == pytest.approx(1e-6 * 0.3 * 0.7, rel=1e-5)
    large = {"gamma": 1e4, "error": 1.0, "share": 0.3}
    assert LAW.exact(large).value == pytest.approx(0.7, rel=1e-12)
    assert LAW.sharper(large)["divergence"].value == pytest.approx(7e3, rel=1e-3)
