"""Mixtures on the line: one component, another quadrature, and monotone at a constant beta."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.difficulty.divergence import divergences, noising
from theory.difficulty.mixture_divergence import MixtureDivergence, mixture_divergence
from theory.mixture import Mixture

LAW = MixtureDivergence()
check = settings(max_examples=15, deadline=None, derandomize=True)


@check
@given(
    st.floats(0.01, 20),
    st.floats(-4, 4),
    st.integers(1, 1000),
    st.sampled_from(["linear", "cosine", "constant"]),
)
def test_one_component_is_the_closed_form(variance, mean, t, schedule):
    closed = divergences(schedule, 1000, np.array([variance]), np.array([mean]))[t - 1]
    if closed > 1e-28:
        given_ = (np.ones(1), np.array([mean]), np.array([variance]))
        assert mixture_divergence(schedule, 1000, t, *given_) == pytest.approx(closed, rel=1e-9)


def test_equal_components_are_one():
    closed = divergences("linear", 1000, np.array([0.3]), np.array([0.8]))[49]
    given_ = (np.array([0.2, 0.8]), np.full(2, 0.8), np.full(2, 0.3))
    assert mixture_divergence("linear", 1000, 50, *given_) == pytest.approx(closed, rel=1e-9)


def test_against_scipy_on_the_two_densities():
    """In 20 long steps, where the logarithm of the ratio of two densities keeps its digits."""
    weights, means = np.array([0.3, 0.7]), np.array([[-1.2], [0.9]])
    variances = np.array([0.1, 0.4])
    data, left = Mixture(weights, means, variances), noising("linear", 20)[0]
    for t in (1, 5, 20):
        p, q = (data.noised(np.sqrt(1 - a), np.sqrt(a)) for a in left[t - 1 : t + 1])

        def integrand(x: float, p: Mixture = p, q: Mixture = q) -> float:
            log_p = p.log_density(np.array([[x]]))[0]
            return np.exp(log_p) * (log_p - q.log_density(np.array([[x]]))[0])

        expected, error = integrate.quad(integrand, -8, 8, epsrel=1e-9, epsabs=0, limit=200)
        found = mixture_divergence("linear", 20, t, weights, means[:, 0], variances)
        assert error < 1e-7 * expected
        assert found == pytest.approx(expected, rel=1e-7)


@check
@given(st.floats(0.5, 0.99), st.floats(0.1, 0.9), st.integers(1, 300))
def test_with_one_beta_it_falls_for_mixtures_too(mode, weight, t):
    data = (
        np.array([weight, 1 - weight]),
        np.array([-mode, mode]),
        np.full(2, 1 - mode**2),
    )
    now, later = (mixture_divergence("constant", 1000, at, *data) for at in (t, t + 1))
    assert later <= now * (1 + 1e-9)


@check
@given(st.floats(0.2, 2), st.floats(0.05, 1), st.integers(2, 900))
def test_mirrored_data_are_as_difficult(mode, variance, t):
    weights, means = np.array([0.3, 0.7]), np.array([-mode, 0.5 * mode])
    spreads = np.array([variance, 2 * variance])
    found = mixture_divergence("cosine", 1000, t, weights, means, spreads)
    mirrored = mixture_divergence("cosine", 1000, t, weights[::-1], -means[::-1], spreads[::-1])
    assert mirrored == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize(("schedule", "peak"), [("linear", 42), ("cosine", 85)])
def test_two_modes_of_unit_variance_are_hardest_late(schedule, peak):
    point = {
        "weights": [0.5, 0.5],
        "means": [-0.99, 0.99],
        "variances": [0.0199, 0.0199],
        "schedule": schedule,
    }
    at = {t: LAW.exact({**point, "t": t}).value for t in (1, peak // 2, peak, 2 * peak, 800)}
    assert max(at, key=lambda t: at[t]) == peak
    assert at[peak] > 10 * at[1]
    assert LAW.sharper({**point, "t": peak // 2})["fall"].value < 0
    assert LAW.sharper({**point, "t": 2 * peak})["fall"].value > 0
    assert LAW.printed({**point, "t": 1}) is None
    assert LAW.void({**point, "t": 1})
    with pytest.raises(ValueError, match="t=1001"):
        LAW.exact({**point, "t": 1001})


def test_a_difference_that_rounding_swallows_is_refused():
    """Two modes of variance 0.19 at +-0.9 are, under almost nothing but noise, N(0, 1)."""
    point = {**LAW.example, "schedule": "cosine", "t": 1000}
    with pytest.raises(ValueError, match="give an earlier step"):
        LAW.exact(point)
