"""The kernel estimate's error: rates, limits, bounds that hold, and worked numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from theory.ambient.kernel_estimate import (
    KernelEstimate,
    expectation_bound,
    explicit_terms,
    kernel_errors,
    order_terms,
    quantile_margin,
    value_of,
)
from theory.density import density

LAW = KernelEstimate()


def point(n, sigma, p="beta(2,5)", datasets=200):
    return {"p": p, "n": n, "sigma": sigma, "datasets": datasets}


@pytest.mark.parametrize(
    ("n", "sigma", "mean", "expectation", "printed"),
    [
        (100, 0.1, 0.0471, 0.0551, 0.974),
        (100, 0.3, 0.0173, 0.0214, 0.327),
        (100, 1.0, 0.0051, 0.0064, 0.101),
        (1600, 0.1, 0.0111, 0.0138, 0.269),
        (1600, 1.0, 0.0012, 0.0016, 0.027),
    ],
)
def test_beta_2_5_worked_numbers(n, sigma, mean, expectation, printed):
    value, error, _ = LAW.exact(point(n, sigma), np.random.default_rng(0))
    sharper = LAW.sharper(point(n, sigma), np.random.default_rng(0))
    # the worked means are themselves Monte Carlo, of about as many data sets
    assert abs(value - mean) < 4 * math.sqrt(2) * error
    assert value < sharper["expectation"].value + 4 * error
    assert sharper["expectation"].value == pytest.approx(expectation, abs=5.1e-5)
    assert LAW.printed(point(n, sigma)).value == pytest.approx(printed, abs=1.1e-3)
    assert sharper["quantile"].value < sharper["quantile_bound"].value
    assert not LAW.void(point(n, sigma))


@pytest.mark.parametrize(
    ("n", "sigma", "worked"),
    [
        (100, 0.1, 0.0876),
        (100, 0.3, 0.0425),
        (100, 1.0, 0.0125),
        (1600, 0.1, 0.0185),
        (1600, 1.0, 0.0030),
    ],
)
def test_beta_2_5_worked_quantiles(n, sigma, worked):
    """The number of errors below the 0.95 quantile is binomial, whatever their law."""
    datasets = 400
    errors = kernel_errors(density("beta(2,5)"), n, sigma, datasets, np.random.default_rng(2))
    margin = 4 * math.sqrt(datasets * 0.95 * 0.05)
    assert (errors < worked + 5e-5).sum() > 0.95 * datasets - margin
    assert (errors < worked - 5e-5).sum() < 0.95 * datasets + margin


def test_the_printed_bound_is_void_at_small_noise():
    for n, sigma in ((100, 0.09), (400, 0.05)):
        assert LAW.void(point(n, sigma))
        assert not LAW.void(point(n, 2 * sigma))
        assert LAW.sharper(point(n, sigma))["quantile_bound"].value < 0.25


@pytest.mark.parametrize("sigma", [0.05, 1.0])
def test_the_error_falls_as_one_over_the_root_of_n(sigma):
    law, n = density("beta(2,5)"), np.array([50, 200, 800])
    errors = [kernel_errors(law, m, sigma, 300, np.random.default_rng(int(m))) for m in n]
    log_means = [math.log(e.mean()) for e in errors]
    relative = max(e.std() / e.mean() / math.sqrt(300) for e in errors)
    slope = np.polyfit(np.log(n), log_means, 1)[0]
    # end points four doublings apart carry the slope
    tolerance = 4 * relative * math.sqrt(2) / math.log(n[-1] / n[0])
    print(f"slope {slope:.3f}, declared -0.5, tolerance {tolerance:.3f}")
    assert abs(slope + 0.5) < tolerance


def test_at_large_noise_the_error_is_that_of_the_sample_mean():
    value, error, _ = LAW.exact(point(100, 20.0, datasets=2000), np.random.default_rng(0))
    assert abs(value - LAW.sharper(point(100, 20.0))["large_noise"].value) < 4 * error


def test_at_small_noise_the_bound_is_a_square_root_integral():
    """sqrt(sigma n) times the bound tends to 1/2 int sqrt(p) / sqrt(2 sqrt pi)."""
    integral = special.beta(1.5, 3) / math.sqrt(special.beta(2, 5))
    limit = 0.5 * integral / math.sqrt(2 * math.sqrt(math.pi))
    gaps = []
    for sigma in (0.02, 0.01, 0.005):
        scaled = expectation_bound(density("beta(2,5)"), 100, sigma) * math.sqrt(sigma * 100)
        gaps.append(abs(scaled - limit))
    print(gaps)
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 0.02 * limit


def test_the_bound_of_a_normal_against_its_variance_in_closed_form():
    law, sigma, n = density("normal(0.3,0.8)"), 0.25, 7
    x = np.linspace(-9, 9, 4001)
    smooth, sharp = law.under_noise(sigma), law.under_noise(sigma / math.sqrt(2))
    variance = sharp.pdf(x) / (2 * sigma * math.sqrt(math.pi)) - smooth.pdf(x) ** 2
    bound = 0.5 * np.sqrt(np.maximum(variance, 0) / n).sum() * (x[1] - x[0])
    assert expectation_bound(law, n, sigma) == pytest.approx(bound, rel=1e-9)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.floats(1, 9), st.floats(1, 9), st.floats(0.05, 2), st.integers(5, 60))
def test_the_sharper_bounds_hold(a, b, sigma, n):
    law = density(f"beta({a!r},{b!r})")
    errors = kernel_errors(law, n, sigma, 400, np.random.default_rng(n))
    bound = expectation_bound(law, n, sigma)
    assert errors.mean() < bound + 4 * errors.std() / 20
    beyond = np.mean(errors > bound + quantile_margin(law, n, sigma, 0.1))
    assert beyond <= 0.1 + 4 * math.sqrt(0.1 * 0.9 / 400)


def test_atoms_have_the_error_of_their_counts():
    """One atom: none. Two atoms, one sample: the other one's half is in the wrong place."""
    assert kernel_errors(density("atoms(2)"), 3, 0.5, 4, np.random.default_rng(0)).max() < 1e-12
    errors = kernel_errors(density("atoms(0,1)"), 1, 0.5, 8, np.random.default_rng(0))
    exact = 0.5 * (2 * special.ndtr(1.0) - 1)  # half the distance of two normals 2 sigma apart
    assert errors == pytest.approx(np.full(8, exact), rel=1e-8)


def test_bounds_as_polynomials_are_the_printed_lines():
    lipschitz, n, sigma = 30.0, 400, 0.2
    grid = n * lipschitz
    explicit = lipschitz / (2 * grid) + 1 / (2 * grid * sigma**2 * math.sqrt(2 * math.pi * math.e))
    explicit += math.sqrt(math.log(2 * grid / 0.05) / (4 * math.pi * sigma**2 * n))
    order = 1 / n + 1 / (sigma**2 * n)
    order += math.sqrt((math.log(n) + math.log(lipschitz) + math.log(2 / 0.05)) / (sigma**2 * n))
    assert value_of(explicit_terms(lipschitz, n), sigma) == pytest.approx(explicit, rel=1e-14)
    assert value_of(order_terms(lipschitz, n), sigma) == pytest.approx(order, rel=1e-14)


@pytest.mark.parametrize(
    "p", ["normal(0,1)", "beta(1,1)", "atoms(0)", "0.5*beta(2,2)+0.5*atoms(2)"]
)
def test_where_the_theorem_does_not_apply_it_says_nothing(p):
    assert LAW.printed(point(100, 0.5, p)) is None
    assert LAW.void(point(100, 0.5, p))


def test_a_measurement_without_a_generator_is_refused():
    with pytest.raises(ValueError, match="give a numpy Generator"):
        LAW.exact(LAW.example)
