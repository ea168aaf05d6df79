"""The bill of a cell: floating-point operations counted, core-seconds estimated.

Counted are the products of the networks (a training step costs three forward passes: one forward,
two backward) and of the samplers; everything else is small beside them. The rate at which a core
works them off was measured with one thread on the CPU of the committed reference runs.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from harness.cell import Cell, Part, Stage, canonical, nested
from harness.data.cifar10 import CLASSES as CIFAR10
from harness.data.gaussian_mixture import names
from harness.data.images import Images
from harness.data.load import load
from harness.metrics import stacked_classifier
from harness.metrics.excess_risk import Excess
from harness.nets import BASES, NETWORKS
from harness.objectives import OBJECTIVES
from harness.sample import SAMPLERS
from harness.scenes.captions import captions
from harness.train.per_class_linear import LEVELS as LINEAR_LEVELS
from harness.train.training import Training

FORWARD = 1.08  # how much faster they are in forward passes alone
RATE = {"mlp": 53e9, "unet": 30e9, "dit": 30e9}  # FLOP/s of one core, float32
OVERHEAD = 0.6  # core-seconds of a replicate of known damage: data, metrics, files
FIXED = 0.13  # core-seconds of a trained replicate outside the networks
PER_SAMPLE = 1.7e-4  # core-seconds that its metrics take for a sample
ANNOTATION = {"classifier": 3.0, "crops": 3.0}  # core-seconds of a replicate's annotator
TOLD = 1.9e-3  # core-seconds that a condition adds to a batch of one replicate, in a step or a call
STACK = 8  # replicates beyond which a larger stack costs nothing more of that
DRAWN = 500  # images of a batch of a sampler
TRUTH = 3.2e-6  # core-seconds of the features of a pixel of the data, once a cell
GENERATION = 0.4  # core-seconds of a generation: the data, and what they are measured by
LAW = 0.03  # core-seconds of a point of a law, the mean of all; from 0.001 to 0.3 by law
CLOSED = 0.016  # core-seconds of a replicate of a class law in closed form
LINEAR = 1.5e9  # FLOP/s of linear networks, most of which draw
CALL = 3e-4  # core-seconds of a sampler's call of a small network
KERNEL = 4.8e-5  # core-seconds of a sample in the optimum of a data set on the line, 13 levels
SET = {"network": 0.05, "optimum": 0.02, "population": 0.2}  # core-seconds of a data set besides
LINE = 2.9e-6  # core-seconds of an image that a network on the line sees, in a stack
CONVOLUTIONS = 40e9  # FLOP/s of a stack of small classifiers
UPDATE, TRIED = 1e-3, 0.3  # core-seconds of an update of each, and of a stack: data, tests
LEVELS = 25  # noise levels of the denoising loss
HELD_OUT = 1500  # images behind the denoising loss where a cell takes all there are


def image_shape(dataset: Part) -> tuple[int, int, int]:
    """(C, H, W) of a dataset's images; read from its parameters where they say it."""
    params = dataset.kwargs()
    if dataset.name in ("photos", "textures", "procedural"):
        return params.get("channels", 1), params.get("side", 8), params.get("side", 8)
    if dataset.name == "scenes":
        return 3, params.get("size", 24), params.get("size", 24)
    if dataset.name == "gaussian_mixture":
        mean = params.get("means", (0.0,))[0]
        return 1, 1, len(mean) if isinstance(mean, tuple | list) else 1
    if dataset.name == "digits":
        return 1, 8, 8
    if dataset.name == "cifar10":
        return 3, 32, 32
    return loaded(dataset).shape


def forward_flops(training: Training) -> int:
    """Operations of one forward pass of one image."""
    dataset, network, basis = training.dataset, training.network, training.basis
    seen = BASES[basis.name].seen_as(image_shape(dataset), **basis.kwargs())
    given = network.kwargs()
    if training.condition is not None:
        words = training.condition.words_of(class_names(dataset))
        given |= {"words": words.count, "length": words.length}
    return int(NETWORKS[network.name].flops(seen, **given))


def class_names(dataset: Part) -> tuple[str, ...]:
    """The names of a dataset's classes, without drawing its images where that can be."""
    if dataset.name == "scenes":
        return captions()
    if dataset.name == "gaussian_mixture" and dataset.kwargs().get("labelled"):
        return names(len(dataset.kwargs()["weights"]))
    if dataset.name == "cifar10":
        return CIFAR10
    return loaded(dataset).classes


@lru_cache(maxsize=2)
def loaded(dataset: Part) -> Images:
    """A dataset, read once for the cells that ask for it one after the other."""
    return load(dataset.name, **dataset.kwargs())


def annotation_seconds(annotator: Part | None) -> float:
    """Core-seconds of one annotation, that of an annotator within another included."""
    return math.fsum(ANNOTATION.get(each.name, 0.0) for each in nested(annotator))


def bill(cell: Cell) -> dict[str, Any]:
    """Operations and estimated core-seconds of each stage of a cell, all replicates together.

    seconds, counted: by stage, the latter in operations; flops: their sum.
    """
    stages = {stage.name: stage.params for stage in cell.stages}
    if "train_tokens" in stages:
        from harness.run.token_bill import of_tokens  # which builds on what stands here

        return of_tokens(cell)
    if "generation" in stages:
        return _of_loop(cell)
    if "class_law" in stages:
        return _of_class_law(cell)
    if excess := stages.get("excess"):
        return _of_excess(excess, cell.replicates)
    if "supervised" in stages:
        return _of_supervised(cell)
    if "train" not in stages:
        whole = LAW if {"law", "gaussian_loop"} & set(stages) else OVERHEAD * cell.replicates
        if "annotate" in stages:
            whole += annotation_seconds(stages["annotate"].annotator) * cell.replicates
        own = [name for name in stages if name != "classifier"]  # one training serves many cells
        seconds = {"classifier": 0.0} if len(own) < len(stages) else {}
        seconds |= {name: whole / len(own) for name in own}
        return {"flops": 0.0, "seconds": seconds, "counted": dict.fromkeys(seconds, 0.0)}
    training = stages["train"]
    forward = forward_flops(training)
    rate = RATE[training.network.name]
    objective = OBJECTIVES.make(training.objective)
    seen = {"train": 3.0 * objective.passes * training.images}  # images of a replicate, by pass
    samples = 0  # of one replicate
    if sampling := stages.get("sample"):
        samples = sampling.count
        passes = 2 if "guide" in stages else sampling.passes  # a chosen guidance is seldom none
        seen["sample"] = SAMPLERS.make(sampling.sampler).calls * passes * samples
    if choice := stages.get("choose"):
        seen["choose"] = SAMPLERS.make(choice.sampler).calls * choice.count * training.checkpoints
    if guidance := stages.get("guide"):
        seen["guide"] = SAMPLERS.make(guidance.sampler).calls * guidance.count * guidance.passes
    if attack := stages.get("attack"):  # seen images, and as many unseen
        seen["attack"] = 2 * attack.count * attack.calls
    if "measure" in stages and "denoising_loss" in stages["measure"].metrics:
        seen["measure"] = LEVELS * (stages["measure"].held_out or HELD_OUT)
    flops = {name: float(forward * count * cell.replicates) for name, count in seen.items()}
    seconds = {name: count / rate / FORWARD for name, count in flops.items()}
    seconds["train"] *= FORWARD
    seconds["train"] += annotation_seconds(training.annotator) * cell.replicates
    if training.condition is not None:
        batches = {"train": training.images / training.batch}
        batches |= {name: seen[name] / DRAWN for name in ("sample", "guide") if name in seen}
        for name, count in batches.items():
            seconds[name] += TOLD * count * min(cell.replicates, STACK)
    if guidance:
        tried = len(guidance.grid) * guidance.count
        seconds["guide"] += (FIXED + PER_SAMPLE * tried) * cell.replicates
    for name in ("measure", "geneval"):
        if name in stages:
            rest = (FIXED + PER_SAMPLE * samples) * cell.replicates
            seconds[name] = seconds.get(name, 0.0) + rest
    if "measure" in stages and training.dataset.name == "scenes":  # of others the data are few
        sides = image_shape(training.dataset)[1:]
        drawn = training.dataset.kwargs().get("count", 0)
        seconds["measure"] += TRUTH * drawn * math.prod(sides)
    seconds = dict.fromkeys(stages, 0.0) | seconds
    counted = dict.fromkeys(seconds, 0.0) | flops
    return {"flops": math.fsum(flops.values()), "seconds": seconds, "counted": counted}


def _of_excess(asked: Excess, replicates: int) -> dict[str, Any]:
    """The bill of an excess risk on the line: trainings, and the optimum of each data set."""
    training, sets = asked.training, asked.datasets * replicates
    trained, pooled = asked.of == "network", training.pool != "oracle" and asked.of != "population"
    samples = training.clean_fraction * training.dataset.kwargs().get("count", 0) * pooled
    if training.pool == "mixed":
        samples *= 1 + (training.pooling.multiplicity or 0)
    seen = training.images * asked.copies * trained
    seconds = sets * (SET[asked.of] + KERNEL * samples + LINE * seen)
    counted = 3.0 * forward_flops(training) * seen * sets
    return {"flops": counted, "seconds": {"excess": seconds}, "counted": {"excess": counted}}


def _of_supervised(cell: Cell) -> dict[str, Any]:
    """The bill of classifiers of images and samples, and of what is made before them."""
    before = tuple(stage for stage in cell.stages if stage.name != "supervised")
    trained = any(stage.name == "train" for stage in before)
    own = bill(Cell((), before, cell.replicates)) if trained else {"seconds": {}, "counted": {}}
    asked, samples = cell.stages[-1].params, 0
    if trained:
        samples = next(stage.params.count for stage in before if stage.name == "sample")
    shape, classes = image_shape(asked.recipe.dataset), len(class_names(asked.recipe.dataset))
    forward = stacked_classifier.forward_flops(shape, classes, asked.recipe.width)
    seen = asked.recipe.steps * asked.recipe.batch
    counted = float(forward * (3 * seen + samples) * cell.replicates)
    steps = asked.recipe.steps * cell.replicates
    seconds = TRIED + counted / CONVOLUTIONS + UPDATE * steps
    made = {"seconds": own["seconds"] | {"supervised": seconds}}
    made["counted"] = own["counted"] | {"supervised": counted}
    return {"flops": math.fsum(made["counted"].values()), **made}


def _of_class_law(cell: Cell) -> dict[str, Any]:
    """The bill of a class law: closed, or with the linear or the small network that it is of."""
    stages = {stage.name: stage.params for stage in cell.stages}
    seconds, counted = dict.fromkeys(stages, 0.0), dict.fromkeys(stages, 0.0)
    seconds["class_law"] = CLOSED * cell.replicates
    if linear := stages.get("linear"):
        d = math.prod(image_shape(linear.training.dataset))
        classes = len(class_names(linear.training.dataset))
        step = 4 * d * (d + classes) * linear.batch * classes * len(LINEAR_LEVELS)
        counted["linear"] = float(step * linear.steps * cell.replicates)
        seconds["linear"] = counted["linear"] / LINEAR
    elif training := stages.get("train"):
        law, alone = stages["class_law"], bill(Cell((), cell.stages[:1], cell.replicates))
        classes = len(class_names(training.dataset))
        calls = SAMPLERS.make(law.sampler).calls * (2 if law.guidance else 1) * classes
        counted["train"] = alone["flops"]
        counted["class_law"] = float(forward_flops(training) * calls * law.count * cell.replicates)
        seconds["train"] = alone["seconds"]["train"]
        seconds["class_law"] += counted["class_law"] / RATE[training.network.name]
        seconds["class_law"] += CALL * calls * cell.replicates
    return {"flops": math.fsum(counted.values()), "seconds": seconds, "counted": counted}


def _of_loop(cell: Cell) -> dict[str, Any]:
    """The bill of a loop: a generation is a training with its samples and what measures them."""
    seconds, counted = dict.fromkeys(cell.names, 0.0), dict.fromkeys(cell.names, 0.0)
    for name, stage in zip(cell.names, cell.stages):
        if stage.name in ("generation", "again"):
            again = stage.name == "again"  # all generations but the first in one stage
            asked = stage.params.last if again else stage.params
            times = asked.number if again else 1
            own = {"train": asked.training, "sample": asked.sampling, "measure": asked.measurement}
            alone = bill(Cell((), tuple(Stage(*each) for each in own.items()), cell.replicates))
            seconds[name] = times * (math.fsum(alone["seconds"].values()) + GENERATION)
            counted[name] = times * alone["flops"]
    return {"flops": math.fsum(counted.values()), "seconds": seconds, "counted": counted}


def bills(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """The bills of cells that run one after the other: what an earlier one made costs nothing.

    Cells share a stage if they agree in it, in all before it and in their replicates: one training
    that is sampled at several guidances is paid for once.
    """
    paid: set[str] = set()
    made = []
    for cell in cells:
        own = bill(cell)
        for count, name in enumerate(cell.names, 1):
            key = canonical([cell.replicates, cell.config()[:count]])
            if key in paid:
                own["seconds"][name] = own["counted"][name] = 0.0
            paid.add(key)
        own["flops"] = math.fsum(own["counted"].values())
        made.append(own)
    return made


def core_seconds(cells: Sequence[Cell]) -> list[float]:
    """Estimated core-seconds of whole cells that run one after the other."""
    return [math.fsum(each["seconds"].values()) for each in bills(cells)]
