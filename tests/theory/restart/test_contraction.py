"""Exact contraction on Gaussians, by solvers, by moments, and as operators."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import solve_ivp

from theory.gaussian import kullback_leibler
from theory.gaussian import total_variation as gaussian_total_variation
from theory.restart.contraction import Contraction, factor, pass_factor

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = Contraction()
spread = st.floats(0.05, 20)
interval = st.tuples(st.floats(0.01, 2), st.floats(1.1, 5)).map(lambda p: (p[0], p[0] * p[1]))


def point(**changes):
    return {"spread": 1.0, "t_min": 0.05, "t_max": 1.0, "restarts": 1, "shift": 1.0, **changes}


def test_worked_factors():
    a = pass_factor(1.0, 0.05, 1.0)
    assert factor("ode", 0, a) == pytest.approx(0.7079901, abs=5e-8)
    assert factor("sde", 0, a) == pytest.approx(0.5012500, abs=5e-8)
    assert factor("restart", 5, a) == pytest.approx(0.1259398, abs=5e-8)
    assert factor("restart", 10, a) == pytest.approx(0.02240264, abs=5e-9)
    b = pass_factor(1.0, 1.0, 1.5)
    assert (b, b * b) == pytest.approx((0.7844645, 0.6153846), abs=5e-8)


def test_euler_of_the_sde_agrees():
    t, step = np.linspace(1.0, 0.05, 200_001), 0.95 / 200_000
    product = float(np.prod(1 - 2 * step * t[:-1] / (1 + t[:-1] ** 2)))
    assert product == pytest.approx(0.501248, abs=5e-7)


@check
@given(spread, interval)
def test_the_factors_are_those_of_the_flows(s, span):
    low, high = span

    def slope(t, x):  # the ODE and the mean of the SDE
        return [t * x[0] / (s * s + t * t), 2 * t * x[1] / (s * s + t * t)]

    end = solve_ivp(slope, (high, low), [1.0, 1.0], "DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    a = pass_factor(s, low, high)
    assert end == pytest.approx([factor("ode", 3, a), factor("sde", 3, a)], rel=1e-8)
    assert 0 < a < 1


@check
@given(spread, interval, st.integers(1, 12), st.floats(0.01, 5))
def test_total_variation_is_that_of_the_shifted_gaussians(s, span, restarts, shift):
    given_point = point(spread=s, t_min=span[0], t_max=span[1], restarts=restarts, shift=shift)
    beside, variance = LAW.sharper(given_point), s * s + span[0] ** 2
    zero, matrix = np.zeros(1), np.array([[variance]])
    for process, found in (("ode", "ode"), ("sde", "sde"), ("restart", None)):
        moved = np.array([beside[f"w1_{process}"].value])
        expected = gaussian_total_variation(moved, zero, matrix)
        value = beside[found].value if found else LAW.exact(given_point).value
        assert value == pytest.approx(expected, rel=1e-9)
    assert beside["log_sobolev"].value >= LAW.exact(given_point).value * (1 - 1e-12)


@check
@given(spread, interval, st.floats(0.1, 10), st.integers(1, 10))
def test_scale_of_units(s, span, unit, restarts):
    a = LAW.exact(point(spread=s, t_min=span[0], t_max=span[1], restarts=restarts)).value
    scaled = point(
        spread=unit * s, t_min=unit * span[0], t_max=unit * span[1], restarts=restarts, shift=unit
    )
    assert LAW.exact(scaled).value == pytest.approx(a, rel=1e-9)


def test_one_restart_is_the_sde_and_more_beat_it():
    assert LAW.sharper(point())["gain_over_sde"].value == 0.0
    gains = [LAW.sharper(point(restarts=k))["gain_over_sde"].value for k in (2, 5, 10)]
    assert 0 < gains[0] < gains[1] < gains[2]
    assert LAW.sharper(point())["sde_gain_over_ode"].value > 0


def test_each_restart_contracts_relative_entropy_by_the_log_sobolev_factor():
    a = pass_factor(1.0, 0.05, 1.0)
    constant, added = 1 + 0.05**2, 1 - 0.05**2
    assert a**2 == pytest.approx(constant / (constant + added), rel=1e-12)
    zero, matrix = np.zeros(1), np.array([[constant]])
    entropies = [
        kullback_leibler(np.array([a ** (k + 1)]), matrix, zero, matrix) for k in (0, 1, 2)
    ]
    ratio = constant / (constant + added)
    assert entropies[1] / entropies[0] == pytest.approx(ratio, rel=1e-12)
    assert entropies[2] / entropies[1] == pytest.approx(ratio, rel=1e-12)
    # within sqrt(pi / 2) of a small shift's total variation
    small = point(shift=1e-4, restarts=3)
    ratio = LAW.sharper(small)["log_sobolev"].value / LAW.exact(small).value
    assert ratio == pytest.approx(math.sqrt(math.pi / 2), rel=1e-6)


def test_noise_and_its_reversal_have_the_same_singular_values_for_any_data():
    """Three modes of unequal weight: the SDE contracts chi-squared as one restart does."""
    weights, means, t_min, t_max = np.array([0.2, 0.5, 0.3]), np.array([-2.0, 0.3, 1.7]), 0.4, 1.3
    x = np.linspace(-4.5, 4.5, 400)
    y = np.linspace(-8, 8, 420)

    def density(at, t):
        return stats.norm.pdf(at[:, None], means, t) @ weights

    p_min, p_max = density(x, t_min), density(y, t_max)
    tau = math.sqrt(t_max**2 - t_min**2)
    step = stats.norm.pdf(y[:, None], x, tau)  # p(y | x) [y, x]
    root_x, root_y = np.sqrt(p_min * (x[1] - x[0])), np.sqrt(p_max * (y[1] - y[0]))
    # on square-root scale: noise takes ratios at t_min to ratios at t_max, the SDE back
    noise = step * p_min / p_max[:, None] * (x[1] - x[0])
    reverse = step.T * (y[1] - y[0])
    forward = root_y[:, None] * noise / root_x
    backward = root_x[:, None] * reverse / root_y
    assert np.abs(forward - backward.T).max() < 1e-12
    first = np.linalg.svd(forward, compute_uv=False)
    assert first[0] == pytest.approx(1.0, abs=1e-6)
    assert first[1] < 0.999  # the maximal correlation, which both contract by
    assert first[1] == pytest.approx(np.linalg.svd(backward, compute_uv=False)[1], rel=1e-10)


def test_the_ball_of_four_deviations_promises_nothing():
    given_point = point(restarts=5)
    assert LAW.sharper(given_point)["lambda"].value == pytest.approx(1.479e-8, rel=5e-4)
    assert LAW.printed(given_point).value == pytest.approx(0.276326, abs=5e-7)
    assert LAW.void(given_point)
    assert not LAW.void(LAW.example)
    wide = point(restarts=5, reach=1.0)
    assert LAW.printed(wide).value < 0.2


@pytest.mark.parametrize("changes", [{"t_min": 1.0}, {"spread": 0.0}, {"shift": 0.0}])
def test_impossible_parameters(changes):
    with pytest.raises(ValueError, match=r"restart\.contraction"):
        LAW.exact(point(**changes))
