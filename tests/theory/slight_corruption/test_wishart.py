"""The eigenvalue density of a Wishart matrix: moments in closed form, drawn matrices, d = 1, 2."""

import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from theory.slight_corruption.wishart import spectrum

SIZES = [
    (1, 1),
    (1, 40),
    (2, 2),
    (2, 9),
    (5, 5),
    (6, 10),
    (7, 11),
    (8, 49),
    (16, 99),
    (63, 65),
    (64, 199),
]


@pytest.mark.parametrize(("d", "nu"), SIZES)
def test_moments_in_closed_form(d, nu):
    x, _ = found = spectrum(d, nu)
    assert found.expect(np.ones_like(x)) == pytest.approx(d, rel=1e-12)
    assert found.expect(x) == pytest.approx(d * nu, rel=1e-12)
    assert found.expect(x**2) == pytest.approx(d * nu * (nu + d + 1), rel=1e-12)
    digammas = special.digamma((nu - np.arange(d)) / 2).sum() + d * math.log(2)
    assert found.expect(np.log(x)) == pytest.approx(digammas, rel=1e-8)
    if nu > d + 1:
        assert found.expect(1 / x) == pytest.approx(d / (nu - d - 1), rel=1e-10)
    if nu > d + 3:
        square = d * (nu - 1) / ((nu - d) * (nu - d - 1) * (nu - d - 3))
        assert found.expect(x**-2) == pytest.approx(square, rel=1e-10)


@pytest.mark.parametrize("nu", [2, 3, 4, 25, 999])
def test_on_the_line_it_is_chi_squared(nu):
    x, _ = found = spectrum(1, nu)
    for power in (0.5, -0.5, -1.5):
        if nu + 2 * power > 0.5:
            exact = 2**power * math.exp(special.gammaln(nu / 2 + power) - special.gammaln(nu / 2))
            assert found.expect(x**power) == pytest.approx(exact, rel=2e-12)


def test_in_the_plane_it_is_the_joint_density_integrated():
    """The trace of the root for W_2(5, I), from the density of the two eigenvalues."""

    def joint(y, x):  # up to a constant, x > y
        return (x * y) * math.exp(-(x + y) / 2) * (x - y)

    def total(function):
        return integrate.dblquad(
            lambda y, x: function(x, y) * joint(y, x), 0, 90, 0, lambda x: x, epsabs=1e-8
        )[0]

    ratio = total(lambda x, y: x**-0.5 + y**-0.5) / total(lambda x, y: 1.0)
    x, _ = found = spectrum(2, 5)
    assert found.expect(x**-0.5) == pytest.approx(ratio, rel=1e-7)


@pytest.mark.parametrize(("d", "nu"), [(3, 4), (8, 12), (9, 30)])
def test_drawn_matrices_have_these_roots(d, nu):
    rng, draws = np.random.default_rng(2), 4000
    z = rng.standard_normal((draws, nu, d))
    values = np.linalg.eigvalsh(np.swapaxes(z, 1, 2) @ z)
    x, _ = found = spectrum(d, nu)
    for function in (np.sqrt, lambda v: 1 / (1 + v), lambda v: np.log1p(v / nu)):
        drawn = function(values).sum(1)
        error = drawn.std() / math.sqrt(draws)
        assert abs(drawn.mean() - found.expect(function(x))) < 4 * error


def test_the_density_is_a_density():
    for d, nu in SIZES:
        found = spectrum(d, nu)
        assert found.weights.min() >= 0
        assert (np.diff(found.x) > 0).all()
    sizes = stats.chi2(7)
    x, weights = spectrum(1, 7)
    assert weights[x < 5].sum() == pytest.approx(sizes.cdf(5.0), abs=0.05)


def test_a_singular_matrix_is_refused():
    with pytest.raises(ValueError, match=r"4 vectors in 5 dimensions.*give nu >= d"):
        spectrum(5, 4)
