import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.evaluate.source import open_images
from harness.problem import Problem

X = np.random.default_rng(0).integers(0, 256, (12, 4, 6, 3), np.uint8)  # [N, H, W, C]
LEVELS = np.moveaxis(X, 3, 1)
GIVEN = X[5, 0, 0, 0]
Y = np.repeat(np.arange(4), 3)


def saved(root: Path, packed: bool = True, **arrays: Any) -> Path:
    (np.savez_compressed if packed else np.savez)(root / "a.npz", **arrays)
    return root / "a.npz"


def pixels(images: Any) -> np.ndarray:
    return np.concatenate([piece for _, piece in images.pieces(5)])


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (X, LEVELS),
        (LEVELS, LEVELS),
        (X[..., 0], LEVELS[:, :1]),
        (X[..., :1], LEVELS[:, :1]),
        ((X[..., 0] / 127.5 - 1).astype(np.float32), LEVELS[:, :1]),
        ((LEVELS / 127.5 - 1).astype(">f4"), LEVELS),
        (X / 127.5 - 1, LEVELS),
    ],
    ids=["NHWC", "NCHW", "NHW", "NHW1", "float grey", "big endian", "float64"],
)
def test_axes_and_types_are_those_of_a_scale(tmp_path: Path, array, expected) -> None:
    np.testing.assert_array_equal(pixels(open_images(saved(tmp_path, images=array))), expected)


def test_floats_on_a_stated_scale(tmp_path: Path) -> None:
    unit = saved(tmp_path, images=(X / 255).astype(np.float32))
    np.testing.assert_array_equal(pixels(open_images(unit, low=0)), LEVELS)
    wide = saved(tmp_path, images=X.astype(np.float32))
    np.testing.assert_array_equal(pixels(open_images(wide, low=0, high=255)), LEVELS)


def test_a_shape_that_could_be_both_needs_a_layout(tmp_path: Path) -> None:
    both = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 3), np.uint8)
    path = saved(tmp_path, images=both)
    with pytest.raises(Problem, match="which could be both; say layout='NHWC'"):
        open_images(path)
    assert open_images(path, layout="NHWC").sizes == {(3, 4): 5}
    assert open_images(path, layout="NCHW").sizes == {(4, 3): 5}


def test_the_scale_of_floats_is_settled_over_all_pieces(tmp_path: Path, monkeypatch) -> None:
    """The one negative value stands in the last piece, the first ones look like [0, 1]."""
    x = np.full((9, 4, 4), 0.5, np.float32)
    x[-1, 0, 0] = -0.5
    monkeypatch.setattr("harness.evaluate.stream.PIECE", 64)
    levels = pixels(open_images(saved(tmp_path, images=x)))
    assert (levels[0] == 191).all()  # 1.5 * 127.5 = 191.25
    assert levels[-1, 0, 0, 0] == 64  # 0.5 * 127.5 = 63.75


@pytest.mark.parametrize(
    ("arrays", "expected", "labels", "note"),
    [
        ({"images": X, "labels": Y}, LEVELS, Y, None),
        ({"images": X, "labels": Y[:, None].astype(np.uint8)}, LEVELS, Y, None),
        ({"arr_0": X, "arr_1": Y}, LEVELS, Y, None),
        (
            {"images": X, "labels": Y, "test": Y > 2},
            LEVELS[:9],
            Y[:9],
            "3 images that 'test' marks are left out",
        ),
        (
            {"x_train": X[:7], "y_train": Y[:7], "x_test": X[7:], "y_test": Y[7:]},
            LEVELS[:7],
            Y[:7],
            "the images of 'x_test' are left out",
        ),
    ],
)
def test_the_layouts_of_an_npz(tmp_path: Path, arrays, expected, labels, note) -> None:
    images = open_images(saved(tmp_path, **arrays))
    np.testing.assert_array_equal(pixels(images), expected)
    np.testing.assert_array_equal(images.labels, labels)
    assert images.notes == (() if note is None else (note,))


def test_classes_have_the_names_that_the_file_gives(tmp_path: Path) -> None:
    named = saved(tmp_path, images=X, labels=Y, classes=np.array(["a", "bc", "d", "é"]))
    assert open_images(named).classes == ("a", "bc", "d", "é")
    numbered = saved(tmp_path, arr_0=X, arr_1=Y)
    assert open_images(numbered, limit=3).classes == ("0", "1", "2", "3")
    few = open_images(numbered, limit=3)
    for image, label in zip(pixels(few), few.labels):
        assert Y[(np.moveaxis(X, 3, 1) == image).all((1, 2, 3))] == label


def test_a_broken_picture_among_encoded_ones_is_listed(tmp_path: Path, encoded) -> None:
    files = [encoded(each) for each in X]
    files[3], files[7] = files[3][:50], b"none"
    ends = np.cumsum([0, *map(len, files)])
    path = saved(tmp_path, jpeg=np.frombuffer(b"".join(files), np.uint8), offsets=ends, labels=Y)
    with pytest.raises(Problem, match=r"2 of 12 that cannot be read .a.npz\[3\]: .*a.npz\[7\]: "):
        open_images(path)
    images = open_images(path, skip_unreadable=True)
    keep = np.delete(np.arange(12), [3, 7])
    np.testing.assert_array_equal(pixels(images), LEVELS[keep])
    np.testing.assert_array_equal(images.labels, Y[keep])


def test_an_encoded_file_that_is_too_large_is_refused(tmp_path, encoded, monkeypatch) -> None:
    files = [encoded(X[0]), bytes(5000)]
    ends = np.cumsum([0, *map(len, files)])
    path = saved(tmp_path, jpeg=np.frombuffer(b"".join(files), np.uint8), offsets=ends)
    monkeypatch.setattr("harness.evaluate.arrays.LARGEST", 4000)
    with pytest.raises(Problem, match=r"1 of 2 that cannot be read .a.npz\[1\]: 0 MiB where"):
        open_images(path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": X}, "got the keys pictures; name the array images, arr_0 or x_train"),
        ({}, "got the keys none"),
        ({"images": X[:0]}, r"got no image \(shape \(0, 4, 6, 3\)\)"),
        ({"images": X[:, :0]}, r"got no image \(shape \(12, 0, 6, 3\)\)"),
        ({"images": np.uint8(3)}, r"got no image \(shape \(\)\)"),
        ({"images": X[:, :, :, :2]}, r"got the shape \(12, 4, 6, 2\)"),
        ({"images": X[0, 0]}, r"got the shape \(6, 3\)"),
        ({"images": X.astype(int)}, "got an array of int64; save uint8 levels or floats"),
        ({"images": X > 5}, "got an array of bool"),
        ({"images": X * 1j}, "got an array of complex128"),
        ({"images": np.array([X, None], object)}, "got pickled objects"),
        ({"images": np.asfortranarray(X)}, "columns first .Fortran order.; save numpy.ascontig"),
        ({"images": X / 255}, "got floats from 0 to 1; say low=0"),
        ({"images": X / 100 - 1}, "got values from -1 to 1.55"),
        ({"images": np.where(X == GIVEN, np.nan, X / 255 - 1)}, "got NaN or Inf"),
        ({"images": np.where(X == GIVEN, -np.inf, X / 255)}, "got NaN or Inf"),
        ({"images": X, "labels": Y[1:]}, r"got the shape \(11,\); save one label an image"),
        ({"images": X, "labels": Y / 2}, "got float64; save whole numbers"),
        ({"images": X, "labels": Y - 1}, "among 3 classes; got labels from -1 to 2"),
        ({"images": X, "labels": Y, "classes": ["a"]}, "among 1 classes; got labels from 0 to 3"),
        (
            {"images": X, "labels": Y, "classes": list("abc")},
            "among 3 classes; got labels from 0 to 3",
        ),
        ({"arr_0": X, "arr_1": Y / 2}, "the labels 'arr_1'"),
        ({"images": X, "test": Y}, "the array 'test' .* for 12 images; got int64"),
        ({"images": X, "test": Y < 9}, "12 marked; save bool .* hold out not all"),
        ({"jpeg": X.ravel(), "offsets": [0, 5]}, "to the 864 bytes of 'jpeg'; got 0 to 5"),
        ({"jpeg": X, "offsets": [0, 5]}, "the array 'jpeg'"),
    ],
)
def test_arrays_that_are_no_images_are_a_problem(tmp_path: Path, arrays, message: str) -> None:
    with pytest.raises(Problem, match=message):
        open_images(saved(tmp_path, **arrays))


def header(shape: str, order: str = "False") -> bytes:
    text = f"{{'descr': '|u1', 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (header("(9, 8, 8)") + bytes(99), "172 bytes where 649 belong; save or fetch it again"),
        (header("(9, 8, 8)") + bytes(577), "650 bytes where 649 belong"),
        (header("(999999999, 9999, 9999)"), "bytes where"),
        (header("(-2, -8, 8)") + bytes(128), "bytes that do not read .*the shape"),
        (b"\x93NUMPY\x01\x00\xff\xff{}", "bytes that do not read"),
        (b"\x93NUMPY\x09\x00\x02\x00{}", "bytes that do not read .*a header of version"),
        (b"\x93NUMPY", "bytes that do not read"),
    ],
)
def test_a_header_that_lies_is_a_problem(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a.npy").write_bytes(data)
    with pytest.raises(Problem, match=f"the array .*a.npy; got .*{message}"):
        open_images(tmp_path / "a.npy")


@pytest.mark.parametrize("packed", [False, True])
def test_damaged_bytes_of_a_member_are_noticed(tmp_path: Path, packed: bool) -> None:
    path = saved(tmp_path, packed, images=X)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(bytes(data))
    with pytest.raises(Problem, match=r"the array 'images' .*bytes that do not read"):
        open_images(path)


def test_one_damaged_byte_at_the_end_is_noticed(tmp_path: Path) -> None:
    path = saved(tmp_path, False, images=X)
    data = bytearray(path.read_bytes())
    data[data.rindex(X[-1].tobytes()) + X[-1].size - 1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(Problem, match=r"bytes that do not read \(BadZipFile: Bad CRC-32"):
        open_images(path)


@pytest.mark.parametrize("packed", [False, True])
def test_a_checksum_that_differs_is_noticed(tmp_path: Path, packed: bool) -> None:
    path = saved(tmp_path, packed, images=X)
    data = bytearray(path.read_bytes())
    data[data.rindex(b"images.npy") - 46 + 16] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(Problem, match=r"bytes that do not read \(BadZipFile: Bad CRC-32"):
        open_images(path)


def test_an_encrypted_npz_is_a_problem(tmp_path: Path) -> None:
    path = saved(tmp_path, images=X)
    data = bytearray(path.read_bytes())
    data[data.rindex(b"images.npy") - 46 + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(Problem, match=r"bytes that do not read .*encrypted"):
        open_images(path)


@pytest.mark.parametrize("packed", [False, True])
def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path, packed: bool) -> None:
    count, side = 1000, 96
    path = saved(tmp_path, packed, images=np.zeros((count, side, side, 3), np.uint8))  # 26 MiB
    tracemalloc.start()
    images = open_images(path)
    assert sum(len(piece) for _, piece in images.pieces(32)) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20  # some pieces of 1 MiB, and a batch


def test_members_of_other_names_are_left_alone(tmp_path: Path) -> None:
    path = saved(tmp_path, images=X, huge=np.array([None], object))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("README.txt", "read me")
    assert open_images(path).count == 12
