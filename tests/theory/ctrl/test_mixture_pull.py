"""The optimal pull under mixtures: quadrature, finite differences, one component, simulation."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.ctrl.mixture_pull import (
    MixturePull,
    log_value,
    optimal_pull,
    plug_in_pull,
    posterior,
    tilted,
)
from theory.mixture import Mixture

LAW = MixturePull()
LINE = Mixture(np.array([0.3, 0.7]), np.array([[-1.5], [1.0]]), np.array([0.2, 0.5]))
PLANE = Mixture(
    np.array([0.2, 0.5, 0.3]),
    np.array([[-1.0, 0.5], [1.0, 1.5], [0.3, -1.2]]),
    np.array([0.3, 0.6, 0.15]),
)
Y2 = np.array([0.8, -0.4])
check = settings(max_examples=20, deadline=None, derandomize=True)


def differences(function, x, step=1e-5):
    """Central differences [n, d] of a function of points [n, d]."""
    shifts = step * np.eye(x.shape[1])
    return np.stack([(function(x + e) - function(x - e)) / (2 * step) for e in shifts], axis=1)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("t", [0.1, 0.7])
def test_the_value_function_by_quadrature(gamma, t):
    """h_t(x) = int exp(gamma log p(y|x_0)) p(x_0 | x_t = x) dx_0 from the definition."""
    r, noise, y, tau = math.exp(-t), -math.expm1(-2 * t), 0.4, 0.6
    for x in (-1.3, 0.2, 1.9):

        def joint(x0, x=x):
            prior = math.exp(LINE.log_density(np.array([[x0]]))[0])
            return prior * stats.norm.pdf(x, r * x0, math.sqrt(noise))

        def weighted(x0, x=x):
            return joint(x0, x) * stats.norm.pdf(y, x0, tau) ** gamma

        limits = {"epsabs": 0, "epsrel": 1e-10, "points": [-1.5, x, 1.0], "limit": 200}
        value = (
            integrate.quad(weighted, -6, 6, **limits)[0] / integrate.quad(joint, -6, 6, **limits)[0]
        )
        found = log_value(LINE, np.array([[x]]), t, np.array([y]), tau**2, gamma)[0]
        assert found == pytest.approx(math.log(value), abs=1e-9)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("t", [0.05, 0.5, 2.0])
def test_the_pull_is_the_gradient_of_the_value(gamma, t):
    x = np.random.default_rng(1).normal(size=(20, 2)) * 1.5
    expected = differences(lambda at: log_value(PLANE, at, t, Y2, 0.5, gamma), x)
    assert optimal_pull(PLANE, x, t, Y2, 0.5, gamma) == pytest.approx(expected, abs=2e-7)


def test_the_plug_in_is_the_gradient_of_the_likelihood_of_the_mean():
    x = np.random.default_rng(2).normal(size=(20, 2)) * 1.5
    t, r = 0.4, math.exp(-0.4)
    mean = PLANE.denoise(x, math.sqrt(-math.expm1(-2 * t)), r)
    assert posterior(PLANE, x, t).mean == pytest.approx(mean, abs=1e-12)

    def likelihood(at):
        return -((posterior(PLANE, at, t).mean - Y2) ** 2).sum(axis=1) / (2 * 0.5)

    found = plug_in_pull(PLANE, x, t, Y2, 0.5, 2.0)
    assert found == pytest.approx(2 * differences(likelihood, x), abs=5e-7)


def test_the_soft_optimum_of_a_mixture_is_the_power_times_the_prior():
    x = np.random.default_rng(3).normal(size=(50, 2))
    target = tilted(PLANE, Y2, 0.5, 3.0)
    logs = target.log_density(x) - PLANE.log_density(x)
    logs -= 3.0 * -((x - Y2) ** 2).sum(axis=1) / (2 * 0.5)
    assert np.ptp(logs) < 1e-12


@check
@given(st.floats(0.2, 5), st.floats(-2, 2), st.floats(0.1, 3), st.floats(0.05, 2), st.floats(-2, 2))
def test_one_component_is_the_gaussian_pull(gamma, y, noise, t, x):
    """r (y - r x) / (tau^2/gamma + 1 - r^2) for N(0, 1), and its two replacements."""
    prior = Mixture(np.ones(1), np.zeros((1, 1)), np.ones(1))
    r = math.exp(-t)
    args = (prior, np.array([[x]]), t, np.array([y]), noise)
    way, left = r * (y - r * x), 1 - r * r
    assert optimal_pull(*args, gamma)[0, 0] == pytest.approx(way / (noise / gamma + left), abs=1e-9)
    assert optimal_pull(*args, 1.0)[0, 0] == pytest.approx(way / (noise + left), abs=1e-9)
    assert plug_in_pull(*args, gamma)[0, 0] == pytest.approx(gamma * way / noise, abs=1e-9)


def point(**changes):
    return {**LAW.example, **changes}


def test_classifier_guidance_is_the_optimal_pull_at_power_one_and_only_there():
    one = point(guidance="classifier", gamma=1.0)
    assert LAW.exact(one).value == LAW.printed(one).value
    assert LAW.sharper(one)["miss"].value == 0.0
    for gamma in (0.5, 3.0):
        other = point(guidance="classifier", gamma=gamma)
        assert abs(LAW.printed(other).value / LAW.exact(other).value - 1) > 1e-2


def test_between_the_modes_the_plug_in_may_pull_the_wrong_way():
    """At x = 0.5 the mean of x_0 lies beyond y = 1, and so the plug-in pulls back to the left."""
    assert LAW.exact(point()).value > 0.2
    assert LAW.printed(point()).value < -1


def test_it_agrees_with_the_plug_in_where_the_noise_is_gone():
    near = point(t=1e-7, x=[1.9], y=[2.2])
    assert LAW.printed(near).value == pytest.approx(LAW.exact(near).value, rel=1e-5)


@check
@given(st.floats(0, 2 * math.pi))
def test_a_rotation_of_the_plane_rotates_the_pull(angle):
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    turned = Mixture(PLANE.weights, PLANE.means @ turn.T, PLANE.covariances)
    x = np.array([[0.3, -0.9]])
    for pull in (optimal_pull, plug_in_pull):
        expected = pull(PLANE, x, 0.6, Y2, 0.5, 2.0) @ turn.T
        assert pull(turned, x @ turn.T, 0.6, turn @ Y2, 0.5, 2.0) == pytest.approx(
            expected, abs=1e-9
        )


def test_paths_under_the_optimal_pull_end_in_the_soft_optimum():
    """The mass of the right mode after Euler steps in reverse time, within 4 standard errors."""
    gamma, y, noise, horizon, n, steps = 3.0, np.array([0.2]), 0.8, 3.0, 4000, 300
    generator = np.random.default_rng(7)
    target, r = tilted(LINE, y, noise, gamma), math.exp(-horizon)
    x = target.noised(math.sqrt(1 - r * r), r).sample(n, generator)
    times = np.geomspace(horizon, 2e-3, steps + 1)
    for t, after in pairwise(times):
        decay = math.exp(-t)
        score = LINE.noised(math.sqrt(-math.expm1(-2 * t)), decay).score(x)
        drift = x + 2 * score + 2 * optimal_pull(LINE, x, t, y, noise, gamma)
        x = x + drift * (t - after) + math.sqrt(2 * (t - after)) * generator.standard_normal((n, 1))
    exact = sum(
        w * stats.norm.sf(0, m[0], math.sqrt(v))
        for w, m, v in zip(target.weights, target.means, target.covariances)
    )
    error = math.sqrt(exact * (1 - exact) / n)
    assert (x > 0).mean() == pytest.approx(exact, abs=4 * error)
    assert abs(exact - 0.7) > 8 * error  # the control moves it


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"x": [1.0]}, "no direction"),
        ({"x": [0.5, 0.5]}, "dimensions"),
        ({"weights": [0.2, 0.3, 0.5]}, "3 weights, 2 means"),
        ({"variances": [0.25, 0.0]}, "variances"),
    ],
)
def test_impossible_parameters_are_refused(changes, match):
    with pytest.raises(ValueError, match=match):
        LAW.exact(point(**changes))
