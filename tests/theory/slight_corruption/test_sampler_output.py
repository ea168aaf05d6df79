"""Lemmas 3 and 4 against an ODE solver."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from theory.gaussian import wasserstein2_squared
from theory.slight_corruption.entropy_gain import EntropyGain
from theory.slight_corruption.linear_network import (
    corrupted_covariance,
    kappa,
    network,
    printed_covariance,
)
from theory.slight_corruption.sampler_output import SamplerOutput, entropy, flow, output

LAW = SamplerOutput()
check = settings(max_examples=20, deadline=None, derandomize=True)
X = np.array([1, -0.5, 0.25]) + np.random.default_rng(0).standard_normal((12, 3))
MU, COV = X.mean(axis=0), np.cov(X.T, bias=True)


def solved(z0, spread, gamma, horizon):
    """z_T by the sampler's own ODE, the score being that of the networks."""

    def velocity(tau, z):
        t = max(horizon - tau, 1e-12)
        found = network(MU, spread, gamma, t)
        return z - (found.weight @ z + found.bias) / math.sqrt(-math.expm1(-2 * t))

    return solve_ivp(velocity, (0, horizon), z0, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]


def test_the_worked_trajectory():
    z0, gamma = np.array([0.3, -1.0, 2.0]), 0.7
    spread = corrupted_covariance(MU, COV, gamma)
    found = flow(z0, (1 - kappa(gamma)) * MU, spread, 3.0)
    # the reference is an ODE solution, within 1.2e-12 of the closed form
    assert found == pytest.approx([1.105546213565, -1.220803522259, 1.261529179002], abs=1.8e-12)
    assert np.abs(found - solved(z0, spread, gamma, 3.0)).max() < 1e-10


@pytest.mark.parametrize("horizon", [0.2, 1.0])
def test_the_flow_solves_the_ode_with_the_printed_matrix_too(horizon):
    z0, gamma = np.array([-2.0, 0.5, 1.0]), 1.5
    spread = printed_covariance(MU, COV, gamma)
    found = flow(z0, (1 - kappa(gamma)) * MU, spread, horizon)
    assert np.abs(found - solved(z0, spread, gamma, horizon)).max() < 1e-10


@check
@given(st.floats(0.05, 6), st.floats(0, 4))
def test_mean_and_covariance_are_those_of_the_affine_map(horizon, gamma):
    spread = corrupted_covariance(MU, COV, gamma)
    mean = (1 - kappa(gamma)) * MU
    start = flow(np.zeros(3), mean, spread, horizon)
    matrix = (flow(np.eye(3), mean, spread, horizon) - start).T  # [d, d]
    found_mean, found = output(mean, spread, horizon)
    assert found_mean == pytest.approx(start, abs=1e-13)
    assert found == pytest.approx(matrix @ matrix.T, abs=1e-13)


def test_a_long_horizon_gives_the_fitted_law():
    point = {"gamma": 0.0, "mu": MU.tolist(), "cov": COV.tolist(), "horizon": 25.0}
    sharper = LAW.sharper(point)
    assert LAW.exact(point).value == pytest.approx(np.trace(COV), rel=1e-12)
    assert sharper["long_horizon"].value == pytest.approx(np.trace(COV), rel=1e-12)
    assert sharper["to_the_fit"].value < 1e-10
    assert sharper["mean_shift"].value < 1e-9


@pytest.mark.parametrize("gamma", [0.3, 1.0, 4.0])
def test_at_a_long_horizon_it_is_the_theorem(gamma):
    """The entropies differ by Theorem 1's gain, the printed total variance is too large."""
    point = {"gamma": gamma, "mu": MU.tolist(), "cov": COV.tolist(), "horizon": 25.0}
    gain = {name: point[name] for name in ("gamma", "mu", "cov")}
    sharper = LAW.sharper(point)
    clean = entropy(COV)
    assert sharper["entropy"].value - clean == pytest.approx(
        EntropyGain().exact(gain).value, abs=1e-11
    )
    assert sharper["printed_entropy"].value - clean == pytest.approx(
        EntropyGain().printed(gain).value, abs=1e-11
    )
    extra = LAW.printed(point).value - LAW.exact(point).value
    assert extra == pytest.approx(2 * kappa(gamma) * MU @ MU, rel=1e-11)
    assert sharper["mean_shift"].value == pytest.approx(kappa(gamma) * np.linalg.norm(MU), rel=1e-9)
    spread = corrupted_covariance(MU, COV, gamma)
    cost = wasserstein2_squared((1 - kappa(gamma)) * MU, spread, MU, COV)
    assert sharper["to_the_fit"].value == pytest.approx(cost, rel=1e-9)


def test_the_entropy_is_that_of_a_gaussian():
    assert entropy(np.eye(2)) == pytest.approx(math.log(2 * math.pi * math.e), rel=1e-15)
    assert entropy(4 * np.eye(2)) == pytest.approx(entropy(np.eye(2)) + 2 * math.log(2), rel=1e-14)


@check
@given(st.floats(-3, 3), st.floats(0.1, 3), st.floats(0, 5), st.floats(0.1, 5))
def test_on_the_line_both_lemmas_agree(mu, variance, gamma, horizon):
    point = {"gamma": gamma, "mu": [mu], "cov": [variance], "horizon": horizon}
    assert LAW.exact(point) == LAW.printed(point)


def test_a_short_horizon_leaves_the_noise():
    mean, found = output(MU, COV, 1e-8)
    assert np.abs(mean).max() < 1e-7
    assert np.abs(found - np.eye(3)).max() < 1e-7
