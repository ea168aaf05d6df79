"""Theorem 1: worked numbers of both lemmas, its exponents, and its invariances."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from theory.slight_corruption.entropy_gain import EntropyGain, EntropyOrder

GAIN, ORDER = EntropyGain(), EntropyOrder()
check = settings(max_examples=20, deadline=None, derandomize=True)
X = np.array([1, -0.5, 0.25]) + np.random.default_rng(0).standard_normal((12, 3))
MU, COV = X.mean(axis=0), np.cov(X.T, bias=True)


def at(gamma, mu=MU, cov=COV):
    return {"gamma": gamma, "mu": np.asarray(mu).tolist(), "cov": np.asarray(cov).tolist()}


def test_the_worked_fit():
    assert pytest.approx([0.8752481, -0.5906608, 0.1394347], abs=5.1e-8) == MU
    assert np.linalg.eigvalsh(COV) == pytest.approx([0.1209126, 0.3815475, 1.2648199], abs=1e-7)


@pytest.mark.parametrize(
    ("gamma", "printed", "exact"),
    [
        (0.05, 0.01637379, 0.004745161),
        (0.1, 0.06333877, 0.01857985),
        (0.2, 0.2251435, 0.06860400),
        (0.5, 0.8440742, 0.2840037),
        (1, 1.5101267, 0.5343973),
        (3, 2.0694413, 0.7454805),
        (10, 2.1693478, 0.7828345),
    ],
)
def test_worked_numbers(gamma, printed, exact):
    assert GAIN.printed(at(gamma)).value == pytest.approx(printed, rel=4e-7)
    assert GAIN.exact(at(gamma)).value == pytest.approx(exact, rel=4e-7)


@pytest.mark.parametrize("d", [1, 8, 512])
def test_a_spherical_class(d):
    point = at(0.1, np.eye(d)[0], np.ones(d))
    assert GAIN.exact(point).value == pytest.approx(0.004926148, abs=5.1e-10)
    assert GAIN.printed(point).value == pytest.approx(0.0049261482 * d, rel=1e-8)
    if d == 512:
        assert GAIN.printed(point).value == pytest.approx(2.522188, abs=5.1e-7)


@check
@given(st.floats(0, 100), st.integers(0, 10**6))
def test_it_is_the_difference_of_log_determinants(gamma, seed):
    rng = np.random.default_rng(seed)
    root, mu = rng.standard_normal((4, 4)), rng.standard_normal(4)
    cov = root @ root.T + 0.1 * np.eye(4)
    k = gamma**2 / (1 + gamma**2)
    both = [np.linalg.slogdet(s)[1] for s in (cov, cov + k * np.outer(mu, mu))]
    exact, printed = GAIN.exact(at(gamma, mu, cov)).value, GAIN.printed(at(gamma, mu, cov)).value
    assert exact == pytest.approx((both[1] - both[0]) / 2, rel=1e-9, abs=1e-12)
    whole = np.linalg.slogdet(cov + k * (mu @ mu) * np.eye(4))[1]
    assert printed == pytest.approx((whole - both[0]) / 2, rel=1e-9, abs=1e-12)
    assert exact <= printed * (1 + 1e-12)
    assert exact <= GAIN.sharper(at(gamma, mu, cov))["second_order"].value * (1 + 1e-12)
    assert exact <= GAIN.sharper(at(gamma, mu, cov))["ceiling"].value * (1 + 1e-12)
    assert printed <= GAIN.sharper(at(gamma, mu, cov))["printed_ceiling"].value * (1 + 1e-12)


@check
@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(0.01, 5))
def test_the_true_gain_is_affinely_invariant_and_the_printed_one_is_not(seed, scale, gamma):
    rng = np.random.default_rng(seed)
    turn = ortho_group.rvs(3, random_state=rng)
    matrix = turn @ np.diag([1.0, 2.0, 5.0])
    moved = at(gamma, matrix @ MU, matrix @ COV @ matrix.T)
    similar = at(gamma, scale * turn @ MU, scale**2 * turn @ COV @ turn.T)
    exact, printed = GAIN.exact(at(gamma)).value, GAIN.printed(at(gamma)).value
    assert GAIN.exact(moved).value == pytest.approx(exact, rel=1e-9)
    assert GAIN.exact(similar).value == pytest.approx(exact, rel=1e-9)
    assert GAIN.printed(similar).value == pytest.approx(printed, rel=1e-9)
    assert GAIN.printed(moved).value != pytest.approx(printed, rel=1e-2)


@check
@given(st.lists(st.floats(0, 50), min_size=2, max_size=6))
def test_the_gain_rises_with_gamma_up_to_its_ceiling(gammas):
    values = [GAIN.exact(at(gamma)).value for gamma in sorted(gammas)]
    assert values == sorted(values)
    ceiling = GAIN.sharper(at(1.0))["ceiling"].value
    assert GAIN.exact(at(1e6)).value == pytest.approx(ceiling, rel=1e-11)


def test_measured_exponents_in_gamma():
    """2 where gamma is small, 0 on the plateau, for the true gain and the printed one."""
    for law in (GAIN.exact, GAIN.printed):
        for gammas, slope in ((np.geomspace(1e-3, 1e-2, 5), 2.0), (np.geomspace(1e3, 1e4, 5), 0.0)):
            values = [law(at(float(gamma))).value for gamma in gammas]
            found = np.polyfit(np.log(gammas), np.log(values), 1)[0]
            print(f"slope {found:.6f}, declared {slope}")
            assert found == pytest.approx(slope, abs=1e-3)


@check
@given(st.floats(0.01, 30), st.floats(0.1, 5), st.sampled_from([1, 7, 64]))
def test_the_exponent_in_gamma_is_a_derivative(gamma, norm, d):
    point = {"along": "gamma", "gamma": gamma, "d": d, "norm": norm}
    step = 1e-4
    high, low = (
        ORDER.sharper({**point, "gamma": gamma * math.exp(s)})["gain"].value for s in (step, -step)
    )
    assert ORDER.exact(point).value == pytest.approx(math.log(high / low) / (2 * step), abs=1e-6)
    assert ORDER.printed(point).value == 2.0


@pytest.mark.parametrize("d", [1, 8, 64])
def test_the_gain_does_not_grow_with_the_dimension(d):
    point = {"along": "dimension", "gamma": 0.3, "d": d, "norm": 1.0}
    doubled = {**point, "d": 2 * d}
    assert ORDER.exact(point).value == 0.0
    assert ORDER.printed(point).value == 1.0
    grown = (
        ORDER.sharper(doubled)["printed_gain"].value / ORDER.sharper(point)["printed_gain"].value
    )
    assert math.log2(grown) == pytest.approx(1.0, rel=1e-12)
    same = at(0.3, np.eye(2 * d)[0], np.ones(2 * d))
    assert ORDER.sharper(doubled)["gain"].value == pytest.approx(GAIN.exact(same).value, rel=1e-14)


def test_a_mean_of_zero_gains_nothing():
    assert GAIN.exact(at(0.5, np.zeros(3))).value == 0.0
    assert GAIN.printed(at(0.5, np.zeros(3))).value == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gamma": -1.0}, "gamma=-1.0"),
        ({"cov": [1.0, 0.0, 1.0]}, "smallest eigenvalue of 0"),
        ({"cov": [1.0, 1.0]}, "mu of 3, cov of 2"),
        ({"mu": []}, "mu="),
    ],
)
def test_impossible_parameters_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        GAIN.exact({**at(0.2), **change})
