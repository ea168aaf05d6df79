"""Class accuracy: a share with its binomial error, of classes that mean the same on both sides."""

import numpy as np
import pytest

from harness.metrics.class_accuracy import CLASS_ACCURACY
from harness.metrics.features import Features
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")
REFERENCE = Features(np.zeros((4, 2)))


def logits_of(classes: np.ndarray, count: int) -> np.ndarray:
    """Logits whose largest is that of the class."""
    noise = numpy_generator("test", len(classes), "logits").uniform(0, 1, (len(classes), count))
    return noise + 2 * np.eye(count)[classes]


def samples(given: np.ndarray, asked: np.ndarray | None, count: int = 4) -> Features:
    return Features(np.zeros((len(given), 2)), logits=logits_of(given, count), labels=asked)


def test_it_is_the_share_that_comes_out_as_asked_with_its_binomial_error() -> None:
    asked = np.arange(40) % 4
    given = np.where(np.arange(40) < 10, (asked + 1) % 4, asked)
    found = CLASS_ACCURACY(samples(given, asked), REFERENCE, NONE)
    assert found.value == 0.75
    assert found.standard_error == pytest.approx(np.sqrt(0.75 * 0.25 / 39))
    assert found.n == 40


def test_the_reference_does_not_matter_and_needs_no_classes() -> None:
    asked = np.arange(12) % 3
    other = Features(np.ones((7, 2)), labels=np.full(7, 9))
    first = CLASS_ACCURACY(samples(asked, asked), REFERENCE, NONE)
    assert CLASS_ACCURACY(samples(asked, asked), other, NONE) == first == (1.0, 0.0, 12)


def test_permuted_classes_bring_it_to_the_share_of_chance() -> None:
    """Of K equal classes 1/K, by a random permutation; by a turn 0."""
    asked = np.arange(4000) % 4
    turn = numpy_generator("test", 0, "turn").permutation(asked)
    found = CLASS_ACCURACY(samples(asked, turn), REFERENCE, NONE)
    assert abs(found.value - 0.25) < 4 * found.standard_error
    assert CLASS_ACCURACY(samples(asked, (asked + 1) % 4), REFERENCE, NONE).value == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"labels": None}, "images without classes"),
        ({"logits": None}, "features without logits"),
        ({"labels": np.array([0, 1, 2, 4])}, "a class 4 and logits of 4 classes"),
        ({"labels": np.array([0, 1, 2, -1])}, "one whole number from 0 on"),
    ],
)
def test_samples_without_an_answer_are_refused(given: dict, message: str) -> None:
    classes = np.arange(4)
    whole = {"logits": logits_of(classes, 4), "labels": classes} | given
    with pytest.raises(Problem, match=message):
        CLASS_ACCURACY(Features(np.zeros((4, 2)), **whole), REFERENCE, NONE)
