"""Lemma 2: the normal equations with the whole V, learnt networks, and the printed formula."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from theory.slight_corruption.linear_network import (
    LinearNetwork,
    Network,
    corrupted_covariance,
    kappa,
    loss,
    network,
    printed_covariance,
    strength,
)

LAW = LinearNetwork()
check = settings(max_examples=20, deadline=None, derandomize=True)
X = np.array([1, -0.5, 0.25]) + np.random.default_rng(0).standard_normal((12, 3))
MU, COV = X.mean(axis=0), np.cov(X.T, bias=True)
POINT = {"gamma": 0.7, "mu": MU.tolist(), "cov": COV.tolist(), "t": 0.3}


def optimum(gamma, t, mu=MU, cov=COV):
    return network(mu, corrupted_covariance(mu, cov, gamma), gamma, t)


def normal_equations(mu, cov, second_moment, t, embedding):
    """W [d, d] and V c [d] from the moments of the features (x_t, c + xi) and of the noise."""
    d, r = len(mu), math.exp(-t)
    sigma = math.sqrt(1 - r * r)
    xx = r * r * (cov + np.outer(mu, mu)) + sigma**2 * np.eye(d)
    xc = r * np.outer(mu, embedding)
    cc = np.outer(embedding, embedding) + second_moment * np.eye(len(embedding))
    target = np.hstack([sigma * np.eye(d), np.zeros((d, len(embedding)))])
    both = np.linalg.solve(np.block([[xx, xc], [xc.T, cc]]), target.T).T  # [d, d + classes]
    return both[:, :d], both[:, d:] @ embedding


def test_the_worked_optimum():
    """d = 3, n = 12, four classes, t = 0.3, gamma = 0.7."""
    weight, bias = normal_equations(MU, COV, 0.49, 0.3, np.eye(4)[1])
    found = optimum(0.7, 0.3)
    assert np.abs(weight - found.weight).max() < 1e-14
    assert np.abs(bias - found.bias).max() < 1e-14
    assert LAW.exact(POINT).value == pytest.approx(1.196438, abs=5.1e-7)
    assert LAW.printed(POINT).value == pytest.approx(1.274121, abs=5.1e-7)
    sharper = LAW.sharper(POINT)
    assert sharper["weight_error"].value == pytest.approx(0.2927463, abs=5.1e-8)
    gap = LAW.printed(POINT).value - LAW.exact(POINT).value
    assert sharper["excess_loss"].value == pytest.approx(gap, rel=1e-12)


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_a_network_fitted_to_fresh_noise_finds_the_corrected_optimum(distribution):
    """A uniform corruption on (-a, a) acts as gamma^2 = a^2/3."""
    rng, draws, t = np.random.default_rng(1), 200_000, 0.3
    r = math.exp(-t)
    sigma = math.sqrt(1 - r * r)
    eps = rng.standard_normal((draws, 3))
    width = 0.7 * math.sqrt(3)
    xi = (
        0.7 * rng.standard_normal((draws, 4))
        if distribution == "normal"
        else rng.uniform(-width, width, (draws, 4))
    )
    features = np.hstack([r * X[rng.integers(12, size=draws)] + sigma * eps, np.eye(4)[1] + xi])
    fitted = np.linalg.lstsq(features, eps, rcond=None)[0].T[:, :3]
    found = optimum(0.7, t)
    # the residual has variance below 1 and the features above 0.4: 1/sqrt(0.4 draws) an entry
    assert np.abs(fitted - found.weight).max() < 4 / math.sqrt(0.4 * draws)
    printed = network(MU, printed_covariance(MU, COV, 0.7), 0.7, t)
    assert np.abs(fitted - printed.weight).max() == pytest.approx(0.2927, abs=0.015)


def test_an_embedding_of_another_length_scales_the_corruption():
    weight, bias = normal_equations(MU, COV, 0.49, 0.3, 2 * np.eye(4)[1])
    found = optimum(0.35, 0.3)
    assert np.abs(weight - found.weight).max() < 1e-14
    assert np.abs(bias - found.bias).max() < 1e-14


@check
@given(st.floats(0.05, 5), st.floats(0.05, 3), st.integers(0, 10**6))
def test_no_other_network_has_a_smaller_loss(gamma, t, seed):
    rng = np.random.default_rng(seed)
    best = optimum(gamma, t)
    least = loss(best, MU, COV, gamma, t)
    for step in (0.01, 0.3):
        other = Network(
            best.weight + step * rng.standard_normal((3, 3)),
            best.bias + step * rng.standard_normal(3),
        )
        assert loss(other, MU, COV, gamma, t) > least
    assert 0 < least < 3
    printed = network(MU, printed_covariance(MU, COV, gamma), gamma, t)
    assert loss(printed, MU, COV, gamma, t) > least


def test_the_loss_is_that_of_draws():
    rng, draws, t, gamma = np.random.default_rng(3), 400_000, 0.5, 0.8
    found = network(MU, printed_covariance(MU, COV, gamma), gamma, t)
    r = math.exp(-t)
    sigma = math.sqrt(1 - r * r)
    eps = rng.standard_normal((draws, 3))
    x = r * X[rng.integers(12, size=draws)] + sigma * eps
    condition = np.eye(2)[0] + gamma * rng.standard_normal((draws, 2))
    v = np.outer(found.bias, np.eye(2)[0])
    squares = ((x @ found.weight.T + condition @ v.T - eps) ** 2).sum(1)
    error = squares.std() / math.sqrt(draws)
    assert abs(squares.mean() - loss(found, MU, COV, gamma, t)) < 4 * error


@check
@given(st.floats(-3, 3), st.floats(0.1, 3), st.floats(0, 5), st.floats(0.05, 3))
def test_on_the_line_the_printed_lemma_is_the_optimum(mu, variance, gamma, t):
    point = {"gamma": gamma, "mu": [mu], "cov": [variance], "t": t}
    sharper = LAW.sharper(point)
    assert LAW.exact(point) == LAW.printed(point)
    assert {sharper[name].value for name in ("weight_error", "bias_error", "excess_loss")} == {0.0}


@check
@given(st.integers(0, 10**6), st.floats(0.05, 5))
def test_turning_the_class_changes_no_loss(seed, gamma):
    turn = ortho_group.rvs(3, random_state=np.random.default_rng(seed))
    turned = {**POINT, "mu": (turn @ MU).tolist(), "cov": (turn @ COV @ turn.T).tolist()}
    for point in (POINT, turned):
        point["gamma"] = gamma
    assert LAW.exact(turned).value == pytest.approx(LAW.exact(POINT).value, rel=1e-10)
    assert LAW.printed(turned).value == pytest.approx(LAW.printed(POINT).value, rel=1e-10)


def test_without_corruption_it_is_lemma_1():
    t, r = 0.4, math.exp(-0.4)
    sigma = math.sqrt(1 - r * r)
    found = optimum(0.0, t)
    weight = sigma * np.linalg.inv(sigma**2 * np.eye(3) + r * r * COV)
    assert np.abs(found.weight - weight).max() < 1e-14
    assert np.abs(found.bias + r * weight @ MU).max() < 1e-14


def test_a_mean_of_zero_leaves_the_printed_lemma_right():
    point = {**POINT, "mu": [0.0, 0.0, 0.0]}
    assert LAW.exact(point) == LAW.printed(point)


@check
@given(st.floats(0, 1e6))
def test_kappa_and_the_strength_are_inverse(gamma):
    assert kappa(gamma) == pytest.approx(1 - 1 / (1 + gamma**2), abs=1e-15)
    if 1e-6 < gamma < 1e3:
        assert strength(kappa(gamma)) == pytest.approx(gamma, rel=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gamma": -0.1}, "gamma=-0.1.*0 or more"),
        ({"mu": [1.0, 2.0]}, "mu of 2, cov of 3"),
        ({"cov": [1.0, -1.0, 1.0]}, "eigenvalue of -1"),
        ({"cov": [[1.0, 0.5], [0.4, 1.0]]}, "not symmetric"),
        ({"t": 0.0}, "t=0.0.*above 0"),
    ],
)
def test_impossible_parameters_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        LAW.exact({**POINT, **change})
