"""The best gamma and the gamma of zero gain: worked numbers, bounds, limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.slight_corruption.fitted_moments import Fit, resolvents
from theory.slight_corruption.gamma_window import GammaWindow, GammaWindowLine
from theory.slight_corruption.linear_network import kappa
from theory.slight_corruption.w2_gain import Draws, W2GainLine

LINE, WINDOW = GammaWindowLine(), GammaWindow()
check = settings(max_examples=6, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("n", "best", "gain", "zero", "scaled"),
    [
        (10, 0.3483703, 0.01939104, 0.5323169, 1.683),
        (50, 0.1604018, 0.0008320587, 0.2300385, 1.627),
    ],
)
def test_worked_numbers_on_the_line(n, best, gain, zero, scaled):
    point = {"n": n, "norm": 1.0}
    found, sharper = LINE.exact(point).value, LINE.sharper(point)
    assert found == pytest.approx(zero, abs=5.1e-8)
    assert found * math.sqrt(n) == pytest.approx(scaled, abs=5.1e-4)
    assert sharper["best"].value == pytest.approx(best, abs=5.1e-8)
    assert sharper["best_gain"].value == pytest.approx(gain, rel=3e-7)
    at = {"gamma": found, **point}
    assert abs(W2GainLine().exact(at).value) < 1e-14


def test_limits_on_the_line():
    """sqrt(n) gamma_best -> 1.14 and sqrt(n) gamma_zero -> 1.61 at |mu| = 1."""
    point = {"n": 20000, "norm": 1.0}
    root = math.sqrt(20000)
    assert LINE.exact(point).value * root == pytest.approx(1.61, abs=5.1e-3)
    assert LINE.sharper(point)["best"].value * root == pytest.approx(1.14, abs=5.1e-3)
    for name, limit in (("large_n", math.sqrt(2.6)), ("large_n_best", math.sqrt(1.3))):
        assert LINE.sharper(point)[name].value * root == pytest.approx(limit, rel=1e-12)


def plain_error(d, n, norm, k, generator):
    """Standard error of the gain over 20,000 fits, both parts drawn and nothing exact."""
    mu, draws = np.eye(d)[0] * norm, 1500
    muh = mu + generator.standard_normal((draws, d)) / math.sqrt(n)
    z, w = np.polynomial.legendre.leggauss(40)
    t = (1 + z) / (1 - z)
    q = (muh**2).sum(1)
    x = k * q[:, None] * n * resolvents(d, n - 1, n * t**2, draws, generator)
    gains = ((muh - mu) ** 2).sum(1) - (((1 - k) * muh - mu) ** 2).sum(1)
    gains += 2 / math.pi * np.log1p(x) @ (2 * w / (1 - z) ** 2) - k * q
    return gains.std() / math.sqrt(20000)


@pytest.mark.parametrize(
    ("d", "n", "norm", "best", "zero", "lemma_best", "lemma_zero"),
    [
        (2, 50, 1, 1.477, 2.140, 1.513, 2.197),
        (8, 50, 1, 2.789, 4.326, 2.603, 4.057),
        (16, 100, 1, 3.895, 6.020, 3.493, 5.398),
        (16, 100, 4, 0.930, 1.342, 0.877, 1.271),
        (64, 200, 1, 7.672, 13.15, 6.046, 10.05),
    ],
)
def test_worked_numbers_above_the_line(d, n, norm, best, zero, lemma_best, lemma_zero):
    """sqrt(n) gamma from 20,000 drawn fits, within 4 of their standard errors.

    That of the zero is se(G)/|G'|; that of the maximum is of the same order, as its height is near
    quadratic between 0 and the zero, and so is that of the printed lemma.
    """
    point = {"d": d, "n": n, "norm": float(norm), "draws": 2000}
    generator, root = np.random.default_rng(0), math.sqrt(n)
    found, sharper = WINDOW.exact(point, generator), WINDOW.sharper(point, generator)
    k = kappa(found.value)
    rate = abs(Draws.of(Fit(d, n, float(norm)), 2000, generator).slope(k).value)
    gamma = found.value
    error = plain_error(d, n, float(norm), k, generator) / rate
    error *= (1 + gamma**2) ** 2 / (2 * gamma) * root
    print(f"reference error {error:.4f}, own {found.standard_error * root:.4f}")
    assert abs(gamma * root - zero) < 4 * error + 0.005
    assert abs(sharper["best"].value * root - best) < 4 * error + 0.0005
    assert abs(sharper["printed_lemma_best"].value * root - lemma_best) < 4 * error + 0.0005
    assert abs(sharper["printed_lemma_zero"].value * root - lemma_zero) < 4 * error + 0.005
    assert sharper["at_least"].value < gamma < sharper["at_most"].value


def test_standard_errors_are_those_of_repeated_draws():
    point = {"d": 8, "n": 16, "norm": 1.0, "draws": 200}  # its zero lies at 1.4
    found = [WINDOW.exact(point, np.random.default_rng(seed)) for seed in range(40)]
    assert np.mean([value.value for value in found]) > 1.3
    spread = np.std([value.value for value in found], ddof=1)
    error = np.mean([value.standard_error for value in found])
    assert 0.6 < spread / error < 1.6  # 4 standard deviations of a standard deviation of 40


def test_on_the_line_draws_agree_with_the_quadrature():
    point = {"n": 30, "norm": 1.5}
    drawn = {"d": 1, "draws": 5000, **point}
    found = WINDOW.exact(drawn, np.random.default_rng(1))
    assert abs(found.value - LINE.exact(point).value) < 4 * found.standard_error
    best = WINDOW.sharper(drawn, np.random.default_rng(1))["best"]
    assert abs(best.value - LINE.sharper(point)["best"].value) < 4 * best.standard_error


@check
@given(st.integers(6, 300), st.floats(0.6, 6))
def test_the_window_lies_between_its_bounds(n, norm):
    point = {"n": n, "norm": norm}
    found, sharper = LINE.exact(point).value, LINE.sharper(point)
    assert sharper["at_least"].value <= found <= sharper["at_most"].value
    assert 0 < sharper["best"].value < found
    assert sharper["best_gain"].value > 0
    assert LINE.printed(point).value == pytest.approx(n**-0.5, rel=1e-12)


def test_longer_means_and_more_samples_narrow_the_window():
    widths = [LINE.exact({"n": 50, "norm": norm}).value for norm in (0.5, 1.0, 2.0, 4.0)]
    assert widths == sorted(widths, reverse=True)
    counts = np.array([100, 400, 1600])
    widths = [LINE.exact({"n": int(n), "norm": 1.0}).value for n in counts]
    slope = np.polyfit(np.log(counts), np.log(widths), 1)[0]
    print(f"slope {slope:.4f}, declared -0.5")
    assert slope == pytest.approx(-0.5, abs=0.005)


def test_a_short_mean_has_no_zero():
    for law, point in ((LINE, {}), (WINDOW, {"d": 3, "draws": 100})):
        with pytest.raises(ValueError, match=r"positive at every gamma.*longer mean"):
            law.exact({"n": 10, "norm": 0.01, **point}, np.random.default_rng(0))
    with pytest.raises(ValueError, match="n=3 samples in d=3"):
        WINDOW.exact({"d": 3, "n": 3, "norm": 1.0}, np.random.default_rng(0))


def test_a_mean_beyond_the_digits_of_its_density_is_refused():
    with pytest.raises(ValueError, match=r"got one above .*; give a shorter mean"):
        LINE.exact({"n": 50, "norm": 1e5})
