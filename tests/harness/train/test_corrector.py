"""Correctors: the map of a sample, the images that it moves to, and classes that are not known."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans

from harness.cell import Part, part
from harness.problem import Problem
from harness.train import CORRECTORS
from harness.train.centres import Centres, centres
from harness.train.corrector import Known, correct
from harness.train.nearest_image import NearestImage
from harness.train.other_class import OtherClass

CLASSES = ("a", "b", "c")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def images(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images [count, 1, 2, 3] about -1, 0 and 1 by class, and their classes."""
    draw = rng(seed)
    labels = draw.permutation(np.arange(count) % 3)
    pixels = (labels - 1)[:, None, None, None] + 0.3 * draw.standard_normal((count, 1, 2, 3))
    return pixels.astype(np.float32), labels


KNOWN = Known(*images(60, 1), *images(150, 2), CLASSES)
X, Y = images(30, 3)


@pytest.mark.parametrize("name", list(CORRECTORS))
@pytest.mark.parametrize("gamma", [0.0, 0.1, 1.0, 9.0, math.inf])
def test_a_sample_goes_its_share_of_the_way(name: str, gamma: float) -> None:
    targets = CORRECTORS[name]().targets(X, Y, KNOWN, rng())
    found = correct(part(name), gamma, X, Y, KNOWN, rng())
    share = 1.0 if math.isinf(gamma) else gamma / (1 + gamma)
    assert found.dtype == targets.dtype == np.float32
    assert found == pytest.approx((1 - share) * X + share * targets, abs=1e-6)
    if gamma == 0:
        assert found is X
    if math.isinf(gamma):
        assert np.array_equal(found, targets)
    alone = correct(part(name), gamma, X[:7], Y[:7], KNOWN, rng())
    assert np.array_equal(found[:7], alone)  # each sample by itself


def test_the_oracle_knows_the_nearest_of_all_images_of_the_class() -> None:
    found = NearestImage().targets(X, Y, KNOWN, rng())
    for x, y, c in zip(X, Y, found):
        own = KNOWN.all_pixels[KNOWN.all_labels == y]
        distance = [float(((x - each) ** 2).sum()) for each in own]
        assert np.array_equal(c, own[int(np.argmin(distance))])


def test_centres_are_means_of_their_cells_and_those_that_another_k_means_finds() -> None:
    where = rng(5).standard_normal((4, 1, 1, 2, 3))
    own = (where + 0.1 * rng(6).standard_normal((4, 9, 1, 2, 3))).reshape(36, 1, 2, 3)
    own = own.astype(np.float32)
    found = min(
        (centres(own, 4, rng(seed)) for seed in range(10)),
        key=lambda each: _inertia(own, each),
    )
    flat = own.reshape(36, -1)
    nearest = ((own[:, None] - found[None]) ** 2).sum((2, 3, 4)).argmin(1)
    for k in range(4):
        assert found[k].ravel() == pytest.approx(flat[nearest == k].mean(0), abs=1e-5)
    other = KMeans(4, n_init=10, random_state=0).fit(flat)
    assert _inertia(own, found) == pytest.approx(other.inertia_, rel=1e-4)
    assert np.array_equal(centres(own, 36, rng()), own)
    assert centres(own, 1, rng())[0] == pytest.approx(own.mean(0), abs=1e-6)


def _inertia(points: np.ndarray, middle: np.ndarray) -> float:
    return float(((points[:, None] - middle[None]) ** 2).sum((2, 3, 4)).min(1).sum())


def test_a_sample_is_moved_to_the_nearest_centre_of_its_class_by_the_loop_s_own_images() -> None:
    found = Centres(3).targets(X, Y, KNOWN, rng())
    draws = rng()
    for label in range(3):
        middle = centres(KNOWN.pixels[KNOWN.labels == label], 3, draws)
        for x, c in zip(X[label == Y], found[label == Y]):
            distance = ((x - middle) ** 2).sum((1, 2, 3))
            assert np.array_equal(c, middle[distance.argmin()])
    other = replace(KNOWN, all_pixels=-KNOWN.all_pixels)
    assert np.array_equal(found, Centres(3).targets(X, Y, other, rng()))
    few = X[Y == 2]  # the centres do not hang on which classes the samples are of
    assert np.array_equal(found[Y == 2], Centres(3).targets(few, Y[Y == 2], KNOWN, rng()))


def test_the_biased_corrector_moves_to_the_next_class_and_from_the_last_to_the_first() -> None:
    found = OtherClass(2).targets(X, Y, KNOWN, rng())
    assert np.array_equal(found, Centres(2).targets(X, (Y + 1) % 3, KNOWN, rng()))
    level = [found[label == Y].mean() for label in range(3)]
    assert level == pytest.approx([0, 1, -1], abs=0.2)
    back = OtherClass(2, shift=2).targets(X, Y, KNOWN, rng())
    assert back[Y == 0].mean() == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("name", ["centres", "oracle", "biased"])
def test_a_corrector_of_other_classes_names_the_one_that_it_lacks(name: str) -> None:
    lacking = 2
    here, there = KNOWN.labels != lacking, KNOWN.all_labels != lacking
    known = Known(
        KNOWN.pixels[here],
        KNOWN.labels[here],
        KNOWN.all_pixels[there],
        KNOWN.all_labels[there],
        CLASSES,
    )
    with pytest.raises(Problem, match=r"class c.*images of a, b.*classes that the samples are of"):
        correct(part(name), 1.0, X, Y, known, rng())


def test_a_sample_that_is_not_finite_stays_so_and_the_others_are_corrected() -> None:
    broken = X.copy()
    broken[0] = np.nan
    for name in CORRECTORS:
        found = correct(part(name), 1.0, broken, Y, KNOWN, rng())
        assert np.isnan(found[0]).all()
        assert np.array_equal(found[1:], correct(part(name), 1.0, X, Y, KNOWN, rng())[1:])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (part("centers"), "did you mean 'centres'"),
        (part("centres", k=3), "its parameters are count"),
        (part("centres", count=0), "give 1 or more"),
        (part("centres", count=2.0), "give 1 or more"),
        (part("biased", shift=0), "without a shift"),
        (part("biased", shift=3), r"biased by 3 classes; got 3 classes"),
        (part("biased", count=0), "give 1 or more"),
    ],
)
def test_what_is_no_corrector_is_refused(asked: Part, message: str) -> None:
    with pytest.raises(Problem, match=message):
        correct(asked, 1.0, X, Y, KNOWN, rng())


def test_without_a_corrector_nothing_is_moved() -> None:
    given: dict[str, Any] = {"known": KNOWN, "generator": rng()}
    assert correct(None, 1.0, X, Y, **given) is X
