"""The flow of linear networks: that of the lemmas in closed form, any other by another solver."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from harness.metrics.linear_flow import generated, implied
from harness.train.per_class_linear import LEVELS
from theory.gaussian import root
from theory.slight_corruption.linear_network import (
    corrupted_covariance,
    kappa,
    network,
    printed_covariance,
)

SIGMAS = np.array(LEVELS)
RNG = np.random.default_rng(7)
X = np.array([1.0, -0.5, 0.25, 0.0]) + RNG.standard_normal((20, 4)) * [0.6, 1.0, 1.0, 1.2]
MU, COV = X.mean(0), np.cov(X.T, bias=True)


def lemma(covariance: object, gamma: float, sigmas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """W [L, d, d] and b [L, d] of a lemma: sigma = s/r is the level of t = ln(1 + sigma^2) / 2."""
    spread = covariance(MU, COV, gamma)  # type: ignore[operator]
    found = [network(MU, spread, gamma, float(np.log1p(s**2)) / 2) for s in sigmas]
    return np.stack([each.weight for each in found]), np.stack([each.bias for each in found])


@pytest.mark.parametrize("gamma", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("covariance", [corrupted_covariance, printed_covariance])
@pytest.mark.parametrize("sigmas", [SIGMAS, np.array([0.3, 1.0, 9.0])], ids=["eight", "three"])
def test_a_lemma_generates_its_own_moments_whatever_the_levels(
    covariance: object, gamma: float, sigmas: np.ndarray
) -> None:
    mean, spread = generated(*lemma(covariance, gamma, sigmas), sigmas)
    expected = covariance(MU, COV, gamma)  # type: ignore[operator]
    assert np.linalg.eigvalsh(expected)[0] > 0.13
    np.testing.assert_allclose(mean, (1 - kappa(gamma)) * MU, atol=1e-12)
    np.testing.assert_allclose(spread, expected, atol=1e-4 if len(sigmas) == 3 else 1e-6)


def test_a_lemma_implies_one_mean_and_covariance_at_all_levels() -> None:
    means, spreads = implied(*lemma(corrupted_covariance, 0.7, SIGMAS), SIGMAS)
    np.testing.assert_allclose(means, np.tile((1 - kappa(0.7)) * MU, (8, 1)), atol=1e-11)
    expected = np.tile(corrupted_covariance(MU, COV, 0.7), (8, 1, 1))
    np.testing.assert_allclose(spreads, expected, atol=1e-11)


def odd(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Networks that are those of no class: off by 10 %, not symmetric, other at each level."""
    rng = np.random.default_rng(seed)
    weight, bias = lemma(corrupted_covariance, 0.7, SIGMAS)
    # relative to s: at high noise W is near 1, and what is learned of the class lies in the rest
    size = (0.1 / (1 + SIGMAS**2))[:, None, None]
    return weight + size * rng.standard_normal(
        weight.shape
    ), bias + 0.1 * bias * rng.standard_normal(bias.shape)


def by_solver(weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance by an adaptive solver in sigma, of m and S that are interpolated here."""
    d, r = len(MU), 1 / np.sqrt(1 + SIGMAS**2)
    gs = weight * r[:, None, None]
    spreads = np.stack([s * np.linalg.inv(g) - s**2 * np.eye(d) for s, g in zip(SIGMAS, gs)])
    means = np.stack([-np.linalg.solve(g, b) for g, b in zip(gs, bias)])

    def between(values: np.ndarray, sigma: float) -> np.ndarray:
        flat = values.reshape(8, -1).T
        logs = np.log(SIGMAS)
        found = [np.interp(np.log(max(sigma, 1e-9)), logs, each) for each in flat]
        return np.array(found).reshape(values.shape[1:])

    def slope(sigma: float, x: np.ndarray) -> np.ndarray:
        spread, mean = between(spreads, sigma), between(means, sigma)
        return sigma * np.linalg.solve(spread + sigma**2 * np.eye(d), x - mean)

    def end(x: np.ndarray) -> np.ndarray:
        stops = [*SIGMAS[::-1], 0.0]  # the slope has a kink at each level
        for high, low in pairwise(stops):
            x = solve_ivp(slope, (high, low), x, method="DOP853", rtol=1e-6, atol=1e-8).y[:, -1]
        return x

    top = (spreads[-1] + spreads[-1].T) / 2 + SIGMAS[-1] ** 2 * np.eye(d)
    mean, half = end(means[-1]), root(top)
    columns = np.stack([end(means[-1] + half[:, i]) - mean for i in range(d)], axis=1)
    return mean, columns @ columns.T


@pytest.mark.parametrize("seed", range(2))
def test_any_linear_network_is_followed_as_by_an_adaptive_solver(seed: int) -> None:
    weight, bias = odd(seed)
    expected = by_solver(weight, bias)
    found = generated(weight, bias, SIGMAS)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-5)
    np.testing.assert_allclose(found[1], expected[1], atol=5e-5)
    clean = generated(*lemma(corrupted_covariance, 0.7, SIGMAS), SIGMAS)
    assert np.abs(found[1] - clean[1]).max() > 0.01  # or the test would show nothing


def test_many_networks_at_once_are_each_by_itself() -> None:
    pairs = [[odd(2 * i + j) for j in range(2)] for i in range(3)]
    weight = np.array([[w for w, _ in row] for row in pairs])  # [3, 2, L, d, d]
    bias = np.array([[b for _, b in row] for row in pairs])
    mean, spread = generated(weight, bias, SIGMAS)
    assert mean.shape == (3, 2, 4)
    for i in range(3):
        for j in range(2):
            alone = generated(*pairs[i][j], SIGMAS)
            np.testing.assert_allclose(mean[i, j], alone[0], atol=1e-13)
            np.testing.assert_allclose(spread[i, j], alone[1], atol=1e-13)
