"""The local slope of total variation in noise, and the moment that sets it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from theory.ambient.noise_slope import NoiseSlope, local_slope
from theory.density import density
from theory.distance import total_variation

LAW = NoiseSlope()
shape = st.floats(1, 9)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(shape, shape, st.floats(-0.3, 0.3), st.floats(0.2, 0.6), st.floats(0.1, 5))
def test_it_is_the_finite_difference(a, b, mean, deviation, sigma):
    p, q = density(f"beta({a!r},{b!r})"), density(f"normal({mean!r},{deviation!r})")
    step = 1e-4
    up, down = (
        math.log(total_variation(p.noised(sigma * f), q.noised(sigma * f)))
        for f in (math.exp(step), math.exp(-step))
    )
    assert local_slope(p, q, sigma) == pytest.approx((up - down) / (2 * step), abs=1e-5)


def test_two_normals_of_one_spread_in_closed_form():
    """TV = 2 Phi(m / (2 t)) - 1, t^2 = s^2 + sigma^2."""
    sigma, half = 0.7, 1 / (2 * math.hypot(1, 0.7))
    tv = 2 * stats.norm.cdf(half) - 1
    exact = -2 * stats.norm.pdf(half) * half * sigma**2 / (1 + sigma**2) / tv
    found = local_slope(density("normal(0,1)"), density("normal(1,1)"), sigma)
    assert found == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize(
    ("p", "q", "order"),
    [
        ("beta(2,5)", "beta(5,2)", 1),
        ("beta(2,2)", "beta(8,8)", 2),
        ("0.2*atoms(2)+0.8*atoms(-0.5)", "normal(0,1)", 3),
        ("atoms(-1,1)", "normal(0,1)", 4),
    ],
)
def test_the_slope_tends_to_the_first_unmatched_moment(p, q, order):
    gaps = []
    for sigma in (10.0, 20.0):
        point = {"p": p, "q": q, "sigma": sigma}
        assert LAW.sharper(point)["first_moment"].value == -order
        gaps.append(LAW.exact(point).value + order)
    assert 0 < gaps[1] < gaps[0] < 0.03
    assert gaps[0] / gaps[1] == pytest.approx(4, abs=0.7)  # a relative O((spread / sigma)^2)


def test_the_worked_slopes_of_a_mean_matched_pair():
    """-1.86, -1.96, -1.99 between 0.4 and 0.8, 0.8 and 1.6, 1.6 and 3.2: the mean local slopes."""
    p, q = density("beta(2,2)"), density("beta(8,8)")
    for sigma, worked in ((0.4, -1.86), (0.8, -1.96), (1.6, -1.99)):
        tv = [total_variation(p.noised(s), q.noised(s)) for s in (sigma, 2 * sigma)]
        assert math.log2(tv[1] / tv[0]) == pytest.approx(worked, abs=5.1e-3)
        assert local_slope(p, q, sigma) > worked > local_slope(p, q, 2 * sigma)


@pytest.mark.parametrize("sigma", [1e6, 1e7])
def test_a_difference_that_rounding_makes_has_no_slope(sigma):
    point = {"p": "beta(2,2)", "q": "beta(8,8)", "sigma": sigma}
    with pytest.raises(ValueError, match="too little for a slope"):
        LAW.exact(point)
    assert LAW.sharper(point)["first_moment"].value == -2


def test_slopes_keep_eight_digits_up_to_where_they_are_refused():
    """The gap to -2 is that of 1 / sigma^2, whose next term is 1e-7 of it and less."""
    p, q = density("beta(2,2)"), density("beta(8,8)")
    gap = (local_slope(p, q, 60.0) + 2) * 60**2
    for sigma in (120.0, 250.0):
        assert local_slope(p, q, sigma) == pytest.approx(gap / sigma**2 - 2, abs=1e-8)


def test_equal_laws_have_no_slope():
    with pytest.raises(ValueError, match="give two laws"):
        LAW.exact({"p": "beta(2,2)", "q": "beta(2,2)", "sigma": 1.0})
