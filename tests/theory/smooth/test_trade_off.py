"""The cost of the regulariser: its optimum by other routes, its order, its limit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from theory.smooth.regulariser import Regulariser
from theory.smooth.trade_off import (
    TradeOff,
    excess_loss,
    gradient,
    optimum,
    regulariser,
    wiener,
)

check = settings(max_examples=5, deadline=None, derandomize=True)
LAW = TradeOff()
DATA = np.array([4.0, 1.0, 0.25])
spectra = st.lists(st.floats(0.05, 20), min_size=2, max_size=4).map(np.array)
levels = st.floats(0.05, 0.95)


def excess(weight, abar=0.5, variances=DATA):
    point = {"variances": variances.tolist(), "abar": abar, "weight": weight}
    return LAW.exact(point).value


@check
@given(spectra, levels, st.floats(0.01, 100))
def test_the_gradient_is_that_of_the_loss(variances, abar, weight):
    best, _ = wiener(variances, abar)
    shift = 0.2 * best * np.cos(np.arange(len(best)) + 1)

    def loss(x):
        return excess_loss(x, variances, abar) + weight * regulariser(best + x, abar)

    for i, found in enumerate(gradient(shift, variances, abar, weight)):
        step = np.zeros_like(best)
        step[i] = 1e-5 * best[i]
        difference = (loss(shift + step) - loss(shift - step)) / (2 * step[i])
        scale = np.abs(gradient(shift, variances, abar, weight)).max()
        assert found == pytest.approx(difference, abs=1e-5 * scale)


@pytest.mark.parametrize("weight", [0.1, 1.0, 10.0, 100.0])
def test_the_optimum_is_the_best_from_many_starts(weight):
    best, _ = wiener(DATA, 0.5)

    def loss(x):
        return excess_loss(x, DATA, 0.5) + weight * regulariser(np.abs(best + x) + 1e-12, 0.5)

    reached = loss(optimum(DATA, 0.5, weight))
    rng = np.random.default_rng(0)
    for _ in range(4):
        start = best * rng.uniform(-0.9, 2.0, 3)
        other = optimize.minimize(loss, start, method="Nelder-Mead", options={"maxiter": 800})
        assert reached <= other.fun * (1 + 1e-9)


def test_the_base_loss_is_that_of_the_noise():
    """E (eps - epshat)^2 a pixel on draws, against its excess over the exact denoiser's."""
    rng, abar, shift = np.random.default_rng(3), 0.4, np.array([0.1, -0.2, 0.05])
    a, sigma = math.sqrt(abar), math.sqrt(1 - abar)
    x0, eps = rng.standard_normal((2, 100_000, 3))
    xt = a * x0 * np.sqrt(DATA) + sigma * eps
    best, _ = wiener(DATA, abar)
    errors = [((eps - (xt - a * g * xt) / sigma) ** 2).mean(axis=1) for g in (best + shift, best)]
    gap = errors[0] - errors[1]
    assert abs(gap.mean() - excess_loss(shift, DATA, abar)) < 4 * gap.std() / math.sqrt(len(gap))


def test_at_the_wiener_gains_the_regulariser_is_that_of_the_exact_denoiser():
    known = Regulariser().exact({"covariance": DATA.tolist(), "abar": 0.5}).value
    assert regulariser(wiener(DATA, 0.5)[0], 0.5) == pytest.approx(known, rel=1e-12)
    assert LAW.sharper(LAW.example)["regulariser_without"].value == pytest.approx(known, rel=1e-12)


@check
@given(spectra, levels)
def test_the_excess_rises_and_the_regulariser_falls(variances, abar):
    if np.ptp(variances) < 1e-3:
        return
    best, _ = wiener(variances, abar)
    shifts = [optimum(variances, abar, weight) for weight in (0.0, 0.1, 1.0, 10.0, 100.0)]
    costs = np.array([excess_loss(shift, variances, abar) for shift in shifts])
    left = np.array([regulariser(best + shift, abar) for shift in shifts])
    assert costs[0] == 0.0
    assert (np.diff(costs) > 0).all()
    assert (np.diff(left) < 0).all()
    point = {"variances": variances.tolist(), "abar": abar, "weight": 100.0}
    assert costs[-1] < LAW.sharper(point)["limit"].value


def test_it_is_of_second_order_in_a_small_weight():
    weights = np.array([1e-3, 1e-2, 1e-1])
    slope = np.polyfit(np.log(weights), np.log([excess(w) for w in weights]), 1)[0]
    print(f"slope {slope:.4f}, declared 2")
    assert slope == pytest.approx(2, abs=0.01)


def test_a_large_weight_collapses_the_denoiser():
    limit = LAW.sharper(LAW.example)["limit"].value
    gaps = [limit - excess(weight) for weight in (1e3, 1e4, 1e5)]
    assert (np.diff(np.log10(gaps)) < -0.9).all()
    assert gaps[-1] < 1e-3 * limit
    collapsed = wiener(DATA, 0.5)[0] + optimum(DATA, 0.5, 1e6)
    c = math.sqrt(0.5) * DATA.sum() / (0.5 * DATA.sum() + 1.5)
    assert collapsed == pytest.approx(np.full(3, c), rel=1e-4)


def test_isotropic_data_cost_nothing_and_exactly_so():
    point = {"variances": [2.0, 2.0, 2.0], "abar": 0.4, "weight": 10.0}
    assert LAW.exact(point).value == 0.0
    assert all(value.value == 0.0 for value in LAW.sharper(point).values())


@check
@given(st.permutations([4.0, 1.0, 0.25]))
def test_the_order_of_the_directions_does_not_matter(variances):
    found = LAW.exact({"variances": list(variances), "abar": 0.5, "weight": 1.0}).value
    assert found == pytest.approx(excess(1.0), rel=1e-9)


def test_impossible_points_are_refused():
    for change, match in (
        ({"abar": 1.0}, "abar="),
        ({"weight": -1.0}, "weight="),
        ({"variances": [1.0, 0.0]}, "variances="),
    ):
        with pytest.raises(ValueError, match=match):
            LAW.exact({**LAW.example, **change})
