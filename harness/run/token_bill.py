"""The bill of token models: operations counted, seconds estimated on a core and on a card.

Operations are ``harness.tokens.model.cost``'s, which a test holds against PyTorch's own counter. A
core's rates were measured with one thread, stacks of three, widths from 20 to 116: beside its
products a network costs time for each slot in each layer (norms, activations, the softmax), however
wide it is, and cross-entropy for each code. What cells of a job share, codebooks and the features
of the data, is billed in parts.

Those of a card are estimates for one of the class of an H100, in bfloat16 and not compiled: small
networks wait for their kernels to be started, wide ones for memory.
"""

import math
from dataclasses import dataclass
from typing import Any

from harness.cell import Cell
from harness.run.bill import FIXED, HELD_OUT, TRUTH, class_names, image_shape
from harness.run.card import FEATURES, image_count
from harness.tokens import ORDERS, TOKENISERS
from harness.tokens.manner import Manner
from harness.tokens.solver import calls
from harness.tokenwise.counting import TRAINING, costs
from harness.tokenwise.training import TokenTraining

RATE = 60e9  # FLOP/s of one core, float32
DRAWING = 45e9  # in drawing, whose batches are larger
ROW = 2.2e-6  # core-seconds of a slot in a layer in training
ALONE = 0.4  # the share of it that a forward pass takes
CODE, CODE_DRAWN = 1.5e-8, 6e-8  # of a code of a token in a loss, and when one is drawn
STEP = 4e-3  # of a step
COPY = 1.5e-3  # of each copy in it
NEAREST = 1.7e-8  # of a patch held against a code, in k-means and in coding
SHARE = 1 / 7  # of what the cells of a job share
DATA = 0.1  # of a stage: the data set and files
CALL = 4e-4  # of a call of a head's denoiser, a layer of a network

CARD_RATE = 1e14  # FLOP/s in training; a third of it in float32
CARD_NUMBER = 1e-10  # seconds of a number of a slot in a layer
CARD_STEP = 12e-3  # of a step
CARD_CALL = 5e-4  # of a call of a head's denoiser; of a layer half as much


@dataclass(frozen=True)
class Work:
    """What a token model does for an image: slots in layers and codes of its loss; passes of a
    layer, and calls of a head, in which a batch is drawn, and the slots in them."""

    rows: int
    codes: int
    width: int
    passes: int
    calls: int
    drawn: int


def work(training: TokenTraining, manner: Manner | None) -> Work:
    """Of a training, and of drawing by a manner."""
    tokeniser = TOKENISERS.make(training.tokeniser)
    _, height, wide = image_shape(training.dataset)
    tokens = height * wide // tokeniser.patch**2
    words = 0
    if training.condition is not None:
        words = training.condition.words_of(class_names(training.dataset)).length
    network, head = training.network.kwargs(), training.head.kwargs()
    depth, width = network.get("depth", 2), network.get("width", 64)
    diffusion = training.head.name == "diffusion"
    layers = head.get("blocks", 2) if diffusion else 0
    rows = depth * (tokens + words) + layers * tokens * head.get("draws", 4)
    discrete = training.tokeniser.name == "codebook"
    codes = tokens * training.tokeniser.kwargs().get("codes", 256) if discrete else 0
    if manner is None:
        return Work(rows, codes, width, 0, 0, 0)
    order = ORDERS.make(training.order)
    steps = len(order.counts(tokens))
    times = 2 if manner.guidance else 1
    called = calls(manner.solver, manner.steps) if diffusion else 0
    slots = depth * (tokens if order.causal else steps * (tokens + words))
    drawn = times * (slots + tokens * called * layers)
    return Work(rows, codes, width, steps * depth, steps * called, drawn)


def of_tokens(cell: Cell, on_card: bool = False) -> dict[str, Any]:
    """Operations and estimated seconds of each stage, all replicates together; as ``bill``."""
    stages = {stage.name: stage.params for stage in cell.stages}
    training: TokenTraining = stages["train_tokens"]
    copies, shape = cell.replicates, image_shape(training.dataset)
    sampling, reading = stages.get("sample_tokens"), stages.get("token_loss")
    manner = None if sampling is None else sampling.manner
    one = costs(training, shape, class_names(training.dataset), manner or Manner())
    done = work(training, manner)
    held = 0 if reading is None else reading.rounds * (reading.held_out or HELD_OUT)
    seen = {"train_tokens": TRAINING * training.images, "token_loss": held}
    flops = {name: float(one.loss * count * copies) for name, count in seen.items()}
    flops["sample_tokens"] = float(one.sample * (sampling.count if sampling else 0) * copies)
    flops = {name: flops.get(name, 0.0) for name in stages}
    host = _host(cell, training, done)
    work_of = _on_card if on_card else _on_core
    seconds = {
        name: work_of(cell, training, done, name, flops[name]) + host[name] for name in stages
    }
    return {"flops": math.fsum(flops.values()), "seconds": seconds, "counted": flops}


def _on_core(cell: Cell, training: TokenTraining, done: Work, name: str, flops: float) -> float:
    stages = {stage.name: stage.params for stage in cell.stages}
    copies = cell.replicates
    own = done.rows * ROW + done.codes * CODE
    if name == "train_tokens":
        steps = training.images // training.batch
        return flops / RATE + copies * training.images * own + steps * (STEP + COPY * copies)
    if name == "token_loss":
        asked = stages[name]
        held = asked.rounds * (asked.held_out or HELD_OUT)
        return flops / RATE + copies * held * own * ALONE
    if name == "sample_tokens":
        sampling = stages[name]
        batches = math.ceil(sampling.count / sampling.batch)
        own = done.drawn * ROW * ALONE + done.codes * CODE_DRAWN
        drawn = copies * sampling.count * own
        return flops / DRAWING + drawn + batches * (done.passes + done.calls) * CALL
    return 0.0


def _on_card(cell: Cell, training: TokenTraining, done: Work, name: str, flops: float) -> float:
    stages = {stage.name: stage.params for stage in cell.stages}
    copies, number = cell.replicates, done.width * CARD_NUMBER
    if name == "train_tokens":
        memory = copies * training.images * done.rows * number
        return flops / CARD_RATE + memory + training.images // training.batch * CARD_STEP
    if name == "token_loss":
        return 3 * flops / CARD_RATE + copies * DATA
    if name == "sample_tokens":
        sampling = stages[name]
        batches = math.ceil(sampling.count / sampling.batch)
        memory = copies * sampling.count * done.drawn * number
        waits = batches * (done.passes / 2 + done.calls) * CARD_CALL
        return 3 * flops / CARD_RATE + memory + waits
    return 0.0


def _host(cell: Cell, training: TokenTraining, done: Work) -> dict[str, float]:
    """Seconds of a core beside the network: codebooks, features, what is measured and judged."""
    stages = {stage.name: stage.params for stage in cell.stages}
    copies, shape = cell.replicates, image_shape(training.dataset)
    samples = stages["sample_tokens"].count if "sample_tokens" in stages else 0
    seconds = dict.fromkeys(stages, DATA)
    pixels = shape[1] * shape[2]
    images = image_count(training.dataset)
    for part in (training.source, training.tokeniser):
        if part is not None and part.name == "codebook":
            given = part.kwargs()
            tokens = images * pixels // given.get("patch", 2) ** 2
            learned = min(given.get("limit", 50_000), tokens) * given.get("steps", 50)
            held = copies * NEAREST * given.get("codes", 256) * (learned + tokens)
            seconds["train_tokens"] += 2 * SHARE * held  # about half of the cells of a job have one
    if "token_loss" in stages:
        seconds["token_loss"] += SHARE * TRUTH * images * pixels * shape[0] / 3
    for name in ("token_loss", "measure"):
        if name in stages:
            times = copies if name == "measure" or training.tokeniser.name == "codebook" else 1
            seconds[name] += times * (FIXED + FEATURES * samples * math.prod(shape))
    if "geneval" in stages:
        seconds["geneval"] += copies * FIXED
    return seconds
