"""The bill of a cell: floating-point operations counted, core-seconds estimated.

Counted are the products of the networks (a training step costs three forward passes: one forward,
two backward) and of the samplers; everything else is small beside them. The rate at which a core
works them off was measured with one thread on the CPU of the committed reference runs.
"""

import math
from typing import Any

from harness.cell import Cell, Part
from harness.nets import NETWORKS
from harness.sample import SAMPLERS

RATE = {"mlp": 42e9, "unet": 30e9}  # FLOP/s of one core, float32
OVERHEAD = 0.6  # core-seconds of a replicate of known damage: data, metrics, files
FIXED = 0.15  # core-seconds of a trained replicate outside the networks
PER_SAMPLE = 2e-4  # core-seconds that its metrics take for a sample
LAW = 0.03  # core-seconds of a point of a law, the mean of all; from 0.001 to 0.3 by law
LEVELS = 25  # noise levels of the denoising loss
HELD_OUT = 1500  # images behind the denoising loss where a cell takes all there are


def image_shape(dataset: Part) -> tuple[int, int, int]:
    """(C, H, W) of a dataset's images; read from its parameters where they say it."""
    params = dataset.kwargs()
    if dataset.name == "photos":
        return params.get("channels", 1), params.get("side", 8), params.get("side", 8)
    if dataset.name == "digits":
        return 1, 8, 8
    if dataset.name == "cifar10":
        return 3, 32, 32
    if dataset.name == "scenes":
        return 3, params.get("size", 24), params.get("size", 24)
    from harness.data.load import load

    return load(dataset.name, **params).shape


def forward_flops(network: Part, dataset: Part) -> int:
    """Operations of one forward pass of one image."""
    return int(NETWORKS[network.name].flops(image_shape(dataset), **network.kwargs()))


def bill(cell: Cell) -> dict[str, Any]:
    """Operations and estimated core-seconds of each stage of a cell, all replicates together."""
    stages = {stage.name: stage.params for stage in cell.stages}
    if "train" not in stages:
        whole = LAW if "law" in stages else OVERHEAD * cell.replicates
        own = [name for name in stages if name != "classifier"]  # one training serves many cells
        seconds = {"classifier": 0.0} if len(own) < len(stages) else {}
        return {"flops": 0.0, "seconds": seconds | {name: whole / len(own) for name in own}}
    training = stages["train"]
    forward = forward_flops(training.network, training.dataset)
    rate = RATE[training.network.name]
    flops = {"train": 3.0 * forward * training.images * cell.replicates}
    sampling = stages["sample"]
    calls = SAMPLERS[sampling.sampler.name](**sampling.sampler.kwargs()).calls
    flops["sample"] = float(forward * calls * sampling.count * cell.replicates)
    images = stages["measure"].held_out or HELD_OUT
    flops["measure"] = float(forward * LEVELS * images * cell.replicates)
    seconds = {name: count / rate for name, count in flops.items()}
    seconds["measure"] += (FIXED + PER_SAMPLE * sampling.count) * cell.replicates
    return {"flops": math.fsum(flops.values()), "seconds": seconds}


def core_seconds(cell: Cell) -> float:
    """Estimated core-seconds of a whole cell."""
    return math.fsum(bill(cell)["seconds"].values())
