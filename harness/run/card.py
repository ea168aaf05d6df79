"""The bill of one graphics card: seconds of a cell, estimated, and its jobs.

Operations are those of ``harness.run.bill``. The rates are what one card of the class of an H100
should keep up with a network of two to seven million parameters on images of 32 x 32 pixels, in
bfloat16, compiled: 60 TFLOP/s of a dense peak of 990, a sixth of the share of its peak at which
the fastest published training of a convolutional network on such images runs. A step costs time of
its own, however small the network. Sampling and measuring are not compiled: half the rate.

The host's share is larger than one would think: corruptions, spectra, features and Fréchet
distances are worked out by one core while the card waits. Its rates were measured on one core of
the CPU of the committed reference runs, for 10,000 images of 32 x 32 colour pixels.

Held against eight studies on an H100 with 16 cores, where twelve jobs shared the card: they took
124 minutes of their own time, where 102 were estimated, in 17 minutes of the clock. A training took
1.2 to 3.5 times what is estimated of one that has the card to itself, measuring .3 to 1.6 times.

A job holds cells that follow each other in their study, as many as fit in nine minutes. A cell
holds all replicates of its arm, so any two cells of a job are a paired effect. What is compiled
for one cell serves the next ones of the job.
"""

import math
from collections.abc import Sequence

from harness.cell import Cell, Part, canonical, nested
from harness.objectives import OBJECTIVES
from harness.run.bill import FIXED, PER_SAMPLE, bill, image_shape
from harness.sample import SAMPLERS
from harness.train.training import Training

LIMIT = 540.0  # seconds of a job
START = 20.0  # of a job: imports, the card's own start
COMPILE = 40.0  # of a network on a stack of one size, once a job
RATE = {"mlp": 20e12, "unet": 60e12, "dit": 20e12}  # FLOP/s of a compiled training
EAGER = 0.5  # the share of it that is kept where nothing is compiled
STEP, COPY = 2e-3, 4e-4  # of a step, and of each copy in it: its batch is drawn by itself
CALL = 3e-3  # of a call of a network by a sampler
UPDATE = 6e-3  # of an update of a stack of small classifiers
HELD_OUT = 0.2  # images that are damaged to try them, for each training image
ANNOTATION = {"classifier": 10.0, "crops": 20.0}  # of a replicate's annotator

# Of the host, in seconds a number (a pixel of a channel):
READ = 1e-7  # a data set read, at every stage
GATHER = 1.6e-7  # imperfect images made and annotated in training
AGAIN = 1e-7  # and made again where they are measured
TRUTH = 1e-6  # features and spectra of the training images, once a cell
SPECTRA = 2.5e-7  # training images, for each replicate
FEATURES = 6.5e-7  # samples
WHITEN, WHITENED = 3.4e-9, 2.5e-9  # of d^3, d numbers an image: once a cell, and each replicate

COUNTS = {"cifar10": 50_000, "cifar10_jpeg75": 50_000, "digits": 1438}
PHOTOS = {8: 5159, 16: 1189, 32: 242}
OTHERWISE = 10_000  # images of a data set that does not say how many it has


def image_count(dataset: Part) -> int:
    """Training images of a data set, without reading it; about, where it does not say."""
    params = dataset.kwargs()
    if dataset.name == "photos":
        return PHOTOS.get(params.get("side", 8), OTHERWISE)
    count = params.get("count") or params.get("limit") or COUNTS.get(dataset.name, OTHERWISE)
    if (classes := params.get("classes")) is not None:
        names = classes.split(",") if isinstance(classes, str) else classes
        return count * len(names) // 10
    return int(count)


def seconds(cell: Cell) -> dict[str, float]:
    """Estimated seconds of each stage of a cell on one card, nothing made before.

    What is not trained is the host's, as it is on a CPU.
    """
    if any(stage.name == "train_tokens" for stage in cell.stages):
        from harness.run.token_bill import of_tokens  # which builds on what stands here

        return of_tokens(cell, on_card=True)["seconds"]
    owed = bill(cell)
    if _training(cell) is None and "supervised" in owed["seconds"]:
        return {name: _classifiers(cell, flops) for name, flops in owed["counted"].items()}
    if _training(cell) is None:
        return owed["seconds"]
    return {name: _stage(cell, name, owed["counted"][name]) for name in owed["seconds"]}


def _training(cell: Cell) -> Training | None:
    """What a cell trains, None for one that is not trained."""
    return next((stage.params for stage in cell.stages if stage.name == "train"), None)


def _stage(cell: Cell, name: str, flops: float) -> float:
    """Seconds of one stage of a trained cell."""
    stages = {stage.name: stage.params for stage in cell.stages}
    training, copies = stages["train"], cell.replicates
    rate = RATE.get(training.network.name, min(RATE.values()))
    size = math.prod(image_shape(training.dataset))
    numbers = image_count(training.dataset) * size
    imperfect = training.corruption is not None or training.other is not None
    if name == "train":
        passes = OBJECTIVES[training.objective.name](**training.objective.kwargs()).passes
        steps = passes * training.images / training.batch
        annotated = sum(ANNOTATION.get(each.name, 0.0) for each in nested(training.annotator))
        host = READ * numbers + copies * (annotated + (GATHER * numbers if imperfect else 0.0))
        return flops / rate + steps * (STEP + COPY * copies) + host
    samples = stages["sample"].count if "sample" in stages else 0
    card = flops / (EAGER * rate)
    if name == "supervised":
        return _classifiers(cell, flops)
    if name == "sample":
        sampling = stages["sample"]
        calls = SAMPLERS[sampling.sampler.name](**sampling.sampler.kwargs()).calls
        passes = 2 if "guide" in stages else sampling.passes
        return card + CALL * calls * passes * math.ceil(samples / sampling.batch)
    if name == "guide":
        choice = stages["guide"]
        calls = SAMPLERS[choice.sampler.name](**choice.sampler.kwargs()).calls * choice.passes
        tried = len(choice.grid) * choice.count
        host = FIXED + PER_SAMPLE * tried + FEATURES * tried * size
        return card + CALL * calls * math.ceil(choice.count / choice.batch) + copies * host
    if name != "measure":
        return card + copies * (FIXED + PER_SAMPLE * samples)
    own = FIXED + PER_SAMPLE * samples + SPECTRA * numbers + FEATURES * samples * size
    own += AGAIN * numbers if imperfect else 0.0
    whole = (READ + TRUTH) * numbers
    if "zca_pixels" in stages["measure"].extractors:
        own, whole = own + WHITENED * size**3, whole + WHITEN * size**3
    return card + whole + copies * own


def _classifiers(cell: Cell, flops: float) -> float:
    """Seconds of a stack of classifiers of images and samples: its updates, data and tests."""
    asked = cell.stages[-1].params
    numbers = image_count(asked.recipe.dataset) * math.prod(image_shape(asked.recipe.dataset))
    host = READ * numbers * (1 + HELD_OUT * len(asked.tests))
    return flops / (EAGER * RATE["unet"]) + asked.recipe.steps * UPDATE + host


def _owed(cell: Cell) -> dict[str, float]:
    """Seconds of a cell by what they make: cells of a job share what is made by one name."""
    made, spent = {}, seconds(cell)
    for count, name in enumerate(cell.names, 1):
        made[canonical([cell.replicates, cell.config()[:count]])] = spent[name]
    if (training := _training(cell)) is not None:
        seen = (training.network, training.dataset, training.basis, training.condition)
        made[f"{seen} {training.batch} {cell.replicates}"] = COMPILE
    return made


def job_seconds(cells: Sequence[Cell]) -> float:
    """Estimated seconds of one job of these cells, nothing made before."""
    made: dict[str, float] = {}
    for cell in cells:
        made |= _owed(cell)
    return START + math.fsum(made.values())


def jobs(cells: Sequence[Cell], limit: float = LIMIT) -> list[list[Cell]]:
    """Cells in their order, in jobs that are as long as the limit lets them be.

    A job trains one network, so that its arms can be told from each other; and a cell that is
    longer than the limit by itself has a job of its own.
    """
    found: list[list[Cell]] = []
    made: dict[str, float] = {}
    network: Part | None = None
    for cell in cells:
        owed = _owed(cell)
        training = _training(cell)
        own = network if training is None else training.network
        other = network is not None and own != network
        if not found or other or START + math.fsum((made | owed).values()) > limit:
            found.append([])
            made, network = {}, None
        made |= owed
        network = own
        found[-1].append(cell)
    return found
