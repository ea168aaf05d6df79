"""Whether what is asked suits the data, tried before anything is run.

A network is held against the words that it is told, a condition and a relabelling against the
classes, a loop against the number of real images. No image is drawn for it and no weight: the
classes of drawn images are known without these, and a dataset that is read is read once.

What hangs on numbers that only a draw gives stays for the run: whether a relabelling finds as many
images as it is to tell wrongly, and how many images a loop has of a dataset that is drawn.
"""

from functools import cache
from inspect import signature
from typing import Any

import numpy as np

from harness.cell import Part
from harness.data.selection import names_among, numbers
from harness.metrics.trajectory import Generation
from harness.nets import NETWORKS
from harness.problem import Problem
from harness.run.annotated import require_annotated
from harness.run.bill import class_names, forward_flops, image_shape, loaded
from harness.tokenwise.training import TokenTraining
from harness.train import CORRECTORS
from harness.train.training import Training

DRAWN = ("scenes", "gaussian_mixture", "procedural")
LARGE = (*DRAWN, "cifar10")  # of these no image is looked at


def require_suited(params: Any) -> None:
    """Refuse the parameters of a stage that do not suit the data. Raises ``Problem``."""
    params = getattr(params, "last", params)  # of a loop that is run once more
    training = getattr(params, "training", params)
    if isinstance(training, Training):
        require_told(training)
        require_network(training)
        require_annotated(training)
    if isinstance(params, TokenTraining):
        require_tokens(params)
    if isinstance(params, Generation):
        require_loop(params)


def require_network(training: Training) -> None:
    """Refuse a network that cannot be built, without building it. Raises ``Problem``."""
    row = NETWORKS[training.network.name]
    if not hasattr(row, "flops"):
        return  # one of another hand
    try:
        forward_flops(training)
    except TypeError as error:
        given = ("shape", "words", "length")
        known = ", ".join(name for name in signature(row.flops).parameters if name not in given)
        asked = f"the network {training.network} on the basis {training.basis}"
        raise Problem(asked, str(error), f"the network's parameters are {known}") from error


def require_tokens(training: TokenTraining) -> None:
    """Refuse a token model whose parts do not fit the data or each other. Raises ``Problem``."""
    classes = class_names(training.dataset)
    if training.condition is not None and len(classes) < 2:
        fix = "choose a dataset of two classes or more"
        raise Problem(f"a condition on {training.dataset}", "fewer than two classes", fix)
    from harness.tokenwise.counting import costs

    costs(training, image_shape(training.dataset), classes)


def require_told(training: Training) -> None:
    """Refuse a condition that cannot tell images apart, and a relabelling of what the dataset does
    not hold. Raises ``Problem``."""
    if training.condition is None:
        return
    names, held = class_names(training.dataset), _held(training.dataset)
    if len(held) < 2:
        got = f"the one class {names[held[0]]!r}" if held else "no classes"
        fix = "choose a dataset of two classes or more"
        raise Problem(f"a condition on {training.dataset}", got, fix)
    if training.other is not None and class_names(training.other) != names:
        fix = "give both sets the same classes, or train without a condition"
        raise Problem(
            f"captions of {training.other} beside {training.dataset}", "other classes", fix
        )
    if training.relabelling is not None:
        training.relabelling.law(np.array(held), names)  # as if each had as many images


def require_loop(asked: Generation) -> None:
    """Refuse a generation that has not enough images or samples. Raises ``Problem``."""
    from harness.train.generation import needed, part_of

    dataset, loop = asked.training.dataset, asked.loop
    part_of(loop, asked.number, asked.parts)
    real = None if dataset.name in LARGE else _real(dataset, asked.parts)
    if loop is None:
        return
    if real is not None:
        needed(loop.ratio, real, asked.sampling.count)
    if loop.corrector is not None:
        require = getattr(CORRECTORS.make(loop.corrector), "require", None)
        if require is not None:
            require(len(class_names(dataset)))


@cache
def _held(dataset: Part) -> tuple[int, ...]:
    """The numbers of the classes that have images to train on."""
    names, chosen = class_names(dataset), dataset.kwargs().get("classes")
    if dataset.name in LARGE:
        among = names if chosen is None else names_among(chosen, names, "classes", dataset.name)
        return tuple(map(int, numbers(among, names)))
    labels = loaded(dataset).train.labels
    return () if labels is None else tuple(map(int, np.unique(labels)))


@cache
def _real(dataset: Part, parts: int) -> int:
    """How many images of a dataset each of so many parts has, the same in all replicates."""
    from harness.train.generation import division

    return len(division(loaded(dataset).train, parts, str(dataset), 0)[0])
