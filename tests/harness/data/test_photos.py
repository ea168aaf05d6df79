import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.fft import dctn

from harness.data import photos as module
from harness.data.images import Images
from harness.data.photos import PHOTOGRAPHS, Photograph, photos, rectangles, reduced
from harness.data.textures import textures
from harness.problem import Problem

SIZES = {photograph.name: reduced(photograph).shape[1:] for photograph in PHOTOGRAPHS}
HIGHEST = sorted(np.ndindex(8, 8), key=lambda mode: mode[0] ** 2 + mode[1] ** 2)[-8:]


def span(text: str) -> tuple[int, int]:
    first, last = text.split("-")
    return int(first), int(last)


def test_the_table_in_the_docstring_is_what_the_code_uses() -> None:
    assert module.__doc__ is not None
    lines = [line.split() for line in module.__doc__.splitlines()]
    start = lines.index(["photograph", "height", "width", *["train", "test"] * 2, "train"])
    rows = lines[start + 1 : start + 8]
    assert [row[0] for row in rows] == [photograph.name for photograph in PHOTOGRAPHS]
    for name, height, width, *spans in rows:
        assert SIZES[name] == (int(height), int(width))
        parts = rectangles(int(width))
        assert [span(text) for text in spans] == [(part.left, part.right) for part in parts]
        assert [part.test for part in parts] == [False, True, False, True, False]


def coordinates(photograph: Photograph) -> np.ndarray:
    """A picture that tells where each of its pixels lies: row, column, photograph."""
    height, width = SIZES[photograph.name]
    x = np.empty((3, height, width))
    x[0] = np.arange(height)[:, None] / 1024
    x[1] = np.arange(width) / 1024
    x[2] = [each.name for each in PHOTOGRAPHS].index(photograph.name) / 1024
    return x


@pytest.mark.parametrize("side", [8, 16, 32])
def test_no_pixel_is_in_two_patches_and_none_in_a_guard_band(
    side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "reduced", coordinates)
    images = photos(side=side, channels=3)
    row, column, source = np.moveaxis((images.pixels * 1024).astype(int), 1, 0)  # [N, side, side]
    grid = np.arange(side)
    np.testing.assert_array_equal(row, row[:, :1, :1] + grid[:, None] + 0 * grid)
    np.testing.assert_array_equal(column, column[:, :1, :1] + grid + 0 * grid[:, None])
    np.testing.assert_array_equal(source, images.source[:, None, None] + np.zeros_like(source))
    pixel = (source * 1024 + row) * 1024 + column
    assert len(np.unique(pixel)) == images.count * side**2

    held = np.unique((source * 1024 + column)[images.test])  # whole columns are held out
    near = (held[:, None] + np.arange(-4, 5)).ravel()
    assert not np.isin((source * 1024 + column)[~images.test], near).any()

    for region in np.unique(images.region):
        inside = images.region == region
        assert len(np.unique(images.source[inside])) == 1
        assert len(np.unique(images.test[inside])) == 1
        assert np.ptp(row[inside]) < 32
        assert np.ptp(column[inside]) < 32
        assert inside.sum() <= (32 // side) ** 2


@pytest.mark.parametrize(
    ("side", "train", "test", "regions"),
    [(8, 5159, 1472, 496), (16, 1189, 364, 452), (32, 242, 86, 328)],
)
def test_the_counts(side: int, train: int, test: int, regions: int) -> None:
    report = photos(side=side).describe()
    assert (report["train"], report["test"], report["regions"]) == (train, test, regions)
    area = sum((h // side) * (w // side) for h, w in SIZES.values())
    assert train + test < area


def test_the_reduction_is_by_box_means_in_float() -> None:
    from PIL import Image
    from skimage.transform import downscale_local_mean

    folder = Path(str(__import__("skimage").__path__[0]))
    for name, path in (
        ("chelsea", "data/chelsea.png"),
        ("motorcycle_left", "data/motorcycle_left.png"),
    ):
        v = np.asarray(Image.open(folder / path))
        v = v[: v.shape[0] // 2 * 2, : v.shape[1] // 2 * 2].astype(float)
        expected = downscale_local_mean(v, (2, 2, 1)) / 127.5 - 1
        photograph = next(each for each in PHOTOGRAPHS if each.name == name)
        np.testing.assert_allclose(np.moveaxis(reduced(photograph), 0, -1), expected, atol=1e-14)


def test_patches_are_cut_where_the_rectangles_say() -> None:
    images = photos(side=16, channels=3)
    for index, photograph in enumerate(PHOTOGRAPHS):
        x = reduced(photograph)
        expected = [
            x[:, top : top + 16, left : left + 16]
            for part in rectangles(x.shape[2])
            for top in range(0, x.shape[1] - 15, 16)
            for left in range(part.left, part.right - 15, 16)
        ]
        np.testing.assert_array_equal(
            images.pixels[images.source == index], np.array(expected, np.float32)
        )


def test_grey_is_the_rec_601_luma_of_the_colour_patches() -> None:
    grey, colour = photos(side=32), photos(side=32, channels=3)
    luma = np.einsum("c,nchw->nhw", [0.299, 0.587, 0.114], colour.pixels.astype(float))
    np.testing.assert_allclose(grey.pixels[:, 0], luma, atol=3e-7)
    for column in ("test", "region", "source"):
        np.testing.assert_array_equal(getattr(grey, column), getattr(colour, column))


def test_the_patches_of_the_lossless_files_are_pinned() -> None:
    images = photos()
    lossless = [i for i, each in enumerate(PHOTOGRAPHS) if each.path.endswith(".png")]
    pixels = images.pixels[np.isin(images.source, lossless)]
    digest = hashlib.sha256(pixels.astype("<f4").tobytes()).hexdigest()
    assert digest == "4278cf17f4041a33586aac8c090eeb11fc490c640bea9d0f2ce1fe664bca8a04"


def power(part: Images) -> np.ndarray:
    """Power of each orthonormal DCT mode of each grey patch, [N, 8, 8]."""
    return dctn(part.pixels[:, 0].astype(float), axes=(1, 2), norm="ortho") ** 2


def mean_over_regions(part: Images, value: np.ndarray) -> tuple[float, float]:
    """The mean over patches and the standard error of its logarithm, regions being the sample."""
    region = np.unique(part.region, return_inverse=True)[1]
    total, count = np.bincount(region, value), np.bincount(region)
    mean = total.sum() / count.sum()
    error = np.sqrt(((total - mean * count) ** 2).sum()) / count.sum()
    return mean, error / mean


@pytest.mark.parametrize(
    ("modes", "ratio", "error"),
    [
        pytest.param(
            [(i, j) for i, j in np.ndindex(8, 8) if i + j], 1.05, 0.14, id="all but (0, 0)"
        ),
        pytest.param(HIGHEST, 0.71, 0.21, id="the eight highest"),
    ],
)
def test_held_out_and_training_patches_have_one_spectrum_within_its_error(
    modes: list[tuple[int, int]], ratio: float, error: float
) -> None:
    images = photos()
    chosen = tuple(np.array(modes).T)
    means, errors = zip(
        *(
            mean_over_regions(part, power(part)[:, *chosen].sum(axis=1))
            for part in (images.held_out, images.train)
        )
    )
    measured, spread = means[0] / means[1], np.hypot(*errors)
    assert abs(np.log(measured)) < 2 * spread
    assert measured == pytest.approx(ratio, abs=0.01)  # the numbers of the docstring
    assert spread == pytest.approx(error, abs=0.01)


def test_labelled_patches_are_those_without_labels_with_their_photograph_as_class() -> None:
    plain, labelled = photos(side=8, channels=1), photos(side=8, channels=1, labelled=True)
    assert plain.labels is None
    assert labelled.labels is not None
    assert (labelled.labels == plain.source).all()
    assert labelled.classes == plain.sources == labelled.group_names
    assert (labelled.pixels == plain.pixels).all()
    assert labelled.content_hash != plain.content_hash
    surfaces = textures(labelled=True)
    assert surfaces.classes == ("brick", "grass", "gravel")
    assert surfaces.labels is not None
    assert (surfaces.labels == surfaces.source).all()


@pytest.mark.parametrize("side", [4, 0, True, "8"])
def test_another_side_is_a_problem(side: int) -> None:
    with pytest.raises(Problem, match=r"a side of photo patches.*give 8, 16 or 32"):
        photos(side=side)


@pytest.mark.parametrize("channels", [2, True])
def test_another_number_of_channels_is_a_problem(channels: int) -> None:
    with pytest.raises(Problem, match=r"a number of channels.*give 1"):
        photos(channels=channels)


def test_another_file_than_the_pinned_one_is_a_problem() -> None:
    other = replace(PHOTOGRAPHS[0], path="data/brick.png")
    with pytest.raises(
        Problem, match="'astronaut' bundled with skimage; got a file with the sha256"
    ):
        reduced(other)


@pytest.mark.parametrize(
    "changes", [{"path": "data/nowhere.png"}, {"package": "no_such_package_at_all"}]
)
def test_a_missing_file_is_a_problem(changes: dict[str, str]) -> None:
    with pytest.raises(Problem, match=r"'astronaut' bundled with .*; got no file .*; install"):
        reduced(replace(PHOTOGRAPHS[0], **changes))
