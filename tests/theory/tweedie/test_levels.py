"""Noise levels of SDXL in units of the data, and the output of a single denoising step."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.density import density
from theory.gaussian import wasserstein2_squared
from theory.line_mixture import mixture
from theory.tweedie.one_step_output import OneStepOutput
from theory.tweedie.transition import denoise, minimal_error
from theory.tweedie.ve_equivalent import VEEquivalent, log_signal, scaled_linear, summed_beta

LEVEL, OUTPUT = VEEquivalent(), OneStepOutput()
check = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("time", "preserving", "exploding"),
    [(100, 0.325, 0.344), (500, 0.851, 1.618), (800, 0.981, 5.11), (900, 0.993, 8.35)],
)
def test_the_levels_of_sdxl(time, preserving, exploding):
    beside = LEVEL.sharper({"time": time})
    assert beside["sigma_preserving"].value == pytest.approx(preserving, abs=5.1e-4)
    assert LEVEL.exact({"time": time}).value == pytest.approx(exploding, rel=6e-4)
    assert LEVEL.exact({"time": time}).value == pytest.approx(
        LEVEL.printed({"time": time}).value, rel=1e-11
    )


@check
@given(st.integers(0, 999))
def test_the_closed_form_is_a_lower_bound_and_close(time):
    beta = scaled_linear(0.00085, 0.012, 1000)
    exact, closed = log_signal(beta, time), summed_beta(0.00085, 0.012, 1000, time)
    assert closed == pytest.approx(float(beta[: time + 1].sum()), rel=1e-12)
    assert closed <= exact <= closed / (1 - beta[time])
    assert LEVEL.sharper({"time": time})["closed_form"].value <= LEVEL.exact({"time": time}).value


@check
@given(st.integers(0, 998))
def test_the_level_rises_with_time(time):
    assert LEVEL.exact({"time": time}).value < LEVEL.exact({"time": time + 1}).value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": 1000}, "give a time below 1000"),
        ({"beta_start": 0.02}, "give beta_start <= beta_end"),
    ],
)
def test_an_impossible_schedule_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        LEVEL.exact({**LEVEL.example, **change})


variances = st.lists(st.floats(1e-3, 10), min_size=1, max_size=4)


@check
@given(variances, st.floats(0.01, 5))
def test_the_output_lies_within_its_bound_and_at_the_distance_of_two_normals(found, sigma_n):
    point = {"variances": found, "sigma_n": sigma_n}
    v = np.array(found)
    squared = wasserstein2_squared(
        np.zeros(len(v)), np.diag(v), np.zeros(len(v)), np.diag(v**2 / (v + sigma_n**2))
    )
    exact = OUTPUT.exact(point).value
    assert exact**2 == pytest.approx(squared, rel=1e-6, abs=1e-13 * v.sum())
    assert exact <= OUTPUT.printed(point).value
    share = OUTPUT.sharper(point)["lost_share"].value
    assert share * v.sum() == pytest.approx(OUTPUT.printed(point).value ** 2, rel=1e-12)


@check
@given(variances, st.floats(0.01, 5), st.floats(0.1, 10))
def test_the_output_has_the_units_of_the_data(found, sigma_n, scale):
    one = {"variances": found, "sigma_n": sigma_n}
    other = {"variances": [scale**2 * v for v in found], "sigma_n": scale * sigma_n}
    assert OUTPUT.exact(other).value == pytest.approx(scale * OUTPUT.exact(one).value, rel=1e-12)


def test_the_output_of_a_mixture_lacks_the_minimal_error_of_its_variance():
    law, sigma_n, n = density("0.3*normal(-1,0.3)+0.7*normal(1,0.3)"), 0.8, 400_000
    generator = np.random.default_rng(4)
    noisy = law.sample((n,), generator) + sigma_n * generator.standard_normal(n)
    output = denoise(mixture(law), noisy, sigma_n)
    squares = (output - law.mean) ** 2
    expected = law.variance - minimal_error(mixture(law), sigma_n)
    assert abs(squares.mean() - expected) < 4 * squares.std() / math.sqrt(n)


def test_detail_below_the_noise_is_lost_and_much_above_it_is_kept():
    low, high = ({"variances": [v], "sigma_n": 1.0} for v in (1e-4, 1e4))
    assert OUTPUT.exact(low).value == pytest.approx(0.01, rel=0.02)  # sqrt(v)
    assert OUTPUT.exact(high).value == pytest.approx(0.5 / 100, rel=1e-3)  # sigma_n^2 / (2 sqrt(v))
    assert OUTPUT.printed(high).value == pytest.approx(1.0, rel=1e-3)
