import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from harness.metrics import neighbourhood
from harness.metrics.features import Features
from harness.metrics.neighbourhood import nearest, radii
from harness.problem import Problem
from harness.streams import numpy_generator


def draw(n: int, d: int, seed: int) -> np.ndarray:
    return numpy_generator("test", seed, "neighbourhood").normal(size=(n, d))


def squares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.array([np.square(row - y).sum(1) for row in x])


def within(x: np.ndarray, k: int) -> np.ndarray:
    """The k smallest squares in a set, each row's own left out by its place."""
    every = squares(x, x)
    np.fill_diagonal(every, np.inf)
    return np.sort(every, 1)[:, :k]


@settings(max_examples=20, deadline=None, derandomize=True)
@given(n=st.integers(1, 30), m=st.integers(3, 40), d=st.integers(1, 9), seed=st.integers(0, 9))
def test_against_a_tree(n, m, d, seed) -> None:
    x, y = draw(n, d, seed), draw(m, d, seed + 50)
    found, index = nearest(Features(x), Features(y), 3)
    distances, numbers = cKDTree(y).query(x, 3)
    assert np.array_equal(index, numbers)
    assert np.allclose(found, distances**2, rtol=1e-13)


def test_many_pieces_within_a_set_and_between_two(monkeypatch) -> None:
    """Every block, also the last, which is smaller, and the transposed ones within a set."""
    monkeypatch.setattr(neighbourhood, "PIECE", 8)
    x, y = draw(45, 3, 1), draw(37, 3, 2)
    found, index = nearest(Features(x), Features(x), 4, exclude_self=True)
    assert np.array_equal(found, within(x, 4))
    assert np.array_equal(found, np.take_along_axis(squares(x, x), index, 1))
    found, index = nearest(Features(x), Features(y), 4)
    assert np.array_equal(found, np.sort(squares(x, y), 1)[:, :4])


def test_a_duplicate_is_at_distance_nothing_wherever_it_lies() -> None:
    """Also far from the centre, where the expanded square is off by some 1e-4 here."""
    x = np.concatenate([draw(600, 5, 1), draw(600, 5, 1), draw(1, 5, 2) + 1e6])
    found, index = nearest(Features(x), Features(x), 2, exclude_self=True)
    assert (found[:1200, 0] == 0).all()
    assert np.array_equal(index[:1200, 0], np.roll(np.arange(1200), 600))
    assert (found[:1200, 1] > 0).all()
    assert np.array_equal(found, within(x, 2))


@pytest.mark.parametrize("piece", [512, 8])
@pytest.mark.parametrize("spread", [1e-9, 1e-8, 3e-8, 1e-5, 0.0])
def test_clusters_below_the_rounding_of_the_expanded_square(monkeypatch, spread, piece) -> None:
    """Thirty points within ``spread`` of each other, at distance 1 from the centre, twice."""
    monkeypatch.setattr(neighbourhood, "PIECE", piece)
    middle = np.repeat([[1.0, 0.3], [-1.0, 0.2], [0.1, 9.0]], [30, 30, 1], axis=0)
    x = middle + spread * draw(61, 2, 1)
    found, index = nearest(Features(x), Features(x), 5, exclude_self=True)
    assert np.array_equal(found, within(x, 5))
    assert (index != np.arange(61)[:, None]).all()
    y = middle[:40] + spread * draw(40, 2, 2)
    assert np.array_equal(
        nearest(Features(y), Features(x), 5)[0], np.sort(squares(y, x), 1)[:, :5]
    )  # fmt: skip


@settings(max_examples=25, deadline=None, derandomize=True)
@given(n=st.integers(7, 60), levels=st.integers(1, 4), seed=st.integers(0, 9))
def test_ties_on_a_lattice(n, levels, seed) -> None:
    """Many neighbours at one distance, and many duplicates: whatever is chosen is as near."""
    x = numpy_generator("test", seed, "lattice").integers(levels, size=(n, 2)) / 3 + 0.1
    found, index = nearest(Features(x), Features(x), 6, exclude_self=True)
    assert np.array_equal(found, within(x, 6))
    assert all(len(set(row)) == 6 and i not in row for i, row in enumerate(index))


def test_radii_are_worked_out_once_and_leave_the_rows_alone() -> None:
    x = draw(50, 3, 1)
    features = Features(x.copy())
    first = radii(features, 5)
    assert radii(features, 5) is first
    assert np.array_equal(first, within(x, 5)[:, 4])
    assert np.array_equal(radii(features, 2), within(x, 2)[:, 1])
    assert np.array_equal(features.rows, x)


def test_more_neighbours_than_there_are_is_refused() -> None:
    x = Features(draw(5, 2, 1))
    assert nearest(x, x, 4, exclude_self=True)[0].shape == (5, 4)
    with pytest.raises(Problem, match="4 to choose from; give at least 6"):
        nearest(x, x, 5, exclude_self=True)
    with pytest.raises(Problem, match="5 to choose from; give at least 6"):
        nearest(x, x, 6)
    with pytest.raises(Problem, match="overflow"):
        nearest(Features(x.rows * 1e160), x, 1)
