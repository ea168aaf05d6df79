"""True and learned reward against gamma: by quadrature, their maxima, the threshold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from theory.ctrl.over_optimisation import OverOptimisation, best_power
from theory.ctrl.tilt import Tilt

LAW = OverOptimisation()
BASE = {"y": 1.5, "noise_variance": 0.5}
check = settings(max_examples=20, deadline=None, derandomize=True)


def true(gamma, shift, **changes):
    return LAW.exact({**BASE, **changes, "gamma": gamma, "shift": shift}).value


def learned(gamma, shift, **changes):
    return LAW.printed({**BASE, **changes, "gamma": gamma, "shift": shift}).value


def test_both_rewards_are_the_expected_log_likelihoods():
    """By Gauss-Hermite on the density p^(y|x)^gamma p_pre(x), from its definition."""
    gamma, shift = 2.0, 0.7
    grid = np.linspace(-9, 11, 200_001)
    classifier = stats.norm.logpdf(1.5 + shift, grid, math.sqrt(0.5))
    density = np.exp(gamma * classifier + stats.norm.logpdf(grid))
    density /= density.sum()
    target = stats.norm.logpdf(1.5, grid, math.sqrt(0.5))
    assert true(gamma, shift) == pytest.approx((density * target).sum(), rel=1e-9)
    assert learned(gamma, shift) == pytest.approx((density * classifier).sum(), rel=1e-9)


@pytest.mark.parametrize(("gamma", "shift"), [(1.0, 0.5), (0.3, -1.2), (4.0, 0.0), (6.0, 2.0)])
def test_the_distance_from_the_conditional_is_its_integral(gamma, shift):
    """KL(pi^ || p(x|y)) by quadrature of both densities from their definitions."""
    grid = np.linspace(-9, 11, 20_001)
    prior = stats.norm.logpdf(grid)
    logs = []
    for power, y in ((gamma, 1.5 + shift), (1.0, 1.5)):
        log_density = power * stats.norm.logpdf(y, grid, math.sqrt(0.5)) + prior
        logs.append(log_density - math.log(np.exp(log_density).sum()))
    exact = (np.exp(logs[0]) * (logs[0] - logs[1])).sum()
    found = LAW.sharper({**BASE, "gamma": gamma, "shift": shift})["from_conditional"].value
    assert found == pytest.approx(exact, rel=1e-9, abs=1e-15)


@check
@given(st.floats(-2, 2), st.floats(0.1, 3), st.floats(0.05, 20))
def test_what_is_learned_always_rises(shift, noise, gamma):
    assert learned(gamma * 1.1, shift, noise_variance=noise) >= learned(
        gamma, shift, noise_variance=noise
    )


def test_a_true_classifier_is_what_it_says_and_rises():
    values = [true(gamma, 0.0) for gamma in (0.1, 0.5, 1.0, 3.0, 10.0, 100.0)]
    assert values == sorted(values)
    assert values == [learned(gamma, 0.0) for gamma in (0.1, 0.5, 1.0, 3.0, 10.0, 100.0)]
    assert best_power(Tilt(1.0, 1.5, 0.5), 0.0) is None


@pytest.mark.parametrize("shift", [0.5, 1.0, -2.5])
def test_the_best_power_is_the_maximum(shift):
    found = best_power(Tilt(1.0, 1.5, 0.5), shift)
    best = optimize.minimize_scalar(
        lambda log_gamma: -true(math.exp(log_gamma), shift), bounds=(-12, 8), method="bounded"
    )
    if found > 0:
        assert math.log(found) == pytest.approx(best.x, abs=1e-4)
    else:
        assert math.exp(best.x) < 1e-4  # at the edge: no control at all is best
    point = {**BASE, "gamma": 1.0, "shift": shift}
    assert LAW.sharper(point)["best_power"].value == found


def test_over_optimisation_begins_where_the_bias_exceeds_half_the_prior_over_the_way():
    """2 delta (a + delta) = v: delta = (-a + sqrt(a^2 + 2 v)) / 2."""
    edge = (-1.5 + math.sqrt(1.5**2 + 2)) / 2
    tilt = Tilt(1.0, 1.5, 0.5)
    assert best_power(tilt, edge - 1e-9) is None
    assert best_power(tilt, edge + 1e-6) > 1e4
    powers = [1.0, 10.0, 100.0, 1e4]
    below = [true(gamma, edge - 0.05) for gamma in powers]
    assert below == sorted(below)
    above = [true(gamma, edge + 0.2) for gamma in powers]
    assert above != sorted(above)


def test_the_variance_is_spent_and_the_law_leaves_the_conditional():
    beside = LAW.sharper({**BASE, "gamma": 1.0, "shift": 0.0})
    assert beside["from_conditional"].value == 0.0
    for gamma in (0.5, 3.0, 1e6):
        beside = LAW.sharper({**BASE, "gamma": gamma, "shift": 0.0})
        assert beside["variance"].value == pytest.approx(1 / (1 + gamma / 0.5), rel=1e-12)
    far = [
        LAW.sharper({**BASE, "gamma": gamma, "shift": 0.0})["from_conditional"].value
        for gamma in (1e4, 1e6)
    ]
    assert far[1] - far[0] == pytest.approx(0.5 * math.log(100), rel=1e-3)


def test_the_threshold_scales_with_the_units():
    """Lengths in other units: the same best power."""
    one = best_power(Tilt(1.0, 1.5, 0.5, 0.2, 1.3), 0.8)
    other = best_power(Tilt(1.0, 15.0, 50.0, 2.0, 130.0), 8.0)
    assert one == pytest.approx(other, rel=1e-12)
