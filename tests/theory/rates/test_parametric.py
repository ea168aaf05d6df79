"""The parametric benchmark: closed forms by simulation, and the rate by regression."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from theory.rates.parametric import ParametricSlope, ParametricTV, expected_total_variation, slope

TV, SLOPE = ParametricTV(), ParametricSlope()
check = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("dimension", "n", "divergence", "tv", "error"),
    [
        (4, 100, 0.02, 0.0748930, 6e-5),
        (4, 400, 0.005, 0.0374360, 4e-5),
        (16, 100, 0.08, 0.155977, 8e-5),
    ],
)
def test_worked_numbers(dimension, n, divergence, tv, error):
    """Those of the total variation are simulations with about this standard error."""
    point = {"dimension": dimension, "n": n}
    assert TV.sharper(point)["divergence"].value == pytest.approx(divergence, rel=1e-12)
    assert TV.exact(point).value == pytest.approx(tv, abs=4 * error)


def test_pinsker_before_the_mean_is_taken():
    point = {"dimension": 4, "n": 100}
    assert TV.sharper(point)["pinsker"].value == pytest.approx(0.0940600, abs=4 * 6e-5)
    assert TV.printed(point).value == pytest.approx(0.1, rel=1e-12)


def test_everything_by_simulation():
    d, n, draws = 3, 20, 200_000
    squares = np.random.default_rng(3).chisquare(d, draws) / n
    tv, kl = special.erf(np.sqrt(squares / 8)), squares / 2
    beside = TV.sharper({"dimension": d, "n": n, "horizon": 1.0})
    for values, found in (
        (tv, TV.exact({"dimension": d, "n": n}).value),
        (kl, beside["divergence"].value),
        (np.sqrt(kl / 2), beside["pinsker"].value),
        (kl * -math.expm1(-2.0), beside["score_error"].value),
    ):
        assert values.mean() == pytest.approx(found, abs=4 * values.std() / math.sqrt(draws))


@check
@given(st.integers(1, 200), st.integers(1, 5000))
def test_the_mean_by_quadrature_and_its_bounds(dimension, n):
    scale = math.sqrt(8 * n)
    expected = integrate.quad(
        lambda c: special.erf(c / scale) * stats.chi.pdf(c, dimension),
        max(0, math.sqrt(dimension) - 12),
        math.sqrt(dimension) + 12,
        epsabs=1e-12,
        limit=200,
    )[0]
    point = {"dimension": dimension, "n": n}
    exact, beside = TV.exact(point).value, TV.sharper(point)
    assert exact == pytest.approx(expected, rel=1e-7)
    assert exact <= beside["leading"].value * (1 + 1e-12)
    assert exact <= beside["pinsker"].value <= TV.printed(point).value * (1 + 1e-12)
    assert TV.void(point) == (4 * n <= dimension)


@check
@given(st.integers(1, 100), st.integers(10, 3000))
def test_the_slope_is_a_derivative(dimension, n):
    x = [special.betainc(0.5, dimension / 2, 1 / (4 * n * f + 1)) for f in (1 - 1e-5, 1 + 1e-5)]
    assert slope(dimension, n) == pytest.approx(math.log(x[1] / x[0]) / 2e-5, rel=1e-5)


def test_the_measured_rate_is_one_half():
    n = np.array([1000, 2000, 4000, 8000])
    values = [expected_total_variation(8, int(k)) for k in n]
    found = np.polyfit(np.log(n), np.log(values), 1)[0]
    print(f"slope {found:.5f}, declared -0.5")
    assert found == pytest.approx(-0.5, abs=1e-3)
    ratio = expected_total_variation(4, 100) / expected_total_variation(4, 400)
    assert ratio == pytest.approx(2.0006, abs=0.008)  # a ratio of simulations
    assert SLOPE.exact({"dimension": 4, "n": 200}).value == pytest.approx(-0.5002, abs=2e-3)


def test_few_samples_have_no_rate_yet():
    assert SLOPE.exact({"dimension": 1000, "n": 1}).value > -1e-3
    assert SLOPE.exact({"dimension": 1, "n": 10**6}).value == pytest.approx(-0.5, abs=1e-6)
    point = {"dimension": 3, "n": 5}
    assert SLOPE.printed(point).value == -0.5
    assert SLOPE.sharper(point)["total_variation"] == TV.exact(point)
