"""The oracle reads the noise that was given, and knows of nothing else."""

import numpy as np
import pytest

from harness.annotate.case import Case
from harness.annotate.oracle import Oracle
from harness.cell import Part, part
from harness.corrupt import CORRUPTIONS
from harness.problem import Problem

IMAGES = np.zeros((5, 1, 4, 4), np.float32)


def case(corruption: Part | None) -> Case:
    return Case(IMAGES[:2], IMAGES, np.random.default_rng(0), corruption)


@pytest.mark.parametrize("sigma", [0.01, 0.2, 3.0])
def test_the_level_is_the_noise(sigma) -> None:
    levels = Oracle()(case(part("gaussian_noise", sigma=sigma)))
    assert levels.dtype == np.float32
    assert np.array_equal(levels, np.tile(np.float32([sigma, 0]), (5, 1)))


@pytest.mark.parametrize(
    "name", [None, *(each for each in CORRUPTIONS if each != "gaussian_noise")]
)
def test_nothing_else_has_a_level(name) -> None:
    with pytest.raises(Problem, match="corrupt by gaussian_noise") as found:
        Oracle()(case(name and part(name, sigma=0.4)))
    assert str(name) in str(found.value)


def test_the_images_are_not_looked_at() -> None:
    noise, images = part("gaussian_noise", sigma=0.2), np.full((5, 1, 4, 4), np.nan, np.float32)
    assert np.array_equal(
        Oracle()(Case(images, images, np.random.default_rng(0), noise)), Oracle()(case(noise))
    )
