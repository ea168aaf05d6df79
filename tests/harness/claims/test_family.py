"""The family: what counts as a test, and what a missing one does."""

import numpy as np
import pytest

from harness.claims.contrast import contrast
from harness.claims.family import family, pool
from harness.records.holm import holm


def test_holm_runs_over_distinct_tests_and_counts_those_without_a_value(rows) -> None:
    generator = np.random.default_rng(0)
    table = rows("clean", np.zeros(5)) + rows("single", [1.0])
    for arm, shift in (("a", 2.0), ("b", 1.0), ("c", 0.0)):
        table += rows(arm, generator.normal(shift, 1, 5))
    contrasts = [
        contrast(table, "loss", arm, "clean", {}, "difference")
        for arm in ("a", "b", "c", "single", "absent", "a")
    ]
    pools = pool(contrasts)
    found = family(contrasts, pools)
    p = [found.estimate(one).p for one in contrasts[:3]]
    assert found.tests == 5
    assert found.level == pytest.approx(0.01)
    assert [found.p_holm(one) for one in contrasts[:3]] == pytest.approx(holm([*p, 1, 1])[:3])
    assert found.p_holm(contrasts[3]) is None
    assert found.estimate(contrasts[4]) is None


def test_metrics_scales_and_means_have_their_own_pool(rows) -> None:
    generator = np.random.default_rng(1)
    table = []
    for arm in ("a", "clean"):
        for metric in ("loss", "fd"):
            table += rows(arm, generator.uniform(1, 2, 4), metric)
    contrasts = [
        contrast(table, metric, "a", "clean", {}, scale)
        for metric in ("loss", "fd")
        for scale in ("log_ratio", "difference")
    ]
    pools = pool(contrasts)
    assert len(pools) == 4
    assert all(one.contrasts == 1 for one in pools.values())
