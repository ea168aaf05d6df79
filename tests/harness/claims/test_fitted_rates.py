"""Rates of false words of claims about laws in a size, over many simulated studies."""

import numpy as np
import pytest
from scipy.stats import binom, t

from harness.claims.curve import Curve, Values, exponent, pseudo, weights
from harness.claims.power_law import Forms

SIZES = np.array([2e4, 4.5e4, 1e5, 2.2e5, 5e5])
METRIC, EFFECT = Curve("loss", "n", "a"), Curve("loss", "n", "a", "b")


def made(g: np.random.Generator, law, runs: int, noise: float, sizes=SIZES) -> Values:
    """Runs of a law, with noise of each point and as much of each run."""
    own, point = g.normal(size=(runs, 1)), g.normal(size=(runs, len(sizes)))
    return Values(sizes, law(sizes) * np.exp(noise * (own + point)))


def interval(each: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    half = t.ppf(0.5 + level / 2, len(each) - 1) * each.std(ddof=1) / np.sqrt(len(each))
    return each.mean() - half, each.mean() + half


@pytest.mark.parametrize("runs", [3, 6])
def test_the_interval_of_an_exponent_covers_it(runs) -> None:
    g, count = np.random.default_rng(runs), 50
    covered = 0
    for _ in range(count):
        values = made(g, lambda n: (n / 1e5) ** -0.1, runs, 0.01)
        low, high = interval(pseudo(values, exponent(METRIC, "power")))
        covered += low <= 0.1 <= high
    assert binom.ppf(1e-4, count, 0.95) <= covered <= binom.ppf(1 - 1e-4, count, 0.985)


@pytest.mark.parametrize("noise", [0.2, 0.5])
def test_the_interval_of_an_effect_s_exponent_covers_it(noise) -> None:
    """Noise of a run as a share of the effect at the smallest size; both fall, at another rate."""
    g, count = np.random.default_rng(7), 240
    sizes = np.array([10.0, 20, 40, 80, 160, 320])
    covered = 0
    for _ in range(count):
        own, point = g.normal(size=(8, 1)), g.normal(size=(8, 6))
        spread = 0.5 * noise * (sizes / 10) ** -0.7
        values = Values(sizes, 5 / sizes + spread * (0.6 * own + 0.8 * point))
        each = pseudo(values, exponent(EFFECT, "power", weights(values)))
        low, high = interval(each) if np.isfinite(each).all() else (-np.inf, np.inf)
        covered += low <= 1 <= high
    assert binom.ppf(1e-3, count, 0.94) <= covered <= binom.ppf(1 - 1e-3, count, 0.98)


@pytest.mark.parametrize(
    ("law", "false"),
    [
        (lambda n: (n / 1e5) ** -0.1, "reversed"),
        (lambda n: 0.7 + 0.3 * (n / 1e5) ** -0.4, "reversed"),
        (lambda n: 0.7 + 0.3 * np.exp(-n / 1e5), "seen"),
        (lambda n: (n / 1e5) ** -0.05 * (1 + (n / 1e5) ** 2) ** -0.15, "seen"),
    ],
    ids=["power", "floor", "exponential", "broken"],
)
def test_false_words_about_power_laws_are_rare(law, false) -> None:
    """At 2 % noise and 3 runs, where most is not resolved; false words are below 5 %."""
    g, count = np.random.default_rng(11), 10
    words = [Forms.of(made(g, law, 3, 0.02)).outcome(0.02, 1)[0] for _ in range(count)]
    assert words.count(false) <= binom.ppf(0.999, count, 0.05)


def test_where_noise_is_small_the_true_form_is_told() -> None:
    g, count = np.random.default_rng(12), 5
    for law, true in (
        (lambda n: (n / 1e5) ** -0.1, "seen"),
        (lambda n: 0.7 + 0.3 * np.exp(-n / 1e5), "reversed"),
    ):
        words = [Forms.of(made(g, law, 3, 0.005)).outcome(0.02, 1)[0] for _ in range(count)]
        assert words.count(true) >= 4
