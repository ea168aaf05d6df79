"""The slope of the gain: worked numbers, its limit, and where the printed bound fails."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from theory.slight_corruption.fitted_moments import Fit
from theory.slight_corruption.linear_network import kappa
from theory.slight_corruption.w2_gain import Draws, lemma_gain
from theory.slight_corruption.w2_slope import W2Slope

LAW = W2Slope()
check = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("n", "slope", "printed"), [(10, 0.3687752, 0.2595018), (50, 0.06646894, 0.05035560)]
)
def test_worked_numbers_on_the_line(n, slope, printed):
    point = {"d": 1, "n": n, "norm": 1.0}
    assert LAW.exact(point).value == pytest.approx(slope, rel=1.4e-7)
    assert LAW.printed(point).value == pytest.approx(printed, rel=2e-7)
    root = math.sqrt(n / 2) * math.exp(special.gammaln(n / 2 - 1) - special.gammaln((n - 1) / 2))
    assert LAW.exact(point).value == pytest.approx(2 / n + (1 + 1 / n) * (root - 1), rel=1e-11)
    assert LAW.sharper(point)["printed_lemma"].value == pytest.approx(LAW.exact(point).value)


@pytest.mark.parametrize(
    ("d", "n", "slope", "lemma", "printed"),
    [(8, 50, 0.423260, 1.146081, 0.414216), (16, 100, 0.410141, 1.762250, 0.413502)],
)
def test_worked_numbers_above_the_line(d, n, slope, lemma, printed):
    """Slopes from 20,000 drawn fits: a trace of Sh^(-1/2)/d varies by 1/2 sqrt(2/(n d))."""
    point = {"d": d, "n": n, "norm": 1.0}
    error = 0.5 * math.sqrt(2 / (n * d)) * (1 + d / n) / math.sqrt(20000)
    assert abs(LAW.exact(point).value - slope) < 4 * error
    assert abs(LAW.sharper(point)["printed_lemma"].value - lemma) < 4 * d * error
    assert LAW.printed(point).value == pytest.approx(printed, abs=5.1e-7)


def test_the_printed_bound_fails_at_the_true_optimum():
    point = {"d": 16, "n": 100, "norm": 1.0}
    assert LAW.printed(point).value > LAW.exact(point).value
    assert LAW.printed(point).value < LAW.sharper(point)["printed_lemma"].value


@check
@given(st.integers(1, 60), st.integers(2, 400), st.floats(0, 5))
def test_bounds_by_jensen_hold(d, spare, norm):
    point = {"d": d, "n": d + spare, "norm": norm}
    exact, sharper = LAW.exact(point).value, LAW.sharper(point)
    assert sharper["mean_term"].value < sharper["corrected_bound"].value < exact
    assert LAW.printed(point).value < sharper["printed_lemma"].value
    assert exact <= sharper["printed_lemma"].value * (1 + 1e-12)


@pytest.mark.parametrize("d", [1, 7, 8, 16])
def test_the_limit_for_many_samples_and_its_rate(d):
    counts = np.array([500, 2000, 8000])
    gaps = []
    for n in counts:
        point = {"d": d, "n": int(n), "norm": 1.0}
        large = LAW.sharper(point)["large_n"].value
        gaps.append(LAW.exact(point).value / large - 1)
        assert large * n == pytest.approx(2 * d + (3 * d + 7) / 8, rel=1e-12)
    slope = np.polyfit(np.log(counts), np.log(gaps), 1)[0]
    print(f"slope {slope:.4f}, declared -1")
    assert slope == pytest.approx(-1, abs=0.03)
    many = {"d": d, "n": 100_000, "norm": 1.0}
    assert (LAW.printed(many).value > LAW.exact(many).value) == (d > 7)


@pytest.mark.parametrize(("d", "n", "norm"), [(1, 10, 1.0), (5, 12, 2.0)])
def test_the_slope_is_that_of_the_gain(d, n, norm):
    fit, gamma = Fit(d, n, norm), 1e-4
    sharper = LAW.sharper({"d": d, "n": n, "norm": norm})
    lemma = lemma_gain(fit, kappa(gamma)) / gamma**2
    assert lemma == pytest.approx(sharper["printed_lemma"].value, rel=1e-5)
    drawn = Draws.of(fit, 100, np.random.default_rng(0)).gain(kappa(gamma)).value / gamma**2
    assert drawn == pytest.approx(LAW.exact({"d": d, "n": n, "norm": norm}).value, rel=1e-5)


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match=r"n=4 samples in d=4.*singular.*give n > d \+ 1"):
        LAW.exact({"d": 4, "n": 4, "norm": 1.0})
    with pytest.raises(ValueError, match=r"n=5 samples in d=4.*too near.*give n > d \+ 1"):
        LAW.exact({"d": 4, "n": 5, "norm": 1.0})
