"""The printed bounds: worked numbers of their parts, and how they grow."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from theory.restart.bound import Constants, added, bound, kept, overlap, sde_exponent

check = settings(max_examples=20, deadline=None, derandomize=True)
interval = st.tuples(st.floats(0.01, 2), st.floats(1.1, 5)).map(lambda p: (p[0], p[0] * p[1]))


@pytest.mark.parametrize(
    ("t_min", "t_max", "expected"),
    [(0.05, 1, 0.3167048), (0.05, 0.3, 7.232327e-4), (0.06, 2, 0.6169165), (1, 1.5, 0.3710934)],
)
def test_overlap_of_two_points(t_min, t_max, expected):
    assert overlap(2.0, t_min, t_max) == pytest.approx(expected, rel=2e-7)
    tau = math.sqrt(t_max**2 - t_min**2)
    assert overlap(2.0, t_min, t_max) == pytest.approx(2 * stats.norm.sf(1 / tau), rel=1e-12)


@pytest.mark.parametrize(
    ("t_min", "t_max", "diameter", "l1", "exponent", "discounted"),
    [
        (0.05, 0.3, 2, 1, 76, 7.1e-37),
        (1, 1.5, 4, 2, 17, 3.05e-9),
        (1, 1.5, 2, 1, 4.25, 0.005293),
    ],
)
def test_the_discount_of_the_sde(t_min, t_max, diameter, l1, exponent, discounted):
    assert sde_exponent(diameter, l1, t_min, t_max) == pytest.approx(exponent, rel=1e-12)
    lam = overlap(diameter, t_min, t_max)
    assert lam * math.exp(-exponent) == pytest.approx(discounted, rel=1e-2)
    constants = Constants(diameter, 0.0, l1, 0.0, 0.0)
    left = kept("sde", 0, constants, t_min, t_max)
    assert left == pytest.approx(1 - lam * math.exp(-exponent), rel=1e-12)


def test_the_parts_of_the_bound_by_hand():
    c = Constants(diameter=3.0, l0=0.7, l1=1.1, l2=0.4, score_error=0.02, step=0.01, dimension=5)
    lam, length = overlap(3.0, 0.5, 2.0), 1.5
    step = 0.01 * (0.4 * 1.1 + 0.7) + 0.02
    ode = 3 * 0.2 + math.exp(0.4 * length) * step * length
    restart = 3 * (1 - lam) ** 4 * 0.2 + math.exp(5 * 0.4 * length) * 5 * step * length
    jitter = 0.4 * (0.01 * 1.1 + math.sqrt(2 * 0.01 * 5 * 2.0))
    sde = 3 * (1 - lam * math.exp(-3 * 1.1 / 0.5 - 1.1**2 * 4 / 0.25)) * 0.2
    sde += math.exp(0.8 * length) * (0.02 + 0.01 * 0.7 + jitter) * length
    assert bound("ode", 9, c, 0.2, 0.5, 2.0) == pytest.approx(ode, rel=1e-12)
    assert bound("restart", 4, c, 0.2, 0.5, 2.0) == pytest.approx(restart, rel=1e-12)
    assert bound("sde", 9, c, 0.2, 0.5, 2.0) == pytest.approx(sde, rel=1e-12)


@check
@given(interval, st.floats(0.1, 20), st.floats(0.01, 3), st.integers(0, 30))
def test_restart_without_restarts_is_the_ode_and_each_one_contracts(span, diameter, l2, restarts):
    c = Constants(diameter, 0.3, 0.5, l2, 0.01, 0.05)
    assert bound("restart", 0, c, 0.4, *span) == pytest.approx(bound("ode", 0, c, 0.4, *span))
    lam = overlap(diameter, *span)
    assert kept("restart", restarts, c, *span) == pytest.approx((1 - lam) ** restarts, rel=1e-9)
    assert kept("sde", 0, c, *span) >= kept("restart", 1, c, *span)
    assert added("restart", restarts + 1, c, *span) > added("restart", restarts, c, *span)


def test_a_bound_beyond_what_a_float_holds_is_infinite():
    c = Constants(2.0, 0.0, 0.0, 1.0, 0.1)
    assert added("restart", 10**4, c, 0.1, 1.0) == math.inf
    assert kept("sde", 0, Constants(1e4, 0.0, 1.0, 1.0, 0.1), 0.1, 1.0) == 1.0
