"""Calibration: the stated rates on normal pairs, and a miss where the pairs are not."""

import math

import numpy as np
import pytest
from scipy import stats

from harness.claims.calibration import clopper_pearson, false_verdict_rate, planted_power
from harness.claims.power import smallest_resolvable
from harness.problem import Problem


@pytest.mark.parametrize(("group", "conditions", "studies"), [(8, 1, 300), (4, 3, 100)])
def test_a_a_pairs_give_false_words_at_no_more_than_the_stated_rate(
    group: int, conditions: int, studies: int
) -> None:
    """With several conditions the test for unequal variances lets a little more through: 0.057
    with 8 replicates, 0.061 at worst with fewer (independent contrasts, equal variances)."""
    generator = np.random.default_rng(21)
    pairs = {"loss": generator.normal(0, 3, studies * group * conditions + 1)}
    (found,) = false_verdict_rate(pairs, group, conditions)
    stated = 0.05 if conditions == 1 else 0.061
    bound = 4 * math.sqrt(stated * (1 - stated) / studies)
    assert abs(found.rate - 0.05) < bound if conditions == 1 else found.rate < stated + bound
    assert (found.studies, found.left_over, found.effect) == (studies, 1, 0)
    assert found.ok
    assert found.rate == found.counted / studies


def test_a_planted_effect_is_found_with_the_stated_power() -> None:
    generator = np.random.default_rng(22)
    studies = 250
    pairs = {"loss": generator.normal(0, 3, studies * 8)}
    (found,) = planted_power(pairs, 8)
    assert abs(found.rate - 0.8) < 4 * math.sqrt(0.8 * 0.2 / studies) + 0.02  # sd is estimated
    assert found.effect == pytest.approx(1.156 * np.std(pairs["loss"], ddof=1), rel=1e-3)
    assert found.ok


def test_the_planted_effect_is_the_smallest_at_the_level_of_the_family() -> None:
    pairs = np.random.default_rng(24).normal(size=24)
    (found,) = planted_power({"loss": pairs}, 4, conditions=3)
    expected = smallest_resolvable(float(np.std(pairs, ddof=1)), 4, 9, 0.05 / 3)
    assert found.effect == expected
    assert (found.studies, found.conditions) == (2, 3)


def test_arms_that_do_differ_are_told() -> None:
    generator = np.random.default_rng(23)
    (found,) = false_verdict_rate({"loss": generator.normal(1.0, 1, 240)}, 8)
    assert found.rate > 0.5
    assert not found.ok


def test_too_few_pairs_and_pairs_that_are_no_numbers_are_refused() -> None:
    for pairs, group in (([1.0] * 7, 8), ([1.0] * 8, 1)):
        with pytest.raises(Problem, match="groups of"):
            false_verdict_rate({"loss": pairs}, group)
    with pytest.raises(Problem, match="finite effects of loss"):
        false_verdict_rate({"loss": [math.nan] * 8}, 4)


def test_the_exact_interval_is_that_of_scipy() -> None:
    for successes, trials in [(0, 5), (3, 7), (95, 100), (9, 9)]:
        scipy = stats.binomtest(successes, trials).proportion_ci(method="exact")
        found = clopper_pearson(successes, trials)
        assert found == pytest.approx((scipy.low, scipy.high), abs=1e-9)
