"""The material of one replicate: its images, which count as clean, and their annotations.

The held-out images are never touched. Of the others a clean subset is drawn by region; the rest is
corrupted once, or images of another set take its place, and the annotator sees the clean subset and
the imperfect rest, as an author would. The pixels of an image are seen either clean or corrupted,
never both.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch

from harness.annotate import ANNOTATORS
from harness.annotate.case import Case
from harness.cell import Part
from harness.corrupt import CORRUPTIONS
from harness.data.images import Images
from harness.data.load import load
from harness.data.subset import clean_subset
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator
from harness.train.pooling import Pooling
from harness.train.training import Training


@dataclass(frozen=True)
class Material:
    """What one replicate trains on."""

    pixels: np.ndarray  # float32 [n, C, H, W]
    levels: np.ndarray  # float32 [n, 2]: (sigma_min, sigma_max); zeros for a clean image
    clean: np.ndarray  # bool [n]: counts as clean
    tokens: np.ndarray | None = None  # int64 [n, T], what the denoiser is told of each

    def part(self, chosen: np.ndarray) -> "Material":
        """The images of a mask, bool [n]."""
        tokens = None if self.tokens is None else self.tokens[chosen]
        return Material(self.pixels[chosen], self.levels[chosen], self.clean[chosen], tokens)


def corrupt(pixels: np.ndarray, training: Training, replicate: int) -> np.ndarray:
    """The images [n, C, H, W] after the cell's corruption, in the replicate's own stream."""
    assert training.corruption is not None
    corruption = CORRUPTIONS[training.corruption.name](**training.corruption.kwargs())
    generator = torch_generator(str(training.dataset), replicate, "corrupt")
    return corruption(torch.tensor(pixels), generator).numpy()


def collect(training: Training, train: Images, replicate: int) -> Material:
    """The images of one replicate before any annotation: all levels are zero."""
    dataset, pooling = str(training.dataset), training.pooling
    tokens = None if training.condition is None else training.condition.tokens(train)
    levels = np.zeros((train.count, 2), np.float32)
    if training.pool == "oracle":
        return Material(train.pixels, levels, np.ones(train.count, bool), tokens)
    split = numpy_generator(dataset, replicate, f"split {training.clean_fraction}")
    clean = clean_subset(train, training.clean_fraction, split)
    if training.pool == "clean" and pooling == Pooling():
        return Material(train.pixels, levels, clean, tokens).part(clean)
    pixels = train.pixels
    if training.corruption is not None and training.other is None:
        pixels = corrupt(train.pixels, training, replicate)
    if training.pool == "imperfect":
        made = Material(pixels, levels, clean, tokens).part(clean)
        return replace(made, clean=np.zeros_like(made.clean))
    if pixels is not train.pixels:
        pixels[clean] = train.pixels[clean]
    made = Material(pixels, levels, clean, tokens)
    if training.other is not None:
        made = _joined(made.part(clean), _foreign(training.other, training, train, replicate))
    else:
        made = made.part(pooling.kept(train, clean, numpy_generator(dataset, replicate, "pool")))
    believed = pooling.believed(made.clean, numpy_generator(dataset, replicate, "mistaken"))
    made = replace(made, clean=believed)
    return made.part(believed) if training.pool == "clean" else made


def gather(training: Training, train: Images, replicate: int, device: str = "cpu") -> Material:
    """The pool of one replicate with its annotations, from the training part of a dataset."""
    made = collect(training, train, replicate)
    if made.clean.all():
        return made
    assert training.annotator is not None
    annotate = ANNOTATORS[training.annotator.name](**training.annotator.kwargs())
    made.levels[~made.clean] = annotate(case(training, train, made, replicate, device))
    return made


def case(
    training: Training, train: Images, made: Material, replicate: int, device: str = "cpu"
) -> Case:
    """What the annotator of a replicate is given."""
    return Case(
        made.pixels[made.clean],
        made.pixels[~made.clean],
        numpy_generator(str(training.dataset), replicate, "annotate"),
        training.corruption,
        train.pixels,
        device,
    )


@lru_cache(maxsize=2)
def _loaded(dataset: Part) -> Images:
    """The training images of another dataset: drawn or read once for all replicates."""
    return load(dataset.name, **dataset.kwargs()).train


def _foreign(other: Part, training: Training, train: Images, replicate: int) -> Material:
    """The training images of another dataset, imperfect all; corrupted where that is asked too."""
    found = _loaded(other)
    if found.shape != train.shape:
        fix = "give both sets one size and as many channels"
        raise Problem(f"images of {other} beside {train.name!r}", f"{found.shape}", fix)
    if training.condition is not None and found.classes != train.classes:
        fix = "give both sets the same classes, or train without a condition"
        raise Problem(f"captions of {other} beside {train.name!r}", "other classes", fix)
    tokens = None if training.condition is None else training.condition.tokens(found)
    turn = numpy_generator(str(training.dataset), replicate, "pool").permutation(found.count)
    pixels = found.pixels[turn]
    if training.corruption is not None:
        pixels = corrupt(pixels, training, replicate)
    if training.pooling.classes is not None:
        fix = "choose the classes of the other dataset by its own parameters"
        raise Problem(f"classes={training.pooling.classes} of {other}", "another dataset", fix)
    made = Material(
        pixels,
        np.zeros((found.count, 2), np.float32),
        np.zeros(found.count, bool),
        None if tokens is None else tokens[turn],
    )
    if training.pooling.multiplicity is None:
        return made
    asked = round(training.pooling.multiplicity * training.clean_fraction * train.count)
    if not 1 <= asked <= found.count:
        got = f"{found.count} images of {other}"
        raise Problem(f"{asked} imperfect images", got, "ask for a smaller multiplicity")
    return made.part(np.arange(found.count) < asked)


def _joined(first: Material, second: Material) -> Material:
    """Two materials, one after the other."""
    both = first.tokens is not None and second.tokens is not None
    return Material(
        np.concatenate([first.pixels, second.pixels]),
        np.concatenate([first.levels, second.levels]),
        np.concatenate([first.clean, second.clean]),
        np.concatenate([first.tokens, second.tokens]) if both else None,
    )
