"""Double Tweedie: both sides apart, on mixtures with any covariance, and by Bayes' rule."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.mixture import Mixture
from theory.tweedie.double_tweedie import (
    DoubleTweedieVE,
    DoubleTweedieVP,
    clean_from_noisy_ve,
    clean_from_noisy_vp,
    noisy_denoiser_ve,
    noisy_denoiser_vp,
)

VE, VP = DoubleTweedieVE(), DoubleTweedieVP()
check = settings(max_examples=20, deadline=None, derandomize=True)
levels = st.tuples(st.floats(0.05, 0.9), st.floats(0.05, 0.9)).filter(
    lambda pair: pair[1] > 1.05 * pair[0]
)


def full_mixture(generator, d=3, k=4):
    """A mixture with full covariances, and points [50, d] at which to compare."""
    roots = generator.standard_normal((k, d, d))
    weights = generator.dirichlet(np.ones(k))
    means = 2 * generator.standard_normal((k, d))
    law = Mixture(weights, means, roots @ roots.transpose(0, 2, 1) / d)
    return law, 2 * generator.standard_normal((50, d))


@check
@given(levels, st.integers(0, 10**6))
def test_the_lemma_holds_on_mixtures_with_full_covariances(pair, seed):
    sigma_n, sigma = pair
    law, x = full_mixture(np.random.default_rng(seed))
    noisy = noisy_denoiser_ve(law, x, sigma_n, sigma)
    ve = clean_from_noisy_ve(noisy, x, sigma_n, sigma)
    rounding = 4e-15 * sigma**2 / (sigma**2 - sigma_n**2) * (1 + np.abs(x).max())
    np.testing.assert_allclose(ve, law.denoise(x, sigma), rtol=0, atol=20 * rounding)
    kept = math.sqrt(1 - sigma**2)
    noisy = noisy_denoiser_vp(law, x, sigma_n, sigma)
    vp = clean_from_noisy_vp(noisy, x, sigma_n, sigma)
    np.testing.assert_allclose(vp, law.denoise(x, sigma, kept), rtol=0, atol=20 * rounding / kept)


def test_it_holds_to_rounding():
    """The largest difference is 7e-15 at most, for both processes."""
    law = Mixture([0.3, 0.7], [[-1.0], [1.0]], [0.09, 0.04])
    x = np.linspace(-3, 3, 61)[:, None]
    ve = clean_from_noisy_ve(noisy_denoiser_ve(law, x, 0.4, 0.8), x, 0.4, 0.8)
    assert np.abs(ve - law.denoise(x, 0.8)).max() <= 7e-15
    vp = clean_from_noisy_vp(noisy_denoiser_vp(law, x, 0.4, 0.8), x, 0.4, 0.8)
    assert np.abs(vp - law.denoise(x, 0.8, 0.6)).max() <= 7e-15


@check
@given(levels, st.floats(-3, 3))
def test_the_printed_form_where_variance_is_preserved(pair, x):
    """s E[X_n|X_t] = x + (n^2/sigma^2) (sqrt(1 - sigma^2) E[X_0|X_t] - x), as it is printed."""
    sigma_n, sigma = pair
    law, at = Mixture([0.4, 0.6], [[-1.0], [0.7]], [0.1, 0.3]), np.array([[x]])
    s = math.sqrt((1 - sigma**2) / (1 - sigma_n**2))
    n2 = sigma**2 - s**2 * sigma_n**2
    kept = math.sqrt(1 - sigma**2)
    left = s * noisy_denoiser_vp(law, at, sigma_n, sigma)
    right = at + n2 / sigma**2 * (kept * law.denoise(at, sigma, kept) - at)
    np.testing.assert_allclose(left, right, rtol=0, atol=2e-14)


@check
@given(levels, st.floats(-3, 3))
def test_the_two_processes_are_one(pair, x):
    """Variance preserving at sigma is variance exploding at sigma / sqrt(1 - sigma^2)."""
    sigma_n, sigma = pair
    common = {"weights": [0.4, 0.6], "means": [-1.0, 0.7], "variances": [0.1, 0.3]}
    kept_n, kept = math.sqrt(1 - sigma_n**2), math.sqrt(1 - sigma**2)
    vp = {**common, "at": [x], "sigma_n": sigma_n, "sigma": sigma}
    ve = {**common, "at": [x / kept], "sigma_n": sigma_n / kept_n, "sigma": sigma / kept}
    assert VP.exact(vp).value == pytest.approx(VE.exact(ve).value, abs=1e-13)
    assert VP.printed(vp).value == pytest.approx(VE.printed(ve).value, abs=1e-12)
    plain = [law.sharper(point)["without_correction"].value for law, point in ((VE, ve), (VP, vp))]
    assert plain[0] == pytest.approx(plain[1], abs=1e-13)


def test_the_noisy_conditional_mean_is_that_of_bayes_rule():
    """E[X_n | X_t = x] by quadrature of the joint density, no component's formula."""
    law, sigma_n, sigma, x = Mixture([0.3, 0.7], [[-1.0], [1.0]], [0.09, 0.04]), 0.5, 0.9, 0.35
    delta = sigma**2 - sigma_n**2
    middle = law.noised(sigma_n)

    def joint(y, power):
        density = math.exp(middle.log_density(np.array([[y]]))[0])
        return y**power * density * math.exp(-((x - y) ** 2) / (2 * delta))

    top, bottom = (integrate.quad(joint, -6, 6, args=(k,), epsabs=1e-13)[0] for k in (1, 0))
    found = noisy_denoiser_ve(law, np.array([[x]]), sigma_n, sigma)[0, 0]
    assert found == pytest.approx(top / bottom, abs=1e-11)


@check
@given(levels, st.floats(0.1, 10), st.floats(-5, 5))
def test_units_and_origin_of_the_data_do_not_matter(pair, scale, shift):
    sigma_n, sigma = pair
    one = {"weights": [0.4, 0.6], "means": [-1.0, 0.7], "variances": [0.1, 0.3], "at": [0.2]}
    other = {
        "weights": [0.4, 0.6],
        "means": [shift - scale, shift + 0.7 * scale],
        "variances": [0.1 * scale**2, 0.3 * scale**2],
        "at": [shift + 0.2 * scale],
    }
    first = VE.printed({**one, "sigma_n": sigma_n, "sigma": sigma}).value
    second = VE.printed({**other, "sigma_n": scale * sigma_n, "sigma": scale * sigma}).value
    assert second == pytest.approx(shift + scale * first, abs=1e-11 * (1 + scale + abs(shift)))


def test_an_error_is_amplified_by_the_factor_that_the_law_names():
    for law, formula in ((VE, clean_from_noisy_ve), (VP, clean_from_noisy_vp)):
        point = {**law.example, "sigma_n": 0.6, "sigma": 0.61}
        factor = law.sharper(point)["amplification"].value
        x = np.zeros((1, 1))
        assert formula(x + 1e-3, x, 0.6, 0.61)[0, 0] == pytest.approx(1e-3 * factor, rel=1e-12)
        assert factor > 24  # sigma^2 / Delta = 30.8, unbounded as sigma falls to sigma_n


def test_without_correction_the_error_is_known():
    """E[X_n|X_t] - E[X_0|X_t] = (sigma_n^2 / sigma^2) (X_t - E[X_0|X_t])."""
    point = {**VE.example, "sigma_n": 0.5, "sigma": 2.0}
    exact = VE.exact(point).value
    off = VE.sharper(point)["without_correction"].value - exact
    assert off == pytest.approx(0.25 / 4 * (point["at"][0] - exact), rel=1e-12)


@pytest.mark.parametrize("law", [VE, VP], ids=lambda law: law.name)
def test_at_and_below_the_noise_of_the_data_the_lemma_says_nothing(law):
    for sigma in (0.3, 0.4):
        point = {**law.example, "sigma_n": 0.4, "sigma": sigma}
        assert law.printed(point) is None
        assert law.void(point)
        assert law.sharper(point) == {}
        assert math.isfinite(law.exact(point).value)


def test_a_mixture_that_does_not_fit_together_is_refused():
    with pytest.raises(ValueError, match="3 weights, 3 means and 2 variances; give one of each"):
        VE.exact({**VE.example, "variances": [0.1, 0.2]})
    with pytest.raises(ValueError, match="means of 2, at of 1; give one dimension"):
        VE.exact({**VE.example, "at": [0.1]})
