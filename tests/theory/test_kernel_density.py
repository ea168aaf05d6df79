"""The fast kernel estimate and its total variation against direct sums and exact crossings."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ambient.kernel_estimate import error_of
from theory.density import density
from theory.distance import total_variation
from theory.kernel_density import Lattice, half_absolute_integral


def estimate(row):
    return density(f"atoms({','.join(repr(float(w)) for w in row)})")


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.floats(0.02, 5.0), st.integers(1, 40), st.integers(0, 99))
def test_the_expansion_is_the_sum_of_the_kernels_and_of_their_derivatives(sigma, n, seed):
    samples = np.random.default_rng(seed).normal(0.5, 0.3, (2, n))
    lattice = Lattice.over(samples.min(), samples.max(), sigma)
    coefficients = lattice.coefficients(samples)
    h = lattice.cell
    for block in range(lattice.blocks):
        fast = lattice.estimate(coefficients, block)
        for row, kernels in zip(samples, fast):
            direct = n * estimate(row).under_noise(sigma).derivatives(lattice.ends(block))
            error = np.abs(kernels - direct * h ** np.arange(3.0)[:, None]).max()
            assert error < 1e-14 * n / sigma


@pytest.mark.parametrize(
    ("text", "sigma", "n"),
    [
        ("beta(2,5)", 0.02, 60),
        ("beta(2,5)", 3.0, 40),
        ("normal(0,1)", 0.3, 40),
        ("atoms(0,1)", 0.3, 7),
    ],
)
def test_the_error_of_each_data_set_is_the_exact_total_variation(text, sigma, n):
    law = density(text)
    samples = law.sample((3, n), np.random.default_rng(0))
    exact = [total_variation(law.noised(sigma), estimate(row).noised(sigma)) for row in samples]
    assert error_of(law, sigma, samples)[0] == pytest.approx(exact, rel=1e-8)


def test_parts_of_a_data_set_are_the_data_sets_that_they_make_up():
    law, rng = density("beta(2,5)"), np.random.default_rng(0)
    first, second = law.sample((4, 30), rng), density("beta(5,2)").sample((4, 50), rng)
    both = error_of(law, 0.1, first, second)
    assert both[0] == pytest.approx(error_of(law, 0.1, first)[0], rel=1e-9)
    assert both[1] == pytest.approx(error_of(law, 0.1, np.hstack([first, second]))[0], rel=1e-9)


def test_the_half_absolute_integral_has_the_declared_order():
    """Order 6 in the width of the cells, with a crossing inside one: 1/2 int |cos|."""
    low, high = 0.3, 4.0  # one crossing, at pi/2
    exact = 0.5 * (2 - math.sin(low) - math.sin(high))
    widths, errors = [], []
    for cells in (4, 6, 8, 12, 16):
        x = np.linspace(low, high, cells + 1)
        h = x[1] - x[0]
        f = np.stack([np.cos(x), -h * np.sin(x), -(h**2) * np.cos(x)])[None]
        widths.append(h)
        errors.append(abs(half_absolute_integral(f, h)[0] - exact))
    slope = np.polyfit(np.log(widths), np.log(errors), 1)[0]
    print(f"order {slope:.2f}, declared 6")
    assert slope > 5.7


def test_samples_outside_the_lattice_are_refused():
    with pytest.raises(ValueError, match="does not cover"):
        Lattice.over(0.0, 1.0, 0.1).coefficients(np.array([[20.0]]))
