"""The advantage of an attack: a share of pairs, with an error that is the spread of new draws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, norm

from harness.metrics import advantage
from harness.metrics.advantage import Side, variance
from harness.streams import numpy_generator


def alone(scores: np.ndarray) -> Side:
    """Scores of images that are each a group of their own."""
    return Side(np.asarray(scores, float), np.arange(len(scores)))


def normal(n: int, seed: int, mean: float = 0.0) -> np.ndarray:
    return mean + numpy_generator("test", seed, "scores").normal(size=n)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 5), min_size=2), st.lists(st.integers(0, 5), min_size=2))
def test_the_area_is_the_share_of_pairs_and_a_tie_counts_half(a, b) -> None:
    got = advantage.auc(alone(a), alone(b))
    pairs = [(x < y) + (x == y) / 2 for x in a for y in b]
    assert got.value == pytest.approx(np.mean(pairs), abs=1e-12)
    assert got.n == len(a)
    u = mannwhitneyu(b, a).statistic
    assert got.value == pytest.approx(u / (len(a) * len(b)), abs=1e-12)


def test_small_scores_of_seen_images_raise_the_area() -> None:
    low, high = alone([1.0, 2.0]), alone([3.0, 4.0, 5.0])
    assert advantage.auc(low, high).value == 1
    assert advantage.auc(high, low).value == 0
    assert advantage.auc(low, low).value == 0.5
    assert advantage.ratio(low, high).value == 1.5 / 4
    assert advantage.excess(low, high).value == -2.5


def test_the_area_of_two_gaussians_is_that_of_their_difference() -> None:
    """P(a < b) for N(0, 1) and N(1, 1) is Phi(1/sqrt(2))."""
    got = advantage.auc(alone(normal(4000, 1)), alone(normal(5000, 2, 1.0)))
    assert got.standard_error is not None
    assert abs(got.value - norm.cdf(2**-0.5)) < 4 * got.standard_error


@pytest.mark.parametrize("reading", ["auc", "ratio", "excess"])
@pytest.mark.parametrize("sizes", [(60, 200), (200, 60)])
def test_standard_errors_are_the_spread_of_independent_draws(reading, sizes) -> None:
    repeats, of = 1000, getattr(advantage, reading)
    got = [
        of(alone(normal(sizes[0], s, 5.0)), alone(2 * normal(sizes[1], s + repeats, 3.0)))
        for s in range(repeats)
    ]
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)


@pytest.mark.parametrize("reading", ["auc", "ratio", "excess"])
def test_images_that_go_together_count_as_one(reading) -> None:
    """Each image thrice, in a group of its own: the value and its error are those of one of it."""
    a, b = normal(40, 1, 5.0), normal(50, 2, 5.5)
    of = getattr(advantage, reading)
    once = of(alone(a), alone(b))
    thrice = of(*(Side(np.tile(x, 3), np.tile(np.arange(len(x)), 3)) for x in (a, b)))
    assert thrice.value == pytest.approx(once.value, rel=1e-12)
    assert thrice.standard_error == pytest.approx(once.standard_error, rel=1e-12)
    assert thrice.n == 120
    unaware = of(alone(np.tile(a, 3)), alone(np.tile(b, 3)))
    assert unaware.standard_error == pytest.approx(once.standard_error / 3**0.5, rel=0.02)


def test_the_variance_of_a_mean_is_the_usual_one_without_groups() -> None:
    x = normal(30, 3)
    assert variance(x, np.arange(30)[::-1]) == pytest.approx(x.var(ddof=1) / 30, rel=1e-12)
    assert alone(x).mean() == pytest.approx((x.mean(), x.std(ddof=1) / 30**0.5, 30), rel=1e-12)


def test_one_group_has_no_standard_error() -> None:
    one = Side(normal(5, 1), np.zeros(5, int))
    assert np.isnan(variance(*one))
    assert one.mean().standard_error is None
    assert advantage.auc(one, alone(normal(5, 2))).standard_error is None


def test_above_is_strict() -> None:
    assert alone([0.9, 0.91, 0.8]).above(0.9).scores.tolist() == [0, 1, 0]
