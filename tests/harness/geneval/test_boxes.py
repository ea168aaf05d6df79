"""Boxes: overlaps against counted pixels, relations on both sides of each bound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.geneval.boxes import overlap, relations
from harness.geneval.vocabulary import POSITIONS


def box_at(x: float, y: float, half: float = 10) -> tuple[float, float, float, float]:
    """A square box with its centre at x, y."""
    return (x - half, y - half, x + half, y + half)


def test_the_overlap_is_that_of_boxes_with_a_pixel_more() -> None:
    assert overlap((0, 0, 9, 9), (0, 0, 9, 9)) == 1
    assert overlap((0, 0, 9, 9), (0, 5, 9, 14)) == 50 / 150
    assert overlap((0, 0, 9, 9), (9, 9, 18, 18)) == 1 / 199  # a pixel in common
    assert overlap((0, 0, 9, 9), (10, 0, 19, 9)) == 0
    assert overlap((0, 0, 9, 9), (30, 30, 39, 39)) == 0  # two negative sides make no area
    assert overlap((3, 3, 3, 3), (3, 3, 3, 3)) == 1


BOXES = st.tuples(*[st.integers(0, 12)] * 4).map(
    lambda v: (min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3]))
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(a=BOXES, b=BOXES)
def test_the_overlap_against_counted_pixels(a, b) -> None:
    def pixels(box) -> set[tuple[int, int]]:
        return {(x, y) for x in range(box[0], box[2] + 1) for y in range(box[1], box[3] + 1)}

    both, either = len(pixels(a) & pixels(b)), len(pixels(a) | pixels(b))
    assert overlap(a, b) == pytest.approx(both / either, abs=1e-15)


SEEN = [  # offset of a from b; both boxes are 20 x 20: the margin is 4 pixels
    ((100, 0), ("right of",)),
    ((-100, 0), ("left of",)),
    ((0, -100), ("above",)),
    ((0, 100), ("below",)),
    ((60, 60), ("right of", "below")),
    ((-60, -60), ("left of", "above")),
    ((0, 0), ()),
    ((4, 4), ()),
    ((-4, -4), ()),
    ((4.00099, 0), ()),  # within 0.001 of the margin
    ((4.0011, 0), ()),  # beyond it, but a small share of the offset
    ((8, 0), ()),  # exactly half of the offset is beyond the margin
    ((8.001, 0), ("right of",)),
    ((0, -8), ()),
    ((0, -8.001), ("above",)),
    ((-8, 0), ()),
    ((-8.001, 0), ("left of",)),
    ((0, 8), ()),
    ((0, 8.001), ("below",)),
    ((34, 40), ("right of", "below")),  # (30, 36) of 52.5
    ((29, 40), ("right of", "below")),  # (25, 36) of 49.4: 0.506
    ((28, 40), ("below",)),  # (24, 36) of 48.8: 0.49
]


@pytest.mark.parametrize(("offset", "expected"), SEEN, ids=str)
def test_where_a_box_is_seen_from_another(offset, expected) -> None:
    x, y = offset
    assert relations(box_at(100 + x, 100 + y), box_at(100, 100)) == expected


def test_centres_closer_than_a_thousandth_of_a_pixel_have_no_relation() -> None:
    """Points have no margin, so that the bound is seen by itself."""
    for x, expected in ((0.00099, ()), (0.001, ("right of",)), (0.0011, ("right of",))):
        assert relations((x, 0, x, 0), (0, 0, 0, 0)) == expected
        assert relations((0, x, 0, x), (0, 0, 0, 0)) == tuple("below" for _ in expected)


def test_the_margin_grows_with_both_boxes_along_its_own_axis() -> None:
    target = (100, 100, 120, 140)  # 20 x 40, centre (110, 120)
    wide = (130, 118, 170, 122)  # 40 x 4, centre (150, 120)
    assert relations(wide, target, 0.1) == ("right of",)  # 40 - 6 of 40
    assert relations(wide, target, 20 / 60) == ()  # 40 - 20 of 40: half is not beyond
    assert relations(wide, target, 19.9 / 60) == ("right of",)


def by_arrays(a, b, margin: float) -> set[str]:
    """The published definition, in arrays, with the normed offset."""
    boxes = np.array([a, b], float).reshape(2, 2, 2)
    middle, size = boxes.mean(1), boxes[:, 1] - boxes[:, 0]
    offset = middle[0] - middle[1]
    beyond = np.clip(np.abs(offset) - margin * size.sum(0), 0, None) * np.sign(offset)
    if (np.abs(beyond) < 1e-3).all():
        return set()
    x, y = beyond / np.linalg.norm(offset)
    holds = {"left of": x < -0.5, "right of": x > 0.5, "above": y < -0.5, "below": y > 0.5}
    return {name for name, is_so in holds.items() if is_so}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(a=BOXES, b=BOXES, margin=st.sampled_from([0.0, 0.07, 0.1, 0.31]))
def test_relations_against_the_definition_in_arrays(a, b, margin) -> None:
    """And two that change places are related the other way."""
    got = relations(a, b, margin)
    assert set(got) == by_arrays(a, b, margin)
    assert list(got) == [name for name in POSITIONS if name in got]
    other = dict(zip(POSITIONS, ("right of", "left of", "below", "above")))
    assert set(relations(b, a, margin)) == {other[name] for name in got}
