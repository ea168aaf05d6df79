from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.data.images import Images
from harness.data.photos import photos
from harness.data.subset import clean_subset
from harness.problem import Problem


def training(region: list[int]) -> Images:
    count = len(region)
    return Images(
        name="tiny",
        pixels=np.zeros((count, 1, 1, 1), np.float32),
        test=np.zeros(count, np.bool_),
        region=np.array(region, np.int64),
        source=np.zeros(count, np.int64),
        sources=("tiny",),
        labels=None,
        classes=(),
        licence="CC0",
        citation="",
    )


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    region=st.lists(st.integers(-3, 8), min_size=1, max_size=40),
    fraction=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_the_count_is_exact_and_at_most_one_region_is_cut(
    region: list[int], fraction: float, seed: int
) -> None:
    images = training(region)
    clean = clean_subset(images, fraction, np.random.default_rng(seed))
    assert clean.dtype == np.bool_
    assert clean.sum() == round(fraction * len(region))
    cut = [r for r in set(region) if 0 < clean[images.region == r].mean() < 1]
    assert len(cut) <= 1
    for r in cut:  # the first images of the cut region are the clean ones
        inside = clean[images.region == r]
        assert (np.diff(inside.astype(int)) <= 0).all()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    region=st.lists(st.integers(0, 5), min_size=1, max_size=30),
    fractions=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_larger_fraction_keeps_the_clean_images_of_a_smaller_one(
    region: list[int], fractions: tuple[float, float]
) -> None:
    few, many = (
        clean_subset(training(region), fraction, np.random.default_rng(3))
        for fraction in sorted(fractions)
    )
    assert not (few & ~many).any()


def test_unrelated_images_are_each_clean_as_often_as_the_fraction_says() -> None:
    images, draws, fraction = training(list(range(20))), 2000, 0.3
    generator = np.random.default_rng(1)
    rate = np.mean([clean_subset(images, fraction, generator) for _ in range(draws)], axis=0)
    assert abs(rate - fraction).max() < 4 * np.sqrt(fraction * (1 - fraction) / draws)


def test_the_regions_come_in_any_order() -> None:
    images, draws = training([0, 0, 0, 1, 2, 2]), 3000
    generator = np.random.default_rng(2)
    first = np.zeros(3)
    for _ in range(draws):
        clean = clean_subset(images, 1 / 6, generator)
        first[images.region[clean]] += 1
    assert abs(first / draws - 1 / 3).max() < 4 * np.sqrt(2 / 9 / draws)


def test_a_tenth_of_the_photo_patches_is_whole_blocks_but_one() -> None:
    images = photos(side=8).train
    clean = clean_subset(images, 0.1, np.random.default_rng(0))
    assert clean.sum() == round(0.1 * images.count)
    touched = np.unique(images.region[clean])
    whole = [r for r in touched if clean[images.region == r].all()]
    assert len(whole) >= len(touched) - 1


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_a_fraction_outside_zero_and_one_is_a_problem(fraction: float) -> None:
    with pytest.raises(Problem, match=r"a fraction of clean images; got .*; give a number from 0"):
        clean_subset(training([0, 1]), fraction, np.random.default_rng(0))


def test_held_out_images_are_never_drawn(make_images: Callable[..., Images]) -> None:
    with pytest.raises(Problem, match=r"2 held-out images among them; pass images.train"):
        clean_subset(make_images(), 0.5, np.random.default_rng(0))
