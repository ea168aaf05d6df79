"""The relative entropy of neighbouring steps: worked numbers, and where it falls."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.difficulty.divergence import Divergence, divergences, noising, second_order
from theory.gaussian import kullback_leibler

LAW = Divergence()
NUMBERS = np.arange(1, 65.0)
IMAGE = 16 * NUMBERS**-2 / (NUMBERS**-2).sum()  # mean variance 1/4
ON_FIRST = np.eye(64)[0]
check = settings(max_examples=20, deadline=None, derandomize=True)
variances = st.lists(st.floats(1e-4, 100), min_size=1, max_size=4)


def image(schedule: str) -> np.ndarray:
    return divergences(schedule, 1000, IMAGE, ON_FIRST)


def test_the_spectrum_of_the_worked_numbers():
    assert IMAGE.mean() == pytest.approx(0.25)
    assert IMAGE[0] == pytest.approx(9.819382, abs=5.1e-7)
    assert IMAGE[-1] == pytest.approx(0.00239731, abs=5.1e-9)


@pytest.mark.parametrize(
    ("t", "expected"),
    [
        (1, 0.005519478),
        (5, 0.01311327),
        (10, 0.01945751),
        (50, 0.01030696),
        (100, 0.003642596),
        (200, 8.187240e-4),
        (400, 6.196340e-5),
        (600, 3.191346e-6),
        (800, 7.055972e-8),
        (1000, 2.102326e-9),
    ],
)
def test_an_image_like_spectrum_under_the_linear_schedule(t, expected):
    assert image("linear")[t - 1] == pytest.approx(expected, rel=5e-7)


@pytest.mark.parametrize(
    ("t", "expected"),
    [
        (1, 9.627075e-4),
        (50, 0.004703867),
        (100, 0.002604259),
        (600, 7.264932e-5),
        (800, 1.998501e-5),
        (1000, 1.138994e-6),
    ],
)
def test_an_image_like_spectrum_under_the_cosine_schedule(t, expected):
    assert image("cosine")[t - 1] == pytest.approx(expected, rel=5e-7)


def test_a_mean_three_deviations_out():
    found = divergences("linear", 1000, np.ones(1), np.full(1, 3.0))
    expected = {1: 1.125056e-8, 100: 4.346249e-6, 250: 1.521143e-5}
    expected |= {500: 9.047868e-6, 1000: 1.871954e-8}
    for t, value in expected.items():
        assert found[t - 1] == pytest.approx(value, rel=5e-7)


def test_a_variance_of_four():
    found = divergences("linear", 1000, np.full(1, 4.0), np.zeros(1))
    assert found[0] == pytest.approx(1.406391e-9, rel=5e-7)
    assert found[499] == pytest.approx(9.347447e-7, rel=5e-7)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
def test_standard_normal_data_have_no_difficulty_at_all(schedule):
    assert (divergences(schedule, 1000, np.ones(5), np.zeros(5)) == 0).all()
    point = {"variances": [1.0, 1.0], "means": [0.0, 0.0], "t": 7, "schedule": schedule}
    assert LAW.void(point)
    assert LAW.sharper(point)["fall"].value == 0.0


@check
@given(variances, st.integers(1, 60), st.floats(-3, 3), st.sampled_from(["linear", "cosine"]))
def test_it_is_the_relative_entropy_of_the_two_normals(data, t, mean, schedule):
    """At 60 long steps, where the difference of two variances keeps its digits."""
    left = np.cumprod(np.r_[1, 1 - noising(schedule, 60)[1]])
    v, m = np.array(data), np.full(len(data), mean)
    (before, now) = ((np.sqrt(a) * m, np.diag(a * v + 1 - a)) for a in left[t - 1 : t + 1])
    found = divergences(schedule, 60, v, m)[t - 1]
    assert found == pytest.approx(kullback_leibler(*before, *now), rel=1e-7, abs=1e-18)


@check
@given(variances, st.floats(-5, 5))
def test_with_one_beta_it_falls_for_every_normal(data, mean):
    v = np.array(data)
    found = divergences("constant", 200, v, np.full(len(v), mean))
    assert (np.diff(found) <= 1e-12 * found[:-1]).all()


def test_the_constant_schedule_ends_where_the_linear_one_does():
    left, added = noising("constant", 1000)
    assert left[-1] == pytest.approx(noising("linear", 1000)[0][-1], rel=1e-12)
    assert left[1:] == pytest.approx(np.cumprod(1 - added), rel=1e-12)


@check
@given(st.lists(st.floats(0.4, 3), min_size=1, max_size=3), st.floats(0.1, 2))
def test_the_second_order_is_off_by_the_order_of_the_step(data, mean):
    v = np.array(data)
    given_ = ("linear", 1000, v, np.full(len(v), mean))
    off = divergences(*given_) / second_order(*given_) - 1
    added = noising("linear", 1000)[1]
    assert (np.abs(off) < 3 * added).all()


def test_the_law_compares_neighbours():
    point = {"variances": [0.01, 2.0], "means": [0.5, 0.0], "t": 40, "schedule": "cosine"}
    before = {**point, "t": 39}
    assert LAW.printed(point) == LAW.exact(before)
    fall = LAW.sharper(point)["fall"].value
    assert fall == pytest.approx(1 - LAW.exact(point).value / LAW.exact(before).value, rel=1e-12)
    assert LAW.printed({**point, "t": 1}) is None
    assert LAW.void({**point, "t": 1})
    with pytest.raises(ValueError, match="t=1001 of 1000 steps"):
        LAW.exact({**point, "t": 1001})
    with pytest.raises(ValueError, match="means of 1"):
        LAW.exact({**point, "means": [0.5]})
