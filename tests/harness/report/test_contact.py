"""The contact sheet: a row a task, evenly spaced images, frames and marks."""

import io

import numpy as np
import pytest
from PIL import Image

from harness.report import contact as module
from harness.report.contact import FRAME, GAP, HEAD, RIGHT, TILE, WRONG, Shown, sheet

LEFT, TOP = GAP, GAP + HEAD
WIDE = TILE + 2 * FRAME + GAP


def drawn(images: list[Shown]) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(sheet(images))))


def shown(level: int, correct: bool | None, tag: str = "counting", side: int = 8) -> Shown:
    return Shown(tag, "two cups", correct, lambda: np.full((side, side, 3), level, np.uint8))


@pytest.mark.parametrize(
    ("correct", "color"), [(True, RIGHT), (False, WRONG), (None, (255, 255, 255))], ids=str
)
def test_the_frame_tells_right_from_wrong(correct: bool | None, color: tuple[int, ...]) -> None:
    page = drawn([shown(0, correct)])
    far = TILE + 2 * FRAME - 1
    for y, x in (
        (TOP, LEFT + 60),
        (TOP + far, LEFT + 60),
        (TOP + 60, LEFT),
        (TOP + 60, LEFT + far),
    ):
        assert tuple(page[y, x]) == color


def test_the_marks_differ_without_any_colour() -> None:
    corner = (slice(TOP, TOP + 18), slice(LEFT, LEFT + 18))
    tick, cross = ((drawn([shown(0, c)])[corner] == 255).all(-1) for c in (True, False))
    assert tick.sum() > 15
    assert cross.sum() > 15
    assert (tick != cross).sum() > 15


def test_images_are_evenly_spaced_and_tasks_have_rows_in_their_order() -> None:
    images = [shown(i, True) for i in range(40)] + [shown(200, True, "single_object")]
    page = drawn(images)
    high = TILE + 2 * FRAME + module.TEXT + HEAD + GAP
    middle = TOP + FRAME + TILE // 2
    assert page[middle, LEFT + FRAME + 56, 0] == 200
    levels = [page[middle + high, LEFT + FRAME + 56 + i * WIDE, 0] for i in range(8)]
    assert levels == [0, 5, 10, 15, 20, 25, 30, 35]


@pytest.mark.parametrize("side", [3, 32, 112, 500])
def test_small_and_large_images_fit_their_tile(side: int) -> None:
    page = drawn([shown(77, None, side=side)])
    tile = page[TOP + FRAME : TOP + FRAME + TILE, LEFT + FRAME : LEFT + FRAME + TILE]
    inner = (tile == 77).all(-1)
    assert inner.sum() == (side * max(1, TILE // side) if side <= TILE else TILE) ** 2
    assert inner[TILE // 2, TILE // 2]
