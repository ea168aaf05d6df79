import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.corrupt.swaps import Swaps
from harness.problem import Problem
from harness.streams import numpy_generator

COUNTS = st.lists(st.integers(1, 9), min_size=2, max_size=5)


def labels(counts: list[int]) -> np.ndarray:
    """Labels with gaps between their numbers, as of captions of which some have no image."""
    return np.repeat(3 * np.arange(len(counts)), counts)[:: -1 if sum(counts) % 2 else 1]


def pairs(of: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    return Swaps().pairs(of, count, numpy_generator("test", seed, "swaps"))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(COUNTS, st.integers(0, 9))
def test_no_image_is_swapped_twice_or_with_its_like(counts: list[int], seed: int) -> None:
    """And all but the images of one class can be swapped, whatever is drawn."""
    of = labels(counts)
    count = (len(of) - max(counts)) // 2
    found = pairs(of, count, seed)
    assert found.shape == (count, 2)
    assert len(np.unique(found)) == 2 * count
    assert (of[found[:, 0]] != of[found[:, 1]]).all()
    for fewer in range(count):
        assert np.array_equal(pairs(of, fewer, seed), found[:fewer])


def test_a_pair_is_uniform_among_the_pairs_that_differ() -> None:
    """Of 1, 2 and 3 images: 2 + 3 + 6 pairs of images, each drawn in one of 11 cases."""
    of, draws = np.array([0, 1, 1, 2, 2, 2]), 11_000
    generator = numpy_generator("test", 0, "swaps")
    seen = np.zeros((6, 6))
    for _ in range(draws):
        one, other = Swaps().pairs(of, 1, generator)[0]
        seen[min(one, other), max(one, other)] += 1
    differ = np.triu(of[:, None] != of)
    assert differ.sum() == 11
    error = np.sqrt(draws * (1 / 11) * (10 / 11))
    assert (np.abs(seen - draws / 11)[differ] < 4 * error).all()
    assert seen[~differ].sum() == 0


def test_the_second_pair_is_uniform_among_what_is_left() -> None:
    """Of two images of a and one each of b and c: first ab, ac or bc in shares 2, 2 and 1 of 5;
    then ac, ab or, after bc, nothing."""
    of, generator = np.array([0, 0, 1, 2]), numpy_generator("test", 0, "second")
    alone = 0
    for _ in range(2000):
        try:
            first, second = Swaps().pairs(of, 2, generator)
        except Problem:
            alone += 1
            continue
        assert {of[i] for i in (*first, *second)} == {0, 1, 2}
        assert 0 in of[first]
        assert 0 in of[second]
    assert abs(alone - 400) < 4 * np.sqrt(2000 * 0.2 * 0.8)


def test_what_no_one_is_left_to_swap_with_is_refused() -> None:
    assert len(pairs(np.array([0, 0, 0, 1]), 1)) == 1
    with pytest.raises(Problem, match=r"swaps of 4 of 4 images; got 2.*at most 0\.5"):
        pairs(np.array([0, 0, 0, 1]), 2)
    with pytest.raises(Problem, match="got 0"):
        pairs(np.zeros(4, np.int64), 1)
    assert pairs(np.zeros(4, np.int64), 0).shape == (0, 2)
