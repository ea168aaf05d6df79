import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics import moments
from harness.metrics.moments import Moments
from harness.problem import Problem
from harness.streams import numpy_generator


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    sizes=st.lists(st.integers(0, 9), min_size=3, max_size=3),
    d=st.integers(1, 5),
    seed=st.integers(0, 9),
)
def test_merging_is_associative_and_that_of_the_union(sizes, d, seed) -> None:
    """Whole numbers: float64 adds them without rounding, so equality is exact."""
    draw = numpy_generator("test", seed, "moments")
    shards = [draw.integers(-99, 99, (n, d)).astype(float) for n in sizes]
    a, b, c = (Moments.of(shard) for shard in shards)
    for merged in (
        (a + b) + c,
        a + (b + c),
        c + b + a,
        Moments.of(np.concatenate(shards)),
    ):
        assert merged.count == sum(sizes)
        assert np.array_equal(merged.total, sum(shard.sum(0) for shard in shards))
        assert np.array_equal(merged.outer, sum(shard.T @ shard for shard in shards))


def test_mean_and_covariance_are_those_of_numpy() -> None:
    x = numpy_generator("test", 0, "moments").normal(3, 2, (50, 4))
    found = Moments.of(x[:20]) + Moments.of(x[20:])
    assert np.abs(found.mean - x.mean(0)).max() < 1e-13
    assert np.abs(found.covariance - np.cov(x.T)).max() < 1e-12


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    cuts=st.lists(st.integers(1, 5), max_size=3),
    order=st.permutations(range(4)),
    seed=st.integers(0, 99),
)
def test_shards_cut_at_pieces_merge_to_the_same_bits_in_any_order(cuts, order, seed) -> None:
    """Features whose sums do round: a plain sum of the parts differs in its last bits."""
    rows = numpy_generator("test", seed, "moments").normal(3, 1, (6 * 16 - 5, 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "PIECE", 16)
        whole = Moments.of(rows)
        shards = [Moments.of(each) for each in np.split(rows, sorted(16 * cut for cut in cuts))]
        merged = Moments.none(3)
        for i in sorted(range(len(shards)), key=lambda i: order[i]):
            merged = shards[i] + merged
    assert merged.count == whole.count
    assert np.array_equal(merged.total, whole.total)
    assert np.array_equal(merged.outer, whole.outer)


def test_rounding_is_carried_along() -> None:
    """1 + a thousand times 2^-60 loses every one of them in plain float64."""
    found = moments.Sum.of(np.ones(1))
    for _ in range(1024):
        found += moments.Sum.of(np.full(1, 2.0**-60))
    assert found.high[0] + found.low[0] == 1 + 2.0**-50
    assert found.high[0] == 1 + 2.0**-50


def test_a_constant_feature_has_no_variance_and_a_small_one_has() -> None:
    """What is left of it by rounding would be a variance of 1e-10 here, of either sign."""
    draw = numpy_generator("test", 1, "moments")
    rows = np.stack([np.full(5000, 1e3 / 3), draw.normal(1e3, 1, 5000)], axis=1)
    covariance = Moments.of(rows).covariance
    assert covariance[0, 0] == covariance[0, 1] == covariance[1, 0] == 0
    assert covariance[1, 1] == pytest.approx(rows[:, 1].var(ddof=1), rel=1e-7)


def test_float32_features_are_summed_in_float64() -> None:
    rows = np.full((3000, 1), 16777217 / 3, np.float32)
    assert Moments.of(rows).total[0] == 3000 * float(rows[0, 0])


def test_moments_of_other_features_do_not_merge() -> None:
    with pytest.raises(Problem, match="2 and 3"):
        Moments.of(np.ones((4, 2))) + Moments.of(np.ones((4, 3)))


def test_nan_is_refused() -> None:
    with pytest.raises(Problem, match="NaN"):
        Moments.of(np.array([[1.0, np.nan]]))
