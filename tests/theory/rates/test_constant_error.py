"""A constant score error, against the moments of the sampler by an ODE solver."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.rates.constant_error import ConstantError, ode_shift, sde_shift

LAW = ConstantError()
check = settings(max_examples=20, deadline=None, derandomize=True)
variances = st.one_of(st.floats(0.02, 0.98), st.floats(1.02, 50))


@pytest.mark.parametrize(
    ("horizon", "shift", "exact", "bound"),
    [
        (1.0, 0.1264241, 0.00799153, 0.01),
        (3.0, 0.1900426, 0.0180581, 0.03),
        (10.0, 0.1999909, 0.0199982, 0.1),
    ],
)
def test_the_sde_forgets(horizon, shift, exact, bound):
    point = {"epsilon": 0.1, "horizon": horizon}
    assert LAW.sharper(point)["shift"].value == pytest.approx(shift, abs=5.1e-8)
    assert LAW.sharper(point)["shift"].value == pytest.approx(-0.2 * math.expm1(-horizon))
    assert LAW.exact(point).value == pytest.approx(exact, rel=4e-6)
    assert LAW.printed(point).value == pytest.approx(bound, rel=1e-12)


@pytest.mark.parametrize("horizon", [1.0, 3.0, 10.0])
def test_the_ode_does_not(horizon):
    point = {"epsilon": 0.1, "horizon": horizon, "sampler": "ode"}
    assert LAW.sharper(point)["shift"].value == pytest.approx(0.1 * horizon, rel=1e-12)
    assert LAW.exact(point).value == pytest.approx(0.005 * horizon**2, rel=1e-12)
    assert LAW.printed(point) is None
    assert LAW.void(point)
    # epsilon^2 T, of which the theorem does not speak here, is too small from T = 2 on
    assert (LAW.sharper(point)["girsanov"].value < LAW.exact(point).value) == (horizon > 2)


def test_euler_steps_of_the_mean():
    mean, steps = 0.0, 3000
    for _ in range(steps):
        mean += 3 / steps * (-mean + 2 * 0.1)
    assert mean == pytest.approx(0.1900575, abs=5.1e-8)
    assert mean == pytest.approx(0.1 * sde_shift(1.0, 3.0), rel=1e-4)


@check
@given(variances, st.floats(0.05, 6))
def test_shifts_by_solving_for_the_mean(v, horizon):
    def marginal(back: float) -> float:
        return 1 + (v - 1) * math.exp(-2 * (horizon - back))

    def means(back: float, m: np.ndarray) -> list[float]:
        big = marginal(back)
        return [m[0] + 2 * (1 - m[0] / big), m[1] + 1 - m[1] / big]

    end = integrate.solve_ivp(means, (0, horizon), [0, 0], rtol=1e-10, atol=1e-12).y[:, -1]
    assert sde_shift(v, horizon) == pytest.approx(end[0], rel=1e-6)
    assert ode_shift(v, horizon) == pytest.approx(end[1], rel=1e-6)


@check
@given(st.floats(0.02, 50), st.floats(0.01, 30), st.floats(-3, 3))
def test_the_bound_holds_and_loosens_with_time(v, horizon, epsilon):
    if epsilon == 0:
        return
    point = {"epsilon": epsilon, "horizon": horizon, "variance": v}
    later = {**point, "horizon": 2 * horizon}
    exact, bound = LAW.exact(point).value, LAW.printed(point).value
    assert exact <= bound * (1 + 1e-9)
    assert LAW.printed(later).value == pytest.approx(2 * bound)
    assert exact <= LAW.exact(later).value * (1 + 1e-12)
    assert sde_shift(v, horizon) <= math.sqrt(2 * v * horizon) * (1 + 1e-9)


@check
@given(st.floats(0.1, 10))
def test_the_bound_is_attained_by_a_consistent_error(v):
    """epsilon(t) = e^-t / V_t, the score error of a shifted p_0: Cauchy-Schwarz is an equality."""

    def weight(t: float) -> float:
        return math.exp(-t) / (1 + (v - 1) * math.exp(-2 * t))

    squares = integrate.quad(lambda t: weight(t) ** 2, 0, np.inf, epsabs=1e-13)[0]
    shift = 2 * v * squares
    assert shift**2 / (2 * v) == pytest.approx(squares, rel=1e-8)
    assert squares == pytest.approx(1 / (2 * v), rel=1e-8)


@check
@given(st.floats(0.01, 20))
def test_near_a_variance_of_one_nothing_jumps(horizon):
    for shift in (sde_shift, ode_shift):
        at = shift(1.0, horizon)
        assert shift(1 + 1e-9, horizon) == pytest.approx(at, rel=1e-7)
        assert shift(1 - 1e-9, horizon) == pytest.approx(at, rel=1e-7)


def test_no_error_costs_nothing_and_is_refused():
    with pytest.raises(ValueError, match="epsilon=0"):
        LAW.exact({"epsilon": 0.0, "horizon": 1.0})
