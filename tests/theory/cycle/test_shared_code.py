"""What a shared code couples: the correlation by four routes, the order of the costs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from theory.cycle.shared_code import (
    SharedCode,
    correlation,
    lost_correlation,
    shared_cost,
    spectra,
    stepwise_covariance,
)
from theory.gaussian import root, wasserstein2_squared
from theory.schedule import alpha_bar

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = SharedCode()
variances, etas = st.floats(0.05, 20), st.floats(0.2, 4)
seeds = st.integers(0, 2**32 - 1)


def drawn(seed, d=3):
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((2, d, d))
    return rng.standard_normal((2, d)), a @ a.T + 0.1 * np.eye(d), b @ b.T + 0.1 * np.eye(d)


def solved(s1, s2, eta):
    """C at r = 1 from the differential equation, without its solution."""
    d = len(s1)

    def slope(r, flat):
        c = flat.reshape(d, d)
        v1, v2 = (np.eye(d) + (s - np.eye(d)) * r for s in (s1, s2))
        both = np.linalg.solve(v1, c) + np.linalg.solve(v2, c.T).T
        return ((c - (1 + eta**2) / 2 * both + eta**2 * np.eye(d)) / r).ravel()

    small = 1e-7  # where C = I + O(r)
    found = integrate.solve_ivp(
        slope, (small, 1), np.eye(d).ravel(), "LSODA", rtol=1e-9, atol=1e-11
    )
    return found.y[:, -1].reshape(d, d)


def closed(s1, s2, eta):
    (a, u1), (b, u2) = np.linalg.eigh(s1), np.linalg.eigh(s2)
    rho = 1 - lost_correlation(np.log(a[:, None] / b) / 2, eta)
    return u1 @ (u1.T @ u2 * np.sqrt(a[:, None] * b) * rho) @ u2.T


@pytest.mark.parametrize("eta", [0.3, 1.0, 2.0])
def test_the_cross_covariance_solves_its_equation(eta):
    (m1, m2), s1, s2 = drawn(3)
    cross = solved(s1, s2, eta)
    assert closed(s1, s2, eta) == pytest.approx(cross, abs=1e-5)
    cost = float(((m1 - m2) ** 2).sum() + np.trace(s1 + s2 - 2 * cross))
    assert shared_cost(m1, s1, m2, s2, eta) == pytest.approx(cost, rel=1e-5)


@check
@given(variances, variances, etas)
def test_the_correlation_is_its_integral(first, second, eta):
    u = math.log(first / second) / 2

    def integrand(s):  # w = e^s
        size = np.logaddexp(np.logaddexp(0, 2 * s), math.log(2 * math.cosh(u)) + s)
        return eta**2 * math.exp(eta**2 * s - (1 + eta**2) / 2 * size)

    ends = -40 / eta**2 - abs(u), 40 + 2 * abs(u)
    found = integrate.quad(integrand, *ends, points=[0, -abs(u), abs(u)], limit=400)[0]
    assert correlation(first, second, eta) == pytest.approx(found, abs=1e-8)
    if eta < 3:
        z = math.sinh(u) ** 2
        gauss = special.hyp2f1(0.5, eta**2 / 2, 1 + eta**2 / 2, -z)
        assert correlation(first, second, eta) == pytest.approx(gauss, rel=1e-12)


@check
@given(variances, variances)
def test_at_eta_one_the_covariance_is_geometric_squared_by_logarithmic_mean(first, second):
    if abs(math.log(first / second)) < 1e-3:
        return
    logarithmic = (first - second) / math.log(first / second)
    covariance = math.sqrt(first * second) * correlation(first, second, 1.0)
    assert covariance == pytest.approx(first * second / logarithmic, rel=1e-9)


@check
@given(variances, variances)
def test_limits_of_eta(first, second):
    assert correlation(first, second, 0.0) == 1.0
    geometric = math.sqrt(first * second)
    harmonic = 2 / (1 / first + 1 / second)
    assert correlation(first, second, 60.0) == pytest.approx(harmonic / geometric, rel=2e-3)
    assert correlation(first, second, 1e-3) == pytest.approx(1, abs=1e-5)


@check
@given(variances, variances, etas, st.floats(0.01, 100))
def test_the_correlation_is_symmetric_scale_free_and_falls_with_noise(first, second, eta, scale):
    rho = correlation(first, second, eta)
    assert correlation(second, first, eta) == pytest.approx(rho, rel=1e-12)
    assert correlation(scale * first, scale * second, eta) == pytest.approx(rho, rel=1e-9)
    assert correlation(first, second, 1.1 * eta) <= rho + 1e-14
    assert 1 / math.cosh(math.log(first / second) / 2) <= rho * (1 + 1e-12)


@check
@given(etas)
def test_a_small_loss_keeps_its_digits(eta):
    small = float(lost_correlation(np.array(1e-6), eta))
    b = eta**2 / 2
    assert small == pytest.approx(1e-12 / 2 * b / (b + 1), rel=1e-9)


@pytest.mark.parametrize("u", [1e-3, 0.7, 5.0, 46.0, 300.0])
def test_at_eta_one_it_is_the_hyperbolic_sine(u):
    assert 1 - u / math.sinh(u) == pytest.approx(
        float(lost_correlation(np.array(u), 1.0)), rel=1e-9
    )


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_finite_steps_converge_at_order_one(eta):
    steps = np.array([200, 400, 800, 1600])
    exact = 2 * correlation(1.0, 4.0, eta)
    errors = [exact - stepwise_covariance(1.0, 4.0, alpha_bar("cosine", n), eta) for n in steps]
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    print(f"slope {slope:.3f}, declared -1")
    assert slope == pytest.approx(-1, abs=0.06)
    assert errors[-1] < 0.02


def test_two_samplers_on_one_code_by_monte_carlo():
    """Euler steps of the reverse equation at eta = 1, from noise at t = 5."""
    rng, n, step = np.random.default_rng(4), 4000, 0.005
    x = y = rng.standard_normal(n)
    for t in np.arange(5, 0, -step):
        noise = math.sqrt(2 * step) * rng.standard_normal(n)
        r = math.exp(-2 * t)
        x = x + step * (x - 2 * x / (1 + 0 * r)) + noise
        y = y + step * (y - 2 * y / (1 + 3 * r)) + noise
    rho = np.corrcoef(x, y)[0, 1]
    exact = correlation(1.0, 4.0, 1.0)
    assert exact == pytest.approx(math.log(2) / math.sinh(math.log(2)), rel=1e-12)
    assert abs(rho - exact) < 4 * (1 - exact**2) / math.sqrt(n) + 2 * step


@check
@given(seeds, etas)
def test_costs_are_ordered(seed, eta):
    (m1, m2), s1, s2 = drawn(seed)
    least = wasserstein2_squared(m1, s1, m2, s2)
    flow = shared_cost(m1, s1, m2, s2, 0.0)
    noisy = shared_cost(m1, s1, m2, s2, eta)
    noisier = shared_cost(m1, s1, m2, s2, 2 * eta)
    independent = float(np.trace(s1 + s2) + ((m1 - m2) ** 2).sum())
    assert least * (1 - 1e-9) <= flow <= noisy <= noisier < independent


@check
@given(seeds)
def test_without_noise_it_is_the_cost_of_a_map(seed):
    (m1, m2), s1, s2 = drawn(seed)
    shift = float(((m1 - m2) ** 2).sum())
    cost = shift + float(np.trace(s1 + s2 - 2 * root(s1) @ root(s2)))
    assert shared_cost(m1, s1, m2, s2, 0.0) == pytest.approx(cost, rel=1e-8)


def test_the_optimum_is_that_of_pot():
    import ot  # slow

    (m1, m2), s1, s2 = drawn(8)
    point = {"mean1": m1.tolist(), "cov1": s1.tolist(), "mean2": m2.tolist(), "cov2": s2.tolist()}
    known = ot.gaussian.bures_wasserstein_distance(m1, m2, s1, s2) ** 2
    assert LAW.printed(point).value == pytest.approx(known, rel=1e-9)
    assert LAW.exact({**point, "eta": 0.0}).value > 1.001 * known


@pytest.mark.parametrize("cov2", [[4.0, 1.0], [[1.0, 0.2], [0.2, 1.0]], [[2.5, 1.5], [1.5, 2.5]]])
def test_commuting_covariances_are_paired_optimally_without_noise(cov2):
    cov1 = [1.0, 0.5] if isinstance(cov2[0], float) else [[2.0, -0.7], [-0.7, 2.0]]
    point = {"mean1": [0.0, 0.0], "cov1": cov1, "mean2": [1.0, 3.0], "cov2": cov2}
    assert LAW.exact({**point, "eta": 0.0}).value == pytest.approx(
        LAW.printed(point).value, rel=1e-10
    )
    assert LAW.sharper({**point, "eta": 0.0})["shared"].value == pytest.approx(1, rel=1e-9)
    assert LAW.exact(point).value > LAW.printed(point).value * (1 + 1e-4)


@check
@given(variances, variances, st.floats(0, 3))
def test_on_the_line_what_is_shared_is_the_correlation(first, second, eta):
    point = {"mean1": [0.0], "cov1": [first], "mean2": [1.0], "cov2": [second], "eta": eta}
    assert LAW.sharper(point)["shared"].value == pytest.approx(
        correlation(first, second, eta), rel=1e-9
    )
    cost = 1 + first + second - 2 * math.sqrt(first * second) * correlation(first, second, eta)
    assert LAW.exact(point).value == pytest.approx(cost, rel=1e-9)


def test_a_noise_whose_square_is_none_shares_all():
    assert correlation(1.0, 2.0, 3e-289) == correlation(1.0, 2.0, 0.0) == 1


def test_one_covariance_is_a_translation_whatever_the_noise():
    cov = [[1.0, 0.6], [0.6, 1.0]]
    for eta in (0.0, 1.0, 5.0):
        point = {"mean1": [0.0, 1.0], "cov1": cov, "mean2": [2.0, 1.0], "cov2": cov, "eta": eta}
        assert LAW.exact(point).value == LAW.printed(point).value == 4.0


@check
@given(seeds, st.floats(0.1, 5))
def test_it_does_not_feel_rotations_and_is_of_degree_two(seed, scale):
    (m1, m2), s1, s2 = drawn(seed)
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))[0]
    found = shared_cost(m1, s1, m2, s2, 1.0)
    moved = shared_cost(
        scale * turn @ m1, scale**2 * turn @ s1 @ turn.T,
        scale * turn @ m2, scale**2 * turn @ s2 @ turn.T, 1.0,
    )  # fmt: skip
    assert moved == pytest.approx(scale**2 * found, rel=1e-8)


def test_overlaps_are_doubly_stochastic():
    _, s1, s2 = drawn(1)
    a, b, overlap = spectra(s1, s2)
    assert overlap.sum(axis=0) == pytest.approx(np.ones(3))
    assert overlap.sum(axis=1) == pytest.approx(np.ones(3))
    assert float((overlap * a).sum()) == pytest.approx(np.trace(s1))
    assert float((overlap * b).sum()) == pytest.approx(np.trace(s2))


def test_impossible_pairs_are_refused():
    for change, match in (
        ({"cov1": [1.0, 0.0]}, "eigenvalue"),
        ({"cov1": [[1.0, 2.0], [0.0, 1.0]]}, "not symmetric"),
        ({"mean1": [0.0]}, "dimension"),
        ({"eta": -0.1}, "eta="),
    ):
        with pytest.raises(ValueError, match=match):
            LAW.exact({**LAW.example, **change})
