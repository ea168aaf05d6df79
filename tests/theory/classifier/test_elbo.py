"""The bound is tight with the exact score: worked numbers, normal classes, a mixture."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.classifier.elbo import Elbo, bound
from theory.mixture import Mixture

LAW = Elbo()
check = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("x", "mean", "variance", "value", "cut"),
    [
        (0.7, 0, 1, -1.1639385332, -1.1639385333),
        (2, 0, 4, -2.1120857138, -2.1120857137),
        (-1, 1.5, 0.25, -12.7257913526, -12.7257913433),
    ],
)
def test_worked_numbers(x, mean, variance, value, cut):
    """cut: the same without the times below 1e-10, where the integrand is what it is at 0."""
    point = {"x": [x], "mean": [mean], "variance": float(variance)}
    assert LAW.exact(point).value == pytest.approx(value, abs=5.1e-11)
    assert LAW.printed(point).value == pytest.approx(value, abs=5.1e-11)
    rate = (x - mean) ** 2 / variance**2 - 2 / variance + 1
    assert LAW.printed(point).value + 1e-10 * rate == pytest.approx(cut, abs=1e-10)


@check
@given(st.lists(st.floats(-4, 4), min_size=1, max_size=4), st.floats(0.01, 50), st.floats(0.01, 12))
def test_it_is_tight_at_every_point_spread_and_horizon(x, variance, horizon):
    point = {"x": x, "mean": [0.5] * len(x), "variance": variance, "horizon": horizon}
    expected = stats.multivariate_normal.logpdf(x, [0.5] * len(x), variance)
    assert LAW.exact(point).value == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert LAW.printed(point).value == pytest.approx(expected, rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("x", [-1.0, 0.3, 2.5])
def test_it_is_tight_for_a_mixture(x):
    """The formula as it stands, scores by responsibilities, E by Gauss-Hermite, t from 1e-5 on."""
    law = Mixture(np.array([0.4, 0.6]), np.array([[-1.0], [1.2]]), np.array([0.3, 0.5]))
    nodes, shares = np.polynomial.hermite_e.hermegauss(60)
    shares = shares / math.sqrt(2 * math.pi)
    horizon, first = 4.0, 1e-5

    def at(t):
        r, sigma = math.exp(-t), math.sqrt(-math.expm1(-2 * t))
        return law.noised(sigma, r), (r * x + sigma * nodes)[:, None], sigma

    def rate(t):
        noised, points, sigma = at(t)
        miss = noised.score(points)[:, 0] + nodes / sigma
        return shares @ miss**2 - 1 / sigma**2 + 1

    noised, points, _ = at(horizon)
    inner = sum(
        integrate.quad(rate, low, high, epsabs=1e-10, epsrel=1e-10)[0]
        for low, high in ((first, 0.3), (0.3, horizon))
    )
    value = shares @ noised.log_density(points) - inner - first * rate(first)
    assert value == pytest.approx(law.log_density(np.array([[x]]))[0], abs=1e-7)


def test_a_wrong_score_makes_it_a_bound_on_average():
    """The bound of a wrong class, averaged over the data, is below that of the right one."""
    generator, v = np.random.default_rng(4), 0.8
    x = math.sqrt(v) * generator.standard_normal(500)
    right = np.mean([bound(each**2, v, 1, 3.0) for each in x])
    wrong = np.mean([bound((each - 0.4) ** 2, 1.3, 1, 3.0) for each in x])
    assert wrong < right


def test_the_end_is_the_standard_normal_s_for_a_long_horizon():
    point = {"x": [1.0, 2.0], "mean": [0.0, 0.0], "variance": 3.0, "horizon": 15.0}
    entropy = -(1 + math.log(2 * math.pi))  # of two standard normals, negative
    assert LAW.sharper(point)["end"].value == pytest.approx(entropy, abs=1e-12)


def test_dimensions_must_agree():
    with pytest.raises(ValueError, match="x of 2, mean of 1"):
        LAW.printed({"x": [1.0, 2.0], "mean": [0.0], "variance": 1.0})
