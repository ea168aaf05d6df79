"""The Gaussian annotator against quadrature, against sampling, and by its symmetries."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from theory.ambient.spectral_annotator import (
    log_likelihood_ratios,
    probability_clean,
    sample_probabilities,
    sample_sigma_min,
    sigma_min,
)
from theory.density import density
from theory.distance import vincze_le_cam

power = st.floats(1e-4, 10)


def gaussian_blur(width, side):
    """Squared gains [side, side] of a discrete Gaussian kernel on the cosine modes."""
    j = np.arange(-8, 9)
    kernel = np.exp(-0.5 * (j / width) ** 2)
    gain = np.cos(np.pi * np.outer(np.arange(side), j) / side) @ (kernel / kernel.sum())
    return np.outer(gain, gain) ** 2


def power_law(side, exponent, variance):
    """A spectrum |f|^-exponent [side, side] without mean, of that variance a pixel."""
    f = np.hypot.outer(np.arange(side), np.arange(side))
    f[0, 0] = np.inf
    spectrum = f**-exponent
    return spectrum * variance * side**2 / spectrum.sum()


@settings(max_examples=20, deadline=None, derandomize=True)
@given(power, power, st.floats(0.01, 5))
def test_one_mode_is_the_quadrature_of_its_densities(p, q, sigma):
    laws = [density(f"normal(0,{math.sqrt(v)!r})").noised(sigma) for v in (p, q)]
    exact = 0.5 - vincze_le_cam(*laws) / 4
    assert probability_clean(np.array([p]), np.array([q]), sigma) == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("sigma", [0.0, 0.3, 1.0, 3.0])
def test_many_modes_are_the_mean_over_samples(sigma):
    rng, n = np.random.default_rng(5), 40_000
    clean = np.exp(rng.normal(size=50))
    corrupted = clean * np.exp(0.6 * rng.normal(size=50))  # some modes gain, some lose
    noisy = rng.standard_normal((n, 50)) * np.sqrt(corrupted + sigma**2)
    c = 1 / (1 + np.exp(-log_likelihood_ratios(noisy, clean, corrupted, sigma)))
    exact = probability_clean(clean, corrupted, sigma)
    assert abs(c.mean() - exact) < 4 * c.std() / math.sqrt(n)


@pytest.mark.parametrize(
    ("width", "level"), [(0.4, 0.633), (0.6, 1.276), (0.8, 1.592), (1.0, 1.855)]
)
def test_blurred_power_law_images(width, level):
    """At sigma_min of three colours of 32 x 32 modes, sampled chi-squares give tau."""
    clean = np.tile(power_law(32, 2.4, 0.25).ravel(), 3)
    corrupted = np.tile((power_law(32, 2.4, 0.25) * gaussian_blur(width, 32)).ravel(), 3)
    found = sigma_min(clean, corrupted, tolerance=1e-4)
    assert found == pytest.approx(level, abs=6e-4)
    rng, n = np.random.default_rng(0), 1500
    noisy = rng.standard_normal((n, clean.size)) * np.sqrt(corrupted + found**2)
    c = 1 / (1 + np.exp(-log_likelihood_ratios(noisy, clean, corrupted, found)))
    assert abs(c.mean() - 0.45) < 4 * c.std() / math.sqrt(n)


def test_the_threshold_orders_the_levels():
    clean = power_law(8, 2.4, 0.25)
    corrupted = clean * gaussian_blur(0.6, 8)
    thresholds = (0.40, 0.43, 0.45, 0.47, 0.48, 0.49)
    levels = [sigma_min(clean, corrupted, tau) for tau in thresholds]
    assert np.all(np.diff(levels) > 0)
    for level, tau in zip(levels, thresholds):
        assert probability_clean(clean, corrupted, level) == pytest.approx(tau, abs=1e-6)


def test_a_scaled_normal_has_the_worked_level():
    """N(0,1) against N(0,1/4): accepted from 0.407 on, as E_q[c*] = 1/2 - VC/4 = 0.45."""
    level = sigma_min(np.ones(1), np.full(1, 0.25))
    assert level == pytest.approx(0.407, abs=5.1e-4)
    p, q = density("normal(0,1)").noised(level), density("normal(0,0.5)").noised(level)
    assert vincze_le_cam(p, q) == pytest.approx(0.2, abs=1e-6)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(st.tuples(power, power), min_size=1, max_size=12), st.floats(0.1, 10))
def test_more_noise_never_lowers_it_and_units_do_not_matter(modes, scale):
    clean, corrupted = np.array(modes).T
    levels = np.geomspace(0.03, 30, 9)
    values = [probability_clean(clean, corrupted, s) for s in levels]
    assert np.all(np.diff(values) > -1e-13)
    assert values[-1] <= 0.5
    scaled = [probability_clean(scale**2 * clean, scale**2 * corrupted, scale * s) for s in levels]
    assert scaled == pytest.approx(values, abs=1e-12)
    swapped = [probability_clean(corrupted, clean, s) for s in levels]
    assert swapped == pytest.approx(values, abs=1e-12)  # int p q / (p + q) is symmetric


def test_levels_at_the_ends_of_the_search():
    one = np.ones(4)
    assert sigma_min(one, one) == 0.0
    assert sigma_min(one, 0.9 * one) == 0.0
    assert sigma_min(one, 0 * one, search=(1e-3, 0.1)) == math.inf
    assert sigma_min(np.append(one, 1e-9), np.append(one, 0.0)) == 1e-3  # accepted from 1e-4 on
    assert probability_clean(np.append(one, 1.0), np.append(one, 0.0), 0.0) == 0.0


def test_log_likelihood_ratios_are_those_of_scipy():
    rng = np.random.default_rng(0)
    clean, corrupted, x = rng.uniform(0.1, 2, 5), rng.uniform(0.1, 2, 5), rng.normal(size=(7, 5))
    sd = [np.sqrt(s + 0.09) for s in (clean, corrupted)]
    exact = (stats.norm.logpdf(x, scale=sd[0]) - stats.norm.logpdf(x, scale=sd[1])).sum(1)
    assert log_likelihood_ratios(x, clean, corrupted, 0.3) == pytest.approx(exact, abs=1e-12)


def test_sample_probabilities_average_to_the_population():
    rng, n = np.random.default_rng(3), 20_000
    clean = power_law(4, 2.0, 0.25).ravel()
    corrupted = clean * gaussian_blur(0.8, 4).ravel()
    x0 = rng.standard_normal((n, 16)) * np.sqrt(corrupted)
    sigmas = np.array([0.05, 0.2, 0.5, 2.0])
    c = sample_probabilities(x0, clean, corrupted, sigmas, rng, draws=2)
    for values, sigma in zip(c.T, sigmas):
        exact = probability_clean(clean, corrupted, sigma)
        assert abs(values.mean() - exact) < 4 * values.std() / math.sqrt(n)


def test_each_sample_is_annotated_at_its_last_crossing():
    clean, corrupted = np.array([1.0, 0.5]), np.array([0.05, 0.5])
    x0 = np.array([[0.0, 0.3], [3.0, 0.0], [0.4, 0.1]])
    sigmas = np.geomspace(0.1, 3, 12)
    levels = sample_sigma_min(x0, clean, corrupted, sigmas, np.random.default_rng(0), draws=64)
    curves = sample_probabilities(x0, clean, corrupted, sigmas, np.random.default_rng(0), draws=64)
    for level, curve in zip(levels, curves):
        refused = np.flatnonzero(curve <= 0.45)
        if not len(refused):
            assert level == 0.0
        elif refused[-1] == 11:
            assert level == math.inf
        else:
            assert level == sigmas[refused[-1] + 1]
    assert levels[1] == 0.0  # far out in the mode that the corruption damps: surely clean
    assert 0 < levels[0] < math.inf


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: sigma_min(np.ones(2), np.ones(3)), "one positive number of modes"),
        (lambda: sigma_min(np.ones(2), -np.ones(2)), "corrupted power spectrum"),
        (lambda: sigma_min(np.ones(2), np.ones(2), tau=0.5), "outside"),
        (lambda: sigma_min(np.ones(2), np.ones(2), search=(1.0, 0.1)), "no interval"),
        (lambda: log_likelihood_ratios(np.ones(2), np.ones(2), np.zeros(2), 0.0), "no density"),
        (
            lambda: sample_probabilities(
                np.ones(2), np.ones(2), np.ones(2), np.zeros(1), np.random.default_rng(0)
            ),
            "not positive",
        ),
    ],
)
def test_bad_spectra_are_refused(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
