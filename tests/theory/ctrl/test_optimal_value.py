"""The value at the optimum is log Z, no other law has more, and the paths cost what they end in."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.ctrl.optimal_value import (
    OptimalValue,
    divergence,
    fixed_start_value,
    log_partition,
    reward,
)
from theory.ctrl.path_divergence import PathDivergence, drift_energy, initial_divergence
from theory.ctrl.tilt import Tilt
from theory.gaussian import kullback_leibler

POINT = {"gamma": 1.0, "y": 1.5, "noise_variance": 0.5}
check = settings(max_examples=20, deadline=None, derandomize=True)
tilts = st.builds(
    Tilt,
    st.floats(0.1, 10),
    st.floats(-3, 3),
    st.floats(0.1, 5),
    st.floats(-2, 2),
    st.floats(0.2, 5),
)


def gaussian_divergence(m1, v1, m2, v2):
    return kullback_leibler(*(np.array(x, ndmin=k) for x, k in zip((m1, v1, m2, v2), (1, 2, 1, 2))))


def test_worked_numbers():
    assert OptimalValue().exact(POINT).value == pytest.approx(-1.871671087258755, rel=1e-14)
    assert OptimalValue().printed(POINT).value == pytest.approx(-1.871671087258755, rel=1e-14)
    path = {**POINT, "horizon": 8.0}
    assert PathDivergence().exact(path).value == pytest.approx(0.7159728110, rel=1e-10)
    assert PathDivergence().printed(path).value == pytest.approx(0.7159728110010, rel=1e-11)


@pytest.mark.parametrize("gamma", [0.3, 1.0, 4.0])
def test_log_partition_by_quadrature(gamma):
    tilt = Tilt(gamma, 1.2, 0.3, -0.4, 1.8)

    def integrand(x):
        power = stats.norm.logpdf(tilt.y, x, math.sqrt(0.3)) * gamma
        return math.exp(power) * stats.norm.pdf(x, -0.4, math.sqrt(1.8))

    value = integrate.quad(integrand, -15, 15, epsabs=0, epsrel=1e-12, points=[0, 1.2])[0]
    assert log_partition(tilt) == pytest.approx(math.log(value), rel=1e-10)


@check
@given(tilts)
def test_the_value_is_log_z(tilt):
    value = tilt.gamma * reward(tilt, tilt.mean, tilt.variance) - divergence(tilt)
    assert value == pytest.approx(log_partition(tilt), rel=1e-10, abs=1e-12)


@check
@given(tilts, st.floats(-2, 2), st.floats(0.3, 3))
def test_no_other_law_has_more(tilt, shift, ratio):
    """The value of N(m, w) falls short of log Z by its divergence from the soft optimum (Gibbs)."""
    mean, variance = tilt.mean + shift, tilt.variance * ratio
    value = tilt.gamma * reward(tilt, mean, variance)
    value -= gaussian_divergence(mean, variance, tilt.prior_mean, tilt.prior_variance)
    short = gaussian_divergence(mean, variance, tilt.mean, tilt.variance)
    assert value == pytest.approx(log_partition(tilt) - short, rel=1e-9, abs=1e-9)


@check
@given(tilts)
def test_the_divergence_is_that_of_two_gaussians(tilt):
    expected = gaussian_divergence(tilt.mean, tilt.variance, tilt.prior_mean, tilt.prior_variance)
    assert divergence(tilt) == pytest.approx(expected, rel=1e-8, abs=1e-14)


@check
@given(tilts, st.floats(0.05, 4))
def test_a_fixed_start_costs_the_divergence_of_the_starts(tilt, horizon):
    r, noise = math.exp(-horizon), 1 - math.exp(-2 * horizon)
    start = (r * tilt.prior_mean, r * r * tilt.prior_variance + noise)
    tilted = (r * tilt.mean, r * r * tilt.variance + noise)
    cost = log_partition(tilt) - fixed_start_value(tilt, horizon)
    assert cost == pytest.approx(gaussian_divergence(*start, *tilted), rel=1e-6, abs=1e-12)
    assert initial_divergence(tilt, horizon) == pytest.approx(
        gaussian_divergence(*tilted, *start), rel=1e-6, abs=1e-12
    )


@check
@given(tilts, st.floats(0.05, 8))
def test_the_paths_diverge_as_their_end_points_do(tilt, horizon):
    whole = initial_divergence(tilt, horizon) + drift_energy(tilt, horizon)
    assert whole == pytest.approx(divergence(tilt), rel=1e-9, abs=1e-13)


@check
@given(tilts, st.floats(0.05, 8))
def test_the_energy_of_the_drift_has_a_closed_form(tilt, horizon):
    c, v, s = tilt.spread, tilt.prior_variance, tilt.clock(horizon)
    delta = (tilt.y - tilt.prior_mean) / (c + v)
    closed = 0.5 * (s * delta**2 + math.log1p(s / c) - s / (c + v))
    assert drift_energy(tilt, horizon) == pytest.approx(closed, rel=1e-9, abs=1e-13)


def test_the_value_falls_as_the_start_is_fixed_later():
    """With less time to turn, the fixed start has less: it tends to log Z as T grows."""
    found = [
        OptimalValue().sharper({**POINT, "horizon": t})["fixed_start"].value
        for t in (0.1, 0.5, 2.0, 8.0)
    ]
    assert found == sorted(found)
    assert found[-1] == pytest.approx(-1.871671087258755, abs=1e-6)
    assert found[0] < -2.5
