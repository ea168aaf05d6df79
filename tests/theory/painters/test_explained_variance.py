"""How much of the score is Gaussian: worked numbers, quadrature, drawn points, rates."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.density import density
from theory.mixture import Mixture
from theory.painters.explained_variance import ExplainedVariance, squares

check = settings(max_examples=15, deadline=None, derandomize=True)
LAW = ExplainedVariance()
MODES = "0.5*normal(-2,0.5)+0.5*normal(2,0.5)"
SKEWED = "0.3*normal(-2,0.5)+0.7*normal(2,0.5)"


def point(sigma, p=MODES, **changes):
    return {"p": p, "sigma": float(sigma), **changes}


@pytest.mark.parametrize(
    ("sigma", "worked"),
    [(0.5, 0.57615), (1, 0.74939), (2, 0.97221), (5, 0.9998832), (10, 0.9999992842),
     (20, 0.999999997)],
)  # fmt: skip
def test_worked_numbers_of_4000_points(sigma, worked):
    """The worked ones are means over 4000 points, whose error is measured on such points."""
    found = LAW.exact(point(sigma, others=1, others_variance=0.25)).value
    data = Mixture(np.array([0.5, 0.5]), np.array([[-2.0, 0.0], [2.0, 0.0]]), 0.25)
    noised = data.noised(sigma)
    x = noised.sample(4000, np.random.default_rng(4))
    score = noised.score(x)
    gaussian = -x / (np.array([4.25, 0.25]) + sigma**2)
    left, whole = ((score - gaussian) ** 2).sum(1), (score**2).sum(1)
    ratio = left.mean() / whole.mean()
    error = (left - ratio * whole).std() / whole.mean() / math.sqrt(4000)
    assert abs(1 - ratio - found) < 4 * error
    assert abs(worked - found) < 4 * error + 5.1e-10


@pytest.mark.parametrize("sigma", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("p", [MODES, SKEWED, "beta(2,5)"])
def test_against_scipy(sigma, p):
    law = density(p)
    noised, total = law.under_noise(sigma), law.variance + sigma**2

    def parts(x):
        value, slope, _ = noised.derivatives(np.array([x]))
        return float(slope[0] / value[0]), float(value[0])

    low, high = law.mean - 9 * math.sqrt(total), law.mean + 9 * math.sqrt(total)
    left = integrate.quad(
        lambda x: (parts(x)[0] + (x - law.mean) / total) ** 2 * parts(x)[1], low, high, limit=200
    )[0]
    whole = integrate.quad(lambda x: parts(x)[0] ** 2 * parts(x)[1], low, high, limit=200)[0]
    found = squares(law, sigma)
    assert found.difference == pytest.approx(left, rel=1e-6)
    assert found.score == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize(("p", "rate"), [(MODES, -8), (SKEWED, -6), ("beta(2,5)", -6)])
def test_measured_rate(p, rate):
    scale = math.sqrt(density(p).variance)
    sigmas = np.geomspace(20, 60, 5) * scale
    left = [LAW.sharper(point(s, p))["unexplained"].value for s in sigmas]
    slope = np.polyfit(np.log(sigmas), np.log(left), 1)[0]
    print(f"slope {slope:.3f}, declared {rate}")
    assert slope == pytest.approx(rate, abs=0.05)
    beside = LAW.sharper(point(sigmas[-1], p))
    assert beside["unexplained"].value == pytest.approx(beside["leading"].value, rel=5e-3)


def test_memorised_points_are_not_explained_at_small_noise():
    shares = [LAW.exact(point(s, "atoms(-1,-0.2,1.1)")).value for s in (3.0, 0.3, 0.03, 0.003)]
    assert shares[0] > 0.99
    assert all(a > b for a, b in pairwise(shares))
    assert shares[-1] < 1e-3


@check
@given(st.floats(-3, 3), st.floats(0.1, 3), st.floats(0.05, 30))
def test_one_component_is_wholly_explained(mean, sd, sigma):
    beside = LAW.sharper(point(sigma, f"normal({mean!r},{sd!r})"))
    assert beside["unexplained"].value < 1e-25


@check
@given(st.floats(0.1, 10), st.floats(0.2, 20), st.floats(-5, 5))
def test_affine_invariance(unit, sigma, shift):
    low, high = (f"normal({shift + side * unit!r},{unit / 2!r})" for side in (-2, 2))
    moved = f"0.3*{low}+0.7*{high}"
    a = LAW.exact(point(sigma, SKEWED)).value
    assert LAW.exact(point(unit * sigma, moved)).value == pytest.approx(a, rel=1e-8)


def test_normal_coordinates_beside_dilute():
    alone = LAW.sharper(point(1.0))["unexplained"].value
    beside = LAW.sharper(point(1.0, others=9, others_variance=0.25))["unexplained"].value
    score = squares(density(MODES), 1.0).score
    assert beside == pytest.approx(alone * score / (score + 9 / 1.25), rel=1e-12)
