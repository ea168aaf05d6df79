import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.corrupt.box_mask import BoxMask
from harness.problem import Problem
from harness.streams import torch_generator

shares = st.floats(0.001, 0.999)
sides = st.integers(1, 40)


def stream(name: str = "box") -> torch.Generator:
    return torch_generator("test", 0, name)


def dropped(mask: BoxMask, n: int, height: int, width: int) -> np.ndarray:
    return (mask(torch.ones(n, 1, height, width), stream())[:, 0] != 1).numpy()  # [n, H, W]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(share=shares, height=sides, width=sides)
def test_every_image_has_one_box_of_the_stated_sides(share, height, width) -> None:
    mask = BoxMask(share)
    box = mask.sides(height, width)
    for image in dropped(mask, 5, height, width):
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        assert (len(rows), len(columns)) == box
        assert image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert image.sum() == box[0] * box[1]  # nothing is dropped outside


@settings(max_examples=300, deadline=None, derandomize=True)
@given(share=shares, height=sides, width=sides)
def test_the_area_is_that_of_the_share_to_the_stated_rounding(share, height, width) -> None:
    rows, columns = BoxMask(share).sides(height, width)
    assert 1 <= rows <= height
    assert 1 <= columns <= width
    off = abs(rows * columns / (height * width) - share)
    assert off <= 1 / (2 * max(height, width)) + 1e-12 or rows * columns == 1


def test_known_boxes_are_exact() -> None:
    assert BoxMask(0.25).sides(8, 8) == (4, 4)
    assert BoxMask(0.25).sides(8, 16) == (4, 8)
    assert BoxMask(0.25).sides(16, 8) == (8, 4)
    assert BoxMask(0.5).sides(8, 8) == (6, 5)  # 30 of 64: a box of 32 pixels is 4 by 8
    assert BoxMask(0.36).sides(10, 10) == (6, 6)
    assert BoxMask(0.5).sides(1, 7) == (1, 4)
    assert BoxMask(0.56).sides(2, 2) == (2, 1)  # one row of the root's rounding could not hold it
    assert BoxMask(0.001).sides(8, 8) == (1, 1)
    assert BoxMask(0.99).sides(8, 8) == (8, 8)


def test_a_place_is_as_likely_as_any_other() -> None:
    """Against the stated count of places that cover a pixel, 4 standard errors."""
    n, (height, width) = 20_000, (6, 9)
    mask = BoxMask(0.25)
    box = mask.sides(height, width)
    expected = [
        [min(i + 1, side - i, length, side - length + 1) / (side - length + 1) for i in range(side)]
        for side, length in zip((height, width), box, strict=True)
    ]
    chance = np.outer(expected[0], expected[1])
    rate = dropped(mask, n, height, width).mean(0)
    assert np.all(np.abs(rate - chance) < 4 * np.sqrt(chance * (1 - chance) / n) + 1e-12)
    assert chance[0, 0] < chance.max() / 5


def test_rows_and_columns_and_images_are_placed_independently() -> None:
    n = 20_000
    image = dropped(BoxMask(0.25), n, 8, 8)
    row, column = image.any(2).argmax(1), image.any(1).argmax(1)
    limit = 4 / np.sqrt(n)
    assert abs(np.corrcoef(row, column)[0, 1]) < limit
    assert abs(np.corrcoef(row[1:], row[:-1])[0, 1]) < limit
    assert set(row) == set(column) == set(range(5))


def test_channels_share_the_box_and_the_rest_is_kept_to_the_bit() -> None:
    x = torch.rand(20, 3, 8, 8, generator=stream("images")) - 0.5
    y = BoxMask(0.25, -1.0)(x, stream())
    inside = y == -1
    assert torch.equal(inside, inside[:, :1].expand_as(inside))
    assert torch.equal(y[~inside], x[~inside])
    assert float(BoxMask(0.25)(x, stream())[inside].abs().max()) == 0  # mid-grey by default


def test_what_is_no_share_or_level_is_refused() -> None:
    for share in (0.0, 1.0, float("nan")):
        with pytest.raises(Problem, match="share of box_mask"):
            BoxMask(share)
    with pytest.raises(Problem, match="fill of box_mask"):
        BoxMask(0.5, 2.0)
