"""The error of ODE, SDE and Restart with a score off by a constant, and the printed bounds."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from theory.restart.biased_score import (
    BiasedScore,
    additional,
    lipschitz,
    mean_error,
    ode_displacement,
    sde_displacement,
)
from theory.restart.contraction import pass_factor, shrinkage

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = BiasedScore()
spread = st.floats(0.05, 20)
interval = st.tuples(st.floats(0.01, 2), st.floats(1.1, 5)).map(lambda p: (p[0], p[0] * p[1]))
plane = st.tuples(st.floats(-1, 1), st.floats(-1, 1))


def point(**changes):
    start = {"spread": 1.0, "t_min": 0.05, "t_max": 1.0, "restarts": 2}
    return {**start, "error": [1.0], "score_error": [0.02], **changes}


@check
@given(spread, interval)
def test_displacements_are_those_of_the_flows(s, span):
    low, high = span

    def slope(t, x):
        return [t * x[0] / (s * s + t * t) - 1, 2 * t * x[1] / (s * s + t * t) - 2]

    end = solve_ivp(slope, (high, low), [0.0, 0.0], "DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    assert end[0] == pytest.approx(ode_displacement(s, low, high), rel=1e-8)
    assert end[1] == pytest.approx(sde_displacement(s, low, high), rel=1e-8)


def test_worked_displacement():
    assert ode_displacement(1.0, 0.05, 1.0) == pytest.approx(0.8324330, abs=5e-8)
    assert ode_displacement(1.0, 0.05, 1.0) == pytest.approx(0.8324329912, abs=5e-10)


@pytest.mark.parametrize(
    ("restarts", "total", "term"),
    [
        (0, 0.724639, 0.0306),
        (1, 0.529686, 0.0983),
        (2, 0.391661, 0.237),
        (5, 0.175774, 1.97),
        (10, 0.078139, 38.8),
        (20, 0.057682, 8.6e3),
        (50, 0.057014, 3.2e10),
    ],
)
def test_worked_totals_and_bounds(restarts, total, term):
    given_point = point(restarts=restarts)
    beside = LAW.sharper(given_point)
    assert LAW.exact(given_point).value == pytest.approx(total, abs=5.1e-7)
    assert beside["score_term"].value == pytest.approx(term, rel=7e-3)
    contracted = LAW.printed(given_point).value - beside["score_term"].value
    if restarts <= 20:
        assert contracted == pytest.approx(3.126, abs=5.1e-4)
    assert beside["over_best"].value == 0.0  # a bias of the sign of the error: monotone
    assert LAW.void(given_point) == (restarts >= 10)


def test_constants_of_the_worked_bound():
    assert lipschitz(1.0, 0.05, 1.0) == 0.5
    assert lipschitz(0.5, 0.05, 1.0) == 1.0
    assert lipschitz(3.0, 0.05, 1.0) == pytest.approx(0.1)
    assert 2 * 4 * math.hypot(1, 1) == pytest.approx(11.3137, abs=5e-5)


@check
@given(spread, interval, plane, plane, st.integers(0, 6))
def test_restarts_by_repeating_passes(s, span, error, score, restarts):
    a, once = pass_factor(s, *span), ode_displacement(s, *span)
    e, eps = np.array(error), np.array(score)
    mean = a * e + once * eps
    for _ in range(restarts):
        mean = a * mean + once * eps
    found = mean_error("restart", restarts, s, *span, e, eps)
    assert found == pytest.approx(mean, rel=1e-9, abs=1e-12)


@check
@given(spread, interval)
def test_the_additional_error_saturates(s, span):
    values = [additional("restart", k, s, *span) for k in (0, 1, 3, 10, 10**9)]
    assert all(x <= y for x, y in pairwise(values))
    limit = ode_displacement(s, *span) / shrinkage(s, *span)
    assert shrinkage(s, *span) == pytest.approx(1 - pass_factor(s, *span), abs=1e-15)
    assert values[-1] == pytest.approx(limit, rel=1e-3)
    assert values[0] == pytest.approx(ode_displacement(s, *span), rel=1e-9)


@check
@given(plane, st.floats(0, 2 * math.pi), st.floats(0.02, 0.5))
def test_restarts_hurt_in_the_end_where_the_bias_exceeds_the_error_along_it(error, angle, size):
    eps = size * np.array([math.cos(angle), math.sin(angle)])
    e = np.array(error)
    b = ode_displacement(1.0, 0.05, 1.0) * eps / (1 - pass_factor(1.0, 0.05, 1.0))
    margin = float(b @ b - b @ e)
    if abs(margin) < 1e-3 or np.linalg.norm(e - b) < 1e-3:
        return
    last = [
        float(np.linalg.norm(mean_error("restart", k, 1.0, 0.05, 1.0, e, eps))) for k in (22, 23)
    ]
    assert (last[1] > last[0]) == (margin > 0)


def test_the_sweet_spot_needs_another_direction():
    same = [LAW.sharper(point(restarts=k))["over_best"].value for k in (1, 5, 20)]
    opposite = [
        LAW.sharper(point(restarts=k, score_error=[-0.02]))["over_best"].value for k in (5, 20)
    ]
    across = point(error=[1.0, 0.0], score_error=[0.0, 0.02], restarts=30)
    assert same == [0.0, 0.0, 0.0]
    assert opposite[0] == 0.0
    assert opposite[1] > 0.01
    assert LAW.sharper(across)["over_best"].value > 0
    errors = [LAW.exact({**across, "restarts": k}).value for k in range(31)]
    best = int(np.argmin(errors))
    assert 0 < best < 30
    assert np.all(np.diff(errors[: best + 1]) < 0)
    assert np.all(np.diff(errors[best:]) > 0)


def test_the_score_term_of_the_sde_lacks_a_factor_two():
    for s, broken in ((1.0, False), (2.0, True), (10.0, True)):
        given_point = point(spread=s, process="sde", error=[0.0], score_error=[0.1])
        beside = LAW.sharper(given_point)
        exact = LAW.exact(given_point).value
        assert (exact > LAW.printed(given_point).value) == broken
        assert exact <= beside["score_term_corrected"].value
    wide = 0.1 * 2 * 0.95
    assert exact == pytest.approx(wide, rel=5e-3)  # 2 eps Delta in the limit of wide data
    assert beside["score_term_corrected"].value / exact == pytest.approx(1.0, abs=0.03)


@check
@given(spread, interval, st.integers(0, 8), st.floats(-0.2, 0.2), st.floats(0.01, 3.9))
def test_ode_and_restart_obey_their_additional_bound(s, span, restarts, eps, error):
    for process in ("ode", "restart"):
        given_point = point(
            spread=s, t_min=span[0], t_max=span[1], process=process, restarts=restarts,
            error=[error * math.hypot(s, span[1])], score_error=[eps],
        )  # fmt: skip
        beside = LAW.sharper(given_point)
        if "score_term" in beside:
            assert beside["additional"].value <= beside["score_term"].value * (1 + 1e-12)
            assert LAW.exact(given_point).value <= LAW.printed(given_point).value
    assert LAW.printed(point(error=[6.0])) is None  # beyond the ball


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"t_max": 0.05}, "t_min"),
        ({"error": [1.0, 0.0]}, "dimension"),
        ({"error": [0.0], "score_error": [0.0]}, "no error at all"),
    ],
)
def test_impossible_parameters(changes, words):
    with pytest.raises(ValueError, match=words):
        LAW.exact(point(**changes))
