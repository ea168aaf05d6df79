"""Features: what is looked at, kept, taken and ordered."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.features import PIECE, Features, require_features, require_pair
from harness.problem import Problem
from harness.streams import numpy_generator


def drawn(n: int, d: int = 3, seed: int = 0) -> np.ndarray:
    return numpy_generator("test", seed, "features").normal(size=(n, d))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, PIECE - 1, PIECE, 2 * PIECE, 2 * PIECE + 4])
def test_one_value_that_is_not_finite_is_found_wherever_it_stands(value, place) -> None:
    rows = np.zeros((2 * PIECE + 5, 2), np.float32)
    require_features("features", rows, 1)
    rows[place, 1] = value
    with pytest.raises(Problem, match="NaN or infinite"):
        require_features("features", rows, 1)


def test_too_few_rows_no_rows_of_features_and_two_dimensions_are_refused() -> None:
    assert len(require_features("features", drawn(4), 4)) == 4
    with pytest.raises(Problem, match="at least 5"):
        require_features("features", drawn(4), 5)
    for shape in ((4,), (4, 0), (4, 2, 2)):
        with pytest.raises(Problem, match=r"features \[N, d\]"):
            require_features("features", np.zeros(shape), 1)
    with pytest.raises(Problem, match="3 and 4"):
        require_pair("features", drawn(4, 3), drawn(4, 4))
    with pytest.raises(Problem, match="of a reference"):
        require_pair("features", drawn(4), drawn(1))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(n=st.integers(0, 12), size=st.integers(1, 5))
def test_pieces_are_all_rows_once_in_order_and_in_float64(n, size) -> None:
    features = Features(drawn(n).astype(np.float32))
    places, pieces = zip(*features.pieces(size)) if n else ((), ())
    assert all(x.dtype == np.float64 and len(x) <= size for x in pieces)
    assert np.array_equal(np.concatenate([np.zeros((0, 3)), *pieces]), features.rows)
    assert [i for place in places for i in range(n)[place]] == list(range(n))


def test_what_is_worked_out_is_kept_under_its_key_even_where_it_is_nothing() -> None:
    features, calls = Features(drawn(2)), []
    for key, value in (("a", None), ("b", 2), ("a", 3)):
        found = features.once(key, lambda value=value: calls.append(value) or value)  # type: ignore[misc]
        assert found == {"a": None, "b": 2}[key]
    assert calls == [None, 2]


def test_a_part_has_every_head_of_its_images_and_no_memory() -> None:
    heads = [drawn(9, d, d) for d in (3, 4, 5)]
    whole = Features(*heads, labels=np.arange(9))
    _ = whole.order
    require_features("features", whole, 1)
    index = np.array([7, 2, 2, 5])
    part = whole.take(index)
    assert not part.memory
    for mine, theirs in zip((part.rows, part.logits, part.spatial), heads):
        assert np.array_equal(mine, theirs[index])  # type: ignore[arg-type]
    assert np.array_equal(part.labels, index)  # type: ignore[arg-type]
    assert sorted(part.order) == [0, 1, 2, 3]
    bare = Features(heads[0]).take(index)
    assert bare.logits is bare.spatial is bare.labels is None


def test_a_part_is_looked_at_anew() -> None:
    """A whole with NaN is refused, its finite part is not; and the other way round."""
    rows = drawn(6)
    rows[5] = np.nan
    whole = Features(rows)
    with pytest.raises(Problem):
        require_features("features", whole, 1)
    assert len(require_features("features", whole.take(np.arange(5)), 1)) == 5


@settings(max_examples=30, deadline=None, derandomize=True)
@given(order=st.permutations(range(20)))
def test_the_order_follows_the_content_of_the_rows(order) -> None:
    rows = drawn(20)
    a, b = Features(rows), Features(rows[order])
    assert sorted(a.order) == list(range(20))
    assert np.array_equal(a.rows[a.order], b.rows[b.order])


def test_the_order_is_that_of_the_rows_whatever_holds_them(tmp_path) -> None:
    rows = drawn(50).astype(np.float32)
    strided = np.repeat(rows, 2, axis=1)[:, ::2]
    np.save(tmp_path / "rows.npy", rows)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    for each in (strided, np.asfortranarray(rows), mapped):
        assert np.array_equal(Features(each).order, Features(rows).order)


def test_the_order_is_no_order_of_the_values() -> None:
    """A subset along it is a fair draw: ranks and values do not go together, 4.5 errors."""
    rows = drawn(4000)
    order = Features(rows).order
    for column in rows[order].T:
        assert abs(np.corrcoef(column, np.arange(4000))[0, 1]) < 4.5 / np.sqrt(4000)
    assert not np.array_equal(order, np.arange(4000))


def test_equal_rows_stand_together() -> None:
    rows = np.concatenate([drawn(10), drawn(10)])
    ordered = rows[Features(rows).order]
    assert np.array_equal(ordered[::2], ordered[1::2])
