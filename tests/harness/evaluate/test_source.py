from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.data.load import load
from harness.evaluate.collection import drawn
from harness.evaluate.source import open_images, ranges
from harness.problem import Problem


def pixels(images: Any, **options: Any) -> np.ndarray:
    return np.concatenate([piece for _, piece in images.pieces(5, **options)])


def ends(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.uint8)


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory, x, encoded, save) -> dict[str, Path]:
    """The same twelve pictures under every kind of path that holds a user's images."""
    root = tmp_path_factory.mktemp("alike")
    files = {f"{i:02}.png": encoded(picture) for i, picture in enumerate(x)}
    floats = (np.moveaxis(x, 3, 1) / np.float32(127.5) - 1).astype(np.float32)
    np.save(root / "one.npy", x)
    np.savez(root / "plain.npz", images=x)
    np.savez_compressed(root / "packed.npz", images=x)
    np.savez(root / "adm.npz", x)
    np.savez_compressed(root / "floats.npz", images=floats)
    np.savez(root / "big endian.npz", images=floats.astype(">f8"))
    offsets = np.cumsum([0, *map(len, files.values())])
    np.savez(root / "encoded.npz", jpeg=ends(b"".join(files.values())), offsets=offsets)
    (root / "plain.npz").rename(root / "named otherwise")
    return {
        "folder": save(root / "folder", files),
        "zip": save(root / "set.zip", files),
        **{path.name: path for path in root.iterdir() if path.is_file() and path.suffix != ".zip"},
    }


KINDS = ("folder", "zip", "one.npy", "named otherwise", "packed.npz", "adm.npz", "floats.npz",
         "big endian.npz", "encoded.npz")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_path_gives_the_same_pixels(alike: dict[str, Path], x, kind: str) -> None:
    images = open_images(alike[kind])
    assert images.count == 12
    assert images.sizes == {(6, 5): 12}
    assert images.colours == {"grey": 0, "colour": 12}
    np.testing.assert_array_equal(pixels(images), np.moveaxis(x, 3, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_a_limit_draws_at_random_the_same_each_time(alike: dict[str, Path], x, kind: str) -> None:
    images = open_images(alike[kind], limit=5)
    found = pixels(images)
    places = [
        int(np.flatnonzero((np.moveaxis(x, 3, 1) == each).all((1, 2, 3)))[0]) for each in found
    ]
    assert places == sorted(set(places))
    assert len(places) == 5
    np.testing.assert_array_equal(pixels(open_images(alike[kind], limit=5)), found)
    assert open_images(alike[kind], limit=99).digest == open_images(alike[kind]).digest


def test_sets_of_other_names_are_drawn_unlike_and_every_place_is_drawn() -> None:
    """Evenly over sets in the order of their classes, both sides would be balanced alike."""
    found = [drawn(40, 10, f"set {i}") for i in range(200)]
    assert len({tuple(each) for each in found}) > 150
    counts = np.bincount(np.concatenate(found), minlength=40)
    assert abs(counts - 50).max() < 5 * np.sqrt(50)
    assert all((np.diff(each) > 0).all() and len(each) == 10 for each in found)


def test_the_digest_is_of_the_files_or_of_the_levels(alike: dict[str, Path]) -> None:
    digests = {kind: open_images(alike[kind]).digest for kind in KINDS}
    assert digests["folder"] == digests["zip"] == digests["encoded.npz"]
    levels = {digests[kind] for kind in KINDS} - {digests["folder"]}
    assert len(levels) == 1


def test_a_dataset_gives_its_training_part_and_its_held_out_part() -> None:
    known = load("digits")
    for text, part in (
        ("dataset:digits", known.train),
        ("dataset:digits/train", known.train),
        ("dataset:digits/held_out", known.held_out),
    ):
        images = open_images(text)
        expected = np.rint((part.pixels.astype(float) + 1) * 127.5)
        np.testing.assert_array_equal(pixels(images), expected)
        np.testing.assert_array_equal(images.labels, part.labels)
        assert images.classes == known.classes
        assert images.kinds == {"lossy": 0, "lossless": 0, "unknown": part.count}


def test_a_dataset_takes_parameters() -> None:
    images = open_images("dataset:photos/held_out,side=16,channels=3", limit=7)
    assert pixels(images).shape == (7, 3, 16, 16)
    assert images.labels is None


def missing(root: Path, *_: Any) -> Path:
    return root / "nowhere"


def empty_folder(root: Path, *_: Any) -> Path:
    (root / "notes.txt").write_text("no picture")
    (root / ".hidden.png").write_bytes(b"")
    (root / "__MACOSX").mkdir()
    (root / "__MACOSX" / "a.png").write_bytes(b"")
    return root


def file_of(name: str, data: bytes) -> Callable[..., Path]:
    def make(root: Path, *_: Any) -> Path:
        (root / name).write_bytes(data)
        return root / name

    return make


def cut(name: str) -> Callable[..., Path]:
    def make(root: Path, save: Any, encoded: Any) -> Path:
        x = np.random.default_rng(0).integers(0, 256, (9, 8, 8), np.uint8)
        if name.endswith(".zip"):
            save(root / name, {f"{i}.png": encoded(each) for i, each in enumerate(x)})
        elif name.endswith(".npy"):
            np.save(root / name, x)
        else:
            np.savez(root / name, images=x)
        whole = (root / name).read_bytes()
        (root / name).write_bytes(whole[: len(whole) * 2 // 3])
        return root / name

    return make


def no_picture(root: Path, save: Any, _: Any) -> Path:
    return save(root / "a.zip", {"README.txt": b"none", ".a.png": b"", "__MACOSX/a.png": b""})


def link(root: Path, *_: Any) -> Path:
    (root / "link").symlink_to(root / "nowhere")
    return root / "link"


BAD: dict[str, tuple[Callable[..., Path], str]] = {
    "missing": (missing, "got no such file or folder; give a folder, a .zip"),
    "a link to nothing": (link, "got no such file or folder"),
    "an empty folder": (empty_folder, "got no picture; put files there that end in .bmp, "),
    "an archive without pictures": (no_picture, "the pictures of the archive .*got no picture"),
    "an empty file": (file_of("a.zip", b""), "got an empty file"),
    "text": (file_of("a.tar.gz", b"text of no archive"), "got a file that is no archive"),
    "a pickle": (file_of("a.pkl", b"\x80\x04K\x01."), "got a file that is no archive"),
    "one picture": (file_of("a.png", b"\x89PNG\r\n\x1a\n"), "got one picture; give the folder"),
    "a cut zip": (cut("a.zip"), "the archive .*a.zip; got bytes that do not read .*it is cut"),
    "a cut npz": (cut("a.npz"), "the arrays of .*a.npz; got bytes that do not read .*it is cut"),
    "a cut npy": (cut("a.npy"), "the array .*a.npy; got 469 bytes where 704 belong"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_path_that_holds_no_images_is_one_clear_problem(
    tmp_path: Path, save, encoded, case: str
) -> None:
    make, message = BAD[case]
    with pytest.raises(Problem, match=message):
        open_images(make(tmp_path, save, encoded))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dataset:faces", "the dataset 'faces'"),
        ("dataset:digits/test", "the part 'test' .*say /held_out"),
        ("dataset:digits,side", "the parameter 'side' .*write KEY=VALUE"),
        ("dataset:photos,=8", "the parameter '=8' .*write KEY=VALUE"),
        ("dataset:photos,side=[", "no YAML scalar"),
        ("dataset:photos,sid=8", "did you mean 'side'"),
        ("dataset:npz", "no 'path'"),
    ],
)
def test_a_dataset_that_is_not_there_is_a_problem(text: str, message: str) -> None:
    with pytest.raises(Problem, match=message):
        open_images(text)


@pytest.mark.parametrize("limit", [0, -1, 2.0, True])
def test_a_limit_is_a_whole_number(limit: Any) -> None:
    with pytest.raises(Problem, match="a limit of images"):
        open_images("dataset:digits", limit=limit)


def test_ranges_are_consecutive_equal_and_cover_everything() -> None:
    assert ranges(12, 3) == [slice(0, 4), slice(4, 8), slice(8, 12)]
    assert ranges(5, 1) == [slice(0, 5)]


@pytest.mark.parametrize(
    ("count", "number", "message"),
    [
        (14, 3, "3 equal ranges of 14 images; got 2 left over; leave 2 out"),
        (2, 3, "got 2 left over; give at least 3 images"),
        (0, 3, "give at least 3 images"),
        (9, 0, "a number of ranges"),
        (9, 3.0, "a number of ranges"),
    ],
)
def test_ranges_that_do_not_divide_are_refused(count: int, number: Any, message: str) -> None:
    with pytest.raises(Problem, match=message):
        ranges(count, number)
