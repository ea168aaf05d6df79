r"""The stage ``supervised``: classifiers trained on real images, on samples, and on both.

The training images of a data set fall into two parts, replicate by replicate: part A, which the
generator was trained on (``pool="clean"``, a share of the images, drawn by region), and part B, all
others. A classifier is trained on

    unseen      so many images of part B: real ones, that the generator has not seen
    seen        so many images of part A: real ones, that it learned from
    synthetic   so many of its samples, with the class that each was asked for

taken together; each image is as likely as any other in a batch. Images and samples come in an order
of their own, in which classes take turns as long as they last: the first n of them are as even over
classes as can be, and n of them are among the first 2n. The network is that of
``harness.metrics.classifier`` with its training (AdamW, a warm-up, half a cosine), K of them as a
stack: convolutions by groups, so that none sees another. The number of updates is fixed, whatever
the number of images: what differs between two arms is what is seen, not for how long.

They are tried on all held-out images, as they are (in distribution), and after each of some
corruptions (out of distribution), drawn once for all arms and replicates. With q the probabilities
of a classifier, y the class of x,

.. math::  \text{error} = \frac1N \sum_i \mathbb{1}[\arg\max_k q_k(x_i) \neq y_i], \qquad
           \text{cross entropy} = -\frac1N \sum_i \ln q_{y_i}(x_i) \text{ nats}.

``error_out`` is the mean over the corruptions of the error; ``error/c`` is that of class c.
``recognisability/c`` is the share of the samples of class c, all that were drawn, that a classifier
of the stage ``classifier``, trained on all real training images, takes for c, and
``recognisability`` that of all samples (Fan et al., *Scaling laws of synthetic images for model
training ... for now*, CVPR 2024, sections 3 and 4). Standard errors are over test images or
samples, the networks held fixed.

A replicate whose samples or whose network are not finite has diverged: its rows say so.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.cell import Part, Upstream
from harness.corrupt import CORRUPTIONS
from harness.data import DATASETS
from harness.data.images import Images
from harness.data.load import load
from harness.data.subset import clean_subset
from harness.metrics.classifier import (
    Classifier,
    classes_of,
)
from harness.metrics.estimate import mean
from harness.metrics.stacked_classifier import Shown, fit, logits_of
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator
from harness.table import Table
from harness.theorem import row

if TYPE_CHECKING:
    pass

TESTS = ("blur", "noise", "contrast")  # out of distribution, as the study names them
OUTSIDE = tuple(f"error_out/{name}" for name in TESTS)
SCORES = ("error", "error_out", *OUTSIDE, "cross_entropy", "recognisability")


@dataclass(frozen=True)
class Supervised:
    """Parameters of the stage.

    steps, batch, rate, width: the network, and its training (``Classifier``). share: of the
    training images, those of part A. unseen, seen, synthetic: how many of each the classifier is
    trained on. tests: corruptions of the held-out images, each with a name.
    """

    dataset: Part
    steps: int
    batch: int
    rate: float
    width: int
    share: float
    unseen: int = 0
    seen: int = 0
    synthetic: int = 0
    tests: tuple[tuple[str, Part], ...] = ()

    @classmethod
    def of(cls, recipe: Classifier, share: float, **given: Any) -> "Supervised":
        """The parameters with a network and its training; given: the others."""
        own = {name: getattr(recipe, name) for name in ("steps", "batch", "rate", "width")}
        return cls(recipe.dataset, **own, share=share, **given)

    @property
    def recipe(self) -> Classifier:
        """The network, and its training on images of the data set."""
        return Classifier(self.dataset, self.steps, self.batch, self.rate, self.width)

    def __post_init__(self) -> None:
        self.recipe  # noqa: B018 (which refuses what is no training)
        if not 0 < self.share < 1:
            got = "no share between 0 and 1"
            raise Problem(f"share={self.share} of the images", got, "give the generator's share")
        for name in ("unseen", "seen", "synthetic"):
            value = getattr(self, name)
            if type(value) is not int or value < 0:
                raise Problem(f"{name}={value!r}", "no number of images", "give 0 or more")
        if not self.unseen + self.seen + self.synthetic:
            raise Problem("a classifier", "nothing to train on", "give some images or samples")
        names = [name for name, _ in self.tests]
        if len(set(names)) < len(names):
            raise Problem("tests of a classifier", f"one name twice: {names}", "give each its own")

    def named_parts(self) -> list[tuple[Table, Part]]:
        """Every part that is called for, with the table that it is a row of."""
        return [(DATASETS, self.dataset), *((CORRUPTIONS, each) for _, each in self.tests)]

    def entries(self) -> list[str]:
        return [table.entry(each.name) for table, each in self.named_parts()]


def part_a(dataset: Part, train: Images, share: float, replicate: int) -> np.ndarray:
    """Which training images the generator of a replicate sees: bool ``[N]``.

    The draw is that of ``harness.train.material`` for the pool "clean".
    """
    split = numpy_generator(str(dataset), replicate, f"split {share}")
    return clean_subset(train, share, split)


def in_turn(labels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A random order of images, int64 ``[n]``, in which classes take turns while they last."""
    order = generator.permutation(len(labels))
    turn = np.empty(len(labels), np.int64)
    for name in np.unique(labels):
        own = labels[order] == name
        turn[own] = np.arange(own.sum())
    return order[np.argsort(turn, kind="stable")]


def chosen(
    asked: Supervised,
    train: Images,
    replicate: int,
    samples: np.ndarray | None = None,
    classes: np.ndarray | None = None,
) -> Shown:
    """What the classifier of a replicate is trained on.

    samples ``[N, C, H, W]`` and their classes ``[N]`` are those of the generator. Raises
    ``Problem`` where there are fewer of a kind than asked for.
    """
    label = str(asked.dataset)
    first = part_a(asked.dataset, train, asked.share, replicate)
    pixels, groups = [], []
    for name, part, count in (("unseen", ~first, asked.unseen), ("seen", first, asked.seen)):
        if not count:
            continue
        images = np.flatnonzero(part)
        _enough(f"{count} {name} images of {label}", count, len(images))
        stream = numpy_generator(label, replicate, f"supervised {name}")
        taken = images[in_turn(train.groups[images], stream)[:count]]
        pixels.append(train.pixels[taken])
        groups.append(train.groups[taken])
    if count := asked.synthetic:
        if samples is None or classes is None:
            fix = "put a conditional training and its samples before this stage"
            raise Problem(f"{count} samples with their classes", "none", fix)
        _enough(f"{count} samples", count, len(samples))
        if classes.min() < 0 or classes.max() >= len(train.group_names):
            got = f"classes from {classes.min()} to {classes.max()}"
            raise Problem(f"samples of {label}", got, "ask for classes of the data set")
        taken = in_turn(classes, numpy_generator(label, replicate, "supervised synthetic"))[:count]
        pixels.append(samples[taken].astype(np.float32))
        groups.append(classes[taken].astype(np.int64))
    return Shown(np.concatenate(pixels), np.concatenate(groups))


def _enough(asked: str, count: int, found: int) -> None:
    if count > found:
        raise Problem(asked, f"{found}", "ask for fewer")


def evaluate(
    asked: Supervised,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` and ``supervised.json``, the loss on the way, in ``out``."""
    images = load(asked.dataset.name, **asked.dataset.kwargs())
    names, train = classes_of(images), images.train
    samples, classes = _drawn(asked, upstream, train, replicates)
    shown = [
        chosen(asked, train, k, *(() if samples is None else (samples[k], classes[k])))  # type: ignore[index]
        for k in range(replicates)
    ]
    weights, curve = fit(asked.recipe, shown, len(names), device, progress)
    held = images.held_out
    found: list[dict[str, Any]] = []
    tests = {"": held.pixels} | {name: _damaged(asked, held, name) for name, _ in asked.tests}
    logits = {name: logits_of(weights, pixels, device) for name, pixels in tests.items()}
    for k in range(replicates):
        found += rows_of(k, {name: each[k] for name, each in logits.items()}, held.groups, names)
        if samples is not None and classes is not None and "classifier" in upstream:
            found += _recognised(k, samples[k], classes[k], upstream["classifier"], images, device)
    (out / "measurements.json").write_text(json.dumps(found, indent=1, allow_nan=False))
    text = json.dumps({"curve": curve, "images": [len(each.labels) for each in shown]}, indent=1)
    (out / "supervised.json").write_text(text, encoding="utf-8")


def _drawn(
    asked: Supervised, upstream: dict[str, Upstream], train: Images, replicates: int
) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    """The samples ``[K, N, C, H, W]`` of the stages before and their classes ``[K, N]``.

    None where none are asked for. Raises ``Problem`` for a generator that has seen other images
    than those of part A.
    """
    if not asked.synthetic:
        return None, None
    from safetensors.numpy import load_file

    from harness.train.material import collect

    if not {"train", "sample"} <= set(upstream):
        return None, None
    training = upstream["train"].params
    for k in range(replicates):
        first = part_a(asked.dataset, train, asked.share, k)
        same = training.dataset == asked.dataset
        if not same or not np.array_equal(collect(training, train, k).pixels, train.pixels[first]):
            what = f"the pool {training.pool!r} of {training.dataset}"
            raise Problem(
                f"a generator of {asked.share} of the images of {asked.dataset}",
                f"{what}, clean_fraction={training.clean_fraction}",
                "train it on the pool 'clean' of that share, without a corruption",
            )
    made = load_file(upstream["sample"].folder / "samples.safetensors")
    if "labels" not in made:
        fix = "train the generator with a condition"
        raise Problem("samples with their classes", "samples of no class", fix)
    return made["samples"], made["labels"]


def _damaged(asked: Supervised, held: Images, name: str) -> np.ndarray:
    """The held-out images after the corruption of a name, the same for all arms and replicates."""
    import torch

    stream = torch_generator(str(asked.dataset), 0, f"supervised test {name}")
    corruption = CORRUPTIONS.make(dict(asked.tests)[name])
    made: np.ndarray = corruption(torch.tensor(held.pixels), stream).numpy()
    return made


def rows_of(
    replicate: int, logits: dict[str, np.ndarray], labels: np.ndarray, names: tuple[str, ...]
) -> list[dict[str, Any]]:
    """The rows of one classifier by its logits ``[N, classes]`` on each test.

    The test "" is that in distribution; labels ``[N]`` are the classes of all tests.
    """
    plain = logits[""]
    if not all(np.isfinite(each).all() for each in logits.values()):
        lost = ["error", "cross_entropy"] + ["error_out"] * (len(logits) > 1)
        lost += [f"error/{names[c]}" for c in np.unique(labels)]
        lost += [f"error_out/{name}" for name in logits if name]
        return [row(replicate, name, math.nan, _unit(name)) for name in lost]
    wrong = {
        name: (each.argmax(1) != labels).astype(np.float64) for name, each in logits.items()
    }  # [N] each
    top = plain.max(1, keepdims=True)
    normaliser = np.log(np.exp(plain - top).sum(1)) + top[:, 0]
    found = {
        "error": wrong[""],
        "cross_entropy": normaliser - plain[np.arange(len(labels)), labels],
    }
    found |= {f"error/{names[c]}": wrong[""][labels == c] for c in np.unique(labels)}
    others = {f"error_out/{name}": each for name, each in wrong.items() if name}
    if others:
        found |= {"error_out": np.mean(list(others.values()), axis=0), **others}
    made = []
    for name, values in found.items():
        estimate = mean(values)
        error, n = estimate.standard_error, estimate.n
        made.append(
            row(replicate, name, estimate.value, _unit(name), standard_error=error,
                higher_is_better=False, n=n)
        )  # fmt: skip
    return made


def _unit(name: str) -> str:
    return "nats" if name == "cross_entropy" else "1"


def _recognised(
    replicate: int,
    samples: np.ndarray,
    classes: np.ndarray,
    judge: Upstream,
    images: Images,
    device: str,
) -> list[dict[str, Any]]:
    """The share of all samples, and of those of each class, that a classifier takes for theirs."""
    import torch

    from harness.metrics.told_classes import require_told
    from harness.metrics.weights import read_safetensors

    path = judge.folder / "weights.safetensors"
    require_told("recognisability", f"trained_{judge.params.dataset.name}", path, images)
    arrays, _ = read_safetensors(path, "train it again")
    names = images.group_names
    present = np.unique(classes)
    metrics = ["recognisability", *(f"recognisability/{names[c]}" for c in present)]
    if not np.isfinite(samples).all():
        return [row(replicate, name, math.nan, "1") for name in metrics]
    weights = {name: torch.tensor(array)[None].to(device) for name, array in arrays.items()}
    right = (logits_of(weights, samples, device)[0].argmax(1) == classes).astype(np.float64)
    parts = [right, *(right[classes == c] for c in present)]
    return [
        row(replicate, name, each.value, "1", standard_error=each.standard_error,
            higher_is_better=True, n=each.n)
        for name, each in zip(metrics, map(mean, parts))
    ]  # fmt: skip
