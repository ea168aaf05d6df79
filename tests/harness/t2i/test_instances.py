"""Instances against the formula, pixel by pixel and pair by pair."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax as scipy_softmax

from harness.streams import numpy_generator
from harness.t2i.instances import MOST, box, fitted_size, pairs, quality, softmax


def logits(queries: int, classes: int, seed: int = 0) -> np.ndarray:
    return 3 * numpy_generator("test", seed, "logits").normal(size=(queries, classes + 1))


def test_the_softmax_is_scipys_and_keeps_large_logits() -> None:
    x = logits(7, 5)
    assert np.abs(softmax(x) - scipy_softmax(x, -1)).max() < 1e-15
    assert softmax(np.array([1e4, 1e4, -1e4])).tolist() == [0.5, 0.5, 0.0]


@pytest.mark.parametrize(("floor", "most"), [(0.0, MOST), (0.05, MOST), (0.3, MOST), (0.01, 6)])
def test_pairs_are_the_likeliest_of_all_queries_and_classes_without_none(
    floor: float, most: int
) -> None:
    x = logits(9, 4)
    query, klass, probability = pairs(x, floor, most)
    brute = []
    for q, row in enumerate(x):
        total = sum(math.exp(value) for value in row)
        brute += [(math.exp(value) / total, q, k) for k, value in enumerate(row[:-1])]
    brute = [each for each in sorted(brute, reverse=True)[:most] if each[0] > floor]
    assert list(zip(query, klass)) == [(q, k) for _, q, k in brute]
    assert probability == pytest.approx([p for p, *_ in brute], rel=1e-12)


def test_one_query_can_be_two_objects_and_none_is_no_class() -> None:
    query, klass, probability = pairs(np.log([[0.4, 0.35, 0.25], [0.05, 0.05, 0.9]]), 0.06)
    assert query.tolist() == [0, 0]
    assert klass.tolist() == [0, 1]
    assert probability == pytest.approx([0.4, 0.35])


def test_a_pair_at_the_floor_is_dropped_and_of_equal_ones_the_earlier_comes_first() -> None:
    x = np.zeros((3, 2))  # one class and none: a half each
    assert len(pairs(x, 0.5)[0]) == 0
    assert pairs(x, 0.499)[0].tolist() == [0, 1, 2]


def test_the_quality_is_the_mean_confidence_inside_and_nothing_outside_counts() -> None:
    fields = np.array([[[2.0, -9.0], [0.5, 0.0]], [[-1.0, -2.0], [0.0, -3.0]]])
    inside = [1 / (1 + math.exp(-2)), 1 / (1 + math.exp(-0.5))]  # 0 itself is outside
    assert quality(fields) == pytest.approx([sum(inside) / (2 + 1e-6), 0.0], rel=1e-12)
    assert quality(np.full((1, 2, 2), -1e4)).tolist() == [0.0]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1))
def test_the_box_covers_every_pixel_of_the_mask_and_touches_it_on_all_sides(
    pixels: list[tuple[int, int]],
) -> None:
    mask = np.zeros((5, 7), bool)
    for x, y in pixels:
        mask[y, x] = True
    xs, ys = zip(*pixels)
    assert box(mask) == (min(xs), min(ys), max(xs) + 1, max(ys) + 1)


def test_an_empty_mask_has_an_empty_box() -> None:
    assert box(np.zeros((3, 3), bool)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("size", "fitted"),
    [((512, 512), (800, 800)), ((1024, 512), (1333, 667)), ((300, 400), (800, 1067)),
     ((100, 1000), (133, 1333)), ((1600, 1600), (800, 800))],
)  # fmt: skip
def test_an_image_is_scaled_by_one_factor_as_far_as_both_sides_allow(
    size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    assert fitted_size(*size, 800, 1333) == fitted
