"""Girsanov as an equality for consistent scores; Pinsker after it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.density import density
from theory.distance import kullback_leibler
from theory.rates.path_identity import (
    PathIdentity,
    final_divergence,
    score,
    score_distance,
    score_error,
)
from theory.rates.pinsker import Pinsker

IDENTITY, PINSKER = PathIdentity(), Pinsker()
P, Q = f"normal(1,{math.sqrt(0.5)!r})", f"normal(1.3,{math.sqrt(0.8)!r})"
MODES_P = "0.5*normal(-1.5,0.5) + 0.5*normal(1.5,0.5)"
MODES_Q = f"0.4*normal(-1.2,{math.sqrt(0.3)!r}) + 0.6*normal(1.6,0.5)"
check = settings(max_examples=15, deadline=None, derandomize=True)
deviation = st.floats(0.3, 3)
tenths = st.integers(-30, 30).map(lambda k: k / 10)


@pytest.mark.parametrize(
    ("horizon", "score_error_", "at_end"),
    [(0.5, 0.08202495469631826, 0.0217268599), (8.0, 0.1037518096, None)],
)
def test_two_normals(horizon, score_error_, at_end):
    point = {"p": P, "q": Q, "horizon": horizon}
    beside = IDENTITY.sharper(point)
    assert IDENTITY.exact(point).value == pytest.approx(0.10375181462286781, rel=1e-9)
    assert beside["score_error"].value == pytest.approx(score_error_, rel=5e-10)
    if at_end:
        assert beside["at_end"].value == pytest.approx(at_end, rel=2e-9)
    assert IDENTITY.printed(point).value == pytest.approx(IDENTITY.exact(point).value, rel=1e-12)


@pytest.mark.parametrize("horizon", [0.1, 1.0, 5.0])
def test_two_mixtures(horizon):
    point = {"p": MODES_P, "q": MODES_Q, "horizon": horizon}
    assert IDENTITY.exact(point).value == pytest.approx(0.1055353516, rel=5e-10)
    assert IDENTITY.printed(point).value == pytest.approx(IDENTITY.exact(point).value, rel=1e-11)
    found = IDENTITY.sharper(point)["total_variation"].value
    assert found == pytest.approx(0.1733982, abs=5.1e-8)


def test_pinsker_on_the_mixtures():
    point = {"p": MODES_P, "q": MODES_Q}
    assert PINSKER.exact(point).value == pytest.approx(0.1733982, abs=5.1e-8)
    assert PINSKER.printed(point).value == pytest.approx(0.2297121, abs=1e-7)
    assert not PINSKER.void(point)


@check
@given(tenths, tenths, deviation, deviation, st.floats(0.05, 4))
def test_the_score_error_of_two_normals_in_closed_form(m1, m2, s1, s2, horizon):
    p, q = density(f"normal({m1!r},{s1!r})"), density(f"normal({m2!r},{s2!r})")

    def rate(t: float) -> float:
        r2 = math.exp(-2 * t)
        a, b = r2 * s1**2 + 1 - r2, r2 * s2**2 + 1 - r2
        return a * (1 / b - 1 / a) ** 2 + r2 * (m1 - m2) ** 2 / b**2

    closed = integrate.quad(rate, 0, horizon, epsabs=1e-13, epsrel=1e-12)[0]
    assert score_error(p, q, horizon) == pytest.approx(closed, rel=1e-9, abs=1e-13)


@check
@given(tenths, deviation, tenths, deviation, st.floats(0.1, 0.9))
def test_the_identity_holds_for_mixtures(m1, s1, m2, s2, weight):
    p = density(f"{weight!r}*normal({m1!r},{s1!r}) + {1 - weight!r}*normal(1,0.6)")
    q = density(f"{1 - weight!r}*normal({m2!r},{s2!r}) + {weight!r}*normal(-1,0.9)")
    right = final_divergence(p, q, 0.7) + score_error(p, q, 0.7)
    assert right == pytest.approx(kullback_leibler(p, q), rel=1e-8, abs=1e-12)


def test_the_score_is_the_slope_of_the_log_density():
    law, x, h = density(MODES_Q).under_noise(0.3), np.linspace(-6, 6, 41), 1e-5
    slope = (law.log_pdf(x + h) - law.log_pdf(x - h)) / (2 * h)
    assert score(law, x) == pytest.approx(slope, rel=1e-6, abs=1e-7)


def test_the_rate_is_the_derivative_of_the_entropy():
    """d KL / d(sigma^2) = -1/2 E|s_p - s_q|^2 for the law of X + sigma Z."""
    p, q, s, h = density(MODES_P), density(MODES_Q), 0.4, 1e-4

    def divergence(s: float) -> float:
        return kullback_leibler(p.under_noise(math.sqrt(s)), q.under_noise(math.sqrt(s)))

    slope = (divergence(s + h) - divergence(s - h)) / (2 * h)
    found = score_distance(p.under_noise(math.sqrt(s)), q.under_noise(math.sqrt(s)))
    assert -2 * slope == pytest.approx(found, rel=1e-7)


def test_the_end_keeps_its_digits_where_it_is_small():
    """For two means d apart and one variance, KL(p_T || q_T) = (r d)^2 / (2 V)."""
    p, q = density("normal(0,1)"), density("normal(0.01,1)")
    for horizon in (1.0, 6.0, 10.0):
        expected = 0.5 * (0.01 * math.exp(-horizon)) ** 2
        assert final_divergence(p, q, horizon) == pytest.approx(expected, rel=1e-9)


def test_units_do_not_matter_to_the_entropy_of_the_path():
    """Data and noise in other units: p_0 scaled by 3, the same integral over the noise."""
    narrow = [density(f"normal({m!r},{s!r})") for m, s in ((0.2, 0.5), (-0.1, 0.8))]
    wide = [density(f"normal({3 * m!r},{3 * s!r})") for m, s in ((0.2, 0.5), (-0.1, 0.8))]
    end = 0.5 * math.log1p(9 * math.expm1(2 * 0.5))  # sigma = 3 times that at T = 0.5
    assert score_error(*wide, end) == pytest.approx(score_error(*narrow, 0.5), rel=1e-10)


def test_equal_laws_differ_by_nothing():
    p = density(MODES_P)
    assert score_error(p, p, 1.0) == 0.0
    assert final_divergence(p, p, 1.0) == 0.0


@pytest.mark.parametrize("law", ["beta(2,5)", "0.5*normal(0,1) + 0.5*atoms(0)"])
def test_only_mixtures_of_normals_have_a_score_at_every_noise(law):
    with pytest.raises(ValueError, match=r"no mixture of normals.*write normal"):
        IDENTITY.exact({"p": law, "q": Q, "horizon": 1.0})


@check
@given(st.floats(0, 6), deviation, deviation)
def test_both_inequalities_hold(shift, s1, s2):
    point = {"p": f"normal(0,{s1!r})", "q": f"normal({shift!r},{s2!r})"}
    exact, beside = PINSKER.exact(point).value, PINSKER.sharper(point)
    assert exact <= PINSKER.printed(point).value * (1 + 1e-9) + 1e-12
    assert exact <= beside["bretagnolle_huber"].value * (1 + 1e-9) + 1e-12
    assert PINSKER.void(point) == (beside["divergence"].value >= 2)


def test_shifted_normals_and_the_constant_of_pinsker():
    for shift in (1e-3, 1.0, 4.0):
        point = {"p": "normal(0,1)", "q": f"normal({shift!r},1)"}
        assert PINSKER.exact(point).value == pytest.approx(
            2 * stats.norm.cdf(shift / 2) - 1, abs=1e-12
        )
        assert PINSKER.printed(point).value == pytest.approx(shift / 2, rel=1e-9)
    point = {"p": "normal(0,1)", "q": "normal(0.001,1)"}
    ratio = PINSKER.printed(point).value / PINSKER.exact(point).value
    assert ratio == pytest.approx(math.sqrt(2 * math.pi) / 2, rel=1e-6)


def test_an_infinite_entropy_leaves_the_other_bound():
    point = {"p": "normal(0,1)", "q": "beta(2,2)"}
    assert PINSKER.printed(point) is None
    assert PINSKER.void(point)
    assert PINSKER.sharper(point)["bretagnolle_huber"].value == 1.0
    assert "divergence" not in PINSKER.sharper(point)


@pytest.mark.parametrize("weight", [0.3, 0.01])
def test_one_mode_of_two_nearly_attains_the_bound_of_bretagnolle_and_huber(weight):
    """Far modes: KL = log(1/w), TV = 1 - w, against sqrt(1 - w)."""
    mode = "normal(4,0.3)"
    point = {"p": mode, "q": f"{weight!r}*{mode} + {1 - weight!r}*normal(-4,0.3)"}
    exact, bound = PINSKER.exact(point).value, PINSKER.sharper(point)["bretagnolle_huber"].value
    assert exact == pytest.approx(1 - weight, rel=1e-9)
    assert bound == pytest.approx(math.sqrt(1 - weight), rel=1e-9)
    assert PINSKER.void(point) == (weight < math.exp(-2))
