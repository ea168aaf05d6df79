import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.data.images import Images, from_levels
from harness.problem import Problem

Make = Callable[..., Images]


def test_levels_map_black_to_minus_one_and_white_to_one_exactly() -> None:
    x = from_levels(np.arange(256, dtype=np.uint8))
    assert x[0] == -1
    assert x[255] == 1
    np.testing.assert_allclose(x, np.arange(256) / 127.5 - 1, atol=2**-24)
    np.testing.assert_array_equal(np.round((x + 1) * 127.5), np.arange(256))


def test_levels_must_be_bytes() -> None:
    with pytest.raises(Problem, match="got an array of float64; pass uint8"):
        from_levels(np.zeros(3))  # type: ignore[arg-type]


PIXELS = np.zeros((6, 1, 2, 2), np.float32)


def spoilt(value: float) -> np.ndarray:
    pixels = PIXELS.copy()
    pixels[4, 0, 1, 1] = value
    return pixels


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pixels": PIXELS.astype(np.float64)}, "got an array of float64; pass float32"),
        ({"pixels": PIXELS[:, 0]}, r"the shape \(6, 2, 2\); pass \[N, C, H, W\]"),
        ({"pixels": PIXELS[:0]}, r"got none \(shape \(0, 1, 2, 2\)\)"),
        ({"pixels": spoilt(np.nan)}, "NaN or Inf in image 4"),
        ({"pixels": spoilt(-np.inf)}, "NaN or Inf in image 4"),
        ({"pixels": spoilt(1.5)}, r"values from 0 to 1.5; scale them to \[-1, 1\]"),
        ({"pixels": spoilt(-255)}, "values from -255 to 0"),
        ({"test": np.zeros(6, np.int64)}, "column 'test' of 'tiny'; got an array of int64"),
        ({"test": np.zeros(5, np.bool_)}, r"'test' of 'tiny' for 6 images; got the shape \(5,\)"),
        ({"region": np.zeros(6)}, "column 'region' of 'tiny'; got an array of float64"),
        ({"region": np.arange(7)}, r"'region' of 'tiny' for 6 images; got the shape \(7,\)"),
        ({"source": np.zeros((6, 1), np.int64)}, r"'source'.*got the shape \(6, 1\)"),
        ({"source": np.array([0, 0, 0, 0, 0, 2])}, "source of 'tiny' among 2 names; got.* 2"),
        ({"labels": np.array([0, 1, 2, -1, 0, 0])}, "label of 'tiny' among 3 names; got.* -1"),
        ({"labels": np.array([0, 1, 2, 3, 0, 0])}, "label of 'tiny' among 3 names; got.* 3"),
        ({"labels": np.array([0, 1])}, r"'labels' of 'tiny' for 6 images; got the shape \(2,\)"),
        ({"region": np.array([0, 0, 1, 2, 2, 3])}, "region 2 on both sides; hold out whole"),
    ],
)
def test_each_thing_wrong_is_one_problem(
    make_images: Make, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(Problem, match=message):
        make_images(**changes)


def test_train_and_held_out_part_the_images(make_images: Make) -> None:
    images = make_images()
    np.testing.assert_array_equal(images.train.pixels, images.pixels[:4])
    np.testing.assert_array_equal(images.held_out.pixels, images.pixels[4:])
    np.testing.assert_array_equal(images.held_out.region, [3, 3])
    np.testing.assert_array_equal(images.held_out.labels, [1, 2])
    assert images.train.test.sum() == 0
    assert images.held_out.test.all()


def test_a_part_that_is_empty_is_a_problem(make_images: Make) -> None:
    with pytest.raises(Problem, match="images of 'tiny'; got none"):
        _ = make_images(test=np.zeros(6, np.bool_)).held_out


def test_a_part_by_index_keeps_the_given_order(make_images: Make) -> None:
    images = make_images()
    part = images.part(np.array([5, 0]))
    np.testing.assert_array_equal(part.pixels, images.pixels[[5, 0]])
    np.testing.assert_array_equal(part.source, [1, 0])


def test_the_arrays_cannot_be_written_and_the_callers_stay_writable(make_images: Make) -> None:
    pixels = PIXELS.copy()
    images = make_images(pixels=pixels)
    with pytest.raises(ValueError, match="read-only"):
        images.pixels[0] = 0
    pixels[0] = 0.5


def test_the_hash_is_that_of_the_bytes_as_documented(make_images: Make) -> None:
    images = make_images()
    digest = hashlib.sha256()
    digest.update(b"pixels <f4 (6, 1, 2, 2)\n" + images.pixels.astype("<f4").tobytes())
    digest.update(b"test |b1 (6,)\n" + images.test.tobytes())
    digest.update(b"region <i8 (6,)\n" + images.region.astype("<i8").tobytes())
    assert images.labels is not None
    digest.update(b"labels <i8 (6,)\n" + images.labels.astype("<i8").tobytes())
    assert images.content_hash == digest.hexdigest()


def test_the_hash_changes_with_one_pixel_flag_region_or_label_and_with_nothing_else(
    make_images: Make,
) -> None:
    first = make_images()
    pixels = first.pixels.copy()
    pixels[3, 0, 1, 0] = np.nextafter(pixels[3, 0, 1, 0], np.float32(0))
    changed = [
        make_images(pixels=pixels),
        make_images(test=np.array([False, False, False, True, True, True])),
        make_images(region=np.array([0, 1, 1, 2, 3, 3])),
        make_images(labels=np.array([0, 1, 2, 0, 1, 1])),
        make_images(labels=None),
        make_images(pixels=first.pixels.reshape(6, 2, 2, 1)),
    ]
    hashes = {images.content_hash for images in (first, *changed)}
    assert len(hashes) == 7
    assert make_images(name="other", licence="MIT").content_hash == first.content_hash
    strided = np.asfortranarray(first.pixels)
    assert make_images(pixels=strided).content_hash == first.content_hash


def test_describe_counts_what_is_there(make_images: Make) -> None:
    images = make_images()
    assert images.describe() == {
        "name": "tiny",
        "count": 6,
        "shape": [1, 2, 2],
        "train": 4,
        "test": 2,
        "regions": 4,
        "sources": ["here", "there"],
        "classes": ["a", "b", "c"],
        "licence": "CC0",
        "citation": "nobody",
        "content_hash": images.content_hash,
    }
