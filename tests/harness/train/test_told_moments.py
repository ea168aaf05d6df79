"""What a relabelling does to the moments of the images, before anything is trained.

Notes on Slight Corruption: with a fit to each class, the marginal law is the same by any labels.
"""

from functools import cache

import numpy as np
import pytest

from harness.cell import Part, part
from harness.data.images import Images
from harness.data.load import load
from harness.streams import numpy_generator
from harness.train.condition import Condition
from harness.train.material import collect
from harness.train.relabelling import Relabelling
from harness.train.training import Training

DIGITS, SCENES = part("digits"), part("scenes", count=600)
FLIPS, SWAPS, EDITS = part("flips"), part("swaps"), part("edits")
GROUPS = part("confusions", groups=((3, 8, 5), (4, 9)))
CASES = [(DIGITS, FLIPS), (DIGITS, GROUPS), (DIGITS, SWAPS), (SCENES, EDITS), (SCENES, SWAPS)]


@cache
def images(dataset: Part) -> Images:
    return load(dataset.name, **dataset.kwargs()).train


def labels(dataset: Part, by: Part | None, share: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The true labels of the images of a training and those that are told."""
    asked = Training(
        dataset=dataset,
        pool="oracle",
        network=part("mlp"),
        objective=part("denoising"),
        images=256,
        condition=Condition(),
        relabelling=None if by is None else Relabelling(by, share),
    )
    made = collect(asked, images(dataset), 0)
    assert made.labels is not None
    assert made.told is not None
    return made.labels, made.told


def features(dataset: Part) -> np.ndarray:
    """Images as rows: digits whole, scenes as grey squares of 8 x 8."""
    pixels = images(dataset).pixels.astype(np.float64)
    if dataset.name == "scenes":
        pixels = pixels.reshape(len(pixels), 3, 8, 3, 8, 3).mean((1, 3, 5))
    return pixels.reshape(len(pixels), -1)


def pooled(x: np.ndarray, told: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of all images, from those of the classes and their shares."""
    mean, second = np.zeros(x.shape[1]), np.zeros((x.shape[1],) * 2)
    for k in np.unique(told):
        own = x[told == k]
        middle, share = own.mean(0), len(own) / len(x)
        mean += share * middle
        second += share * (np.cov(own.T, bias=True) + np.outer(middle, middle))
    return mean, second - np.outer(mean, mean)


@pytest.mark.parametrize(
    ("dataset", "by"), CASES, ids=[f"{by.name}-{dataset.name}" for dataset, by in CASES]
)
def test_marginal_moments_do_not_see_a_relabelling_and_those_of_classes_do(dataset, by) -> None:
    """To rounding; and they are those of the images without their classes."""
    x = features(dataset)
    before = pooled(x, labels(dataset, None)[1])
    assert np.abs(before[0] - x.mean(0)).max() < 1e-13
    assert np.abs(before[1] - np.cov(x.T, bias=True)).max() < 1e-13
    for share in (0.05, 0.3):
        true, told = labels(dataset, by, share)
        after = pooled(x, told)
        assert np.abs(after[0] - before[0]).max() < 1e-13
        assert np.abs(after[1] - before[1]).max() < 1e-13
        k = told[true != told][0]
        assert np.abs(x[told == k].mean(0) - x[true == k].mean(0)).max() > 1e-3


def test_the_moments_of_a_class_move_by_the_closed_form() -> None:
    """What is told k holds class j in the shares p_j of the noise matrix.

    Over the draws the sum over what is told k of f(x) - sum_j p_j E_j f has the mean 0, exactly; f
    is a pixel, or a product of two. Beside it the form for classes of equal shares: the digits'
    are not quite.
    """
    true, whole = labels(DIGITS, None)[0], features(DIGITS)
    share, repeats, x = 288 / len(true), 250, whole[:, [10, 21, 36, 53]]  # 288 images, exactly
    f = np.concatenate([x, x[:, :1] * x, x[:, 1:2] * x], 1)
    means = np.stack([f[true == j].mean(0) for j in range(10)])
    asked, classes = Relabelling(FLIPS, share), images(DIGITS).classes
    noise = (1 - share) * np.eye(10) + share * asked.law(true, classes)
    p = np.bincount(true)[:, None] * noise  # images of j that are told k, expected
    expected = (p / p.sum(0)).T @ means
    generator = numpy_generator("test", 0, "relabel")
    sums, moved = np.zeros((repeats, 10, f.shape[1])), np.zeros((10, f.shape[1]))
    for draw in range(repeats):
        told = asked.told(true, classes, generator)
        for k in range(10):
            own = f[told == k]
            sums[draw, k] = (own - expected[k]).sum(0)
            moved[k] += own.mean(0) / repeats
    error = sums.std(0, ddof=1) / np.sqrt(repeats)
    assert (np.abs(sums.mean(0)) < 4 * error).all()
    shift = np.abs(moved - means).max(1)
    assert (shift > 20 * error.max(1) / np.bincount(true)).all()
    equal = (1 - share) * means + share / 9 * (means.sum(0) - means)
    assert np.abs(expected - equal).max() < 0.01
