"""The material of one replicate: its images, which count as clean, and their annotations.

The held-out images are never touched. Of the others a clean subset is drawn by region; the rest is
corrupted once, or images of another set take its place, and the annotator sees the clean subset and
the imperfect rest, as an author would. The pixels of an image are seen either clean or corrupted,
never both.

With a condition each image has its class, and the class that the denoiser is told; they differ
where the images of the pool are relabelled, which is done last.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from harness.annotate import ANNOTATORS
from harness.annotate.case import Case
from harness.annotate.parameter import require_levels
from harness.cell import Part
from harness.corrupt import CORRUPTIONS
from harness.data.images import Images
from harness.data.load import load
from harness.data.subset import clean_subset
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator
from harness.train.pooling import Pooling
from harness.train.relabelling import Redraw
from harness.train.training import Training


@dataclass(frozen=True)
class Material:
    """What one replicate trains on."""

    pixels: np.ndarray  # float32 [n, C, H, W]
    levels: np.ndarray  # float32 [n, 2]: (sigma_min, sigma_max); zeros for a clean image
    clean: np.ndarray  # bool [n]: counts as clean
    tokens: np.ndarray | None = None  # int64 [n, T], what the denoiser is told of each
    labels: np.ndarray | None = None  # int64 [n], the class of each
    told: np.ndarray | None = None  # int64 [n], the class that the tokens name
    redraw: Redraw | None = None  # tells tokens of labels anew at each visit, in place of these

    def part(self, chosen: np.ndarray) -> "Material":
        """The images of a mask, bool [n]."""
        told = (self.tokens, self.labels, self.told)
        tokens, labels, classes = (None if each is None else each[chosen] for each in told)
        own = self.pixels[chosen], self.levels[chosen], self.clean[chosen]
        return Material(*own, tokens, labels, classes, self.redraw)


def corrupt(pixels: np.ndarray, training: Training, replicate: int) -> np.ndarray:
    """The images [n, C, H, W] after the cell's corruption, in the replicate's own stream."""
    assert training.corruption is not None
    corruption = CORRUPTIONS.make(training.corruption)
    generator = torch_generator(str(training.dataset), replicate, "corrupt")
    made = corruption(torch.tensor(pixels), generator)
    asked = f"images after {training.corruption}"
    if made.shape != pixels.shape or made.dtype != torch.float32:
        got, fix = f"{made.dtype} of the shape {tuple(made.shape)}", "keep float32 and the shape"
        raise Problem(asked, got, f"{fix} {pixels.shape}")
    if not made.isfinite().all():
        wrong = int((~made.isfinite()).flatten(1).any(1).sum())
        raise Problem(asked, f"{wrong} with NaN or infinite pixels", "give finite numbers")
    return made.numpy()


def collect(training: Training, train: Images, replicate: int) -> Material:
    """The images of one replicate before any annotation: all levels are zero."""
    made = _pooled(training, train, replicate)
    if training.condition is None:
        return made
    labels = told = made.labels
    assert labels is not None
    tokens = training.condition.words(train).tokens(train.classes)  # [C, T]
    redraw, asked = None, training.relabelling
    if asked is not None and asked.redrawn:
        redraw = asked.redraw(labels, train.classes, tokens)
    elif asked is not None:
        stream = numpy_generator(str(training.dataset), replicate, "relabel")
        told = asked.told(labels, train.classes, stream)
    return replace(made, tokens=tokens[told], told=told, redraw=redraw)


def relabelled(training: Training, materials: list[Material]) -> dict[str, Any]:
    """What the summary of a training says of its relabelling; nothing where there is none.

    relabelled_images: of each replicate the number of images that are told another class than
    theirs, all through the training; relabelled_visits: the share expected of the visits, where
    it is drawn at each.
    """
    if training.relabelling is None:
        return {}
    if training.relabelling.redrawn:
        return {"relabelled_visits": [training.relabelling.share for _ in materials]}
    wrong = [np.asarray(m.told) != np.asarray(m.labels) for m in materials]
    return {"relabelled_images": [int(each.sum()) for each in wrong]}


def _pooled(training: Training, train: Images, replicate: int) -> Material:
    """The images of one replicate, with their classes where the denoiser is told of them."""
    dataset, pooling = str(training.dataset), training.pooling
    labels = _labels(training, train)
    levels = np.zeros((train.count, 2), np.float32)
    if training.pool == "oracle":
        return Material(train.pixels, levels, np.ones(train.count, bool), labels=labels)
    split = numpy_generator(dataset, replicate, f"split {training.clean_fraction}")
    clean = clean_subset(train, training.clean_fraction, split)
    if training.pool == "clean" and pooling == Pooling():
        return Material(train.pixels, levels, clean, labels=labels).part(clean)
    pixels = train.pixels
    if training.corruption is not None and training.other is None:
        pixels = corrupt(train.pixels, training, replicate)
    if training.pool == "imperfect":
        made = Material(pixels, levels, clean, labels=labels).part(clean)
        return replace(made, clean=np.zeros_like(made.clean))
    if pixels is not train.pixels:
        pixels[clean] = train.pixels[clean]
    made = Material(pixels, levels, clean, labels=labels)
    if training.other is not None:
        made = _joined(made.part(clean), _foreign(training.other, training, train, replicate))
    else:
        made = made.part(pooling.kept(train, clean, numpy_generator(dataset, replicate, "pool")))
    believed = pooling.believed(made.clean, numpy_generator(dataset, replicate, "mistaken"))
    made = replace(made, clean=believed)
    return made.part(believed) if training.pool == "clean" else made


def _labels(training: Training, images: Images) -> np.ndarray | None:
    """The classes of images, [N], where the denoiser is told of them; ``Problem`` without any."""
    if training.condition is None:
        return None
    training.condition.words(images)
    return images.labels


def gather(training: Training, train: Images, replicate: int, device: str = "cpu") -> Material:
    """The pool of one replicate with its annotations, from the training part of a dataset."""
    made = collect(training, train, replicate)
    if made.clean.all():
        return made
    assert training.annotator is not None
    annotate = ANNOTATORS.make(training.annotator)
    levels = annotate(case(training, train, made, replicate, device))
    require_levels(f"levels by {training.annotator}", levels, int((~made.clean).sum()))
    made.levels[~made.clean] = levels
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
    labels = _labels(training, found)
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
        labels=None if labels is None else labels[turn],
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
    both = first.labels is not None and second.labels is not None
    return Material(
        np.concatenate([first.pixels, second.pixels]),
        np.concatenate([first.levels, second.levels]),
        np.concatenate([first.clean, second.clean]),
        labels=np.concatenate([first.labels, second.labels]) if both else None,
    )
