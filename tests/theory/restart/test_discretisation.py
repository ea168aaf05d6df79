"""Solver errors on a Gaussian: worked numbers, measured orders, the bound."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.restart.discretisation import Discretisation, time_lipschitz
from theory.restart.grid import levels

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = Discretisation()
WORKED = {
    "euler": (0.157630, 0.0796630, 0.0400273, 0.0200606, 0.0100418, 0.00502376),
    "heun": (0.0584289, 0.0127964, 0.00300093, 7.27103e-4, 1.78983e-4, 4.44025e-5),
}
NODES = (16, 32, 64, 128, 256, 512)


def point(**changes):
    start = {"spread": 1.0, "t_min": 0.002, "t_max": 80.0, "start": 80.0}
    return {**start, "solver": "heun", "grid": "edm", "steps": 31, **changes}


@pytest.mark.parametrize("solver", list(WORKED))
def test_worked_errors_from_80(solver):
    found = [LAW.exact(point(solver=solver, steps=n - 1)).value for n in NODES]
    assert found == pytest.approx(WORKED[solver], rel=4e-6)
    assert 80 * math.hypot(1, 0.002) / math.hypot(1, 80) == pytest.approx(
        0.99992388399585, abs=5e-15
    )


@pytest.mark.parametrize(("solver", "order"), [("euler", 1), ("theorem", 1), ("heun", 2)])
def test_measured_order(solver, order):
    steps = np.array([256, 512, 1024, 2048])
    errors = [LAW.exact(point(solver=solver, steps=int(n))).value for n in steps]
    slope = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    print(f"slope {slope:.4f}, declared {order}")
    assert slope == pytest.approx(order, abs=0.03)
    beside = LAW.sharper(point(solver=solver, steps=1024))
    assert beside["declared_order"].value == order
    assert beside["order"].value == pytest.approx(order, abs=0.02)


def test_the_steps_are_those_of_a_solver():
    """Each kind of step written out on the ODE dx/dt = t x / (s^2 + t^2) itself."""
    times, s = levels("uniform", 8, 0.3, 2.0), 0.7

    def slope(x, t):
        return t * x / (s * s + t * t)

    x = {"theorem": 1.0, "euler": 1.0, "heun": 1.0}
    for t, u in pairwise(times):
        x["theorem"] -= 0.5 * (u**2 - t**2) * (-x["theorem"] / (s * s + t * t))
        x["euler"] += (u - t) * slope(x["euler"], t)
        there = x["heun"] + (u - t) * slope(x["heun"], t)
        x["heun"] += (u - t) / 2 * (slope(x["heun"], t) + slope(there, u))
    right = math.hypot(s, 0.3) / math.hypot(s, 2.0)
    for solver, end in x.items():
        given_point = point(
            spread=s, t_min=0.3, t_max=2.0, start=1.0, solver=solver, grid="uniform", steps=7
        )
        assert LAW.exact(given_point).value == pytest.approx(abs(end - right), rel=1e-9)


@check
@given(
    st.floats(0.05, 10), st.floats(0.01, 1), st.floats(1.2, 20), st.integers(1, 200),
    st.floats(0.1, 5),
)  # fmt: skip
def test_theorem_3_bounds_its_own_step(s, low, ratio, steps, start):
    given_point = point(
        spread=s, t_min=low, t_max=low * ratio, start=start, solver="theorem", grid="uniform",
        steps=steps,
    )  # fmt: skip
    printed = LAW.printed(given_point)
    assert printed is None or LAW.exact(given_point).value <= printed.value


@check
@given(st.floats(0.05, 10), st.floats(0.01, 1), st.floats(1.2, 20))
def test_the_lipschitz_constant_in_time(s, low, ratio):
    t = np.linspace(low, low * ratio, 20_001)
    slope = np.abs(np.diff(t / (s * s + t * t)) / np.diff(t)).max()
    assert time_lipschitz(s, low, low * ratio) == pytest.approx(slope, rel=2e-3)


def test_other_steps_have_no_bound():
    assert LAW.printed(point()) is None
    assert LAW.void(point())
    assert not LAW.void(LAW.example)
    with pytest.raises(ValueError, match="t_min"):
        LAW.exact(point(t_min=90.0))
    with pytest.raises(ValueError, match="no grid"):
        levels("edm", 1, 0.1, 1.0)
    with pytest.raises(ValueError, match="edm, uniform"):
        levels("cosine", 4, 0.1, 1.0)
