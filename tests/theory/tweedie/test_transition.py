"""The reverse process of a known law: against the forward process, and against itself."""

import math

import numpy as np
import pytest
from scipy import integrate

from theory.density import density
from theory.line_mixture import grid, masses, mean_squared, mixture
from theory.tweedie.transition import denoise, draw, expected, minimal_error

PAIR = "0.3*normal(-1,0.3)+0.7*normal(1,0.3)"


def test_drawing_backwards_undoes_the_forward_process():
    """Pairs (X_lower, X_sigma) have the same moments whether drawn forwards or backwards."""
    generator = np.random.default_rng(0)
    n, sigma, lower = 200_000, 0.9, 0.4
    law = density(PAIR)
    before = law.sample((n,), generator) + lower * generator.standard_normal(n)
    after = before + math.sqrt(sigma**2 - lower**2) * generator.standard_normal(n)
    back = draw(mixture(law), after, sigma, lower, generator)
    for power in range(1, 5):
        for other in range(3):
            gap = (before**power - back**power) * after**other
            assert abs(gap.mean()) < 4 * gap.std() / math.sqrt(n)


def test_a_conditional_expectation_by_quadrature():
    law, sigma, lower, x = mixture(density(PAIR)), 0.9, 0.4, 0.3

    def joint(y, power):
        weight = math.exp(law.noised(lower).log_density(np.array([[y]]))[0])
        return math.tanh(y) ** power * weight * math.exp(-((x - y) ** 2) / (2 * (0.81 - 0.16)))

    top, bottom = (integrate.quad(joint, -6, 6, args=(k,), epsabs=1e-13)[0] for k in (1, 0))
    on = grid((law,), lower, math.sqrt(sigma**2 - lower**2))
    found = expected(np.tanh(on.points), on, law, sigma, lower, np.array([x]))
    assert found[0] == pytest.approx(top / bottom, rel=1e-10)


@pytest.mark.parametrize("text", [PAIR, "normal(0.5,1)", "0.5*normal(-2,0.1)+0.5*atoms(2)"])
def test_the_tower_property(text):
    """E[h(X_lower) | X_sigma] = h(X_sigma): the exact denoiser is consistent."""
    law, sigma, lower = mixture(density(text)), 0.8, 0.3
    x = np.linspace(-3, 3, 25)
    on = grid((law,), lower, math.sqrt(sigma**2 - lower**2))
    back = expected(denoise(law, on.points, lower), on, law, sigma, lower, x)
    np.testing.assert_allclose(back, denoise(law, x, sigma), rtol=0, atol=1e-11)


def test_the_minimal_error_is_what_the_variance_leaves():
    """E Var(X_0|X) = Var X_0 - Var E[X_0|X], and v sigma^2 / (v + sigma^2) for a normal law."""
    law = mixture(density(PAIR))
    on = grid((law,), 0.5)
    assert masses(law, 0.5, on).sum() == pytest.approx(1, abs=1e-14)
    kept = mean_squared(denoise(law, on.points, 0.5) - law.mean[0], law, 0.5, on)
    assert minimal_error(law, 0.5) == pytest.approx(law.covariance[0, 0] - kept, rel=1e-12)
    normal = mixture(density("normal(3,0.7)"))
    assert minimal_error(normal, 0.5) == pytest.approx(0.49 * 0.25 / 0.74, rel=1e-12)
