"""Annotators against closed forms and against the truth where it is known."""

import numpy as np
import pytest
from scipy.fft import idctn

from harness.annotate.case import Case
from harness.annotate.fixed import Fixed
from harness.annotate.spectral import Spectral
from harness.problem import Problem
from theory.ambient.spectral_annotator import sigma_min


def field(count: int, scale: np.ndarray, seed: int) -> np.ndarray:
    """Gaussian images [n, 1, 8, 8] with independent DCT modes of these standard deviations."""
    modes = np.random.default_rng(seed).standard_normal((count, 1, 8, 8)) * scale
    return idctn(modes, axes=(2, 3), norm="ortho").astype(np.float32)


def case(clean: np.ndarray, imperfect: np.ndarray) -> Case:
    return Case(clean, imperfect, np.random.default_rng(0))


def test_spectral_level_of_gaussian_fields_is_that_of_their_true_spectra() -> None:
    u = np.add.outer(np.arange(8), np.arange(8))
    clean, blurred = 1 / (1 + u), np.exp(-0.15 * u) / (1 + u)
    exact = sigma_min((clean**2).ravel(), (blurred**2).ravel(), 0.45)
    found = [
        Spectral(0.45)(case(field(4000, clean, seed), field(4000, blurred, seed + 50)))[0, 0]
        for seed in range(8)
    ]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    # The plug-in of 64 variances from n images each is biased at order 1/n: allow 1 % beside 4 SE.
    assert abs(np.mean(found) - exact) < 4 * error + 0.01 * exact


def test_identical_laws_need_no_noise() -> None:
    scale = np.ones((8, 8))
    levels = Spectral(0.45)(case(field(3000, scale, 1), field(3000, scale, 2)))
    assert levels[0, 0] == 0


def test_colour_images_are_annotated() -> None:
    grey = field(500, np.ones((8, 8)), 3)
    clean = np.concatenate([grey, 0.5 * grey[::-1], grey * 0.1], axis=1)
    levels = Spectral(0.45)(case(clean, 0.5 * clean))
    assert levels.shape == (500, 2)
    assert levels[0, 0] > 0


def test_fixed_gives_its_levels_to_every_image() -> None:
    levels = Fixed(0.3, 0.1)(case(np.zeros((2, 1, 8, 8)), np.zeros((5, 1, 8, 8))))
    assert levels.dtype == np.float32
    assert np.array_equal(levels, np.tile(np.float32([0.3, 0.1]), (5, 1)))


@pytest.mark.parametrize("level", [-0.1, float("nan")])
def test_fixed_refuses_levels_below_zero(level: float) -> None:
    with pytest.raises(Problem, match="a level from 0 to 80"):
        Fixed(level)
