"""The bias of a start from N(0, 1): the exact difference, its two rates, its leading terms."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ctrl.guided_law import output
from theory.ctrl.start_bias import StartBias, bias, leading_bias
from theory.ctrl.tilt import Tilt

LAW = StartBias()
check = settings(max_examples=20, deadline=None, derandomize=True)


@check
@given(
    st.builds(
        Tilt,
        st.floats(0.1, 10),
        st.floats(-3, 3),
        st.floats(0.1, 5),
        st.floats(-2, 2),
        st.floats(0.2, 5),
    ),
    st.floats(0.05, 2.5),
)
def test_the_bias_is_the_difference_of_the_moments(tilt, horizon):
    mean, variance = output(tilt, "soft", "normal", horizon)
    first, second = bias(tilt, horizon)
    assert mean - tilt.mean == pytest.approx(first, abs=1e-13 * (1 + abs(tilt.y)))
    assert variance - tilt.variance == pytest.approx(second, abs=1e-13)


def test_its_digits_are_right_where_the_difference_has_lost_them():
    """In exact fractions at r^2 = 2^-40, where the difference of two floats keeps 4 digits."""
    decay, y, c = Fraction(1, 2**40), Fraction(3, 2), Fraction(1, 2)
    s = 1 - decay
    mean = y - y * c / (c + s) - y / (1 + c)
    variance = decay * (c / (c + s)) ** 2 + c * s / (c + s) - c / (1 + c)
    found = bias(Tilt(1.0, 1.5, 0.5), 20 * math.log(2))
    assert found[0] == pytest.approx(float(mean), rel=1e-12)
    assert found[1] == pytest.approx(float(variance), rel=1e-12)


@pytest.mark.parametrize(("index", "rate"), [(0, -2), (1, -4)])
def test_the_mean_converges_as_exp_2t_and_the_variance_as_exp_4t(index, rate):
    tilt, horizon = Tilt(2.0, 1.5, 0.5, 0.3, 1.6), np.linspace(3, 6, 7)
    sizes = [abs(bias(tilt, t)[index]) for t in horizon]
    slope = np.polyfit(horizon, np.log(sizes), 1)[0]
    print(f"slope {slope:.4f}, declared {rate}")
    assert slope == pytest.approx(rate, abs=0.01)
    assert sizes[-1] == pytest.approx(abs(leading_bias(tilt, 6.0)[index]), rel=1e-4)


def test_worked_numbers():
    point = {"gamma": 1.0, "y": 1.5, "noise_variance": 0.5, "horizon": 0.5}
    for moment, value in (("mean", 1 - 0.8375264), ("variance", 0.3509318 - 1 / 3)):
        assert LAW.exact({**point, "moment": moment}).value == pytest.approx(value, abs=5.1e-8)
    long = {**point, "gamma": 0.5, "horizon": 8.0, "moment": "mean"}
    assert LAW.exact(long).value == pytest.approx(0.75 * 0.5 * math.exp(-16), rel=1e-6)
    assert LAW.sharper(long)["drawn"].value == pytest.approx(0.74999996, abs=5.1e-9)


def test_the_mean_is_missed_by_the_variance_relative_to_itself():
    tilt = Tilt(3.0, 1.5, 0.5)
    assert bias(tilt, 7.0)[0] / tilt.mean == pytest.approx(-math.exp(-14) * tilt.variance, rel=1e-5)
