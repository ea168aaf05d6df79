from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.data.folder import folder
from harness.data.split import by_content
from harness.problem import Problem

X = np.random.default_rng(0).integers(0, 256, (10, 6, 4, 3), np.uint8)  # [N, H, W, C]
PIXELS = np.moveaxis(X, 3, 1) / 127.5 - 1


def save(path: Path, x: np.ndarray, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(x).save(path, **options)  # type: ignore[arg-type]


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """Ten pictures; their names are in order, other files lie beside them."""
    for i, x in enumerate(X):
        save(tmp_path / "set" / f"{i:02}.{'png' if i % 2 else 'PPM'}", x)
    (tmp_path / "set" / "README.txt").write_text("not a picture")
    (tmp_path / "set" / ".hidden.png").write_text("not a picture")
    return tmp_path / "set"


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """Ten pictures in two classes: the even ones are cats."""
    for i, x in enumerate(X):
        save(tmp_path / "set" / ("dog" if i % 2 else "cat") / f"{i}.png", x)
    (tmp_path / "set" / ".git").mkdir()
    return tmp_path / "set"


def test_pictures_come_in_the_order_of_their_names(flat: Path) -> None:
    images = folder(path=flat, name="mine", licence="CC0", citation="me")
    np.testing.assert_allclose(images.pixels, PIXELS, atol=2**-23)
    assert images.labels is None
    assert (images.name, images.licence, images.citation) == ("mine", "CC0", "me")
    assert folder(path=flat).name == "set"


def test_the_split_is_by_content_and_survives_renaming(flat: Path) -> None:
    before = folder(path=flat, held_out_fraction=0.3)
    np.testing.assert_array_equal(before.test, by_content(before.pixels, 0.3))
    (flat / "00.PPM").rename(flat / "zz.PPM")
    after = folder(path=flat, held_out_fraction=0.3)
    np.testing.assert_array_equal(np.roll(before.test, -1), after.test)


def test_sub_folders_are_classes(classes: Path) -> None:
    images = folder(path=classes)
    assert images.classes == ("cat", "dog")
    np.testing.assert_array_equal(images.labels, [0] * 5 + [1] * 5)
    expected = np.concatenate([PIXELS[::2], PIXELS[1::2]])
    np.testing.assert_allclose(images.pixels, expected, atol=2**-23)


@pytest.mark.parametrize("side", [1, 2, 3, 4])
def test_a_side_cuts_the_centre_and_takes_area_means(tmp_path: Path, side: int) -> None:
    """Against means of whole blocks, each pixel having been split into side x side of its kind."""
    tall, wide = X[0], np.swapaxes(X[1], 0, 1)  # 6 x 4 and 4 x 6
    save(tmp_path / "a.png", tall)
    save(tmp_path / "b.png", wide)
    images = folder(path=tmp_path, side=side, held_out_fraction=0)
    for x, square in zip(images.pixels, (tall[1:5], wide[:, 1:5])):
        fine = square.repeat(side, axis=0).repeat(side, axis=1)
        means = fine.reshape(side, 4, side, 4, 3).mean(axis=(1, 3)) / 127.5 - 1
        np.testing.assert_allclose(np.moveaxis(x, 0, -1), means, atol=0.501 / 127.5)


def test_channels_may_be_asked_for(flat: Path) -> None:
    save(flat / "00.PPM", X[0, ..., 0])
    with pytest.raises(Problem, match=r"grey or colour pictures .*; got both .00.PPM and 01.png."):
        folder(path=flat)
    assert folder(path=flat, channels=1).shape == (1, 6, 4)
    assert folder(path=flat, channels=3).shape == (3, 6, 4)


def truncate(root: Path) -> None:
    whole = (root / "03.png").read_bytes()
    (root / "03.png").write_bytes(whole[: len(whole) // 2])


BAD = {
    "truncated": (truncate, "the picture 03.png; got bytes that do not decode"),
    "unreadable": (
        lambda root: (root / "05.png").write_text("text"),
        "the picture 05.png; got bytes that do not decode",
    ),
    "mixed sizes": (
        lambda root: save(root / "07.png", X[7, :3]),
        "got 00.PPM with 4 x 6 pixels and 07.png with 4 x 3; scale them to one, or say side",
    ),
    "beside classes": (
        lambda root: save(root / "cat" / "1.png", X[0]),
        "a label for each picture of .*; got 00.PPM beside the class folder cat",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_picture_is_one_clear_problem(flat: Path, case: str) -> None:
    spoil, message = BAD[case]
    spoil(flat)
    with pytest.raises(Problem, match=message):
        folder(path=flat)


def fill(root: Path) -> None:
    (root / "empty").mkdir()


def deepen(root: Path) -> None:
    save(root / "cat" / "small" / "1.png", X[0])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (fill, "no picture in the class folder empty; fill or remove"),
        (deepen, "a folder in the class folder cat; use one level"),
    ],
)
def test_a_bad_class_folder_is_one_clear_problem(
    classes: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(classes)
    with pytest.raises(Problem, match=message):
        folder(path=classes)


def test_an_empty_or_missing_folder_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    with pytest.raises(Problem, match=r"got no picture; put files there that end in .bmp"):
        folder(path=tmp_path)
    with pytest.raises(Problem, match="got no such folder"):
        folder(path=tmp_path / "nowhere")


def test_nothing_is_enlarged(flat: Path) -> None:
    with pytest.raises(Problem, match=r"the picture 00.PPM at side 5; got 4 x 6 pixels"):
        folder(path=flat, side=5)


@pytest.mark.parametrize("side", [0, 2.5, True])
def test_a_side_is_a_whole_number_of_pixels(flat: Path, side: int) -> None:
    with pytest.raises(Problem, match="a side of pictures"):
        folder(path=flat, side=side)
