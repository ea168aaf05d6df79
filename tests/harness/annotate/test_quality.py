"""Scores of sharpness against single modes, white noise and the definition; ranks; shares."""

import numpy as np
import pytest
import torch
from scipy.fft import idctn
from scipy.ndimage import gaussian_filter
from torch.utils.flop_counter import FlopCounterMode

from harness.annotate.case import Case
from harness.annotate.quality import SCORES, Quality, high_frequency, laplacian, ranks
from harness.nets.dct import dct_matrix, to_modes


def white(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def case(imperfect: np.ndarray) -> Case:
    return Case(imperfect[:0], imperfect, np.random.default_rng(0))


@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (8, 8), (6, 7)], ids=str)
def test_a_single_mode_is_high_or_low_by_its_radius(shape) -> None:
    """All modes of an image with two sides; (2, 4) of 5 x 9 lies on the radius 1/2: low."""
    for u, v in np.ndindex(*shape):
        modes = np.zeros((1, 1, *shape))
        modes[..., u, v], modes[..., 0, 0] = 2, 7
        found = high_frequency(idctn(modes, axes=(2, 3), norm="ortho"))[0]
        high = (u * (shape[1] - 1)) ** 2 + (v * (shape[0] - 1)) ** 2
        expected = 2 * high > (shape[0] - 1) ** 2 * (shape[1] - 1) ** 2  # in whole numbers
        assert found == pytest.approx(float(expected), abs=1e-9)


def test_white_noise_has_the_share_of_its_high_modes() -> None:
    u = np.arange(8) / 7
    high = (np.add.outer(u**2, u**2) > 0.5).sum()
    found = high_frequency(white(3000, 1, 8, 8))
    error = found.std(ddof=1) / np.sqrt(len(found))
    assert abs(found.mean() - high / 63) < 4 * error  # the mean is left out: 63, not 64


def test_the_laplacian_is_that_of_its_definition() -> None:
    images = white(5, 3, 6, 7)
    padded = np.pad(images, [(0, 0)] * 2 + [(1, 1)] * 2, mode="symmetric").astype(float)
    there = padded[:, :, 1:-1]
    down = padded[:, :, :-2, 1:-1] + padded[:, :, 2:, 1:-1]
    five = down + there[..., :-2] + there[..., 2:] - 4 * there[..., 1:-1]
    assert laplacian(images) == pytest.approx(five.var(axis=(2, 3)).mean(1), rel=1e-6)


def test_contrast_and_brightness() -> None:
    images = white(6, 3, 8, 8)
    changed = 0.25 * images + 3
    assert high_frequency(changed) == pytest.approx(high_frequency(images), rel=1e-4)
    assert laplacian(changed) == pytest.approx(laplacian(images) / 16, rel=1e-4)


@pytest.mark.parametrize("score", SCORES)
def test_an_image_of_one_value_is_the_least_sharp(score) -> None:
    images = white(3, 1, 8, 8) * 1e-2
    images[1] = 0.3
    found = SCORES[score](images)
    assert found[1] == pytest.approx(0, abs=1e-12)
    assert np.argmin(found) == 1


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_blurred_image_scores_below_itself(score, channels) -> None:
    sharp = white(200, channels, 12, 12)
    blurred = gaussian_filter(sharp, sigma=(0, 0, 0.5, 0.5))
    assert (SCORES[score](blurred) < SCORES[score](sharp)).all()


@pytest.mark.parametrize("score", SCORES)
def test_the_blurred_half_gets_the_level(score) -> None:
    images = white(60, 3, 12, 12)
    blurred = np.random.default_rng(1).permutation(60) < 30
    images[blurred] = gaussian_filter(images[blurred], sigma=(0, 0, 0.8, 0.8))
    levels = Quality(0.2, 0.5, score)(case(images))
    assert np.array_equal(levels[:, 0], np.where(blurred, np.float32(0.2), 0))
    assert not levels[:, 1].any()


@pytest.mark.parametrize(
    ("count", "worst", "expected"),
    [(10, 0.5, 5), (10, 1.0, 10), (10, 0.26, 3), (10, 0.24, 2), (10, 0.04, 0), (7, 0.9, 6)],
)
def test_the_share_is_that_of_whole_images(count, worst, expected) -> None:
    levels = Quality(0.3, worst)(case(white(count, 1, 8, 8)))
    assert (levels[:, 0] > 0).sum() == expected


def test_ranks_are_the_inverse_of_the_sort_and_ties_keep_the_order() -> None:
    assert ranks(np.array([0.3, 0.1, 0.4, 0.2])).tolist() == [2, 0, 3, 1]  # argsort: 1 3 0 2
    assert ranks(np.array([1.0, 0.0, 1.0, 0.0, 1.0])).tolist() == [2, 0, 3, 1, 4]
    same = np.repeat(white(1, 1, 8, 8), 6, axis=0)
    assert Quality(0.2)(case(same))[:, 0].tolist() == pytest.approx([0.2] * 3 + [0] * 3)


def test_the_products_are_those_of_the_transform() -> None:
    shape = (3, 6, 10)
    rows, columns = (torch.tensor(dct_matrix(side)) for side in shape[1:])
    with FlopCounterMode(display=False) as counter:
        to_modes(torch.zeros(7, *shape).double(), rows, columns)
    squares_and_sums = 2 * 7 * 3 * 6 * 10
    assert Quality(0.2).flops(shape, 100, 7) == counter.get_total_flops() + squares_and_sums
    assert Quality(0.2, score="laplacian").flops(shape, 100, 7) == 7 * 3 * 6 * 10 * 7
