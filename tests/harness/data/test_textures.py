from pathlib import Path

import numpy as np
import pytest

from harness.data import photos as cutting
from harness.data import textures as module
from harness.data.load import load
from harness.data.photos import PHOTOGRAPHS, Photograph, rectangles, reduced
from harness.data.textures import TEXTURES, textures
from harness.problem import Problem


def test_the_table_in_the_docstring_is_what_the_code_uses() -> None:
    assert module.__doc__ is not None
    lines = [line.split() for line in module.__doc__.splitlines()]
    start = lines.index(["texture", "height", "width", *["train", "test"] * 2, "train"])
    rows = lines[start + 1 : start + 4]
    assert [row[0] for row in rows] == [texture.name for texture in TEXTURES]
    for texture, (_, height, width, *spans) in zip(TEXTURES, rows, strict=True):
        assert reduced(texture).shape == (3, int(height), int(width))
        parts = rectangles(int(width))
        assert spans == [f"{each.left}-{each.right}" for each in parts]
        assert [each.test for each in parts] == [False, True, False, True, False]


def coordinates(texture: Photograph) -> np.ndarray:
    """A picture that tells where each of its pixels lies: row, column, texture."""
    x = np.empty((3, 256, 256))
    x[0], x[1] = np.indices((256, 256)) / 1024
    x[2] = TEXTURES.index(texture) / 1024
    return x


@pytest.mark.parametrize("side", [8, 16, 32])
def test_no_pixel_is_in_two_patches_and_none_in_a_guard_band(
    side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "reduced", coordinates)
    images = textures(side=side, channels=3)
    row, column, source = np.moveaxis((images.pixels * 1024).astype(int), 1, 0)  # [N, side, side]
    np.testing.assert_array_equal(source, images.source[:, None, None] + np.zeros_like(source))
    pixel = (source * 1024 + row) * 1024 + column
    assert len(np.unique(pixel)) == images.count * side**2
    held = np.unique((source * 1024 + column)[images.test])
    near = (held[:, None] + np.arange(-4, 5)).ravel()
    assert not np.isin((source * 1024 + column)[~images.test], near).any()
    for region in np.unique(images.region):
        inside = images.region == region
        assert len(np.unique(images.source[inside])) == len(np.unique(images.test[inside])) == 1
        assert max(np.ptp(row[inside]), np.ptp(column[inside])) < 32


@pytest.mark.parametrize(("side", "train", "test"), [(8, 2112, 768), (16, 480, 192), (32, 96, 48)])
def test_the_counts(side: int, train: int, test: int) -> None:
    report = textures(side=side).describe()
    assert (report["train"], report["test"]) == (train, test)
    assert report["sources"] == ["brick", "grass", "gravel"]


def test_patches_are_box_means_of_the_bundled_files() -> None:
    """Against scikit-image's own reduction, cut at one place of each texture."""
    from PIL import Image
    from skimage.transform import downscale_local_mean

    folder = Path(str(__import__("skimage").__path__[0]), "data")
    images = textures(side=32)
    for index, name in enumerate(images.sources):
        v = np.asarray(Image.open(folder / f"{name}.png")).astype(float)
        expected = downscale_local_mean(v, (2, 2)) / 127.5 - 1
        own = images.pixels[images.source == index][:, 0]
        np.testing.assert_allclose(own[0], expected[:32, :32], atol=2e-7)
        np.testing.assert_allclose(own[-1], expected[224:, 216:248], atol=2e-7)


def test_three_channels_are_the_grey_one_three_times() -> None:
    grey, colour = textures(side=32), textures(side=32, channels=3)
    for channel in range(3):
        np.testing.assert_allclose(colour.pixels[:, channel], grey.pixels[:, 0], atol=2e-7)


def test_the_content_is_pinned() -> None:
    """The files are lossless, so that the hash holds for every build of a codec."""
    assert textures().content_hash == (
        "357e7b165e23965fcc89abe33817d8b193a68e322fb6ba083a93a807f7f8cd6a"
    )


def test_textures_and_photographs_share_no_file() -> None:
    assert not {each.sha256 for each in TEXTURES} & {each.sha256 for each in PHOTOGRAPHS}
    assert not {each.name for each in TEXTURES} & {each.name for each in PHOTOGRAPHS}


def test_a_wrong_side_is_a_problem_that_names_textures() -> None:
    with pytest.raises(Problem, match=r"a side of texture patches.*give 8, 16 or 32"):
        load("textures", side=12)
    with pytest.raises(Problem, match=r"a number of channels.*give 1"):
        load("textures", channels=2)
