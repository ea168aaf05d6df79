import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    moments = Moments.of(x[:20]) + Moments.of(x[20:])
    assert np.abs(moments.mean - x.mean(0)).max() < 1e-13
    assert np.abs(moments.covariance - np.cov(x.T)).max() < 1e-12


def test_nan_is_refused() -> None:
    with pytest.raises(Problem, match="NaN"):
        Moments.of(np.array([[1.0, np.nan]]))
