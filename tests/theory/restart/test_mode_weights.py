"""Restarts with a model of wrong weights: the chain, its limit, and the sweet spot."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from theory.restart.bound import overlap
from theory.restart.mode_weights import ModeWeights, crossing, excess, threshold

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = ModeWeights()
weight = st.floats(0.05, 0.95)


def point(**changes):
    return {"t_max": 1.0, "weight": 0.5, "model": 0.5, "start": 1.0, "restarts": 1, **changes}


@pytest.mark.parametrize("restarts", [1, 2, 7])
@pytest.mark.parametrize("t_max", [0.5, 1.0, 2.0])
def test_theorem_4_with_equality(restarts, t_max):
    given_point = point(t_max=t_max, restarts=restarts)
    expected = (1 - 2 * stats.norm.sf(1 / t_max)) ** restarts
    assert LAW.exact(given_point).value == pytest.approx(expected, rel=1e-12)
    assert LAW.printed(given_point).value == pytest.approx(expected, rel=1e-12)
    assert not LAW.void(given_point)


@check
@given(weight, st.floats(0.3, 5))
def test_the_weights_of_the_model_are_stationary(model, t_max):
    stay, enter = crossing(model, t_max)
    assert model * stay + (1 - model) * enter == pytest.approx(model, rel=1e-9)
    assert excess(5, model, model, t_max) == 0.0
    assert 0 <= stay - enter <= 1 - overlap(2.0, 0.0, t_max) + 1e-12


@check
@given(weight, st.floats(0.3, 5))
def test_modes_exchanged(model, t_max):
    assert threshold(1 - model, t_max) == pytest.approx(-threshold(model, t_max), abs=1e-9)
    a, b = excess(3, 0.9, model, t_max), excess(3, 0.1, 1 - model, t_max)
    assert a == pytest.approx(-b, rel=1e-9, abs=1e-12)


def test_against_drawn_restarts():
    generator, n, t_max, model = np.random.default_rng(2), 40_000, 1.3, 0.3
    at = threshold(model, t_max)
    x = np.where(np.arange(n) < 0.9 * n, 1.0, -1.0)
    for k in (1, 2, 3):
        x = np.where(x + t_max * generator.standard_normal(n) > at, 1.0, -1.0)
        assert abs((x > 0).mean() - model - excess(k, 0.9, model, t_max)) < 4 * 0.5 / n**0.5


@check
@given(weight, weight, st.floats(0, 1), st.floats(0.5, 3))
def test_a_sweet_spot_iff_start_and_model_are_on_opposite_sides(data, model, start, t_max):
    sides = (start - data) * (model - data)
    assume(abs(sides) > 1e-3)
    hurt = LAW.sharper(point(t_max=t_max, weight=data, model=model, start=start, restarts=400))
    best_outside = abs(start - data) > abs(model - data)
    if sides < 0:
        assert hurt["over_best"].value > 0
    elif best_outside:  # each restart helps; at the limit only rounding is left
        assert hurt["over_best"].value < 1e-12
    else:
        assert hurt["over_best"].value >= 0


def test_a_bias_on_the_other_side_has_a_sweet_spot():
    same = point(weight=0.5, model=0.55, restarts=50)
    other = point(weight=0.5, model=0.45, restarts=50)
    assert LAW.sharper(same)["over_best"].value == 0.0
    errors = [LAW.exact({**other, "restarts": k}).value for k in range(51)]
    best = int(np.argmin(errors))
    assert 0 < best < 50
    assert errors[-1] == pytest.approx(0.1, abs=1e-7)
    assert LAW.sharper(other)["over_best"].value == pytest.approx(errors[-1] - errors[best])


@check
@given(weight, st.floats(0, 1), st.integers(1, 9), st.floats(0.3, 5))
def test_the_bound_holds_for_a_right_model(data, start, restarts, t_max):
    assume(abs(start - data) > 1e-3)
    given_point = point(weight=data, model=data, start=start, restarts=restarts, t_max=t_max)
    assert LAW.exact(given_point).value <= LAW.printed(given_point).value * (1 + 1e-9)
    noisy = {**given_point, "t_max": 1e4 * t_max}
    assert LAW.exact(noisy).value < 1e-3 * abs(start - data) + 1e-12


def test_void_and_impossible():
    assert LAW.printed(point(model=0.4)) is None
    assert LAW.void(point(model=0.4))
    assert LAW.void(point(restarts=0))
    with pytest.raises(ValueError, match="error to contract"):
        LAW.exact(point(start=0.5))
    assert math.isclose(LAW.sharper(point(model=0.4))["limit"].value, 0.2)
