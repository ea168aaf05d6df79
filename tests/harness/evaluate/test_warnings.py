from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.evaluate.image_set import ImageSet
from harness.evaluate.source import open_images
from harness.evaluate.warnings import compare_kinds


@pytest.fixture
def make(tmp_path: Path, save: Any, encoded: Any) -> Any:
    """A set under a name, from pictures, as PNG or as another kind of file."""

    def of(name: str, pictures: Any, kind: str = "PNG") -> ImageSet:
        files = {f"{i:03}.{kind.lower()}": encoded(each, kind) for i, each in enumerate(pictures)}
        return open_images(save(tmp_path / name, files))

    return of


A = np.random.default_rng(0).integers(0, 256, (8, 6, 6, 3), np.uint8)
B = np.random.default_rng(1).integers(0, 256, (8, 6, 6, 3), np.uint8)


def test_alike_sets_need_no_warning(make) -> None:
    assert compare_kinds(make("a", A), make("b", B), 6) == []


def test_lossy_beside_lossless_is_warned_of_both_ways(make) -> None:
    a, b = make("a", A), make("b", B, "JPEG")
    for pair in ((a, b), (b, a)):
        (warning,) = compare_kinds(*pair)
        assert "lossy files for 8 of 8 images in" in warning
        assert "lossy files for 0 of 8 images in" in warning
        assert "JPEG alone moves a Fréchet distance by tens" in warning
    assert compare_kinds(b, make("c", A, "JPEG")) == []


def test_an_array_beside_lossy_files_is_warned_of(make, tmp_path) -> None:
    np.save(tmp_path / "a.npy", A)
    array = open_images(tmp_path / "a.npy")
    (warning,) = compare_kinds(array, make("b", B, "JPEG"))
    assert "an unknown codec for 8 of 8 images in" in warning
    assert compare_kinds(array, make("c", B)) == []


def test_native_sizes_that_differ_are_warned_of(make) -> None:
    (warning,) = compare_kinds(make("a", A), make("b", np.tile(B, (1, 2, 2, 1))), 6)
    assert "the native sizes differ (6 x 6 in" in warning
    assert "12 x 12 in" in warning


def test_sets_of_one_mixture_of_sizes_are_warned_of(make) -> None:
    a, b = ([*x, np.tile(x[0], (2, 2, 1))] for x in (A, B))
    (warning,) = compare_kinds(make("a", a), make("b", b), 6)
    assert "the native sizes differ (6 x 6, 12 x 12 in" in warning


def test_squashed_images_are_counted(make) -> None:
    a, b = make("a", A[:, :4]), make("b", B[:, :4])
    assert compare_kinds(a, b) == []
    (warning,) = compare_kinds(a, b, 6)
    assert warning.startswith("8 of 8 images of")
    assert warning.endswith("are not square and are squashed to 6 x 6")


def test_grey_beside_colour_is_warned_of(make) -> None:
    (warning,) = compare_kinds(make("a", A), make("b", B[..., 0]))
    assert "how many images are grey (0 of 8 in" in warning


def test_unequal_counts_are_warned_of(make) -> None:
    (warning,) = compare_kinds(make("a", A), make("b", B[:5]))
    assert "8 images in" in warning
    assert "and 5 in" in warning


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        (A, "the same images in the same order: nothing is compared"),
        (A[::-1], "the same images in another order: nothing is compared"),
        (np.concatenate([A[:3], B[3:]]), "3 images are in both"),
    ],
)
def test_shared_images_are_warned_of(make, pictures, message: str) -> None:
    (warning,) = compare_kinds(make("a", A), make("b", pictures))
    assert message in warning
