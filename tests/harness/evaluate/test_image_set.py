import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from harness.evaluate.image_set import ImageSet
from harness.evaluate.preprocess import resized, with_channels
from harness.evaluate.source import open_images
from harness.problem import Problem


def pixels(images: ImageSet, batch: int = 5, **options: Any) -> np.ndarray:
    return np.concatenate([piece for _, piece in images.pieces(batch, **options)])


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, x, encoded, save) -> ImageSet:
    """Grey and colour, PNG and JPEG, of three sizes."""
    wide = np.repeat(x, 2, axis=2)
    files = {f"{i}.png": encoded(each) for i, each in enumerate(x[:5])}
    files |= {f"grey {i}.png": encoded(each[..., 0]) for i, each in enumerate(x[5:8])}
    files |= {f"wide {i}.jpg": encoded(each, "JPEG") for i, each in enumerate(wide[8:])}
    files["square.png"] = encoded(x[0, :5])
    return open_images(save(tmp_path_factory.mktemp("mixed") / "set", files))


def test_what_the_set_holds_is_counted(mixed: ImageSet) -> None:
    assert mixed.count == 13
    assert mixed.sizes == {(6, 5): 8, (6, 10): 4, (5, 5): 1}
    assert mixed.kinds == {"lossy": 4, "lossless": 9, "unknown": 0}
    assert mixed.colours == {"grey": 3, "colour": 10}
    assert (mixed.resized(5), mixed.squashed(5)) == (12, 12)
    assert (mixed.resized(6), mixed.squashed(6)) == (13, 12)
    assert (mixed.resized(None), mixed.squashed(None)) == (0, 0)


@settings(max_examples=40, deadline=None)
@given(batch=st.integers(1, 16), size=st.sampled_from([1, 5, 9]), channels=st.sampled_from([1, 3]))
def test_pieces_of_any_batch_are_one_array(mixed: ImageSet, batch, size, channels) -> None:
    whole = pixels(mixed, 99, size=size, channels=channels)
    at = 0
    for where, piece in mixed.pieces(batch, size, channels):
        assert (where.start, where.stop) == (at, min(at + batch, 13))
        assert piece.dtype == np.uint8
        np.testing.assert_array_equal(piece, whole[where])
        at = where.stop
    assert at == 13


@pytest.mark.parametrize("channels", [1, 3])
def test_each_image_is_decoded_given_its_channels_and_resized(mixed, tmp_path, channels) -> None:
    """Against Pillow, one file at a time."""
    found = pixels(mixed, size=7, channels=channels)
    for name, image in zip(mixed.names, found):
        with Image.open(Path(mixed.title) / name) as opened:
            planes = np.asarray(opened.convert("L" if channels == 1 else "RGB"))
        planes = np.moveaxis(planes.reshape(*planes.shape[:2], -1), -1, 0)
        np.testing.assert_array_equal(image, resized(planes, 7))


def test_images_of_the_size_asked_for_are_left_as_they_are(mixed: ImageSet, x) -> None:
    square = pixels(mixed, size=5, channels=3)[mixed.names.index("square.png")]
    np.testing.assert_array_equal(square, np.moveaxis(x[0, :5], -1, 0))


def test_images_are_taken_in_any_order(mixed: ImageSet) -> None:
    whole = pixels(mixed, size=4, channels=3)
    for index in ([3], [12, 0, 5], [2, 2, 1, 2], []):
        taken = mixed.take(np.array(index, int), 4, 3)
        np.testing.assert_array_equal(taken, whole[index])


def test_mixed_sizes_need_a_size(mixed: ImageSet) -> None:
    message = "3 sizes, such as 0.png with 5 x 6 pixels and wide 0.jpg with 10 x 6 .*say --size N"
    with pytest.raises(Problem, match=message):
        mixed.pieces(4, channels=3)


def test_grey_beside_colour_needs_a_number_of_channels(mixed: ImageSet) -> None:
    with pytest.raises(Problem, match=r"both .grey 0.png and 0.png.; ask for 3 channels, or for 1"):
        mixed.pieces(4, size=5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "a batch of images"),
        ({"batch": 2.0}, "a batch of images"),
        ({"size": 0}, "a size of images"),
        ({"size": True}, "a size of images"),
        ({"size": 4, "channels": 2}, "a number of channels"),
    ],
)
def test_a_bad_request_is_refused_before_the_first_piece(mixed, options, message) -> None:
    with pytest.raises(Problem, match=message):
        mixed.pieces(**options)


def test_the_preprocessing_is_one_line_that_the_shape_decides(mixed, tmp_path, save, x) -> None:
    assert mixed.preprocess(8, 3).startswith("uint8 3x8x8, resized by pil-bicubic-float32")
    square = open_images(save(tmp_path / "set", {"a.png": x[0, :5]}))
    assert square.preprocess() == mixed.preprocess(5, 3)


def test_the_digest_is_of_files_in_order(tmp_path, save, encoded, x) -> None:
    files = [encoded(each) for each in x[:3]]
    images = open_images(save(tmp_path / "set", {f"{i}.png": data for i, data in enumerate(files)}))
    whole = hashlib.sha256(b"".join(hashlib.sha256(data).digest() for data in files))
    assert images.digest == whole.hexdigest()
    renamed = save(tmp_path / "b", {f"{c}.png": data for c, data in zip("xyz", files)})
    assert open_images(renamed).digest == images.digest
    turned = save(tmp_path / "c", {f"{c}.png": data for c, data in zip("zyx", files)})
    assert open_images(turned).digest != images.digest


def test_the_digest_of_rows_knows_their_shape(tmp_path, x) -> None:
    digests = set()
    for name, array in (("a", x[..., 0]), ("b", x[..., 0].reshape(12, 5, 6)), ("c", x[:1, ..., 0])):
        np.save(tmp_path / f"{name}.npy", array)
        digests.add(open_images(tmp_path / f"{name}.npy").digest)
    assert len(digests) == 3


def test_progress_rises_to_one_in_every_pass(mixed: ImageSet) -> None:
    shares: list[float] = []
    opened = open_images(mixed.title, progress=shares.append)
    assert shares == [1.0]
    list(opened.pieces(4, 5, 3, progress=shares.append))
    assert shares[1:] == [4 / 13, 8 / 13, 12 / 13, 1.0]


def test_what_a_record_says_is_plain_data(mixed: ImageSet) -> None:
    told = json.loads(json.dumps(mixed.describe()))
    assert told["sizes"] == {"5x6": 8, "10x6": 4, "5x5": 1}
    assert told["digest"] == mixed.digest


@pytest.fixture
def broken(tmp_path, save, encoded, x) -> Path:
    """Four good pictures among seven that cannot be read; good and bad alternate by name."""
    files = {f"{i}.png": encoded(each) for i, each in enumerate(x[:4])}
    files |= {
        "0 cut.png": files["0.png"][:60],
        "1 empty.png": b"",
        "1 text.jpg": b"<html>",
        "2 clear.png": encoded(np.dstack([x[0], x[0, ..., :1]])),
        "2 deep.png": encoded(x[0, ..., 0].astype(np.uint16)),
        "2 moving.webp": encoded(
            x[0], "WEBP", save_all=True, append_images=[Image.fromarray(x[1])]
        ),
        "4 cut.jpg": encoded(np.tile(x[0], (9, 9, 1)), "JPEG")[:-40],
    }
    return save(tmp_path / "set", files)


def test_all_unreadable_files_are_counted_and_five_listed(broken: Path) -> None:
    with pytest.raises(Problem) as caught:
        open_images(broken)
    text = str(caught.value)
    assert "7 of 11 that cannot be read (0 cut.png: bytes that do not decode" in text
    assert "1 empty.png: an empty file; 1 text.jpg: " in text
    assert "2 clear.png: transparent pixels; 2 deep.png: 16 bits a channel; and 2 more)" in text
    assert text.endswith("or say --skip-unreadable to leave them out")


def test_with_them_skipped_the_set_is_as_if_they_were_not_there(broken, tmp_path, save, x) -> None:
    images = open_images(broken, skip_unreadable=True)
    clean = open_images(save(tmp_path / "clean", {f"{i}.png": x[i] for i in range(4)}))
    assert images.digest == clean.digest
    assert images.names == clean.names
    np.testing.assert_array_equal(pixels(images), pixels(clean))
    np.testing.assert_array_equal(images.take(np.array([3, 1])), clean.take(np.array([3, 1])))
    assert [name for name, _ in images.unreadable] == [
        "0 cut.png", "1 empty.png", "1 text.jpg", "2 clear.png", "2 deep.png", "2 moving.webp",
        "4 cut.jpg",
    ]  # fmt: skip
    assert all(reason for _, reason in images.unreadable)


@pytest.mark.parametrize("skip", [False, True])
def test_none_left_is_a_problem_even_when_skipped(tmp_path, save, skip: bool) -> None:
    root = save(tmp_path / "set", {"a.png": b"", "b.png": b"none"})
    with pytest.raises(Problem, match=r"2 of 2 that cannot be read .*; none is left"):
        open_images(root, skip_unreadable=skip)


def test_labels_follow_the_files_that_are_left(tmp_path, save, x) -> None:
    files = {"a/1.png": x[0], "b/1.png": b"", "b/2.png": x[1], "c.png": b""}
    images = open_images(save(tmp_path / "set", files), skip_unreadable=True)
    assert images.classes == ("a", "b")
    np.testing.assert_array_equal(images.labels, [0, 1])


def hidden_damage(data: bytes) -> bytes:
    """A PNG whose pixels do not unpack although every checksum is right."""
    import struct
    import zlib

    start = data.index(b"IDAT") - 4
    (length,) = struct.unpack(">I", data[start : start + 4])
    body = b"IDAT" + bytes(length)
    return (
        data[: start + 4] + body + struct.pack(">I", zlib.crc32(body)) + data[start + 12 + length :]
    )


def test_damage_that_only_decoding_shows_is_listed_whole(tmp_path, save, encoded, x) -> None:
    files = {f"{i}.png": encoded(each) for i, each in enumerate(x)}
    files["3.png"], files["8.png"] = hidden_damage(files["3.png"]), hidden_damage(files["8.png"])
    root = save(tmp_path / "set", files)
    images = open_images(root)  # a look does not see it
    with pytest.raises(Problem, match=r"2 of 12 that cannot be read \(3.png: .*; 8.png: "):
        list(images.pieces(4))
    assert open_images(root, skip_unreadable=True).count == 10
    (root / "9.png").write_bytes(b"")  # one that a look sees: all three are listed at once
    with pytest.raises(Problem, match=r"3 of 12 that cannot be read \(3.png: .*; 8.png: .*; 9.png"):
        open_images(root)


def test_a_set_that_changes_while_it_is_read_is_a_problem(tmp_path, save, encoded, x) -> None:
    root = save(tmp_path / "set", {f"{i}.png": each for i, each in enumerate(x)})
    images = open_images(root)
    (root / "7.png").write_bytes(encoded(x[0, :4]))
    with pytest.raises(
        Problem, match=r"the image 7.png .*another file than when the set was opened"
    ):
        list(images.pieces(4))
    (root / "7.png").unlink()
    with pytest.raises(Problem, match=r"1 of 12 that cannot be read \(7.png: no such file"):
        list(images.pieces(4))


def test_an_array_that_changes_while_it_is_read_is_a_problem(tmp_path, x) -> None:
    np.save(tmp_path / "a.npy", x)
    images = open_images(tmp_path / "a.npy")
    np.save(tmp_path / "a.npy", x[:6])
    with pytest.raises(Problem, match="fewer bytes than it had"):
        list(images.pieces(4))


def test_rows_take_channels_like_files(tmp_path, x) -> None:
    np.save(tmp_path / "a.npy", x)
    np.save(tmp_path / "g.npy", x[..., 0])
    colour = np.moveaxis(x, 3, 1)
    grey = np.stack([with_channels(each, 1) for each in colour])
    np.testing.assert_array_equal(pixels(open_images(tmp_path / "a.npy"), channels=1), grey)
    np.testing.assert_array_equal(
        pixels(open_images(tmp_path / "g.npy"), channels=3), np.repeat(colour[:, :1], 3, 1)
    )
