"""Levels of blurred power-law images: closed forms against samples, and by their own limits."""

import math

import numpy as np
import pytest
from scipy import stats

from theory.ambient.annotation_level import (
    AnnotationLevel,
    accepted_level,
    blur_gain,
    distance_level,
    mean_probability,
    power_law,
    total_variation,
)
from theory.ambient.spectral_annotator import log_likelihood_ratios, probability_clean, sigma_min

LAW = AnnotationLevel()
SMALL = power_law(8, 2.4, 0.25)
BLURRED = SMALL * blur_gain(0.6, 8)


def images_level(width, epsilon):
    """The rule's level for images of 3 x 32 x 32 pixels."""
    clean = power_law(32, 2.4, 0.25)
    spectra = [np.tile(s.ravel(), 3) for s in (clean, clean * blur_gain(width, 32))]
    return accepted_level(*spectra, epsilon)


@pytest.mark.parametrize(
    ("width", "level", "worked"),
    [(0.4, 0.6335, 0.65), (0.6, 1.2764, 1.32), (0.8, 1.5917, 1.62), (1.0, 1.8547, 1.88)],
)
def test_levels_of_a_power_law(width, level, worked):
    """The worked levels are the next ones on a grid of noises, from sampled probabilities."""
    found = images_level(width, 0.05)
    assert found == pytest.approx(level, abs=5.1e-5)
    assert found < worked < 1.035 * found


@pytest.mark.parametrize(
    ("tau", "level", "worked"),
    [(0.40, 1.0232, 1.05), (0.43, 1.1499, 1.16), (0.47, 1.4846, 1.55), (0.49, 2.0193, 2.16)],
)
def test_levels_by_threshold(tau, level, worked):
    found = images_level(0.6, 0.5 - tau)
    assert found == pytest.approx(level, abs=5.1e-5)
    assert found < worked < 1.075 * found


def test_distinct_modes_are_all_modes():
    clean, blurred = np.tile(SMALL.ravel(), 3), np.tile(BLURRED.ravel(), 3)
    for sigma in (0.05, 0.3, 0.85, 4.0):
        exact = probability_clean(clean, blurred, sigma)
        assert mean_probability(clean, blurred, sigma) == pytest.approx(exact, abs=1e-12)
    level = accepted_level(clean, blurred, 0.05)
    assert level == pytest.approx(sigma_min(clean, blurred), rel=2e-6)


@pytest.mark.parametrize("sigma", [0.2, 0.8, 2.0])
def test_total_variation_is_that_of_samples(sigma):
    rng, n = np.random.default_rng(1), 20_000
    clean, blurred = SMALL.ravel(), BLURRED.ravel()
    below = []
    for spectrum in (blurred, clean):
        x = rng.standard_normal((n, 64)) * np.sqrt(spectrum + sigma**2)
        below.append(np.mean(log_likelihood_ratios(x, clean, blurred, sigma) < 0))
    error = math.sqrt(sum(b * (1 - b) for b in below) / n)
    assert abs(below[0] - below[1] - total_variation(clean, blurred, sigma)) < 4 * error


def test_equal_modes_are_a_chi_square():
    """m modes of equal variances v and u: the likelihood ratio is one chi-square of m degrees."""
    m, v, u = 12, 1.0, 0.4
    at = m * math.log(v / u) / (1 / u - 1 / v)  # where both densities of the sum of squares meet
    exact = stats.chi2(m).cdf(at / u) - stats.chi2(m).cdf(at / v)
    assert total_variation(np.full(m, v), np.full(m, u), 0.0) == pytest.approx(exact, abs=1e-12)


def test_total_variation_of_scaled_and_swapped_spectra():
    clean, blurred = SMALL.ravel(), BLURRED.ravel()
    value = total_variation(clean, blurred, 0.5)
    assert total_variation(blurred, clean, 0.5) == pytest.approx(value, abs=1e-12)
    assert total_variation(9 * clean, 9 * blurred, 1.5) == pytest.approx(value, abs=1e-12)
    assert total_variation(clean, clean, 0.5) == 0.0
    levels = [total_variation(clean, blurred, s) for s in (0.1, 0.3, 1.0, 3.0, 10.0)]
    assert np.all(np.diff(levels) < 0)


def test_at_the_rules_level_total_variation_is_five_times_epsilon():
    """Whatever the blur; as for two normals of one spread, 0.26 at epsilon = 0.05."""
    for width in (0.4, 1.0):
        point = {"exponent": 2.0, "width": width, "side": 16}
        assert LAW.sharper(point)["tv"].value == pytest.approx(0.2603, abs=1e-3)
        clean = np.tile(power_law(16, 2.0, 0.25).ravel(), 3)
        blurred = np.tile((power_law(16, 2.0, 0.25) * blur_gain(width, 16)).ravel(), 3)
        level = LAW.printed(point).value
        assert total_variation(clean, blurred, level) == pytest.approx(0.05, rel=1e-10)
        assert distance_level(clean, blurred, 0.1) <= level
        assert LAW.exact(point).value == accepted_level(clean, blurred, 0.05)
        assert LAW.exact(point).value < distance_level(clean, blurred, 0.1)


def test_the_discrete_kernel_keeps_the_highest_frequency():
    response = math.sqrt(blur_gain(0.4, 512)[-1, 0])
    assert response == pytest.approx(0.84, abs=5.1e-3)
    assert math.exp(-0.5 * (math.pi * 0.4) ** 2) == pytest.approx(0.45, abs=5.1e-3)
    assert blur_gain(0.4, 8)[0, 0] == pytest.approx(1.0, abs=1e-14)


def test_the_variance_of_a_pixel_is_the_one_asked_for():
    assert power_law(12, 2.4, 0.25).sum() == pytest.approx(144 * 0.25, rel=1e-12)


@pytest.mark.parametrize(
    ("exponent", "width", "side"), [(2.4, 1.5, 32), (2.0, 2.0, 32), (2.4, 3.0, 32), (2.4, 2.0, 8)]
)
def test_a_blur_that_leaves_nothing_of_a_mode_has_a_level(exponent, width, side):
    point = {"exponent": exponent, "width": width, "side": side}
    clean = power_law(side, exponent, 0.25)
    p, q = (np.tile(s.ravel(), 3) for s in (clean, clean * blur_gain(width, side)))
    assert total_variation(p, q, 0.0) == 1.0
    assert mean_probability(p, q, 0.0) == 0.0
    level = LAW.exact(point).value
    assert level == pytest.approx(sigma_min(p, q), rel=2e-6)
    assert total_variation(p, q, LAW.printed(point).value) == pytest.approx(0.05, rel=1e-9)
    assert LAW.sharper(point)["tv"].value == pytest.approx(0.26, abs=5e-3)


@pytest.mark.parametrize("ratio", [1e-3, 1e-6, 1e-11])
def test_nearly_lost_modes_are_a_chi_square_still(ratio):
    """Up to the ratio of variances below which the two laws are taken not to overlap."""
    m = 12
    at = -m * math.log(ratio) / (1 / ratio - 1)
    exact = 1 - stats.chi2(m).sf(at / ratio) - stats.chi2(m).cdf(at)
    assert total_variation(np.ones(m), np.full(m, ratio), 0.0) == pytest.approx(exact, abs=1e-12)


def test_few_modes_are_refused():
    with pytest.raises(ValueError, match="give more modes or noise"):
        total_variation(np.ones(4), np.full(4, 0.5), 0.1)
    with pytest.raises(ValueError, match="without variance"):
        total_variation(np.ones(12), np.zeros(12), 0.0)
