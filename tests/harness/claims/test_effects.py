"""Estimates: scipy's numbers for one contrast, and the rates of many by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from harness.claims.contrast import Contrast
from harness.claims.effects import estimate, pooled_sd


def _contrasts(values: np.ndarray, **change: object) -> list[Contrast]:
    """One contrast a row of [K, n], all over the same replicates."""
    fields = {"metric": "m", "scale": "difference", "arm": "a", "baseline": "b", "unit": ""}
    return [
        Contrast(
            **{**fields, **change},
            condition=str(index),
            values=tuple(map(float, row)),
            replicates=tuple(range(len(row))),
        )
        for index, row in enumerate(values)
    ]


def test_one_contrast_gives_the_t_test_and_intervals_of_scipy() -> None:
    x = np.random.default_rng(0).normal(0.5, 2, size=6)
    (one,) = _contrasts(x[None])
    found = estimate(one, pooled_sd([one]))
    test = stats.ttest_1samp(x, 0)
    assert found.p == pytest.approx(test.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(test.confidence_interval(0.95)))
    assert (found.low90, found.high90) == pytest.approx(tuple(test.confidence_interval(0.90)))
    assert (found.n, found.df) == (6, 5)
    assert found.sd == pytest.approx(x.std(ddof=1))


def test_the_pool_is_the_weighted_variance_with_bartletts_p() -> None:
    generator = np.random.default_rng(1)
    groups = [generator.normal(size=n) for n in (3, 5, 9)]
    contrasts = [_contrasts(group[None])[0] for group in groups]
    contrasts = [
        Contrast(
            **{**vars(one), "condition": str(i), "replicates": tuple(range(20 * i, 20 * i + 9))}
        )
        for i, one in enumerate(contrasts)
    ]
    found = pooled_sd(contrasts)
    d = np.array([2, 4, 8])
    variances = np.array([group.var(ddof=1) for group in groups])
    assert found.sd**2 == pytest.approx(d @ variances / d.sum())
    assert found.df == 14  # no shared replicates: independent
    assert found.bartlett_p == pytest.approx(stats.bartlett(*groups).pvalue)
    assert found.sd_ratio == pytest.approx(math.sqrt(variances.max() / variances.min()))
    assert pooled_sd([*contrasts, contrasts[0]]) == found  # given twice, counted once


def test_contrasts_that_are_copies_share_their_degrees_of_freedom() -> None:
    x = np.random.default_rng(2).normal(size=8)
    found = pooled_sd(_contrasts(np.array([x, x + 1, -x])))
    assert found.df == pytest.approx(7)
    assert found.correlation == pytest.approx(1)
    two = np.array([[0.0, 1.0], [0.0, 2.0]])
    assert pooled_sd(_contrasts(two)).df == pytest.approx(1)  # two pairs cannot tell


def test_independent_contrasts_keep_nearly_all_degrees_of_freedom() -> None:
    """Without the correction of its bias, a mean r^2 of 1/5 would leave about 21 of 100."""
    found = pooled_sd(_contrasts(np.random.default_rng(12).normal(size=(20, 6))))
    assert 60 < found.df <= 100


def test_unequal_variances_are_not_pooled() -> None:
    x = np.random.default_rng(3).normal(size=(3, 8)) * np.array([[1], [1], [20]])
    contrasts = _contrasts(x)
    found = pooled_sd(contrasts)
    assert not found.pooled
    own = estimate(contrasts[2], found)
    assert (own.sd, own.df) == (pytest.approx(x[2].std(ddof=1)), 7)


def test_one_pair_gives_an_effect_and_no_interval() -> None:
    many, (one,) = _contrasts(np.ones((1, 4)) + np.arange(4)), _contrasts(np.array([[2.0]]))
    pool = pooled_sd([*many, one])
    found = estimate(one, pool)
    assert (found.effect, found.n, found.low, found.p, found.sd) == (2, 1, None, None, None)
    assert pool.contrasts == 1
    alone = pooled_sd([one])
    assert (alone.sd, alone.df, alone.contrasts) == (None, 0, 0)
    assert estimate(one, alone).effect == 2


def test_without_spread_the_effect_is_certain() -> None:
    contrasts = _contrasts(np.array([[0.0, 0, 0], [1.0, 1, 1]]))
    pool = pooled_sd(contrasts)
    assert (pool.sd, pool.bartlett_p, pool.sd_ratio) == (0, 1, None)
    assert [estimate(one, pool).p for one in contrasts] == [1, 0]
    mixed = pooled_sd(_contrasts(np.array([[0.0, 0, 0], [1.0, 2, 4]])))
    assert not mixed.pooled


def test_kinds_are_not_mixed() -> None:
    x = np.ones((1, 3))
    with pytest.raises(ValueError, match="one kind"):
        pooled_sd([*_contrasts(x), *_contrasts(x, metric="other")])


def _false_rates(values: np.ndarray) -> tuple[float, float]:
    """Rejections at 5 % among true nulls: of one test, and of any after Bonferroni."""
    trials, k, _ = values.shape
    p = np.empty((trials, k))
    for trial, rows in enumerate(values):
        contrasts = _contrasts(rows)
        pool = pooled_sd(contrasts)
        p[trial] = [estimate(one, pool).p for one in contrasts]
    return float((p < 0.05).mean()), float((p < 0.05 / k).any(axis=1).mean())


@pytest.mark.parametrize(("n", "k"), [(8, 1), (8, 4)])
def test_intervals_miss_the_truth_at_the_stated_rate(n: int, k: int) -> None:
    """A 95 % interval misses 0 exactly where p < 5 %. With k contrasts of one shared baseline the
    tests are correlated by 1/2, which the error bound counts as one test a trial; the docstring's
    simulated rates are 0.055 (each) and 0.050 (any)."""
    trials = 2500
    generator = np.random.default_rng(4)
    baseline = generator.normal(size=(trials, 1, n))
    values = generator.normal(size=(trials, k, n)) - baseline
    each, family = _false_rates(values)
    bound = 4 * math.sqrt(0.05 * 0.95 / trials)
    if k == 1:
        assert abs(each - 0.05) < bound
    assert each < 0.056 + bound
    assert family < 0.05 + bound


def test_the_misses_of_a_pool_of_unequal_variances_stay_near_the_stated_rate() -> None:
    """Pooled regardless, the last of the contrasts would reject in 26 % of null cases."""
    trials, spread = 1500, np.array([1.0, 1, 1, 3])[:, None]
    generator = np.random.default_rng(8)
    values = generator.normal(size=(trials, 4, 8)) * spread
    _, family = _false_rates(values)
    assert family < 0.06 + 4 * math.sqrt(0.06 * 0.94 / trials)
    naive = np.sqrt(values.var(axis=2, ddof=1).mean(axis=1))
    t = np.abs(values[:, 3].mean(axis=1)) / naive * math.sqrt(8)
    assert (2 * stats.t.sf(t, 28) < 0.05).mean() > 0.2


def test_two_one_sided_tests_err_at_no_more_than_5_per_cent() -> None:
    """At a true effect on the margin, 90 % intervals fall inside it in at most 5 % of cases; with
    a margin far wider than the error the rate is 5 % itself."""
    generator = np.random.default_rng(9)
    trials, margin = 2500, 3.0
    values = generator.normal(margin, 1, size=(trials, 1, 8))
    inside = 0
    for rows in values:
        (one,) = _contrasts(rows)
        found = estimate(one, pooled_sd([one]))
        inside += -margin < found.low90 and found.high90 < margin
    assert abs(inside / trials - 0.05) < 4 * math.sqrt(0.05 * 0.95 / trials)
