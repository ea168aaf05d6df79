"""Families and densities against scipy's distributions and against their own definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from theory.density import density, diameter
from theory.family import Beta, Normal, jacobi_rule

CASES = ["beta(2,5)", "beta(1,1)", "beta(3.5,1.2)", "normal(0.3,0.4)", "atoms(0,1)"]
MIXED = "0.25*beta(2,2) + 0.25*normal(1,0.5) + 0.5*atoms(0.5)"
shape = st.floats(1.0, 30.0)


@pytest.mark.parametrize("text", [*CASES, MIXED, "0.5*normal(-1,.1)+.5*normal(1e0,1E-1)"])
def test_the_text_of_a_density_reads_back_as_the_same_density(text):
    assert density(str(density(text))) == density(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("gamma(1,2)", "no family gamma"),
        ("beta(2)", "no family beta with 1 parameters"),
        ("beta(0.5,2)", "below 1"),
        ("normal(0,0)", "not positive"),
        ("beta 2,5", "write beta"),
        ("atoms()", "write beta"),
        ("0.5*beta(2,2)+0.4*beta(3,3)", "sum to 1"),
        ("2*beta(2,2)+-1*beta(3,3)", "positive weights"),
    ],
)
def test_a_text_that_names_no_density_is_refused_with_its_reason(text, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        density(text)
    assert text in str(caught.value)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 2.0])
@pytest.mark.parametrize(("a", "b"), [(2.0, 5.0), (1.0, 1.0), (3.5, 1.2), (12.0, 30.0)])
def test_noised_beta_is_its_convolution(a, b, sigma):
    noised = density(f"beta({a},{b})").under_noise(sigma)
    x = np.array([-2 * sigma, 0.1, 0.5, 0.9, 1 + 3 * sigma])

    def convolved(kernel):  # QUADPACK's rule for algebraic ends
        ends = {
            "weight": "alg",
            "wvar": (a - 1, b - 1),
            "epsabs": 1e-12,
            "epsrel": 1e-12,
            "limit": 200,
        }
        scale = math.exp(-special.betaln(a, b))
        total = [
            integrate.quad(lambda t, y=y: scale * kernel((y - t) / sigma), 0, 1, **ends) for y in x
        ]
        return np.array([value for value, _ in total])

    bell = convolved(lambda z: math.exp(-0.5 * z * z) / (sigma * math.sqrt(2 * math.pi)))
    below = convolved(lambda z: 0.5 * math.erfc(-z / math.sqrt(2)))
    assert noised.pdf(x) == pytest.approx(bell, abs=1e-10 / sigma)
    assert noised.cdf(x) == pytest.approx(below, abs=1e-10)
    assert np.exp(noised.log_pdf(x)) == pytest.approx(noised.pdf(x), rel=1e-12, abs=0)
    assert noised.sf(x) + noised.cdf(x) == pytest.approx(np.ones(5), abs=1e-14)


@pytest.mark.parametrize("sigma", [0.0, 0.2])
@pytest.mark.parametrize("text", [*CASES, MIXED])
def test_integrated_cdf_is_the_integral_of_the_cdf(text, sigma):
    law = density(text).noised(sigma)
    grid = np.linspace(-4, 5, 3001)
    f = law.cdf(grid)
    riemann = np.concatenate([[0], np.cumsum((f[1:] + f[:-1]) / 2)]) * (grid[1] - grid[0])
    # h^2/12 max p for the trapezoid; half a cell for each jump of the distribution function
    assert law.integrated_cdf(grid) - law.integrated_cdf(grid[:1]) == pytest.approx(
        riemann, abs=2e-6 if sigma else 1.6e-3
    )


def test_derivatives_are_those_of_the_density():
    noised = density(MIXED).under_noise(0.3)
    x, h = np.linspace(-1, 2, 13), 1e-4
    p, slope, bend = noised.derivatives(x)
    low, high = noised.pdf(x - h), noised.pdf(x + h)
    assert p == pytest.approx(noised.pdf(x), abs=1e-14)
    # central differences: h^2/6 |p'''| and h^2/12 |p''''| with rounding 1e-16/h^2
    assert slope == pytest.approx((high - low) / (2 * h), abs=1e-6)
    assert bend == pytest.approx((high - 2 * p + low) / h**2, abs=1e-5)


@pytest.mark.parametrize("text", ["beta(2,5)", "normal(0.2,0.7)", MIXED])
def test_kernel_variance_is_a_difference_of_two_gaussian_integrals(text):
    law, sigma, x = density(text), 0.3, np.linspace(-1, 2, 13)
    smooth, sharp = law.under_noise(sigma), law.under_noise(sigma / math.sqrt(2))
    square = sharp.pdf(x) / (2 * sigma * math.sqrt(math.pi))
    assert smooth.kernel_variance(x) == pytest.approx(square - smooth.pdf(x) ** 2, abs=1e-14)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(shape, shape)
def test_beta_moments_are_exact(a, b):
    law = density(f"beta({a!r},{b!r})")
    for order in (1, 2, 5):
        exact = special.poch(a, order) / special.poch(a + b, order)
        assert law.moment(order) == pytest.approx(exact, rel=1e-12)
    assert law.variance == pytest.approx(a * b / (a + b) ** 2 / (a + b + 1), rel=1e-11)


def test_normal_and_atom_moments():
    law = density("0.5*normal(1,2)+0.5*atoms(-3)")
    assert law.mean == pytest.approx(-1.0, rel=1e-14)
    assert law.moment(4, 1.0) == pytest.approx(0.5 * 3 * 16 + 0.5 * 256, rel=1e-13)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.floats(2.0, 12.0), st.floats(2.0, 12.0))
def test_lipschitz_constant_of_a_beta_is_the_largest_slope(a, b):
    x = np.linspace(0, 1, 20_001)
    steepest = np.abs(np.diff(stats.beta.pdf(x, a, b))).max() * 20_000
    exact = Beta(a, b).lipschitz
    assert steepest <= exact * (1 + 1e-9)
    assert steepest >= exact * (0.99 if min(a, b) > 2.5 else 0.5)  # near 2 the end is steep


def test_lipschitz_constants_in_closed_form():
    assert density("beta(2,5)").lipschitz == pytest.approx(30.0, rel=1e-12)  # p'(0) = 1 / B(2, 5)
    assert density("beta(2,2)").lipschitz == pytest.approx(6.0, rel=1e-12)
    assert density("normal(0,2)").lipschitz == pytest.approx(stats.norm.pdf(1) / 4, rel=1e-12)
    assert density("beta(1.5,3)").lipschitz == math.inf
    assert density("atoms(0)").lipschitz == math.inf


def test_the_gauss_rule_of_a_noised_beta_converges_at_its_declared_rate():
    """The error of m nodes is exp(-8 m^2 sigma^2) up to algebraic factors."""
    sigma, x = 0.05, np.linspace(-0.1, 1.1, 121)

    def values(m):
        nodes, weights = jacobi_rule(2.0, 5.0, m)
        return stats.norm.pdf((x[:, None] - nodes) / sigma) @ weights

    counts = np.arange(16, 37, 4)
    errors = [np.abs(values(m) - values(120)).max() for m in counts]
    slope = np.polyfit(counts**2.0, np.log(errors), 1)[0]
    assert slope == pytest.approx(-8 * sigma**2, rel=0.15), slope


@pytest.mark.parametrize("text", [*CASES[:4], MIXED])
def test_samples_follow_the_distribution_function(text):
    law, n = density(text), 40_000
    x = law.sample((n // 8, 8), np.random.default_rng(1)).ravel()
    for point in (0.1, 0.35, 0.5, 0.8):
        expected = float(law.cdf(np.array([point]))[0])
        error = math.sqrt(expected * (1 - expected) / n)
        assert abs(np.mean(x <= point) - expected) <= 4 * error + 1e-12


def test_the_same_generator_gives_the_same_samples():
    draws = [density(MIXED).sample((5, 7), np.random.default_rng(3)) for _ in range(2)]
    assert np.array_equal(*draws)


def test_supports_and_diameters():
    assert diameter(density("beta(2,5)"), density("beta(5,2)")) == 1.0
    assert diameter(density("atoms(-2)"), density("beta(5,2)")) == 3.0
    assert diameter(density("normal(0,1)"), density("beta(5,2)")) == math.inf


def test_noise_that_the_quadrature_cannot_take_is_refused():
    with pytest.raises(ValueError, match="too narrow"):
        density("beta(2,5)").noised(1e-4)
    with pytest.raises(ValueError, match="overflow"):
        density("beta(200,400)").noised(0.002)
    with pytest.raises(ValueError, match="positive and finite"):
        density("normal(0,1)").noised(-1.0)
    assert Normal(0.0, 1.0).components(1e-9)[2] == pytest.approx(1.0)
