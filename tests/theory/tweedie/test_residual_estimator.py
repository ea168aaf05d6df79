"""Two estimators of the squared residual: one unbiased, one biased by Var / K."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from theory.density import density
from theory.line_mixture import mixture
from theory.tweedie.consistency import residual
from theory.tweedie.residual_estimator import (
    AverageEstimator,
    ProductEstimator,
    Setting,
    moments,
    population,
)
from theory.tweedie.transition import minimal_error

PRODUCT, AVERAGE = ProductEstimator(), AverageEstimator()
check = settings(max_examples=15, deadline=None, derandomize=True)
PAIR = "0.3*normal(-1,0.3)+0.7*normal(1,0.3)"
SPLICES = [
    {"above": PAIR, "below": PAIR},  # exact
    {"above": PAIR, "below": "normal(0.4,1)"},  # anchored, and wrong below
    {"above": "normal(0.4,1)", "below": "normal(0.4,1)"},  # consistent, and not anchored
    {"above": PAIR, "below": "normal(0.4,1)", "sigma_n": 1.0},  # from the noise of the data
]


def point(law, splice, **change):
    return {**law.example, **splice, "draws": 60_000, **change}


@pytest.mark.parametrize("splice", SPLICES)
def test_the_product_is_unbiased(splice):
    found = PRODUCT.exact(point(PRODUCT, splice), np.random.default_rng(7))
    squared = PRODUCT.printed(point(PRODUCT, splice)).value
    assert abs(found.value - squared) < 4 * found.standard_error


@pytest.mark.parametrize("splice", SPLICES)
@pytest.mark.parametrize("count", [1, 4])
def test_the_average_is_biased_by_the_variance_over_k(splice, count):
    at = point(AVERAGE, splice, count=count)
    found = AVERAGE.exact(at, np.random.default_rng(8))
    beside = AVERAGE.sharper(at)
    assert abs(found.value - beside["with_bias"].value) < 4 * found.standard_error
    assert found.value - AVERAGE.printed(at).value > 20 * found.standard_error  # not unbiased
    expected = AVERAGE.printed(at).value + beside["bias"].value
    assert beside["with_bias"].value == pytest.approx(expected, rel=1e-12)


def gaussian_bias(variance, sigma=1.0, lower=0.5):
    """E V of the exact denoiser of N(0, variance): Var E[X_0|X_s] less Var E[X_0|X_sigma]."""
    return variance**2 / (variance + lower**2) - variance**2 / (variance + sigma**2)


def test_worked_numbers_of_the_bias():
    """0.154, 0.0385 and 0.0257 for K = 1, 4 and 6, from sigma = 1 to 0.5; the residual is 0."""
    variance = optimize.brentq(lambda v: gaussian_bias(v) - 0.154, 0.1, 1)
    law = f"normal(0,{math.sqrt(variance)!r})"
    for count, bias in ((1, 0.154), (4, 0.0385), (6, 0.0257)):
        at = {**AVERAGE.example, "p": law, "above": law, "below": law, "count": count}
        assert AVERAGE.printed(at).value == 0.0
        assert AVERAGE.sharper(at)["bias"].value == pytest.approx(bias, abs=5.1e-5)


@check
@given(st.floats(0.1, 3), st.floats(0.3, 2), st.floats(0.2, 0.9))
def test_the_bias_of_an_exact_normal_denoiser_in_closed_form(sd, sigma, ratio):
    law = mixture(density(f"normal(0.2,{sd!r})"))
    squared, variance = population(Setting(law, law, law, 0.1 * ratio, sigma, ratio * sigma))
    assert squared == 0.0
    assert variance == pytest.approx(gaussian_bias(sd**2, sigma, ratio * sigma), rel=1e-8)


@pytest.mark.parametrize("sigma_n", [0.3, 0.7, 2.0])
def test_the_bias_of_an_exact_denoiser_is_a_difference_of_minimal_errors(sigma_n):
    law = mixture(density(PAIR))
    _, variance = population(Setting(law, law, law, sigma_n, 1.0, 0.5))
    assert variance == pytest.approx(minimal_error(law, 1.0) - minimal_error(law, 0.5), rel=1e-10)


def test_the_moments_at_one_point_are_those_of_trajectories():
    above, below = mixture(density(PAIR)), mixture(density("normal(0.4,1)"))
    setting = Setting(above, above, below, 0.7, 1.0, 0.5)
    generator = np.random.default_rng(9)
    for x in (-1.2, 0.3):
        mean, variance = (values[0] for values in moments(setting, np.array([x])))
        ends = below.denoise(setting.step(np.full(100_000, x), generator)[:, None], 0.5)[:, 0]
        off = ends - above.denoise(np.array([[x]]), 1.0)[0, 0]
        assert abs(off.mean() - mean) < 4 * off.std() / math.sqrt(len(off))
        spread = (off - off.mean()) ** 2
        assert abs(spread.mean() - variance) < 4 * spread.std() / math.sqrt(len(off))


def test_the_squared_residual_is_that_of_consistency():
    above, below = mixture(density(PAIR)), mixture(density("normal(0.4,1)"))
    for sigma in (0.7, 1.0):
        squared, _ = population(Setting(above, above, below, 0.7, sigma, 0.5))
        found = residual(above, above, below, 0.7, sigma, 0.5)
        assert squared == pytest.approx(found**2, rel=1e-9)


def test_the_bias_falls_with_k_and_vanishes_with_the_step():
    counts = [AVERAGE.sharper(point(AVERAGE, {}, count=k))["bias"].value for k in (1, 2, 4, 8)]
    np.testing.assert_allclose(counts, counts[0] / np.array([1, 2, 4, 8]), rtol=1e-12)
    splice = {"above": PAIR, "below": PAIR}
    gaps = np.array([0.02, 0.04, 0.08])
    at = [point(AVERAGE, splice, count=1, lower=1 - gap) for gap in gaps.tolist()]
    bias = [AVERAGE.sharper(one)["bias"].value for one in at]
    slope = np.polyfit(np.log(gaps), np.log(bias), 1)[0]
    print(f"slope {slope:.3f}, declared 1")
    assert slope == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("law", [PRODUCT, AVERAGE], ids=lambda law: law.name)
def test_a_level_that_does_not_fall_is_refused(law):
    with pytest.raises(ValueError, match="give lower < sigma"):
        law.printed({**law.example, "lower": 1.0})
