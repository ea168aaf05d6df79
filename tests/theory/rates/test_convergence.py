"""Two convergence theorems on normal data: the output step by step, bounds, orders, voids."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from theory.density import density
from theory.distance import total_variation
from theory.gaussian import kullback_leibler
from theory.rates.benton_bound import BentonBound
from theory.rates.chen_bound import ChenBound, chen_terms, isotropic_total_variation
from theory.rates.exponential_integrator import decreasing_steps, output_misses, uniform_steps
from theory.rates.initialisation import misses

CHEN, BENTON = ChenBound(), BentonBound()
check = settings(max_examples=20, deadline=None, derandomize=True)


def walked(v: float, mean: float, times: np.ndarray) -> tuple[float, float]:
    """Mean and variance of the output, from the sampler's own recursion."""
    m, big = 0.0, 1.0
    for t, later in pairwise(times):
        h, marginal = t - later, 1 + (v - 1) * math.exp(-2 * t)
        a = math.exp(h) - 2 * math.expm1(h) / marginal
        m = a * m + 2 * math.expm1(h) * math.exp(-t) * mean / marginal
        big = a * a * big + math.expm1(2 * h)
    return m, big


@check
@given(st.floats(0.05, 10), st.floats(-3, 3), st.floats(0.5, 5), st.integers(1, 200))
def test_the_output_by_walking_there(v, mean, horizon, steps):
    times = uniform_steps(horizon, steps)
    m, big = walked(v, mean, times)
    eta, delta = output_misses(np.array([v]), np.array([mean]), times)
    assert mean + eta[0] == pytest.approx(m, rel=1e-8, abs=1e-8 * (1 + abs(eta[0])))
    assert v + delta[0] == pytest.approx(big, rel=1e-8)


def test_the_output_by_simulation():
    v, mean, times, n = 0.5, 1.0, uniform_steps(2.0, 8), 200_000
    generator = np.random.default_rng(5)
    y = generator.standard_normal(n)
    for t, later in pairwise(times):
        marginal, h = 1 + (v - 1) * math.exp(-2 * t), t - later
        drift = -(y - math.exp(-t) * mean) / marginal
        y = math.exp(h) * y + 2 * math.expm1(h) * drift
        y += math.sqrt(math.expm1(2 * h)) * generator.standard_normal(n)
    eta, delta = output_misses(np.array([v]), np.array([mean]), times)
    spread = v + delta[0]
    assert y.mean() == pytest.approx(mean + eta[0], abs=4 * math.sqrt(spread / n))
    assert y.var() == pytest.approx(spread, abs=4 * spread * math.sqrt(2 / n))


@check
@given(st.floats(0.1, 10), st.floats(-2, 2))
def test_many_steps_are_the_sde(v, mean):
    eta, delta = output_misses(np.array([v]), np.array([mean]), uniform_steps(1.0, 200_000))
    exact = misses(np.array([v]), np.array([mean]), 1.0, "sde")
    assert eta == pytest.approx(exact[0], abs=1e-4)
    assert delta == pytest.approx(exact[1], abs=2e-4 * (1 + v))


@pytest.mark.parametrize("v", [0.1, 0.5, 5.0])
def test_the_bias_is_of_first_order_and_the_printed_one_of_half(v):
    counts = np.array([4000, 8000, 16000, 32000])
    points = [{"variance": v, "dimension": 3, "horizon": 12.0, "steps": int(n)} for n in counts]
    for values, declared in (
        ([CHEN.exact(point).value for point in points], -1.0),
        ([CHEN.sharper(point)["steps"].value for point in points], -0.5),
    ):
        slope = np.polyfit(np.log(counts), np.log(values), 1)[0]
        print(f"slope {slope:.4f}, declared {declared}")
        assert slope == pytest.approx(declared, abs=0.06)


@check
@given(st.floats(0.1, 5), st.floats(-0.9, 3), st.integers(1, 300))
def test_isotropic_total_variation_by_its_probabilities(v, gap, dimension):
    if abs(gap) < 1e-3:
        return
    w = v * (1 + gap)
    radius = dimension * math.log(w / v) / (1 / v - 1 / w)
    expected = abs(stats.chi2.cdf(radius / v, dimension) - stats.chi2.cdf(radius / w, dimension))
    found = isotropic_total_variation(v, w - v, dimension)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_total_variation_on_the_line():
    p, q = density("normal(0,2)"), density("normal(0,2.5)")
    found = isotropic_total_variation(4.0, 2.25, 1)
    assert found == pytest.approx(total_variation(p, q), rel=1e-10)
    assert isotropic_total_variation(4.0, 0.0, 7) == 0.0
    # to first order in the gap, with the density at the crossing |x|^2 = v
    small = isotropic_total_variation(1.0, 1e-9, 1)
    assert small == pytest.approx(1e-9 * stats.norm.pdf(1), rel=1e-8)


def test_the_printed_terms():
    start, steps = chen_terms(0.25, 2, 3.0, 1200)
    divergence = 0.25 - 1 - math.log(0.25)  # d/2 (v - 1 - log v), d = 2
    assert start == pytest.approx(math.sqrt(divergence) * math.exp(-3), rel=1e-12)
    h = 3 / 1200
    expected = 4 * (math.sqrt(2 * h) + math.sqrt(2 * 0.25) * h) * math.sqrt(3)
    assert steps == pytest.approx(expected, rel=1e-12)
    point = {"variance": 0.25, "dimension": 2, "horizon": 3.0, "steps": 1200}
    assert CHEN.printed(point).value == pytest.approx(start + expected, rel=1e-12)


def test_where_the_first_theorem_is_void():
    """For v = 0.01 the bound needs about L^2 d T^2 = 9e4 steps to fall below 1."""
    point = {"variance": 0.01, "dimension": 1, "horizon": 3.0}
    assert CHEN.printed({**point, "steps": 299}) is None  # longer than 1/L
    assert CHEN.void({**point, "steps": 299})
    assert CHEN.printed({**point, "steps": 300}) is not None
    assert CHEN.void({**point, "steps": 90_000})
    assert CHEN.exact({**point, "steps": 90_000}).value < 1e-3
    assert not CHEN.void({**point, "steps": 110_000})


@check
@given(st.floats(0.02, 8), st.integers(1, 50), st.floats(0.5, 6), st.integers(10, 3000))
def test_the_first_bound_holds_on_isotropic_normals(v, dimension, horizon, steps):
    point = {"variance": v, "dimension": dimension, "horizon": horizon, "steps": steps}
    printed = CHEN.printed(point)
    if printed is not None:
        assert CHEN.exact(point).value <= printed.value * (1 + 1e-9)


@check
@given(st.floats(0.01, 0.9), st.floats(1.1, 8), st.floats(0.001, 0.9))
def test_steps_are_as_the_theorem_asks(kappa, horizon, stop):
    times = decreasing_steps(horizon, kappa, stop)
    assert times[0] == pytest.approx(horizon)
    assert times[-1] == pytest.approx(stop)
    steps = times[:-1] - times[1:]
    assert (steps > 0).all()
    assert (steps <= kappa * np.minimum(1, times[1:]) * (1 + 1e-6)).all()


@check
@given(st.floats(0.2, 5), st.floats(-2, 2), st.floats(0.02, 0.5))
def test_the_second_exact_value_by_walking_there(v, mean, kappa):
    point = {"variances": [v, 1.0], "means": [mean, 0.5], "kappa": kappa, "horizon": 2.0}
    point["stop"] = 0.05
    times, m, big = decreasing_steps(2.0, kappa, 0.05), [], []
    for data, centre in zip(point["variances"], point["means"]):
        at = walked(data, centre, times)
        m, big = [*m, at[0]], [*big, at[1]]
    decay = math.exp(-0.05)
    target = np.diag(1 + (np.array(point["variances"]) - 1) * decay**2)
    expected = kullback_leibler(decay * np.array(point["means"]), target, np.array(m), np.diag(big))
    assert BENTON.exact(point).value == pytest.approx(expected, rel=1e-5)


def test_the_second_theorem_where_it_is_claimed():
    point = BENTON.example
    n = len(decreasing_steps(3.0, 0.05, 0.01)) - 1
    expected = 0.05**2 * 2 * n + 0.05 * 2 * 3 + 2 * math.exp(-6)
    assert BENTON.printed(point).value == pytest.approx(expected, rel=1e-12)
    assert BENTON.exact(point).value < expected
    assert not BENTON.void(point)
    other = {**point, "variances": [1.0, 2.0]}
    assert BENTON.printed(other) is None
    assert BENTON.void(other)
    assert BENTON.sharper(other)["terms"].value == pytest.approx(expected, rel=1e-12)


def test_standard_normal_data_need_no_step():
    point = {**BENTON.example, "means": [0.0, 0.0]}
    assert BENTON.sharper(point)["no_step"].value == 0.0
    assert BENTON.void(point)
    assert BENTON.exact(point).value > 0


def test_the_second_is_linear_in_the_dimension_and_of_higher_order_in_the_step():
    kappas, values = np.array([0.02, 0.01, 0.005]), []
    for kappa in kappas:
        point = {"variances": [1.0] * 4, "means": [0.0] * 4, "kappa": float(kappa)}
        point |= {"horizon": 6.0, "stop": 0.01}
        values.append(BENTON.exact(point).value)
    slope = np.polyfit(np.log(kappas), np.log(values), 1)[0]
    print(f"slope {slope:.4f}, declared 2")
    assert slope == pytest.approx(2, abs=0.1)
    double = {**point, "variances": [1.0] * 8, "means": [0.0] * 8}
    assert BENTON.exact(double).value == pytest.approx(2 * values[-1], rel=1e-12)


def test_a_horizon_below_one_is_refused():
    with pytest.raises(ValueError, match=r"horizon=0.5"):
        BENTON.exact({**BENTON.example, "horizon": 0.5})
