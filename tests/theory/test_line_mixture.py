"""Mixtures on the line and sums on an even grid."""

import math

import numpy as np
import pytest
from scipy import integrate

from theory.density import density
from theory.line_mixture import grid, masses, mean_squared, mixture


def test_the_mixture_of_a_density_is_that_density():
    text = "0.25*normal(-1,0.3)+0.5*atoms(0.5)+0.25*normal(1,0.2)"
    law, line = mixture(density(text)), density(text).noised(0.4)
    x = np.linspace(-3, 3, 31)
    np.testing.assert_allclose(
        law.noised(0.4).log_density(x[:, None]), line.log_pdf(x), rtol=0, atol=1e-12
    )


def test_a_family_that_is_no_mixture_of_normals_is_refused():
    with pytest.raises(ValueError, match=r"got beta\(2.0,2.0\) in it; give normal\(mean,sd\)"):
        mixture(density("0.5*beta(2,2)+0.5*normal(0,1)"))


def test_sums_on_the_grid_are_integrals():
    law = mixture(density("0.3*normal(-1,0.3)+0.7*normal(1,0.2)"))
    on = grid((law,), 0.4)
    assert masses(law, 0.4, on).sum() == pytest.approx(1, abs=1e-14)
    assert mean_squared(on.points, law, 0.4, on) == pytest.approx(
        law.covariance[0, 0] + law.mean[0] ** 2 + 0.16, rel=1e-13
    )
    density_at = law.noised(0.4).log_density

    def integrand(x):
        return math.tanh(3 * x) ** 2 * math.exp(density_at(np.array([[x]]))[0])

    quad = integrate.quad(integrand, -8, 8, points=[-1, 0, 1], epsabs=1e-13, limit=200)[0]
    assert mean_squared(np.tanh(3 * on.points), law, 0.4, on) == pytest.approx(quad, rel=1e-11)


def test_the_grid_resolves_the_poles_of_a_posterior_mean():
    """Two narrow components far apart: halving the step changes nothing."""
    law = mixture(density("0.5*normal(-1,0.05)+0.5*normal(1,0.05)"))
    coarse = grid((law,), 0.1)
    fine = grid((law,), 0.1, coarse.step * 12 / 2)
    assert fine.step <= 0.51 * coarse.step
    values = [
        mean_squared(law.denoise(on.points[:, None], 0.1)[:, 0] - on.points, law, 0.1, on)
        for on in (coarse, fine)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-13)
