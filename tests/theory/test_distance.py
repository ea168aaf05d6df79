"""Distances against closed forms, against POT and scipy, and as the metrics that they are."""

import math

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from theory.density import density
from theory.distance import (
    kullback_leibler,
    quantile,
    total_variation,
    vincze_le_cam,
    wasserstein1,
    wasserstein2,
)

mean = st.floats(-2, 2)
deviation = st.floats(0.2, 2)
noise = st.floats(0.05, 5)
points = st.lists(st.integers(-50, 50), min_size=1, max_size=6)
check = settings(max_examples=25, deadline=None, derandomize=True)


def normals(m1, s1, m2, s2, sigma):
    laws = [density(f"normal({m!r},{s!r})").noised(sigma) for m, s in ((m1, s1), (m2, s2))]
    return (*laws, math.hypot(s1, sigma), math.hypot(s2, sigma))


def atoms(values):
    return density(f"atoms({','.join(str(value / 10) for value in values)})")


@check
@given(mean, mean, deviation, noise)
def test_total_variation_of_shifted_normals(m1, m2, s, sigma):
    p, q, width, _ = normals(m1, s, m2, s, sigma)
    exact = 2 * special.ndtr(abs(m1 - m2) / (2 * width)) - 1
    assert total_variation(p, q) == pytest.approx(exact, abs=1e-13)


@check
@given(deviation, deviation, noise)
def test_total_variation_of_scaled_normals(s1, s2, sigma):
    p, q, a, b = normals(0.0, s1, 0.0, s2, sigma)
    if abs(a - b) < 1e-6:
        return
    cross = math.sqrt(2 * math.log(b / a) / (a**-2 - b**-2))
    exact = 2 * abs(special.ndtr(cross / a) - special.ndtr(cross / b))
    assert total_variation(p, q) == pytest.approx(exact, abs=1e-13)


@check
@given(mean, deviation, mean, deviation, noise)
def test_entropy_and_transport_of_normals(m1, s1, m2, s2, sigma):
    p, q, a, b = normals(m1, s1, m2, s2, sigma)
    r = (a / b) ** 2
    kl = 0.5 * (r - 1 - math.log(r) + (m1 - m2) ** 2 / b**2)
    w2 = math.hypot(m1 - m2, a - b)
    assert kullback_leibler(p, q) == pytest.approx(kl, abs=1e-12, rel=1e-11)
    assert wasserstein2(p, q) == pytest.approx(w2, abs=1e-10)
    # |X - Y| of a monotone coupling is |N(dm, (a - b)^2)|, a folded normal
    gap, fold = abs(m1 - m2), abs(a - b)
    w1 = gap if fold == 0 else fold * math.sqrt(2 / math.pi) * math.exp(-(gap**2) / (2 * fold**2))
    w1 += 0 if fold == 0 else gap * math.erf(gap / (fold * math.sqrt(2)))
    assert wasserstein1(p, q) == pytest.approx(w1, abs=1e-12)


@check
@given(points, points)
def test_transport_between_atoms_is_that_of_pot_and_scipy(x, y):
    p, q = atoms(x), atoms(y)
    a, b = np.array(x) / 10.0, np.array(y) / 10.0
    assert wasserstein1(p, q) == pytest.approx(stats.wasserstein_distance(a, b), abs=1e-12)
    assert wasserstein2(p, q) ** 2 == pytest.approx(float(ot.wasserstein_1d(a, b, p=2)), abs=1e-11)


def test_transport_between_noised_laws_is_that_of_a_fine_quantisation():
    p, q = (density(text).noised(0.1) for text in ("beta(2,5)", "0.5*beta(5,2)+0.5*atoms(2)"))
    n = 4000
    u = (np.arange(n) + 0.5) / n
    x, y = (np.sort(quantile(law)(u)) for law in (p, q))
    # the midpoint rule of a quantile function is off by about (tail spread) / n
    assert wasserstein1(p, q) == pytest.approx(float(ot.wasserstein_1d(x, y, p=1)), abs=2e-4)
    assert wasserstein2(p, q) ** 2 == pytest.approx(float(ot.wasserstein_1d(x, y, p=2)), abs=2e-4)


def test_distances_between_beta_laws_without_noise():
    a, b, c, d = 2.0, 5.0, 5.0, 2.0
    p, q = density("beta(2,5)"), density("beta(5,2)")
    tv = (
        0.5
        * integrate.quad(
            lambda x: abs(stats.beta.pdf(x, a, b) - stats.beta.pdf(x, c, d)), 0, 1, points=[0.5]
        )[0]
    )
    square = integrate.quad(
        lambda u: (special.betaincinv(a, b, u) - special.betaincinv(c, d, u)) ** 2, 0, 1
    )[0]
    kl = special.betaln(c, d) - special.betaln(a, b)
    kl += (a - c) * special.digamma(a) + (b - d) * special.digamma(b)
    kl += (c - a + d - b) * special.digamma(a + b)
    assert total_variation(p, q) == pytest.approx(tv, abs=1e-12)
    assert wasserstein1(p, q) == pytest.approx(3 / 7, abs=1e-14)  # ordered: difference of means
    assert wasserstein2(p, q) == pytest.approx(math.sqrt(square), abs=1e-8)  # quad's own error
    assert kullback_leibler(p, q) == pytest.approx(kl, rel=1e-12)


def test_atoms_count_in_total_variation_and_entropy():
    p, q = density("atoms(0)"), density("atoms(0,1)")
    half = density("0.5*atoms(0)+0.5*beta(2,2)")
    assert total_variation(p, q) == 0.5
    assert total_variation(p, density("beta(2,2)")) == 1.0
    assert total_variation(half, density("beta(2,2)")) == pytest.approx(0.5, abs=1e-14)
    assert kullback_leibler(p, q) == pytest.approx(math.log(2))
    assert kullback_leibler(q, p) == math.inf
    assert kullback_leibler(density("beta(2,2)"), density("normal(0,1)")) < math.inf
    assert kullback_leibler(density("normal(0,1)"), density("beta(2,2)")) == math.inf


@check
@given(st.tuples(*[st.floats(1, 9)] * 4), st.floats(0.1, 3.0))
def test_the_bayes_classifier_measures_vincze_le_cam(shapes, sigma):
    """E_Q[p / (p + q)] = 1/2 - VC/4 and 2 TV^2 <= VC <= 2 TV."""
    a, b, c, d = shapes
    p, q = density(f"beta({a!r},{b!r})").noised(sigma), density(f"beta({c!r},{d!r})").noised(sigma)
    vc, tv = vincze_le_cam(p, q), total_variation(p, q)
    assert 2 * tv**2 - 1e-13 <= vc <= 2 * tv + 1e-13
    x = np.linspace(-9 * sigma, 1 + 9 * sigma, 801)
    f, g = p.pdf(x), q.pdf(x)
    mean_probability = float((f * g / (f + g)).sum() * (x[1] - x[0]))  # exact for smooth tails
    assert mean_probability == pytest.approx(0.5 - vc / 4, abs=1e-12)


@pytest.mark.parametrize(
    ("allowance", "level", "at_level"), [(0.05, 1.124, 0.260), (0.03, 1.71, 0.199)]
)
def test_the_threshold_rule_accepts_long_before_total_variation_reaches_it(
    allowance, level, at_level
):
    """N(0,1) against N(1,1): E_q[c*] > 1/2 - eps at sigma near 1, TV = eps only near 8 and 13."""
    p, q = density("normal(0,1)"), density("normal(1,1)")
    accepted = optimize.brentq(
        lambda s: vincze_le_cam(p.noised(s), q.noised(s)) - 4 * allowance, 0.1, 10
    )
    assert accepted == pytest.approx(level, rel=3e-3)
    assert total_variation(p.noised(accepted), q.noised(accepted)) == pytest.approx(
        at_level, abs=1e-3
    )
    reached = optimize.brentq(
        lambda s: total_variation(p.noised(s), q.noised(s)) - allowance, 1, 30
    )
    assert reached > 7 * accepted


@settings(max_examples=6, deadline=None, derandomize=True)
@given(points, points, points, st.floats(0.1, 3))
def test_they_are_metrics(x, y, z, sigma):
    laws = [atoms(values).noised(sigma) for values in (x, y, z)]
    for distance in (total_variation, wasserstein1, wasserstein2):
        a, b, c = distance(laws[0], laws[1]), distance(laws[1], laws[2]), distance(laws[0], laws[2])
        assert c <= a + b + 1e-9
        assert distance(laws[1], laws[0]) == pytest.approx(a, abs=1e-10)
        assert distance(laws[0], laws[0]) == 0.0


@pytest.mark.parametrize("upper", [False, True])
def test_quantiles_of_a_noised_law_invert_its_tails(upper):
    law = density("0.5*atoms(-1)+0.5*beta(2,2)").noised(0.1)
    level = np.concatenate([0.5 * 10.0 ** -np.arange(0.0, 15), np.linspace(0.05, 0.45, 9)])
    x = quantile(law, upper)(level)
    assert (law.sf(x) if upper else law.cdf(x)) == pytest.approx(level, rel=1e-11)


def test_a_density_that_vanishes_at_the_end_of_the_support_dominates() -> None:
    """KL(U(0, 1) || Beta(1, 2)) = -log 2 - int log(1 - x) dx = 1 - log 2."""
    found = kullback_leibler(density("beta(1,1)"), density("beta(1,2)"))
    assert found == pytest.approx(1 - math.log(2), rel=1e-9)
    assert kullback_leibler(density("normal(0,1)"), density("beta(1,2)")) == math.inf


def test_relative_entropy_of_laws_that_nearly_agree_keeps_its_digits() -> None:
    """2.43789015527806027e-9 to forty digits of arithmetic; p ln(p/q) alone is off by 1e-7."""
    p, q = density("beta(2,2)").noised(15.0), density("beta(4,4)").noised(15.0)
    assert kullback_leibler(p, q) == pytest.approx(2.43789015527806027e-9, rel=1e-11, abs=0)
