r"""A small classifier, trained on the labelled training part of a dataset: an extractor of its own.

The network is plain: pairs of 3×3 convolutions with relu, the side halved by means of 2×2 after
each pair until it is at most 4, the mean over positions, one linear layer.

.. math::  h_0 = x, \quad h_l = \mathrm{pair}_l(\mathrm{half}(h_{l-1})), \quad
           f = \operatorname{mean} h_L \in \mathbb{R}^{64}, \quad \mathrm{logits} = A f + b

The convolutions have ``width`` channels and the last one 64. No normalisation: it would take out
the contrast of an image, or mix the images of a batch. What is learned is what an image is one of:
its class, or where a dataset has none the source it was cut from (which photograph a patch is of).

Training: cross-entropy by AdamW (Loshchilov and Hutter, *Decoupled weight decay regularization*,
ICLR 2019) with decay 0.01, a linear rise over 50 steps and half a cosine down to 0, initial weights
from N(0, 2 / fan-in) (He et al., ICCV 2015), zeros in the linear layer. The images are as they are:
no augmentation, since a network that was shown blurred or noisy images would learn to overlook what
a metric has to see.

All draws come from streams of the dataset, and training runs on one thread: one machine gives one
network, whatever the number of replicates and of threads. A stage of a study leaves
``weights.safetensors``, with the shape, the classes and the seed in its header, and
``classifier.json`` with the held-out accuracy and what the most frequent class alone would have.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cell import Part, Upstream, canonical, plain
from harness.data import DATASETS
from harness.data.images import Images
from harness.data.load import load
from harness.problem import Problem
from harness.streams import seed, torch_generator

if TYPE_CHECKING:
    import torch
    from torch import Tensor

FEATURES = 64
SMALLEST = 4  # pixels; a larger side is halved
WARMUP, DECAY = 50, 0.01
BETAS = (0.9, 0.99)
REPORTS = 20  # calls of progress, and points on the loss curve


@dataclass(frozen=True)
class Classifier:
    """Parameters of the stage ``classifier``: ``steps`` batches of ``batch`` images at ``rate``."""

    dataset: Part
    steps: int
    batch: int
    rate: float
    width: int

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "rate", "width"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise Problem(f"a classifier with {name} = {value}", "no such one", "give one > 0")

    def entries(self) -> list[str]:
        return [DATASETS.entry(self.dataset.name)]


def levels(shape: tuple[int, int, int]) -> int:
    """How many pairs of convolutions images (C, H, W) need."""
    side, count = max(shape[1:]), 1
    while side > SMALLEST:
        side, count = side // 2, count + 1
    if min(shape[1:]) >> (count - 1) < 1:
        raise Problem(
            "a classifier", f"images of {shape[1]} x {shape[2]} pixels", "give less narrow ones"
        )
    return count


def shapes(shape: tuple[int, int, int], classes: int, width: int) -> dict[str, tuple[int, ...]]:
    """The arrays of the network for images (C, H, W), by name."""
    found: dict[str, tuple[int, ...]] = {}
    before, pairs = shape[0], levels(shape)
    for level in range(pairs):
        for conv in (1, 2):
            channels = FEATURES if (level, conv) == (pairs - 1, 2) else width
            here = f"level{level}.conv{conv}"
            found[f"{here}.weight"] = (channels, before, 3, 3)
            found[f"{here}.bias"] = (channels,)
            before = channels
    return found | {"linear.weight": (classes, FEATURES), "linear.bias": (classes,)}


def forward(x: "Tensor", weights: "Mapping[str, Tensor]") -> "tuple[Tensor, Tensor, Tensor]":
    """[B, C, H, W] to features [B, 64], logits [B, K] and the last maps [B, 64, h, w]."""
    from torch.nn.functional import avg_pool2d, conv2d, linear

    for level in range((len(weights) - 2) // 4):
        x = avg_pool2d(x, 2) if level else x
        for conv in (1, 2):
            here = f"level{level}.conv{conv}"
            x = conv2d(x, weights[f"{here}.weight"], weights[f"{here}.bias"], padding=1).relu()
    features = x.mean((2, 3))
    return features, linear(features, weights["linear.weight"], weights["linear.bias"]), x


def classes_of(images: Images) -> tuple[str, ...]:
    """The names of what is told apart. Raises ``Problem`` where there is but one."""
    names = images.group_names
    if len(names) < 2:
        raise Problem(
            f"classes of {images.name!r} for a classifier",
            "neither labels nor more than one source",
            "give images with labels",
        )
    return names


def train_classifier(
    params: Classifier,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Train one network for all replicates; leave its weights and a summary in the folder ``out``.

    Raises ``Problem`` for a dataset without classes, ``FloatingPointError`` where it diverges.
    """
    from safetensors.torch import save_file

    label = str(params.dataset)
    images = load(params.dataset.name, **params.dataset.kwargs())
    classes = classes_of(images)
    with _one_thread():
        weights, curve = _fit(params, images.train, len(classes), device, progress)
        parts = {"train": images.train} | (
            {"held_out": images.held_out} if images.test.any() else {}
        )
        summary = {name: _accuracy(weights, part, device) for name, part in parts.items()}
    header = {
        "dataset": plain(params.dataset),
        "shape": list(images.shape),
        "width": params.width,
        "classes": list(classes),
        "seed": seed(label, 0, "classifier init"),
    }
    # One entry: the file format keeps several in no fixed order, and equal weights are equal bytes.
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    save_file(tensors, out / "weights.safetensors", metadata={"classifier": canonical(header)})
    text = json.dumps({**summary, "curve": curve}, indent=1, allow_nan=False)
    (out / "classifier.json").write_text(text, encoding="utf-8")


@contextmanager
def _one_thread() -> Iterator[None]:
    """One thread, and kernels that give the same bits twice."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=True, allow_tf32=False
        ):
            yield
    finally:
        torch.set_num_threads(threads)


def rate_at(step: int, params: Classifier) -> float:
    """The learning rate of a step: a linear rise, and half a cosine down to 0."""
    rise = min(1.0, (step + 1) / WARMUP)
    return params.rate * rise * (1 + math.cos(math.pi * step / params.steps)) / 2


def _fit(
    params: Classifier,
    train: Images,
    classes: int,
    device: str,
    progress: Callable[[float], None],
) -> "tuple[dict[str, Tensor], list[dict[str, float]]]":
    """The trained weights, and the loss on the way."""
    import torch
    from torch.nn.functional import cross_entropy

    label = str(params.dataset)
    init, index = (torch_generator(label, 0, f"classifier {name}") for name in ("init", "index"))
    weights = {
        name: _initial(name, shape, init).to(device).requires_grad_()
        for name, shape in shapes(train.shape, classes, params.width).items()
    }
    x, y = (torch.tensor(each, device=device) for each in (train.pixels, train.groups))
    optimiser = torch.optim.AdamW(
        list(weights.values()), betas=BETAS, weight_decay=DECAY, fused=True
    )
    curve, every = [], max(1, params.steps // REPORTS)
    for step in range(params.steps):
        optimiser.param_groups[0]["lr"] = rate_at(step, params)
        chosen = torch.randint(len(x), (params.batch,), generator=index).to(device)
        loss = cross_entropy(forward(x[chosen], weights)[1], y[chosen])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if step % every == 0 or step == params.steps - 1:
            curve.append({"images": (step + 1) * params.batch, "loss": loss.item()})
            if not math.isfinite(curve[-1]["loss"]):
                raise FloatingPointError(f"the classifier of {label} diverged: lower its rate")
            progress((step + 1) / params.steps)
    return weights, curve


def _initial(name: str, shape: tuple[int, ...], generator: "torch.Generator") -> "Tensor":
    """He's normal weights for a convolution, zeros for the rest."""
    import torch

    if len(shape) < 4:
        return torch.zeros(shape)
    return torch.randn(shape, generator=generator) * math.sqrt(2 / (9 * shape[1]))


def _accuracy(weights: "Mapping[str, Tensor]", part: Images, device: str) -> dict[str, float | int]:
    """The share of images that come out right, and that of the most frequent class."""
    import numpy as np
    import torch

    right = 0
    with torch.inference_mode():
        for start in range(0, part.count, 500):
            x = torch.tensor(part.pixels[start : start + 500], device=device)
            found = forward(x, weights)[1].argmax(1).cpu().numpy()
            right += int((found == part.groups[start : start + 500]).sum())
    chance = float(np.bincount(part.groups).max() / part.count)
    return {"accuracy": right / part.count, "chance": chance, "images": part.count}
