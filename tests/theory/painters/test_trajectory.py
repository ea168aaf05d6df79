"""The closed form against a solver, Tweedie's formula, and worked numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.painters.trajectory import (
    Level,
    Trajectory,
    closed_form,
    endpoint,
    level,
    psi,
    solved,
    tweedie,
    xi,
)

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = Trajectory()
MEAN, START = np.array([0.5, -1.0, 2.0]), np.array([0.7, -0.2, 1.1])
VARIANCES = np.array([4.0, 0.5, 0.0])


def rotation(seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))[0]


@pytest.mark.parametrize("t", [0.8, 0.5, 0.2, 0.05, 1e-3])
def test_worked_agreement_with_the_solver(t):
    sigma = np.diag(VARIANCES)
    found = closed_form(START, MEAN, sigma, level("vp", t), level("vp", 1.0))
    assert np.abs(found - solved(START, MEAN, sigma, "vp", t, 1.0)).max() < 2e-11


def test_a_worked_point_is_reached_by_some_features():
    """x at t = 0.5 is known for features that are not: they are found from it, then solved for.

    |y|, y.x and |x| fix the c_k^2 by a linear system in the powers of psi_k, which must come out
    positive; a rotation takes one plane to the other.
    """
    worked = np.array([0.9413390429, -0.4440715923, 1.7348905943])
    now, top = level("vp", 0.5), level("vp", 1.0)
    y, x = START - top.alpha * MEAN, worked - now.alpha * MEAN
    factors = psi(VARIANCES, now, top)
    squares = np.linalg.solve(np.vander(factors, increasing=True).T, [y @ y, y @ x, x @ x])
    assert np.all(squares > 0)
    c = np.sqrt(squares)

    def frame(a, b):
        q, r = np.linalg.qr(np.stack([a, b, np.cross(a, b)], axis=1))
        return q * np.sign(np.diag(r))

    features = frame(y, x) @ frame(c, factors * c).T
    sigma = (features * VARIANCES) @ features.T
    assert closed_form(START, MEAN, sigma, now, top) == pytest.approx(worked, abs=2e-9)
    assert solved(START, MEAN, sigma, "vp", 0.5, 1.0) == pytest.approx(worked, abs=2e-9)


def test_worked_factors_of_edm():
    found = psi(np.array([4.0, 0.5, 0.01]), Level(1.0, 1.0), Level(1.0, 80.0))
    assert found == pytest.approx([0.02794212, 0.01530871, 0.01256233], abs=5e-9)


@check
@given(
    st.integers(0, 99), st.sampled_from(["vp", "edm"]), st.floats(0.05, 0.9),
    st.floats(0, 5), st.floats(0.1, 9),
)  # fmt: skip
def test_against_the_solver_for_any_features(seed, schedule, share, small, large):
    u = rotation(seed)
    sigma = (u * np.array([large, small, 0.0])) @ u.T
    top = 1.0 if schedule == "vp" else 30.0
    now = level(schedule, share * top)
    x = solved(START, MEAN, sigma, schedule, share * top, top)
    assert closed_form(START, MEAN, sigma, now, level(schedule, top)) == pytest.approx(x, abs=1e-9)
    seen = endpoint(START, MEAN, sigma, now, level(schedule, top))
    assert seen == pytest.approx(tweedie(x, MEAN, sigma, now), rel=1e-8, abs=1e-8)
    assert abs((seen - MEAN) @ u[:, 2]) < 1e-12  # nothing off the data


@check
@given(st.floats(0.01, 20), st.floats(0.01, 1))
def test_both_schedules_are_one(variance, t):
    """At sigma_edm = sigma / alpha, x_vp = alpha x_edm."""
    now, top = level("vp", t), level("vp", 1.0)
    assert now.alpha**2 + now.sigma**2 == pytest.approx(1.0, rel=1e-12)
    lam = np.array([variance])
    edm = psi(lam, Level(1.0, now.sigma / now.alpha), Level(1.0, top.sigma / top.alpha))
    assert psi(lam, now, top) == pytest.approx(edm * now.alpha / top.alpha, rel=1e-9)
    ratio = xi(lam, now, top) / xi(lam, Level(1.0, 0.0), top)
    final = math.sqrt(variance / (variance + (now.sigma / now.alpha) ** 2))
    assert ratio == pytest.approx(final, rel=1e-9)


def test_the_endpoint_by_the_solver_is_the_printed_one():
    beside = LAW.sharper(LAW.example)
    assert beside["endpoint"].value == pytest.approx(beside["endpoint_printed"].value, rel=1e-12)
    assert LAW.exact(LAW.example).value == pytest.approx(LAW.printed(LAW.example).value, rel=1e-12)


@pytest.mark.parametrize(
    "changes", [{"t": 1.0}, {"t_max": 2.0}, {"start": [1.0]}, {"covariance": [1.0, -1.0, 0.0]}]
)
def test_impossible_parameters(changes):
    with pytest.raises(ValueError, match=r"painters\.trajectory"):
        LAW.exact({**LAW.example, **changes})
