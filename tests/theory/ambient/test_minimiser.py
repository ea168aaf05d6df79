"""One minimiser for both losses, and the pseudo-target that makes them one loss."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.ambient.minimiser import Minimiser, ambient_minimiser, line_mixture
from theory.ambient.pseudo_target import PseudoTarget, pseudo_target, weight
from theory.mixture import Mixture

LAW, PSEUDO = Minimiser(), PseudoTarget()
MIXTURE = line_mixture("", np.array([0.3, 0.7]), np.array([-1.0, 0.5]), 0.2)
check = settings(max_examples=20, deadline=None, derandomize=True)


@check
@given(
    st.floats(0.05, 0.95),
    st.floats(-3, 3),
    st.floats(0.0, 1.5),
    st.floats(0.05, 2),
    st.floats(1.05, 5),
    st.floats(-4, 4),
)
def test_both_losses_have_one_minimiser(share, mean, deviation, sigma_n, ratio, x):
    point = {
        "weights": [share, 1 - share],
        "means": [mean, 0.5],
        "deviation": deviation,
        "sigma_n": sigma_n,
        "sigma": ratio * sigma_n,
        "x": x,
    }
    scale = 1 + abs(x) + abs(mean)
    assert LAW.printed(point).value == pytest.approx(LAW.exact(point).value, abs=1e-12 * scale)


def test_the_largest_difference_is_rounding():
    point = dict(LAW.example)
    gaps = [
        abs(LAW.exact({**point, "x": x}).value - LAW.printed({**point, "x": x}).value)
        for x in np.linspace(-3, 3, 61)
    ]
    assert max(gaps) < 2e-15


def test_in_many_dimensions_with_full_covariances():
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(3, 4, 4))
    q = Mixture(
        np.array([0.2, 0.3, 0.5]), rng.normal(size=(3, 4)), roots @ roots.transpose(0, 2, 1)
    )
    x = rng.normal(size=(50, 4))
    found = ambient_minimiser(q.noised(0.7), x, 1.1, 0.7)
    assert np.abs(found - q.denoise(x, 1.1)).max() < 1e-13


def test_the_minimiser_minimises_the_ambient_loss():
    """By quadrature over x_n given x, at the minimiser and to both sides of it."""
    q, sigma_n, sigma, x = MIXTURE, 0.2, 0.4, 0.1
    delta = sigma**2 - sigma_n**2
    alpha, noisy = delta / sigma**2, q.noised(sigma_n)

    def loss(h):
        def integrand(x_n):
            density = math.exp(noisy.log_density(np.array([[x_n]]))[0])
            target = alpha * h + (1 - alpha) * x - x_n
            return density * stats.norm.pdf(x, x_n, math.sqrt(delta)) * target**2

        return integrate.quad(integrand, -3, 3, points=[-1, 0.1, 0.5], epsabs=1e-13)[0]

    best = LAW.printed({**LAW.example, "x": x}).value
    step = 1e-3
    left, middle, right = loss(best - step), loss(best), loss(best + step)
    assert left > middle < right
    assert (right - left) / (right + left - 2 * middle) == pytest.approx(0.0, abs=1e-5)


@check
@given(st.lists(st.floats(-3, 3), min_size=9, max_size=9), st.floats(0.05, 3), st.floats(1.01, 6))
def test_the_weighted_loss_is_regression_on_the_pseudo_target(numbers, sigma_n, ratio):
    point = {
        "h": numbers[:3],
        "x_n": numbers[3:6],
        "eta": numbers[6:],
        "sigma_n": sigma_n,
        "sigma": ratio * sigma_n,
    }
    size = weight(ratio * sigma_n, sigma_n) * (1 + 9 * ratio**2 * sigma_n**2)
    assert PSEUDO.printed(point).value == pytest.approx(PSEUDO.exact(point).value, abs=1e-13 * size)


def test_the_largest_difference_of_the_two_forms_is_rounding():
    rng, gaps = np.random.default_rng(0), []
    for _ in range(50):
        h, x_n, eta = rng.normal(size=(3, 5)).tolist()
        point = {"h": h, "x_n": x_n, "eta": eta, "sigma_n": 0.2, "sigma": 0.4}
        gaps.append(abs(PSEUDO.exact(point).value - PSEUDO.printed(point).value))
    assert max(gaps) < 2e-14


def test_the_pseudo_target_is_unbiased_given_the_noisy_sample():
    """E[(y - E[w0 | x]) g(x)] = 0 for every g: here 1, x, x^2 and a step."""
    rng, n = np.random.default_rng(3), 200_000
    q, sigma_n, sigma = MIXTURE, 0.2, 0.4
    eta = rng.standard_normal((n, 1))
    x_n = q.sample(n, rng) + sigma_n * rng.standard_normal((n, 1))
    x = x_n + math.sqrt(sigma**2 - sigma_n**2) * eta
    rest = pseudo_target(x, eta, sigma, sigma_n) - q.denoise(x, sigma)
    for g in (np.ones_like(x), x, x**2, np.sign(x)):
        assert abs(np.mean(rest * g)) < 4 * np.std(rest * g) / math.sqrt(n)


def test_impossible_points_are_refused():
    with pytest.raises(ValueError, match="give sigma above sigma_n"):
        LAW.exact({**LAW.example, "sigma": 0.2})
    with pytest.raises(ValueError, match="one mean a weight"):
        LAW.exact({**LAW.example, "means": [0.0, 1.0, 2.0]})
    with pytest.raises(ValueError, match="one dimension"):
        PSEUDO.exact({**PSEUDO.example, "eta": [0.1]})
