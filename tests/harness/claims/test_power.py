"""Power: against scipy's noncentral t, against simulation, and against itself inverted."""

import math

import numpy as np
import pytest
from scipy import stats

from harness.claims import power as p


def test_the_tail_of_the_noncentral_t_is_that_of_scipy() -> None:
    worst = 0.0
    for df in (1, 1.5, 2, 4.7, 14, 200, 5000):
        for shift in (0.0, 0.5, 2.8, 5.0, 12.0, 39.0):
            for t in (1.7, 4.3, 12.7):
                scipy = 1 - stats.nct.cdf(t, df, shift) if shift else stats.t.sf(t, df)
                worst = max(worst, abs(p.above(t, df, shift) - scipy))
    assert worst < 1e-7


def test_far_out_the_tail_stays_a_probability() -> None:
    assert p.above(60, 1, 40.001) == pytest.approx(p.above(60, 1, 39.999), abs=1e-3)
    assert p.above(4.3, 2, 1e12) == 1
    assert 0 <= p.above(4.3, 2, -30) < 1e-9


@pytest.mark.parametrize(("n", "effect"), [(3, 2.0), (8, 1.0), (8, 0.0)])
def test_power_is_the_rate_at_which_simulated_tests_reject(n: int, effect: float) -> None:
    generator = np.random.default_rng(5)
    trials = 20_000
    x = generator.normal(effect, 1, size=(trials, n))
    rejected = (stats.ttest_1samp(x, 0, axis=1).pvalue < 0.05).mean()
    stated = p.power(effect, 1.0, n, n - 1)
    assert abs(rejected - stated) < 4 * math.sqrt(stated * (1 - stated) / trials)


def test_equivalence_power_bounds_the_simulated_rate_closely() -> None:
    generator = np.random.default_rng(6)
    trials, n, margin = 20_000, 8, 1.2
    for effect in (0.0, 0.3):
        x = generator.normal(effect, 1, size=(trials, n))
        half = stats.t.ppf(0.95, n - 1) * x.std(axis=1, ddof=1) / math.sqrt(n)
        rate = (np.abs(x.mean(axis=1)) + half < margin).mean()
        stated = p.equivalence_power(effect, margin, 1.0, n, n - 1)
        error = 4 * math.sqrt(rate * (1 - rate) / trials)
        assert rate - 0.02 - error < stated < rate + error


def test_the_smallest_effect_and_margin_have_the_power_asked_for() -> None:
    for n, df, level in [(3, 2, 0.05), (8, 7, 0.05), (8, 28, 0.01)]:
        effect = p.smallest_resolvable(2.0, n, df, level)
        assert p.power(effect, 2.0, n, df, level) == pytest.approx(0.8, abs=1e-9)
        margin = p.smallest_margin(2.0, n, df, level)
        assert p.equivalence_power(0.0, margin, 2.0, n, df, level) == pytest.approx(0.8, abs=1e-9)
    assert p.smallest_resolvable(1.0, 3, 2) == pytest.approx(3.264, abs=1e-3)
    assert p.smallest_resolvable(0.0, 3, 2) == 0


def test_the_replicates_needed_are_the_fewest_that_suffice() -> None:
    def chance(n: int, df: float) -> float:
        return p.power(0.6, 1.0, n, df)

    more = p.replicates_needed(chance, 4, 9.0)
    n = 4 + more
    assert chance(n, 9.0 * (n - 1) / 3) >= 0.8 > chance(n - 1, 9.0 * (n - 2) / 3)
    assert p.replicates_needed(lambda n, df: 1.0, 4, 9.0) == 0
    assert p.replicates_needed(lambda n, df: 0.1, 4, 9.0) is None


def test_without_spread_any_effect_is_found() -> None:
    assert p.power(1e-9, 0.0, 3, 2) == 1
    assert p.equivalence_power(0.1, 0.2, 0.0, 3, 2) == 1
    assert p.equivalence_power(0.3, 0.2, 0.0, 3, 2) == 0
