"""Adaptive quadrature and sign changes by their declared precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.quadrature import integrate, nodes, sign_changes


def test_ten_nodes_integrate_polynomials_below_degree_twenty():
    x, w = nodes(np.array([0.0]), np.array([2.0]))
    for degree in range(20):
        assert (w * x**degree).sum() == pytest.approx(2.0 ** (degree + 1) / (degree + 1), rel=1e-13)
    assert abs((w * (x - 1) ** 20).sum() - 2 / 21) > 1e-8


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(0.01, 0.99), st.floats(0.05, 2.0))
def test_kinks_and_roots_are_found_by_halving(kink, power):
    value = integrate(lambda x: np.abs(x - kink) ** power, np.linspace(0, 1, 4))
    exact = (kink ** (power + 1) + (1 - kink) ** (power + 1)) / (power + 1)
    # A kink nearer to an edge of a halving than its first node, 0.0065 of the panel, is not seen.
    assert value == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("kink", [0.3, 0.4, 0.71])
@pytest.mark.parametrize("power", [0.05, 0.5, 1.0, 1.5])
def test_kinks_in_the_midst_of_a_panel_cost_nothing(kink, power):
    value = integrate(lambda x: np.abs(x - kink) ** power, np.linspace(0, 1, 4))
    exact = (kink ** (power + 1) + (1 - kink) ** (power + 1)) / (power + 1)
    assert value == pytest.approx(exact, rel=1e-11)


def test_an_integral_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="put an edge there"):
        integrate(lambda x: 1 / np.abs(x - 0.3), np.array([0.0, 1.0]), rounds=30)


def test_sign_changes_are_the_zeros():
    grid = np.linspace(0.1, 10, 100)
    assert sign_changes(np.sin, grid) == pytest.approx(np.pi * np.arange(1, 4), rel=1e-14)


def test_a_zero_on_the_grid_counts_once_and_a_touch_not_at_all():
    grid = np.linspace(-2, 2, 9)
    assert sign_changes(lambda x: x**3, grid) == pytest.approx([0.0], abs=1e-15)
    assert len(sign_changes(lambda x: x**2, grid)) == 0
    assert len(sign_changes(np.zeros_like, grid)) == 0
