"""How noise contracts distances: worked numbers, orderings on random pairs, measured rates."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from theory.ambient.contraction import (
    ContractionKL,
    ContractionTV,
    ContractionW1,
    ContractionW2,
    dobrushin,
    first_unmatched_moment,
    half_absolute_hermite,
    large_noise_total_variation,
    without_noise,
)
from theory.density import density
from theory.distance import total_variation

shape = st.floats(1, 20)
betas = st.builds(lambda a, b: f"beta({a!r},{b!r})", shape, shape)
normals = st.builds(lambda m, s: f"normal({m!r},{s!r})", st.floats(-3, 3), st.floats(0.1, 3))
noise = st.floats(0.03, 20)
check = settings(max_examples=20, deadline=None, derandomize=True)
TV, KL, W1, W2 = ContractionTV(), ContractionKL(), ContractionW1(), ContractionW2()


@pytest.mark.parametrize(
    ("sigma", "exact", "printed", "sharp", "transport"),
    [
        (0.05, 0.7673, 7.81, 0.7812, 3.42),
        (0.1, 0.7274, 3.91, 0.7812, 1.71),
        (0.5, 0.3186, 0.7812, 0.5334, 0.3420),
        (1.0, 0.1679, 0.3906, 0.2992, 0.1710),
        (5.0, 0.0342, 0.0781, 0.0622, 0.0342),
    ],
)
def test_beta_2_5_against_beta_5_2(sigma, exact, printed, sharp, transport):
    point = {"p": "beta(2,5)", "q": "beta(5,2)", "sigma": sigma}
    sharper = TV.sharper(point)
    assert TV.exact(point).value == pytest.approx(exact, abs=5.1e-5)
    assert TV.printed(point).value == pytest.approx(printed, rel=1e-3)
    assert sharper["dobrushin"].value == pytest.approx(sharp, abs=5.1e-5)
    assert sharper["transport"].value == pytest.approx(transport, rel=1.5e-3)
    assert TV.void(point) == (sigma < 0.390625)


@check
@given(st.one_of(st.tuples(betas, betas), st.tuples(normals, normals)), noise)
def test_total_variation_bounds_are_ordered(pair, sigma):
    point = {"p": pair[0], "q": pair[1], "sigma": sigma}
    exact, sharper, printed = TV.exact(point).value, TV.sharper(point), TV.printed(point)
    initial = without_noise("TV", density(pair[0]), density(pair[1]))
    slack = 1 + 1e-9
    assert exact <= sharper["dobrushin"].value * slack + 1e-14
    assert exact <= sharper["transport"].value * slack + 1e-14
    assert sharper["dobrushin"].value <= initial * slack
    if printed is None:  # an unbounded support
        assert pair[0].startswith("normal")
        assert TV.void(point)
    else:
        assert sharper["dobrushin"].value <= printed.value * slack


@settings(max_examples=12, deadline=None, derandomize=True)
@given(betas, betas, st.floats(0.05, 20))
def test_entropy_and_transport_obey_their_bounds(p, q, sigma):
    point = {"p": p, "q": q, "sigma": sigma}
    kl, slack = KL.exact(point).value, 1 + 1e-8
    assert kl <= KL.printed(point).value * slack + 1e-13
    assert kl <= KL.sharper(point)["dobrushin"].value * slack + 1e-13
    assert 2 * TV.exact(point).value ** 2 <= kl * slack + 1e-13  # Pinsker
    for law in (W1, W2):
        exact = law.exact(point).value
        assert law.sharper(point)["at_least"].value <= exact * slack + 1e-9
        assert exact <= law.printed(point).value * slack + 1e-9


def test_two_atoms_attain_the_dobrushin_bound():
    for sigma, scaled in ((0.5, 0.683), (1, 0.766), (2, 0.790), (10, 0.798)):
        point = {"p": "atoms(0)", "q": "atoms(1)", "sigma": sigma}
        exact = TV.exact(point).value
        assert exact == pytest.approx(TV.sharper(point)["dobrushin"].value, abs=1e-14)
        assert exact * 2 * sigma == pytest.approx(scaled, abs=5.1e-4)
    assert exact * 2 * sigma == pytest.approx(2 / math.sqrt(2 * math.pi), rel=1e-3)


def test_a_translation_contracts_no_transport():
    point = {"p": "normal(0,0.3)", "q": "normal(2,0.3)", "sigma": 7.0}
    for law in (W1, W2):
        assert law.exact(point).value == pytest.approx(2.0, abs=1e-10)
        assert law.exact(point).value == pytest.approx(law.sharper(point)["at_least"].value)


def test_transport_of_matched_means_does_contract():
    point = {"p": "beta(2,2)", "q": "beta(8,8)", "sigma": 2.0}
    for law in (W1, W2):
        assert law.exact(point).value < 0.1 * law.printed(point).value


@pytest.mark.parametrize("order", range(1, 8))
def test_half_the_absolute_hermite_integral(order):
    polynomial = np.polynomial.hermite_e.HermiteE.basis(order)
    zeros = np.concatenate([[-12], polynomial.roots(), [12]])
    parts = [
        integrate.quad(lambda z: polynomial(z) * stats.norm.pdf(z), low, high)[0]
        for low, high in itertools.pairwise(zeros)
    ]
    assert half_absolute_hermite(order) == pytest.approx(0.5 * np.abs(parts).sum(), rel=1e-9)


@pytest.mark.parametrize(
    ("p", "q", "order"),
    [
        ("beta(2,5)", "beta(5,2)", 1),
        ("beta(2,2)", "beta(8,8)", 2),
        ("0.2*atoms(2)+0.8*atoms(-0.5)", "normal(0,1)", 3),
        ("atoms(-1,1)", "normal(0,1)", 4),
    ],
)
def test_the_measured_rate_is_the_first_unmatched_moment(p, q, order):
    p, q = density(p), density(q)
    assert first_unmatched_moment(p, q).order == order
    sigma = np.geomspace(15, 60, 6)
    tv = [total_variation(p.noised(s), q.noised(s)) for s in sigma]
    slope = np.polyfit(np.log(sigma), np.log(tv), 1)[0]
    print(f"slope {slope:.4f}, declared {-order}")
    # the next term is a relative O((spread / sigma)^2), or O(spread / sigma) in odd cumulants
    assert slope == pytest.approx(-order, abs=0.02)
    assert tv[-1] == pytest.approx(large_noise_total_variation(p, q, 60.0), rel=5e-3)


def test_matched_means_worked_numbers():
    """Beta(2,2) against Beta(8,8): value, asymptote and local slopes."""
    p, q = density("beta(2,2)"), density("beta(8,8)")
    tv = {s: total_variation(p.noised(s), q.noised(s)) for s in (0.4, 0.8, 1.6, 3.2, 6.4)}
    assert tv[0.8] == pytest.approx(0.01289, abs=5.1e-6)
    assert tv[3.2] == pytest.approx(0.000832, abs=5.1e-7)
    assert large_noise_total_variation(p, q, 0.8) == pytest.approx(0.01334, abs=5.1e-6)
    assert large_noise_total_variation(p, q, 3.2) == pytest.approx(0.000834, abs=5.1e-7)
    slopes = [math.log2(tv[2 * s] / tv[s]) for s in (0.8, 1.6, 3.2)]
    assert slopes == pytest.approx([-1.96, -1.99, -2.0], abs=0.01)


def test_equal_laws_have_no_distance():
    point = {"p": "beta(2,5)", "q": "beta(2,5)", "sigma": 0.3}
    assert first_unmatched_moment(density("beta(2,5)"), density("beta(2,5)")) is None
    for law in (TV, KL, W1, W2):
        assert law.exact(point).value == 0.0


@pytest.mark.parametrize(("sigma", "theta"), [(3, 1.0), (30, 0.935), (80, 0.512)])
def test_on_images_the_coefficient_is_near_one(sigma, theta):
    """[-1, 1]^3072 has diameter 2 sqrt(3072) = 110.9."""
    assert dobrushin(2 * math.sqrt(3072) / sigma) == pytest.approx(theta, abs=5.1e-4)


@check
@given(st.floats(0, 50))
def test_the_coefficient_is_that_of_two_normals(r):
    assert dobrushin(r) == pytest.approx(2 * special.ndtr(r / 2) - 1, abs=1e-15)
    assert dobrushin(r) <= min(1, r / math.sqrt(2 * math.pi)) * (1 + 1e-15)


def test_relative_entropy_is_unbounded_where_supports_differ():
    point = {"p": "atoms(0)", "q": "atoms(1)", "sigma": 0.5}
    assert KL.exact(point).value == pytest.approx(2.0, rel=1e-12)  # (x - y)^2 / (2 sigma^2)
    assert KL.printed(point).value == pytest.approx(2.0, rel=1e-12)
    assert KL.sharper(point) == {}
    assert not KL.void(point)
    assert KL.void({"p": "beta(2,5)", "q": "beta(5,2)", "sigma": 0.1})
