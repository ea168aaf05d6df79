import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harness.data.load import load
from harness.data.npz import npz
from harness.data.split import by_content
from harness.problem import Problem

X = np.random.default_rng(0).integers(0, 256, (20, 4, 6, 3), np.uint8)  # [N, H, W, C]
Y = np.repeat(np.arange(5, dtype=np.uint8), 4)  # in class order
PIXELS = np.moveaxis(X, 3, 1) / 127.5 - 1


def save(folder: Path, name: str = "mine.npz", **arrays: Any) -> Path:
    path = folder / name
    np.savez(path, **arrays)
    return path


def encoded(count: int = 20, kind: str = "PNG") -> dict[str, Any]:
    """The first images as encoded files end to end."""
    files = []
    for x in X[:count]:
        out = io.BytesIO()
        Image.fromarray(x).save(out, kind)
        files.append(out.getvalue())
    offsets = np.cumsum([0, *map(len, files)]).astype(np.uint32)
    return {"jpeg": np.frombuffer(b"".join(files), np.uint8), "offsets": offsets}


def test_plain_levels_make_the_round_trip(tmp_path: Path) -> None:
    test = np.arange(20) % 3 == 0
    classes = np.array(["a", "b", "c", "d", "e"])
    images = npz(path=save(tmp_path, images=X, labels=Y, test=test, classes=classes))
    np.testing.assert_allclose(images.pixels, PIXELS, atol=2**-23)
    np.testing.assert_array_equal(images.labels, Y)
    np.testing.assert_array_equal(images.test, test)
    assert images.classes == ("a", "b", "c", "d", "e")
    assert images.name == "mine"


def test_floats_and_levels_of_one_picture_are_one_set(tmp_path: Path) -> None:
    levels = npz(path=save(tmp_path, images=X))
    floats = npz(path=save(tmp_path, "f.npz", images=levels.pixels))
    assert levels.content_hash == floats.content_hash
    assert levels.classes == ()


def test_train_and_test_arrays_in_one_file(tmp_path: Path) -> None:
    path = save(tmp_path, x_train=X[:15], y_train=Y[:15, None], x_test=X[15:], y_test=Y[15:, None])
    images = npz(path=path)
    np.testing.assert_array_equal(np.flatnonzero(images.test), np.arange(15, 20))
    np.testing.assert_array_equal(images.labels, Y)
    assert images.classes == ("0", "1", "2", "3", "4")


def test_encoded_files_decode_to_the_same_set(tmp_path: Path) -> None:
    plain = npz(path=save(tmp_path, images=X, labels=Y))
    files = npz(path=save(tmp_path, "files.npz", labels=Y, **encoded()))
    assert files.content_hash == plain.content_hash


def test_a_second_file_is_what_is_held_out(tmp_path: Path) -> None:
    first = save(tmp_path, images=X[:12], labels=Y[:12])
    second = save(tmp_path, "second.npz", images=X[12:], labels=Y[12:])
    images = npz(path=first, held_out=second, name="both", licence="CC0", citation="me")
    np.testing.assert_array_equal(np.flatnonzero(images.test), np.arange(12, 20))
    np.testing.assert_array_equal(images.labels, Y)
    assert (images.name, images.licence, images.citation) == ("both", "CC0", "me")


def test_without_a_split_a_fraction_is_held_out_by_content(tmp_path: Path) -> None:
    images = npz(path=save(tmp_path, images=X), held_out_fraction=0.3)
    np.testing.assert_array_equal(images.test, by_content(images.pixels, 0.3))
    assert images.test.sum() == 6


@pytest.mark.parametrize("files", [False, True])
def test_a_limit_spreads_over_the_file(tmp_path: Path, files: bool) -> None:
    arrays = encoded() if files else {"images": X}
    path = save(tmp_path, labels=Y, **arrays)
    images = npz(path=path, limit=10)
    np.testing.assert_array_equal(images.labels, np.repeat(np.arange(5), 2))
    np.testing.assert_allclose(images.pixels, PIXELS[::2], atol=2**-23)
    assert npz(path=path, limit=7).count == 7
    assert npz(path=path, limit=99).count == 20


def cut(folder: Path) -> dict[str, Any]:
    path = save(folder, images=X)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return {"path": path}


def text(folder: Path) -> dict[str, Any]:
    (folder / "text.npz").write_text("not an archive")
    return {"path": folder / "text.npz"}


def one_array(folder: Path) -> dict[str, Any]:
    np.save(folder / "one.npy", X)
    return {"path": folder / "one.npy"}


def objects(folder: Path) -> dict[str, Any]:
    return {"path": save(folder, images=np.array([X, None], dtype=object))}


def overwritten(folder: Path) -> dict[str, Any]:
    arrays = encoded()
    jpeg = arrays["jpeg"].copy()
    jpeg[int(arrays["offsets"][3]) :][:20] = 0
    return {"path": save(folder, jpeg=jpeg, offsets=arrays["offsets"])}


def mixed(folder: Path) -> dict[str, Any]:
    arrays, other = encoded(3), io.BytesIO()
    Image.fromarray(X[0, :2]).save(other, "PNG")
    tail = np.frombuffer(other.getvalue(), np.uint8)
    jpeg = np.concatenate([arrays["jpeg"], tail])
    return {"path": save(folder, jpeg=jpeg, offsets=[*arrays["offsets"], len(jpeg)])}


BAD_FILES = {
    "missing": (lambda folder: {"path": folder / "nowhere.npz"}, "no such file"),
    "truncated": (cut, "bytes that do not read .*it is truncated"),
    "text": (text, "bytes that do not read"),
    "one array": (one_array, "one .npy array; save it with numpy.savez"),
    "pickled objects": (objects, "bytes that do not read .*or holds pickled objects"),
    "an overwritten picture": (overwritten, "the picture 3 of .*bytes that do not decode"),
    "mixed sizes": (mixed, r"picture 0 with \(3, 4, 6\) and picture 3 with \(3, 2, 6\)"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_one_clear_problem(tmp_path: Path, case: str) -> None:
    make, message = BAD_FILES[case]
    with pytest.raises(Problem, match=message):
        npz(**make(tmp_path))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": X}, "the keys pictures; name the arrays images, or x_train and x_test, or"),
        ({}, "the keys none"),
        ({"x_train": X}, "the keys x_train"),
        ({"images": X[:0]}, "images of 'mine'; got none"),
        ({"images": X, "labels": Y[:-1]}, r"labels 'labels' .* for 20 images; got the shape \(19,"),
        ({"images": X, "labels": Y / 2}, "labels 'labels' .*; got float64; save whole numbers"),
        ({"images": X, "labels": Y.astype(int) - 1}, "label of 'mine' among 4 names; got.* -1"),
        ({"images": X, "labels": Y, "classes": ["a"]}, "label of 'mine' among 1 names; got.* 4"),
        ({"images": X, "test": Y}, "the array 'test' of .* for 20 images; got uint8"),
        ({"images": X, "test": Y[1:] > 0}, r"the array 'test' .*; got bool of shape \(19,\)"),
        ({"x_train": X, "y_train": Y, "x_test": X}, "labels in one part alone"),
        ({"x_train": X, "x_test": X[:, :2]}, r"images of one size .*\(3, 2, 6\), \(3, 4, 6\)"),
        ({"jpeg": X.ravel(), "offsets": [0]}, "the array 'offsets' .* int64 .1,.; save integers"),
        ({"jpeg": X.ravel(), "offsets": [0, 5]}, "to the 1440 bytes of 'jpeg'; got 0 to 5"),
        ({"jpeg": X.ravel(), "offsets": [0, 9, 9, 1440]}, "1 not ascending; the file is cut"),
        ({"jpeg": X, "offsets": [0, 9]}, "the array 'jpeg' of .*; got uint8"),
    ],
)
def test_arrays_that_do_not_match_are_one_clear_problem(
    tmp_path: Path, arrays: dict[str, Any], message: str
) -> None:
    with pytest.raises(Problem, match=message):
        npz(path=save(tmp_path, **arrays))


def test_two_files_that_do_not_match_are_a_problem(tmp_path: Path) -> None:
    first = save(tmp_path, images=X, labels=Y, classes=list("abcde"))
    with pytest.raises(Problem, match="a held-out file; got the training file"):
        npz(path=first, held_out=tmp_path / "." / "mine.npz")
    for arrays, message in (
        ({"images": X, "test": Y > 2, "classes": list("abcde")}, "leave out held_out="),
        ({"images": X, "labels": Y, "classes": list("abcdx")}, "one list of classes"),
        ({"images": X, "classes": list("abcde")}, "labels in one part alone"),
        ({"images": X[:, :2], "labels": Y, "classes": list("abcde")}, "images of one size"),
    ):
        with pytest.raises(Problem, match=message):
            npz(path=first, held_out=save(tmp_path, "second.npz", **arrays))


@pytest.mark.parametrize("limit", [0, -1, 2.5, True])
def test_a_limit_is_a_whole_number(tmp_path: Path, limit: Any) -> None:
    with pytest.raises(Problem, match="a limit of images"):
        npz(path=save(tmp_path, images=X), limit=limit)


@pytest.mark.devdata
def test_cifar10_jpeg75_comes_through_this_door() -> None:
    folder = Path(os.environ["PATINA_DATA"]) / "cifar10-jpeg75"
    images = load(
        "npz",
        path=folder / "train.npz",
        held_out=folder / "test.npz",
        name="cifar10-jpeg75",
        limit=1000,
    )
    assert images.name == "cifar10-jpeg75"
    assert images.shape == (3, 32, 32)
    assert images.labels is not None
    assert images.classes[:3] == ("airplane", "automobile", "bird")
    for part in (images.train, images.held_out):
        assert part.labels is not None
        np.testing.assert_array_equal(np.bincount(part.labels), [100] * 10)
    # The mean colour of CIFAR-10, over 2,000 images, within four of its standard errors.
    means = images.pixels.mean(axis=(2, 3)) / 2 + 0.5  # [N, 3] in [0, 1]
    error = means.std(axis=0) / np.sqrt(images.count)
    assert (abs(means.mean(axis=0) - [0.4914, 0.4822, 0.4465]) < 4 * error).all()
