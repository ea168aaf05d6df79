"""Classes as Gaussians: the three optima against the laws, and the worked numbers of the theory."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from harness.metrics.class_gaussians import (
    Gaussians,
    entropy,
    fitted,
    free,
    optimum,
    printed,
    readings,
    scaled_gain,
    w2_squared,
)
from theory.gaussian import wasserstein2_squared
from theory.slight_corruption import sampler_output
from theory.slight_corruption.fitted_moments import Fit
from theory.slight_corruption.linear_network import (
    corrupted_covariance,
    kappa,
    printed_covariance,
)
from theory.slight_corruption.w2_gain import lemma_gain

X = np.array([1, -0.5, 0.25]) + np.random.default_rng(0).standard_normal((12, 3))
MU, COV = X.mean(axis=0), np.cov(X.T, bias=True)
WORKED = fitted([[X]])


def gaussian(mean: np.ndarray, covariance: np.ndarray) -> Gaussians:
    """One class of one replicate."""
    return Gaussians(mean[None, None], covariance[None, None])


def sets(count: int, n: int, d: int, classes: int = 1, seed: int = 0) -> list[list[np.ndarray]]:
    """Data sets of classes N(e_k, I), n points of each."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, classes, n, d)) + np.eye(classes, d)[:, None]
    return [list(own) for own in x]


def test_moments_are_those_of_each_class_biased() -> None:
    points = [[X, X[:7] * 2], [X[2:], X[:5]]]
    fit = fitted(points)
    assert fit.mean.shape == (2, 2, 3)
    for i in range(2):
        for k in range(2):
            x = points[i][k]
            np.testing.assert_allclose(fit.mean[i, k], x.sum(0) / len(x))
            second = x.T @ x / len(x) - np.outer(x.mean(0), x.mean(0))
            np.testing.assert_allclose(fit.covariance[i, k], second, atol=1e-14)
    line = fitted([[X[:, :1]]])
    assert line.covariance.shape == (1, 1, 1, 1)


@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0, 4.0])
def test_both_linear_laws_are_the_lemmas_at_a_long_horizon(noise: float) -> None:
    for law, covariance in ((optimum, corrupted_covariance), (printed, printed_covariance)):
        mean = (1 - kappa(noise)) * MU
        expected = sampler_output.output(mean, covariance(MU, COV, noise), 40.0)
        found = law(WORKED, noise)
        np.testing.assert_allclose(found.mean[0, 0], expected[0], atol=1e-12)
        np.testing.assert_allclose(found.covariance[0, 0], expected[1], atol=1e-12)


@pytest.mark.parametrize(
    ("noise", "lemma", "corrected"),
    [
        (0.05, 0.01637379, 0.004745161),
        (0.1, 0.06333877, 0.01857985),
        (0.2, 0.2251435, 0.06860400),
        (0.5, 0.8440742, 0.2840037),
        (1.0, 1.5101267, 0.5343973),
        (3.0, 2.0694413, 0.7454805),
        (10.0, 2.1693478, 0.7828345),
    ],
)
def test_entropy_rises_as_worked(noise: float, lemma: float, corrected: float) -> None:
    clean = entropy(WORKED)[0, 0]
    for law, rise in ((printed, lemma), (optimum, corrected)):
        assert entropy(law(WORKED, noise))[0, 0] - clean == pytest.approx(rise, rel=1e-6)


def test_transport_and_entropy_are_those_of_gaussians() -> None:
    rng = np.random.default_rng(3)
    true = rng.standard_normal(3)
    mean, spread = w2_squared(WORKED, true[None])
    expected = wasserstein2_squared(MU, COV, true, np.eye(3))
    assert float((mean + spread)[0, 0]) == pytest.approx(expected)
    assert float(mean[0, 0]) == pytest.approx(float((MU - true) @ (MU - true)))
    density = multivariate_normal(MU, COV)
    assert float(entropy(WORKED)[0, 0]) == pytest.approx(density.entropy())
    flat = gaussian(MU, np.diag([1.0, 1.0, 0.0]))
    assert np.isnan(entropy(flat)).all()
    assert float(w2_squared(flat, MU[None])[1][0, 0]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("scale", "lemma", "corrected"),
    [
        (0.25, (0.00141352, 5.9e-6), (0.000520545, 3.3e-6)),
        (1.0, (0.0202695, 8.7e-5), (0.00758733, 5.1e-5)),
        (2.0, (0.0561353, 2.7e-4), (0.0221819, 1.8e-4)),
        (8.0, (-0.620665, 1.6e-3), (-0.236249, 5.9e-4)),
    ],
)
def test_gains_are_the_worked_ones(
    scale: float, lemma: tuple[float, float], corrected: tuple[float, float]
) -> None:
    """Of 3000 classes of 50 points in 8 dimensions; four standard errors of both together."""
    fit, true, count = fitted(DRAWN), np.eye(1, 8), len(DRAWN)
    clean = sum(w2_squared(fit, true))
    for law, (value, error) in ((printed, lemma), (optimum, corrected)):
        gain = clean - sum(w2_squared(law(fit, scale / math.sqrt(50)), true))
        own = gain.std(ddof=1) / math.sqrt(count)
        assert abs(gain.mean() - value) < 4 * math.hypot(own, error)
    # 4 x the standard error of the clean value, too
    own = clean.std(ddof=1) / math.sqrt(count)
    assert abs(clean.mean() - 0.530316) < 4 * math.hypot(own, 0.00083)


DRAWN = sets(3000, 50, 8)


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_the_scaled_gain_has_the_mean_of_the_gain_and_a_smaller_spread(scale: float) -> None:
    fit, true, noise = fitted(DRAWN), np.eye(1, 8), scale / math.sqrt(50)
    counts = np.full((len(DRAWN), 1), 50.0)
    own = scaled_gain(printed(fit, noise), fit, true, counts, noise)
    expected = 2500 * lemma_gain(Fit(8, 50, 1.0), kappa(noise))
    assert abs(own.mean() - expected) < 4 * own.std(ddof=1) / math.sqrt(len(own))
    law = optimum(fit, noise)
    plain = 2500 * (sum(w2_squared(fit, true)) - sum(w2_squared(law, true)))
    own = scaled_gain(law, fit, true, counts, noise)
    assert own.var() < 0.5 * plain.var()
    gap = own - plain[:, 0]
    assert abs(gap.mean()) < 4 * gap.std(ddof=1) / math.sqrt(len(own))


def test_a_free_network_weighs_images_by_the_densities_of_their_codes() -> None:
    """By hand: the densities of the noisy codes of three classes at the clean one of each."""
    noise, points = 0.7, sets(2, 9, 3, classes=3, seed=5)
    points[1][0] = points[1][0][:4]  # classes need not be equal
    counts = np.array([[len(x) for x in own] for own in points], float)
    found = free(fitted(points), counts, noise)
    codes = np.eye(3)
    for i in range(2):
        for k in range(3):
            density = [multivariate_normal(c, noise**2 * np.eye(3)).pdf(codes[k]) for c in codes]
            rows = np.concatenate(points[i])
            weight = np.concatenate([np.full(len(x), p) for x, p in zip(points[i], density)])
            np.testing.assert_allclose(found.mean[i, k], np.average(rows, 0, weight), atol=1e-12)
            spread = np.cov(rows.T, aweights=weight, ddof=0)
            np.testing.assert_allclose(found.covariance[i, k], spread, atol=1e-12)


def test_a_free_network_feels_nothing_of_little_noise_and_pools_all_classes_under_much() -> None:
    fit = fitted(sets(3, 20, 4, classes=4, seed=6))
    counts = np.full((3, 4), 20.0)
    for noise in (0.0, 0.1):
        for own, clean in zip(free(fit, counts, noise), fit):
            np.testing.assert_allclose(own, clean, atol=1e-14)
    pooled = free(fit, counts, 1e4)
    common = np.tile(fit.mean.mean(1)[:, None], (1, 4, 1))
    np.testing.assert_allclose(pooled.mean, common, atol=1e-7)
    rate = 3 * math.exp(-1 / 0.32) / (1 + 3 * math.exp(-1 / 0.32))
    assert rate == pytest.approx(0.12, abs=0.005)  # of gamma = .57, as the page says


def test_readings_are_means_over_classes() -> None:
    fit, true = fitted(sets(2, 30, 3, classes=3, seed=8)), np.eye(3)
    law = optimum(fit, 0.5)
    found = readings(law, fit, true)
    for i in range(2):
        own = [
            wasserstein2_squared(law.mean[i, k], law.covariance[i, k], true[k], np.eye(3))
            for k in range(3)
        ]
        assert found["class_w2_squared"][i] == pytest.approx(np.mean(own))
        parts = found["class_w2_squared/mean"][i] + found["class_w2_squared/spread"][i]
        assert parts == pytest.approx(found["class_w2_squared"][i])
        bits = [np.linalg.slogdet(2 * np.pi * np.e * law.covariance[i, k])[1] / 2 for k in range(3)]
        assert found["class_entropy"][i] == pytest.approx(np.mean(bits))
        assert found["mean_kept"][i] == pytest.approx(1 / 1.25)
