import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.data.split import by_content
from harness.problem import Problem

PIXELS = np.random.default_rng(0).uniform(-1, 1, (500, 1, 2, 2)).astype(np.float32)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    count=st.integers(1, 60), fraction=st.floats(0, 0.99), order=st.permutations(list(range(60)))
)
def test_the_count_is_exact_and_the_order_does_not_matter(
    count: int, fraction: float, order: list[int]
) -> None:
    pixels = PIXELS[:count]
    order = [i for i in order if i < count]
    held = by_content(pixels, fraction)
    assert held.sum() == round(fraction * count)
    np.testing.assert_array_equal(by_content(pixels[order], fraction), held[order])


def test_the_smallest_keys_are_held_out() -> None:
    keys = [hashlib.sha256(x.tobytes()).hexdigest()[:16] for x in PIXELS[:40]]
    held = {i for _, i in sorted((key, i) for i, key in enumerate(keys))[:10]}
    assert set(np.flatnonzero(by_content(PIXELS[:40], 0.25))) == held


def test_two_copies_of_an_image_stay_on_one_side() -> None:
    held = by_content(np.concatenate([PIXELS, PIXELS]), 0.3)
    np.testing.assert_array_equal(held[:500], held[500:])
    assert held.sum() == 300


def test_one_image_more_moves_at_most_one_other() -> None:
    before, after = by_content(PIXELS[:-1], 0.2), by_content(PIXELS, 0.2)
    assert (before != after[:-1]).sum() <= 1


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_a_fraction_that_leaves_nothing_to_train_on_is_a_problem(fraction: float) -> None:
    with pytest.raises(Problem, match="a held-out fraction; got"):
        by_content(PIXELS, fraction)
