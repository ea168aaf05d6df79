"""Distances of linear networks from both lemmas: the law's own networks, and ways between them."""

import numpy as np
import pytest

from harness.metrics.class_gaussians import Gaussians, fitted, optimum, printed
from harness.metrics.lemma_distance import lemma_distance, networks
from theory.slight_corruption.linear_network import (
    corrupted_covariance,
    network,
    printed_covariance,
)

RNG = np.random.default_rng(0)
X = np.array([1, -0.5, 0.25]) + RNG.standard_normal((12, 3))
FIT = fitted([[X, X[:8] + 1.0], [X[::2], X[1::2] * 1.5]])
SIGMAS = np.array([0.2, float(np.sqrt(np.expm1(0.6))), 3.0])  # the second is t = 0.3
Pair = tuple[np.ndarray, np.ndarray]


def both(noise: float, fit: Gaussians = FIT) -> tuple[Pair, Pair]:
    """The networks of the corrected and of the printed lemma."""
    spreads = [law(fit, noise).covariance for law in (optimum, printed)]
    corrected, lemma = (networks(fit, spread, noise, SIGMAS) for spread in spreads)
    return corrected, lemma


@pytest.mark.parametrize("noise", [0.0, 0.7, 3.0])
def test_networks_are_those_of_the_theory(noise: float) -> None:
    for covariance, (weight, bias) in zip((corrupted_covariance, printed_covariance), both(noise)):
        assert weight.shape == (2, 2, 3, 3, 3)
        for i in range(2):
            for k in range(2):
                mu, cov = FIT.mean[i, k], FIT.covariance[i, k]
                for level, sigma in enumerate(SIGMAS):
                    t = float(np.log1p(sigma**2)) / 2
                    expected = network(mu, covariance(mu, cov, noise), noise, t)
                    np.testing.assert_allclose(weight[i, k, level], expected.weight, atol=1e-13)
                    np.testing.assert_allclose(bias[i, k, level], expected.bias, atol=1e-13)


def test_the_worked_distance_of_the_printed_weight() -> None:
    (corrected, _), (lemma, _) = both(0.7, fitted([[X]]))
    assert np.abs(lemma - corrected)[0, 0, 1].max() == pytest.approx(0.2927463, abs=5.1e-8)


def test_the_way_leads_from_the_corrected_to_the_printed_lemma() -> None:
    corrected, lemma = both(0.7)
    for share in (0.0, 0.25, 1.0, 1.5):
        own = [(1 - share) * a + share * b for a, b in zip(corrected, lemma)]
        found = lemma_distance(own[0], own[1], FIT, 0.7, SIGMAS)
        assert found["toward_printed"] == pytest.approx(np.full(2, share), abs=1e-12)
        whole = lemma_distance(*lemma, FIT, 0.7, SIGMAS)["parameter_error"]
        assert found["parameter_error"] == pytest.approx(share * whole, abs=1e-12)
        assert found["parameter_error/printed"] == pytest.approx(abs(1 - share) * whole, abs=1e-12)


def test_errors_are_of_all_weights_and_biases_relative_to_the_optimum() -> None:
    corrected, _ = both(0.7)
    off = [x + 0.01 * RNG.standard_normal(x.shape) for x in corrected]
    found = lemma_distance(off[0], off[1], FIT, 0.7, SIGMAS)
    for i in range(2):
        square = sum(float(((a - b)[i] ** 2).sum()) for a, b in zip(off, corrected))
        size = sum(float((b[i] ** 2).sum()) for b in corrected)
        assert found["parameter_error"][i] == pytest.approx((square / size) ** 0.5)


def test_without_noise_there_is_one_lemma_and_no_way() -> None:
    corrected, lemma = both(0.0)
    np.testing.assert_array_equal(corrected[0], lemma[0])
    assert lemma_distance(*corrected, FIT, 0.0, SIGMAS) == {}
