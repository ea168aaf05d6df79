"""The two sides of the attack: images that a training saw, by its pool, and others."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from harness.cell import part
from harness.metrics.attack import Attack
from harness.metrics.reconstruction import chosen, seen
from harness.problem import Problem
from harness.train.material import collect
from harness.train.pooling import Pooling
from harness.train.training import Training

from .attacked import CLEAN, DIGITS, FEW, IMPERFECT, MIXED, TRAIN


@pytest.mark.parametrize(
    "training",
    [
        CLEAN,
        IMPERFECT,
        replace(MIXED, pooling=Pooling(multiplicity=2.0)),
        replace(
            MIXED, corruption=part("gaussian_blur", sigma=0.8), pooling=Pooling(classes=(1, 3))
        ),
        replace(MIXED, pooling=Pooling(imperfect_as_clean=0.2)),
    ],
    ids=["clean", "imperfect", "multiplicity", "classes", "mistaken"],
)
def test_the_originals_of_a_pool_are_found(training: Training) -> None:
    """Image by image: under small noise each image of the pool lies nearest to its original."""
    weak = replace(training, corruption=training.corruption and part("gaussian_noise", sigma=0.01))
    made = collect(weak, TRAIN, 1)
    square = torch.cdist(*(torch.tensor(x).flatten(1) for x in (made.pixels, TRAIN.pixels)))
    for targets, mask in (("all", ...), ("clean", made.clean), ("imperfect", ~made.clean)):
        expected = np.zeros(TRAIN.count, bool)
        expected[square.argmin(1).numpy()[mask]] = True
        assert (seen(training, TRAIN, 1, targets) == expected).all(), targets


def test_an_oracle_saw_everything_and_images_of_another_set_are_no_targets() -> None:
    oracle = replace(CLEAN, pool="oracle")
    assert seen(oracle, TRAIN, 0).all()
    textures = replace(MIXED, corruption=None, other=part("photos", side=8, channels=1))
    mask = seen(textures, TRAIN, 0)
    assert mask.sum() == round(0.1 * TRAIN.count)
    assert (mask == seen(CLEAN, TRAIN, 0)).all()
    assert not seen(textures, TRAIN, 0, "imperfect").any()


def test_the_two_sides_are_what_they_say() -> None:
    known = {image.tobytes() for image in TRAIN.pixels[seen(IMPERFECT, TRAIN, 1)]}
    for control in ("unseen", "held_out"):
        targets, others = chosen(Attack(control=control), IMPERFECT, DIGITS, 1)
        assert (targets.count, others.count) == (FEW, 200)
        assert {image.tobytes() for image in targets.pixels} == known
        assert not known & {image.tobytes() for image in others.pixels}
        assert others.test.all() == (control == "held_out")
        assert (np.diff(others.region) < 0).any()  # in a random order


def test_an_imperfect_image_is_not_unseen_where_the_clean_ones_are_targets() -> None:
    training = replace(MIXED, pooling=Pooling(multiplicity=2.0))
    targets, others = chosen(Attack(targets="clean"), training, DIGITS, 0)
    mask = seen(training, TRAIN, 0)
    known = {image.tobytes() for image in TRAIN.pixels[mask]}
    assert (targets.count, mask.sum()) == (144, 3 * 144)
    assert {image.tobytes() for image in targets.pixels} <= known
    assert not known & {image.tobytes() for image in others.pixels}


def test_a_pool_that_leaves_no_image_out_needs_held_out_ones() -> None:
    oracle = replace(CLEAN, pool="oracle")
    with pytest.raises(Problem, match=r"control='unseen'.*0 such images.*held_out"):
        chosen(Attack(), oracle, DIGITS, 0)
    with pytest.raises(Problem, match=r"targets='imperfect'.*0 such images"):
        chosen(Attack(targets="imperfect"), CLEAN, DIGITS, 0)
    assert chosen(Attack(control="held_out", count=7), oracle, DIGITS, 0)[1].count == 7
