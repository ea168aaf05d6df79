"""Classes by name: those of a classifier are those of the data, or nothing is compared."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.cell import part
from harness.data.load import load
from harness.metrics.classifier import Classifier, train_classifier
from harness.metrics.told_classes import CIFAR10, require_told, told_classes
from harness.problem import Problem

DIGITS = tuple("0123456789")


def test_a_trained_classifier_tells_what_it_was_trained_to_tell(tmp_path: Path) -> None:
    recipe = Classifier(part("digits"), 2, 8, 1e-3, 4)
    train_classifier(recipe, 1, {}, tmp_path, "cpu", lambda share: None)
    path = tmp_path / "weights.safetensors"
    assert told_classes("trained_digits", path) == DIGITS
    require_told("x", "trained_digits", path, load("digits"))
    require_told("x", "trained_digits", path, load("digits", classes="3,4"))  # labels stay
    with pytest.raises(Problem, match=r"x of 'photos'.*a classifier of 0, 1, 2, 3, \.\.\. \(10"):
        require_told("x", "trained_digits", path, load("photos", side=8, channels=1))


def test_as_many_classes_by_other_names_are_others(classifier_file: Callable[..., Path]) -> None:
    digits = load("digits")
    for names, right in ((DIGITS, True), (DIGITS[::-1], False), (CIFAR10, False)):
        path = classifier_file("trained_digits", classes=list(names))
        if right:
            require_told("x", "trained_digits", path, digits)
        else:
            with pytest.raises(Problem, match="use a classifier of the same classes"):
                require_told("x", "trained_digits", path, digits)


def test_the_residual_network_tells_the_ten_classes_of_cifar10() -> None:
    assert len(set(CIFAR10)) == 10
    assert list(CIFAR10) == sorted(CIFAR10)  # as CIFAR-10 has them
    assert told_classes("resnet56", None) == CIFAR10
    with pytest.raises(Problem, match="a classifier of airplane"):
        require_told("x", "resnet56", None, load("digits"))


def test_a_classifier_whose_classes_are_not_known_is_refused(
    classifier_file: Callable[..., Path],
) -> None:
    for extractor in ("inception", "random_conv"):
        with pytest.raises(Problem, match=f"classes by {extractor}.*no names of its classes"):
            told_classes(extractor, None)
    with pytest.raises(Problem, match="no classifier among the stages"):
        told_classes("trained_digits", None)
    with pytest.raises(Problem, match="without their names"):
        told_classes("trained_digits", classifier_file("trained_digits"))
    assert np.array_equal(load("digits").group_names, DIGITS)
