"""The regulariser on Gaussian data: the mean of a norm by three routes, zero where it is."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from theory.mixture import Mixture
from theory.smooth.regulariser import (
    Regulariser,
    denoiser_slopes,
    norm_gap,
    norm_slopes,
    norm_variance,
)

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = Regulariser()
squares = st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=8).map(np.array)


def mean_norm(values):
    return math.sqrt(values.mean()) * (1 - norm_gap(values))


@check
@given(st.floats(1e-4, 1e4), st.floats(1e-4, 1e4), st.floats(1e-4, 1e4))
def test_in_three_dimensions_the_mean_norm_is_carlsons(x, y, z):
    assert mean_norm(np.array([x, y, z])) == pytest.approx(special.elliprg(x, y, z), rel=1e-12)


@check
@given(st.floats(1e-6, 1))
def test_in_the_plane_it_is_the_elliptic_integral(y):
    exact = 2 / math.pi * special.ellipe(1 - y)
    assert mean_norm(np.array([1.0, y])) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("d", [2, 5, 40])
def test_by_monte_carlo(d):
    values = np.geomspace(1e-3, 2, d)
    u = np.random.default_rng(d).standard_normal((40_000, d))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    norms = np.sqrt((u**2 * values).sum(axis=1))
    assert abs(norms.mean() - mean_norm(values)) < 4 * norms.std() / 200
    spread = (norms - norms.mean()) ** 2
    assert abs(spread.mean() - norm_variance(values)) < 4 * spread.std() / 200
    shares = u**2 / norms[:, None]
    assert (np.abs(shares.mean(axis=0) - norm_slopes(values)) < 4 * shares.std(axis=0) / 200).all()


@check
@given(squares)
def test_slopes_are_derivatives_of_the_mean_norm(values):
    for i in range(len(values)):
        step = np.zeros_like(values)
        step[i] = 1e-4 * values[i]
        difference = (mean_norm(values + step) - mean_norm(values - step)) / (2 * step[i])
        rounding = 1e-14 * mean_norm(values) / step[i]
        assert norm_slopes(values)[i] / 2 == pytest.approx(difference, rel=2e-6, abs=rounding)


def test_equal_directions_leave_exactly_nothing():
    assert norm_gap(np.full(7, 0.3)) == 0.0
    for variances in ([0.5], [2.0, 2.0, 2.0]):
        point = {"covariance": variances, "abar": 0.3}
        assert LAW.exact(point).value == 0.0
        assert LAW.printed(point).value == 0.0


@check
@given(st.lists(st.floats(0.1, 10), min_size=2, max_size=5), st.floats(0.01, 0.99))
def test_it_is_zero_only_for_isotropic_data(variances, abar):
    found = LAW.exact({"covariance": variances, "abar": abar}).value
    assert found >= 0
    if max(variances) > min(variances) * (1 + 1e-6):
        assert found > 0


@check
@given(st.floats(0.05, 0.95))
def test_it_does_not_feel_a_rotation_of_the_data(abar):
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    matrix = turn @ np.diag([4.0, 1.0, 0.25]) @ turn.T
    found = LAW.exact({"covariance": ((matrix + matrix.T) / 2).tolist(), "abar": abar}).value
    straight = LAW.exact({"covariance": [4.0, 1.0, 0.25], "abar": abar}).value
    assert found == pytest.approx(straight, rel=1e-10)


def test_slopes_are_the_jacobian_of_the_denoiser():
    """By finite differences of the posterior mean in the noise, at sigma eps and a x_0 fixed."""
    variances, abar = np.array([4.0, 1.0, 0.25]), 0.6
    data = Mixture([1.0], [[0.3, -1.0, 2.0]], [np.diag(variances)])
    a, sigma = math.sqrt(abar), math.sqrt(1 - abar)
    x0, eps = np.array([0.2, 0.5, 1.0]), np.array([1.0, -0.4, 0.3])

    def denoised(noise):
        return data.denoise((a * x0 + sigma * noise)[None], sigma, a)[0]

    h = 1e-5
    rows = [(denoised(eps + h * e) - denoised(eps - h * e)) / (2 * h) for e in np.eye(3)]
    assert np.array(rows) == pytest.approx(np.diag(denoiser_slopes(variances, abar)), abs=1e-9)


def test_near_isotropy_it_is_of_second_order():
    gaps = []
    for e in (0.04, 0.02, 0.01):
        point = {"covariance": [1 + e, 1.0, 1 - e], "abar": 0.5}
        gaps.append(abs(LAW.exact(point).value / LAW.sharper(point)["second_order"].value - 1))
    order = np.log2(np.array(gaps[:-1]) / gaps[1:])
    print(f"orders of the relative error {order}, at least 1 declared")
    assert (order > 0.9).all()
    assert gaps[-1] < 1e-2


def test_a_spread_that_rounding_would_hide():
    e = 1e-7
    point = {"covariance": [1 + e, 1 - e], "abar": 0.5}
    values = LAW.exact(point).value, LAW.sharper(point)["second_order"].value
    assert values[0] == pytest.approx(values[1], rel=1e-5)


def test_many_dimensions_hide_anisotropy():
    found = [
        LAW.exact({"covariance": [4.0, 0.25] * (d // 2), "abar": 0.5}).value
        for d in (16, 32, 64, 128)
    ]
    slope = np.polyfit(np.log([16, 32, 64, 128]), np.log(found), 1)[0]
    print(f"slope {slope:.3f}, declared -1")
    assert slope == pytest.approx(-1, abs=0.1)


def test_it_vanishes_at_both_ends_of_the_schedule():
    at = {abar: LAW.exact({**LAW.example, "abar": abar}).value for abar in (1e-6, 0.5, 1 - 1e-6)}
    assert max(at[1e-6], at[1 - 1e-6]) < 1e-3 * at[0.5]


def test_it_stands_beside_an_istd_of_zero():
    beside = LAW.sharper({"covariance": [4.0, 0.25], "abar": 0.5})
    assert beside["istd_lerp"].value == 0.0
    assert beside["istd_slerp"].value == pytest.approx(0.0801604858752701, rel=1e-9)  # A=diag(2,.5)
    assert LAW.sharper({"covariance": [2.0, 2.0], "abar": 0.5})["istd_slerp"].value == 0.0


@pytest.mark.parametrize("abar", [0.1, 0.5, 0.9])
def test_the_value_and_the_running_mean_by_their_definition(abar):
    """E (sigma |J'u| - a)^2 on draws of u, at the mean and at other a."""
    point = {**LAW.example, "abar": abar}
    at_rest, mean = LAW.exact(point).value, LAW.sharper(point)["mean"].value
    n = 50_000
    u = np.random.default_rng(0).standard_normal((n, 3))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    variances = np.array([0.25, 1.0, 4.0])
    slopes = math.sqrt(abar * (1 - abar)) * variances / (abar * variances + 1 - abar)
    norms = math.sqrt(1 - abar) * np.linalg.norm(u * slopes, axis=1)
    assert abs(norms.mean() - mean) < 4 * norms.std() / math.sqrt(n)
    squares = (norms - mean) ** 2
    assert abs(squares.mean() - at_rest) < 4 * squares.std() / math.sqrt(n)
    assert ((norms - 1.1 * mean) ** 2).mean() > squares.mean() < ((norms - 0.9 * mean) ** 2).mean()


def test_impossible_points_are_refused():
    for change, match in (
        ({"abar": 1.0}, "abar="),
        ({"abar": 0.0}, "abar="),
        ({"covariance": [1.0, -1.0]}, "eigenvalue"),
        ({"covariance": [[1.0, 0.5], [0.0, 1.0]]}, "not symmetric"),
    ):
        with pytest.raises(ValueError, match=match):
            LAW.exact({**LAW.example, **change})
