r"""A generation of a self-consuming loop: what it trains on, beside what it has made itself.

Generation 0 trains on n real images. Each further one trains from the start (as in Alemohammad et
al. 2024, "MAD", arXiv 2307.01850) on real images and on floor(lambda n) samples of the one before,
in the classes that were asked for, corrected with the strength gamma
(``harness.train.corrector``; Gillman et al. 2024, arXiv 2402.07087). The real ones:

    fixed   the same n images in all generations
    fresh   n others in each
    none    only generation 0 sees any, and lambda stands for floor(lambda n) samples all the same

So that fixed and fresh loops are held against each other at one n, the training part of a dataset
is divided, for each replicate, into ``parts`` disjoint parts with the same number of each class; a
fixed loop keeps to the first part, and a fresh one takes a part a generation. What is left over of
a class after the division is never trained on.

Real images and samples are one pool, drawn from uniformly: the loss is that of real images plus
lambda times that of samples, as in the theorem. The theorem is about the maximiser of it near the
last model, which a fine-tuning would look for: Gillman et al. do so, at a twentieth of the rate.
Training from the start costs as much in each generation, and is the loop's own: it has no memory
but the samples, and a late generation has been trained for no longer than an early one. What a
model draws is clipped to [-1, 1], like any image that is put away; what it is measured by is not.

The streams of training and sampling are a generation's own (their ``copy`` is its number), so that
the errors of two generations are not alike by construction; those of the division of the data, of
the corrector and of the metrics are the same in all.
Arms of one replicate share them.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from harness.data.images import Images
from harness.problem import Problem
from harness.streams import numpy_generator
from harness.train.corrector import Known, correct
from harness.train.material import Material, collect
from harness.train.self_consuming import Loop
from harness.train.training import Training

LEFT = 1e-9  # floor(lambda n) is taken of a product rounded up by so much, as in theory.loops


def division(images: Images, parts: int, dataset: str, replicate: int) -> list[np.ndarray]:
    """Indices into labelled images, ``parts`` disjoint arrays [n] with equal numbers of each class.

    Raises ``Problem`` where the dataset has no classes, or one of them fewer images than parts.
    """
    if images.labels is None:
        fix = "choose a dataset with classes"
        raise Problem(f"a loop on {images.name!r}", "no classes", fix)
    generator = numpy_generator(dataset, replicate, "division")
    found: list[list[np.ndarray]] = [[] for _ in range(parts)]
    for label, name in enumerate(images.classes):
        own = generator.permutation(np.flatnonzero(images.labels == label))
        size = len(own) // parts
        if size == 0:
            got = f"{len(own)} images of the class {name}"
            raise Problem(f"{parts} parts of {images.name!r}", got, "ask for fewer parts")
        for k in range(parts):
            found[k].append(own[k * size : (k + 1) * size])
    return [np.sort(np.concatenate(each)) for each in found]


def synthetic(ratio: float, real: int) -> int:
    """floor(lambda n). Raises ``Problem`` where that is none."""
    count = math.floor(ratio * real + LEFT)
    if count < 1:
        got = f"{real} real ones"
        raise Problem(f"{ratio} synthetic images for each real one", got, "give a larger lambda")
    return count


def needed(ratio: float, real: int, samples: int) -> int:
    """floor(lambda n). Raises ``Problem`` where that is none, and where it is more than samples."""
    count = synthetic(ratio, real)
    if samples < count:
        raise Problem(f"{count} synthetic images", f"{samples} samples", "draw as many")
    return count


def part_of(loop: Loop | None, number: int, parts: int) -> int:
    """Which part of the division a generation sees. Raises ``Problem`` where there is none left."""
    at = number if loop is not None and loop.real == "fresh" else 0
    if at >= parts:
        fix = f"ask for fewer than {parts} generations after the first, or for more parts"
        raise Problem(f"fresh images for generation {number}", f"{parts} parts", fix)
    return at


def material(
    training: Training,
    images: Images,
    replicate: int,
    parts: int,
    number: int = 0,
    loop: Loop | None = None,
    samples: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> Material:
    """What a replicate of a generation trains on: real images, and corrected samples after them.

    images: the training part of the dataset. number: of the generation. loop, samples [N, C, H, W]
    and the classes [N] that they were asked for: of generations from 1. Raises ``Problem`` where
    there are too few samples or no more fresh images.
    """
    dataset = str(training.dataset)
    divided = division(images, parts, dataset, replicate)
    real = collect(training, images.part(divided[part_of(loop, number, parts)]), replicate)
    if loop is None:
        return real
    assert samples is not None
    assert labels is not None
    assert images.labels is not None
    assert real.labels is not None
    assert training.condition is not None
    count = needed(loop.ratio, len(divided[0]), len(samples))
    clipped, told = np.clip(samples[:count], -1, 1), labels[:count]
    known = Known(real.pixels, real.labels, images.pixels, images.labels, images.classes)
    generator = numpy_generator(dataset, replicate, "correct")
    made = correct(loop.corrector, loop.strength, clipped, told, known, generator)
    tokens = training.condition.words(images).tokens(images.classes)[told]
    zeros, clean = np.zeros((count, 2), np.float32), np.ones(count, bool)
    own = Material(made, zeros, clean, tokens, told, told)
    if loop.real == "none":
        return own
    names = ("pixels", "levels", "clean", "tokens", "labels", "told")
    both: dict[str, Any] = {
        name: np.concatenate([getattr(each, name) for each in (real, own)]) for name in names
    }
    return replace(real, **both)
