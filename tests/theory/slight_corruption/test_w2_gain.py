"""Theorem 2: worked numbers on the line and above, independent routes, and its bounds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.gaussian import root, wasserstein2_squared
from theory.slight_corruption.fitted_moments import Fit
from theory.slight_corruption.linear_network import (
    corrupted_covariance,
    kappa,
    printed_covariance,
)
from theory.slight_corruption.w2_gain import (
    Draws,
    W2Gain,
    W2GainLine,
    first_slope,
    lemma_gain,
    lemma_slope,
    mean_part,
)

LINE, GAIN = W2GainLine(), W2Gain()
check = settings(max_examples=20, deadline=None, derandomize=True)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("scale", "gain", "rounding"),
    [
        (0.25, 8.090589e-5, 5.1e-12),
        (0.5, 2.977330e-4, 5.1e-11),
        (1, 7.925247e-4, 5.1e-11),
        (2, -2.308728e-3, 6e-10),  # -2.3087274561e-3 by a quadrature with 25 digits
        (4, -5.975487e-2, 5.1e-9),
    ],
)
def test_worked_numbers_on_the_line(scale, gain, rounding):
    point = {"gamma": scale / math.sqrt(50), "n": 50, "norm": 1.0}
    assert LINE.exact(point).value == pytest.approx(gain, abs=rounding)
    assert LINE.void(point) == (scale > 1)


def test_a_quadrature_of_another_kind():
    """25 digits for gamma sqrt(n) = 1, 2; scipy's double integral over (muh, s) for n = 6."""
    for scale, gain in ((1, 0.00079252468892056), (2, -0.0023087274561105)):
        point = {"gamma": scale / math.sqrt(50), "n": 50, "norm": 1.0}
        assert LINE.exact(point).value == pytest.approx(gain, rel=1e-9)
    n, k, norm = 6, kappa(0.8), 0.7

    def integrand(s, muh):
        # muh ~ N(norm, 1/n), n s^2 ~ chi^2_5, whose density in y = sqrt(n) s is c y^4 exp(-y^2/2)
        density = n / math.sqrt(2 * math.pi) * math.exp(-n * ((muh - norm) ** 2 + s**2) / 2)
        density *= math.sqrt(2 / math.pi) / 3 * (n * s * s) ** 2
        clean = (muh - norm) ** 2 + (s - 1) ** 2
        spread = math.sqrt(s**2 + k * muh**2)
        return density * (clean - ((1 - k) * muh - norm) ** 2 - (spread - 1) ** 2)

    found = integrate.dblquad(integrand, norm - 3, norm + 3, 0, 3.5, epsabs=1e-10)[0]
    assert lemma_gain(Fit(1, n, norm), k) == pytest.approx(found, abs=1e-9)


A4 = [
    (8, 50, 0.25, 0.00141352, 5.9e-6, 0.000520545, 3.3e-6),
    (8, 50, 1, 0.0202695, 8.7e-5, 0.00758733, 5.1e-5),
    (8, 50, 2, 0.0561353, 2.7e-4, 0.0221819, 1.8e-4),
    (8, 50, 8, -0.620665, 1.6e-3, -0.236249, 5.9e-4),
    (16, 100, 1, 0.0165180, 4.3e-5, 0.00387577, 1.8e-5),
    (16, 100, 4, 0.0853651, 3.6e-4, 0.0263871, 2.1e-4),
    (16, 100, 8, -0.400966, 1.2e-3, -0.0709969, 4.0e-4),
]


@pytest.mark.parametrize(("d", "n", "scale", "lemma", "lemma_error", "gain", "error"), A4)
def test_worked_numbers_above_the_line(d, n, scale, lemma, lemma_error, gain, error):
    """Means over 20,000 drawn fits, with their standard errors."""
    point = {"gamma": scale / math.sqrt(n), "d": d, "n": n, "norm": 1.0, "draws": 4000}
    found = GAIN.exact(point, rng())
    assert abs(found.value - gain) < 4 * math.hypot(error, found.standard_error)
    assert found.standard_error < 2 * error
    sharper = GAIN.sharper(point)
    assert abs(sharper["printed_lemma"].value - lemma) < 4 * lemma_error


@pytest.mark.parametrize(("d", "n", "gamma"), [(1, 8, 0.5), (3, 5, 0.4), (4, 5, 1.0), (6, 30, 0.3)])
def test_the_gain_is_that_of_drawn_data_sets(d, n, gamma):
    """W2 by its definition for Gaussians, on fits of raw samples."""
    generator, sets, norm = rng(3), 400, 1.2
    mu = np.eye(d)[0] * norm
    k, identity = kappa(gamma), np.eye(d)
    gains = {"exact": [], "lemma": []}
    for x in mu + generator.standard_normal((sets, n, d)):
        muh, cov = x.mean(axis=0), np.cov(x.T, bias=True).reshape(d, d)
        clean = wasserstein2_squared(muh, cov, mu, identity)
        for name, spread in (("exact", corrupted_covariance), ("lemma", printed_covariance)):
            own = wasserstein2_squared((1 - k) * muh, spread(muh, cov, gamma), mu, identity)
            gains[name].append(clean - own)
    fit = Fit(d, n, norm)
    found = Draws.of(fit, 4000, generator).gain(k)
    error = np.std(gains["exact"]) / math.sqrt(sets)
    assert abs(found.value - np.mean(gains["exact"])) < 4 * math.hypot(error, found.standard_error)
    error = np.std(gains["lemma"]) / math.sqrt(sets)
    assert abs(lemma_gain(fit, k) - np.mean(gains["lemma"])) < 4 * error


@check
@given(st.integers(0, 10**6), st.floats(0.01, 1))
def test_the_trace_of_the_root_is_the_integral_of_a_logarithm(seed, k):
    generator = rng(seed)
    z, mu = generator.standard_normal((9, 4)), generator.standard_normal(4)
    cov = z.T @ z / 9
    difference = np.trace(root(cov + k * np.outer(mu, mu)) - root(cov))
    integral = integrate.quad(
        lambda t: math.log1p(k * mu @ np.linalg.solve(cov + t * t * np.eye(4), mu)), 0, np.inf,
        epsabs=1e-11,
    )[0]  # fmt: skip
    assert integral / math.pi == pytest.approx(difference, abs=1e-8)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 3.0])
def test_on_the_line_draws_agree_with_the_quadrature(gamma):
    fit = Fit(1, 20, 1.3)
    draws = Draws.of(fit, 8000, rng(1))
    k = kappa(gamma)
    for found, exact in (
        (draws.gain(k), lemma_gain(fit, k)),
        (draws.slope(k), lemma_slope(fit, k)),
        (draws.variance_part(k), lemma_gain(fit, k) - mean_part(fit, k)),
    ):
        assert abs(found.value - exact) < 4 * found.standard_error


@check
@given(st.integers(1, 20), st.integers(5, 60), st.floats(0, 4), st.floats(0.02, 3))
def test_proved_bounds_hold_and_the_parts_add_up(d, spare, norm, gamma):
    point = {"gamma": gamma, "d": d, "n": d + spare, "norm": norm, "draws": 300}
    found, sharper = GAIN.exact(point, rng(2)), GAIN.sharper(point, rng(2))
    slack = 4 * found.standard_error + 1e-12
    assert found.value <= sharper["at_most"].value + 1e-12  # the drawn part has one sign
    assert found.value >= sharper["at_least"].value - slack
    parts = sharper["mean_part"].value + sharper["variance_part"].value
    assert parts == pytest.approx(found.value, rel=1e-12, abs=1e-15)


@check
@given(st.integers(1, 12), st.integers(4, 40), st.floats(0.1, 3), st.floats(0.05, 0.9))
def test_derivatives_and_concavity(d, spare, norm, k):
    fit = Fit(d, d + spare, norm)
    draws = Draws.of(fit, 200, rng(4))
    step = 1e-5
    high, low = draws.gain(k + step).value, draws.gain(k - step).value
    assert draws.slope(k).value == pytest.approx((high - low) / (2 * step), rel=1e-5, abs=1e-7)
    rates = draws.slope(k + step).value - draws.slope(k - step).value
    assert draws.curvature(k) == pytest.approx(rates / (2 * step), rel=1e-5)
    assert draws.curvature(k) < 0
    high, low = lemma_gain(fit, k + step), lemma_gain(fit, k - step)
    assert lemma_slope(fit, k) == pytest.approx((high - low) / (2 * step), rel=1e-5, abs=1e-7)


def test_large_samples_give_the_second_order():
    """n G at gamma sqrt(n) fixed, against c1 gamma^2 - (m + m^2/4) gamma^4."""
    for norm in (0.5, 2.0):
        gaps = []
        counts = np.array([1000, 4000, 16000])
        for n in counts:
            point = {"gamma": 1 / math.sqrt(n), "n": int(n), "norm": norm}
            gaps.append(
                n**2 * abs(LINE.exact(point).value - LINE.sharper(point)["second_order"].value)
            )
        slope = np.polyfit(np.log(counts), np.log(gaps), 1)[0]
        print(f"slope {slope:.4f}, declared -1")
        assert slope == pytest.approx(-1, abs=0.03)


def test_a_corruption_without_end_shrinks_the_mean_to_zero():
    """kappa = 1 loses |mu|^2 from the mean; W2 of (0, S) remains."""
    fit = Fit(1, 4000, 2.0)
    gain = lemma_gain(fit, kappa(1e8))
    assert gain == pytest.approx(-(4 + (math.sqrt(5) - 1) ** 2), rel=2e-3)
    assert LINE.exact({"gamma": 0.0, "n": 10, "norm": 1.0}).value == 0.0


def test_the_mean_part_is_that_of_a_shrunk_mean():
    generator, d, n, norm, k = rng(8), 3, 7, 0.9, 0.3
    mu = np.eye(d)[0] * norm
    muh = mu + generator.standard_normal((100_000, d)) / math.sqrt(n)
    gains = ((muh - mu) ** 2).sum(1) - (((1 - k) * muh - mu) ** 2).sum(1)
    error = gains.std() / math.sqrt(len(gains))
    assert abs(mean_part(Fit(d, n, norm), k) - gains.mean()) < 4 * error


def test_near_singular_fits_have_a_gain_without_a_slope():
    point = {"gamma": 0.3, "d": 3, "n": 4, "norm": 1.0, "draws": 4000}
    assert first_slope(Fit(3, 4, 1.0)) == math.inf
    assert GAIN.exact(point, rng()).value > 0
    assert "at_most" not in GAIN.sharper(point)
    with pytest.raises(ValueError, match=r"n=3 samples in d=3.*singular.*give n > d"):
        GAIN.exact({**point, "n": 3}, rng())
    with pytest.raises(ValueError, match="generator"):
        GAIN.exact(point)
