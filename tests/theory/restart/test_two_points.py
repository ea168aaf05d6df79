"""Two points: the bound attained, its failure at a t_min that is not small, and the SDE."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from theory.restart import two_points
from theory.restart.bound import overlap
from theory.restart.two_points import TwoPoints, largest_drift, odd_part, tail, uphill

check = settings(max_examples=15, deadline=None, derandomize=True)
LAW = TwoPoints()
interval = st.tuples(st.floats(0.002, 1), st.floats(1.3, 20)).map(lambda p: (p[0], p[0] * p[1]))


def point(**changes):
    return {"t_min": 0.002, "t_max": 1.0, "process": "restart", "restarts": 1, **changes}


@pytest.mark.parametrize(
    ("restarts", "printed", "measured", "error"),
    [(1, 0.341345, 0.341924, 5e-4), (2, 0.233033, 0.233654, 5e-4)],
)
def test_worked_weight_errors(restarts, printed, measured, error):
    beside = LAW.sharper(point(restarts=restarts))
    assert beside["weight_error_printed"].value == pytest.approx(printed, abs=5.1e-7)
    assert abs(beside["weight_error"].value - measured) < 4 * error


@pytest.mark.parametrize("t_max", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("restarts", [1, 2, 5])
def test_the_bound_is_attained_as_t_min_tends_to_0(t_max, restarts):
    gaps = []
    for t_min in (0.016, 0.004, 0.001):
        given_point = point(t_min=t_min, t_max=t_max, restarts=restarts)
        gaps.append(abs(LAW.exact(given_point).value / LAW.printed(given_point).value - 1))
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 5e-3
    slope = np.polyfit(np.log([0.016, 0.004, 0.001]), np.log(gaps), 1)[0]
    print(f"slope {slope:.3f}, declared 1 or more")
    assert slope > 0.9


def test_the_largest_deviation_at_a_t_min_of_a_twentieth():
    beside = {k: LAW.sharper(point(t_min=0.05, restarts=k)) for k in range(1, 11)}
    gaps = {k: b["weight_error"].value - b["weight_error_printed"].value for k, b in beside.items()}
    assert gaps[1] < 0 < gaps[2]
    assert max(gaps, key=lambda k: gaps[k]) in (3, 4, 5)
    assert 0.0040 < max(gaps.values()) < 0.0046
    for k in beside:  # a ball with room for the noise holds everything
        wide = point(t_min=0.05, restarts=k, margin=4.0)
        assert LAW.exact(wide).value <= LAW.printed(wide).value


def test_against_particles():
    """The ODE by Heun steps, restarts by drawn noise, 20,000 particles."""
    generator, t_min, t_max, n = np.random.default_rng(5), 0.05, 1.0, 20_000
    times = np.geomspace(t_max, t_min, 161)

    def slope(x, t):
        return (x - np.tanh(x / t**2)) / t

    def down(x):
        for t, u in pairwise(times):
            first = slope(x, t)
            x = x + (u - t) / 2 * (first + slope(x + (u - t) * first, u))
        return x

    x = down(np.abs(generator.choice([-1.0, 1.0], n) + t_max * generator.standard_normal(n)))
    for restarts in (1, 2, 3):
        x = down(x + math.sqrt(t_max**2 - t_min**2) * generator.standard_normal(n))
        given_point = point(t_min=t_min, restarts=restarts)
        weight, mean = float((x > 0).mean()) - 0.5, float(x.mean())
        assert abs(weight - LAW.sharper(given_point)["weight_error"].value) < 4 * 0.5 / n**0.5
        assert abs(mean - LAW.exact(given_point).value) < 4 * x.std() / n**0.5


@check
@given(interval)
def test_one_restart_and_the_sde_leave_the_same_weights(span):
    errors = []
    for process in ("restart", "sde"):
        _, mass, r = odd_part(process, 1, *span)
        errors.append(float(r @ mass))
    assert errors[0] == pytest.approx(errors[1], rel=1e-9)
    _, mass, r = odd_part("ode", 1, *span)
    assert float(r @ mass) == pytest.approx(0.5, rel=1e-12)


@check
@given(interval, st.integers(0, 6))
def test_restarts_keep_the_right_law_and_contract(span, restarts):
    """The ratio stays between 0 and 1, and falls with every restart in the mean."""
    _, mass, before = odd_part("restart", restarts, *span)
    _, _, after = odd_part("restart", restarts + 1, *span)
    heavy = mass > 1e-12
    assert np.all(after[heavy] >= -1e-9)
    assert np.all(after[heavy] <= 1 + 1e-9)
    assert float(after @ mass) <= float(before @ mass) * (1 + 1e-12)
    if span[1] > 0.3:  # below, a point crosses with probability under 1e-3
        assert float(after @ mass) < float(before @ mass)


@check
@given(interval)
def test_the_flow_keeps_ranks(span):
    x = 1 + span[0] * np.array([-2.0, -1.0, 0.0, 0.7, 5.0])
    x = x[x > 0.05]
    y = uphill(x, *span)
    assert tail(y, span[1]) == pytest.approx(tail(x, span[0]), rel=1e-9)

    def slope(t, z):
        return (z - np.tanh(z / t**2)) / t

    down = solve_ivp(slope, (span[1], span[0]), y, "DOP853", rtol=1e-11, atol=1e-12).y[:, -1]
    assert down == pytest.approx(x, rel=1e-7)


def test_the_rule_is_fine_enough(monkeypatch):
    cases = [(0.002, 1.0), (0.05, 1.0), (0.06, 2.0), (1.0, 1.5)]
    coarse = [LAW.exact(point(t_min=a, t_max=b, restarts=3)).value for a, b in cases]
    monkeypatch.setattr(two_points, "PANEL", 24)
    two_points.transition.cache_clear()
    fine = [LAW.exact(point(t_min=a, t_max=b, restarts=3)).value for a, b in cases]
    two_points.transition.cache_clear()
    assert coarse == pytest.approx(fine, rel=1e-9)


@pytest.mark.parametrize("span", [(0.05, 1.0), (0.3, 0.9), (1.0, 1.5), (0.7, 3.0)])
@pytest.mark.parametrize("radius", [1.0, 1.4])
def test_the_largest_drift(span, radius):
    t, x = np.linspace(*span, 1201)[:, None], np.linspace(0, radius, 4001)
    with np.errstate(over="ignore"):
        found = float(np.abs((np.tanh(x / t**2) - x) / t).max())
    assert largest_drift(radius, *span) == pytest.approx(found, rel=1e-3)
    assert largest_drift(radius, *span) >= found * (1 - 1e-12)


def test_the_bound_of_the_sde_says_nothing_at_small_noise_and_something_at_large():
    small, large = point(t_min=0.05, process="sde"), point(t_min=1.0, t_max=1.5, process="sde")
    assert LAW.void(small)
    assert LAW.printed(small).value == 1.0
    assert not LAW.void(large)
    lam = overlap(2.0, 1.0, 1.5)
    assert 1 - lam < LAW.printed(large).value < 1
    with pytest.raises(ValueError, match=r"0\.001"):
        LAW.exact(point(t_min=1e-4))
