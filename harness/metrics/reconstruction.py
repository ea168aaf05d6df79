"""The stage ``attack``: images that a model saw, and others, restored by it and compared.

What is measured stands in ``harness.metrics.attack``. The images of a replicate are drawn from
those that it saw. The noise is one draw for each image, the same at every level and for every arm;
what fills the box is drawn for each of the two sides, in batches. A conditional denoiser is asked
under its null caption: the attacker knows none.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from harness.cell import Upstream, part
from harness.data.images import Images
from harness.data.load import load
from harness.metrics import advantage
from harness.metrics.advantage import Side
from harness.metrics.attack import BOX, COSINES, KINDS, SHARES, Attack, metric
from harness.metrics.estimate import Estimate
from harness.nets import checkpoint
from harness.problem import Problem
from harness.sample import INPAINTERS, SAMPLERS
from harness.sample.restoring import Denoise, centred_box, restore
from harness.streams import numpy_generator, torch_generator
from harness.theorem import row
from harness.train.material import collect
from harness.train.training import Training

NOTHING = part("gaussian_noise", sigma=1e-60)  # zero in float32
SIDES = ("seen", "unseen")
BETTER = {"auc": False, "ratio": True, "error_unseen": False, "cosine_unseen": True}  # else neither


class Likeness(NamedTuple):
    """How like the images restorations are: mean squared error and cosine, float64 ``[K, n]``."""

    error: np.ndarray
    cosine: np.ndarray


def seen(training: Training, train: Images, replicate: int, targets: str = "all") -> np.ndarray:
    """Which of the N training images a replicate saw in some form: bool ``[N]``.

    The pool is drawn anew, under a corruption that changes no pixel, and its images are looked up.
    An image that equals a seen one counts as seen; one of another dataset is no training image.
    """
    if training.corruption is not None:
        training = replace(training, corruption=NOTHING)
    made = collect(training, train, replicate)
    wanted = {"all": np.ones_like(made.clean), "clean": made.clean, "imperfect": ~made.clean}
    # Adding zero makes a -0 0, as that corruption may.
    known = {image.tobytes() for image in made.pixels[wanted[targets]] + np.float32(0)}
    return np.array([image.tobytes() in known for image in train.pixels + np.float32(0)])


def chosen(asked: Attack, training: Training, images: Images, k: int) -> list[Images]:
    """The images that replicate k is attacked with, seen ones and others, in a random order.

    Raises ``Problem`` where there are fewer than 2 of either.
    """
    train, turn = images.train, numpy_generator(str(training.dataset), k, "attack images")
    sides = [(train, seen(training, train, k, asked.targets), f"targets={asked.targets!r}")]
    if asked.control == "unseen":
        sides.append((train, ~seen(training, train, k), "control='unseen'"))
    else:
        sides.append((images, images.test, "control='held_out'"))
    found = []
    for source, mask, what in sides:
        index = turn.permutation(np.flatnonzero(mask))[: asked.count]
        if len(index) < 2:
            got = f"{len(index)} such images"
            fix = "choose other targets, or the control 'held_out'"
            raise Problem(f"an attack with {what} on the pool {training.pool!r}", got, fix)
        found.append(source.part(index))
    return found


def attack(
    asked: Attack,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` in the folder ``out``."""
    trained = upstream["train"]
    training, label = trained.params, str(trained.params.dataset)
    images = load(training.dataset.name, **training.dataset.kwargs())
    denoise = _without_caption(checkpoint.restore(trained.folder / "weights.safetensors", device))
    sides = zip(*(chosen(asked, training, images, k) for k in range(replicates)))
    groups, found = [], []
    for name, side in zip(SIDES, sides):
        count = min(each.count for each in side)  # a stack has as many in each copy
        pixels = np.stack([each.pixels[:count] for each in side])  # [K, n, C, H, W]
        streams = [torch_generator(label, k, f"attack {name}", device) for k in range(replicates)]
        found.append(reconstruct(asked, denoise, torch.tensor(pixels, device=device), streams))
        groups.append([each.region[:count] for each in side])
        progress(len(found) / 2)
    rows: list[dict[str, Any]] = []
    for place in asked.places:
        for k in range(replicates):
            pair = [Likeness(*(values[k] for values in likeness[place])) for likeness in found]
            rows += _rows(k, place, pair, [of_side[k] for of_side in groups])
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def reconstruct(
    asked: Attack, denoise: Denoise, images: Tensor, generators: Sequence[torch.Generator]
) -> dict[float | str, Likeness]:
    """Restorations of images ``[K, n, C, H, W]`` from each level, and of the box.

    generators: one for each of the K copies.
    """
    sampler = SAMPLERS[asked.sampler.name](**asked.sampler.kwargs())
    shape = images.shape[1:]
    noise = torch.stack([torch.randn(shape, generator=g, device=g.device) for g in generators])
    everywhere = torch.ones(shape[1:], dtype=torch.bool, device=images.device)
    box = centred_box(shape[1:], asked.box).to(images.device)
    parts: dict[float | str, list[Likeness]] = {place: [] for place in asked.places}
    for start in range(0, shape[0], asked.batch):
        x0, n = (each[:, start : start + asked.batch] for each in (images, noise))
        for level in asked.levels:
            restored = restore(denoise, sampler, x0, n, level)
            parts[level].append(likeness(restored, x0, everywhere))
        if asked.inpainter is not None:
            inpaint = INPAINTERS[asked.inpainter.name](**asked.inpainter.kwargs())
            parts[BOX].append(likeness(inpaint(denoise, x0, box, generators), x0, box))
    return {
        place: Likeness(*(np.concatenate(values, axis=1) for values in zip(*each)))
        for place, each in parts.items()
    }


def likeness(restored: Tensor, images: Tensor, where: Tensor) -> Likeness:
    """Of images ``[K, B, C, H, W]`` over the pixels ``where``, bool ``[C, H, W]``."""
    x, x0 = (each[:, :, where].double() for each in (restored, images))  # [K, B, d]
    error = (x - x0).square().mean(2)
    a, b = (each - each.mean(2, keepdim=True) for each in (x, x0))
    norms = a.norm(dim=2) * b.norm(dim=2)
    cosine = torch.where(norms > 0, (a * b).sum(2) / norms.clamp_min(1e-300), 0.0)
    return Likeness(error.cpu().numpy(), cosine.cpu().numpy())


def _without_caption(denoiser: Any) -> Denoise:
    """The denoiser as a function of images and levels alone."""
    if denoiser.words is None:
        return denoiser

    def told_nothing(x: Tensor, sigma: Tensor) -> Tensor:
        tokens = torch.zeros(*x.shape[:2], denoiser.words.length, dtype=torch.long, device=x.device)
        return denoiser(x, sigma, tokens)

    return told_nothing


def _rows(
    k: int, place: float | str, pair: list[Likeness], groups: list[np.ndarray]
) -> list[dict[str, Any]]:
    """The rows of replicate k at a level, or of the box, from errors and cosines ``[n]``."""
    if not all(np.isfinite(values).all() for each in pair for values in each):
        return [row(k, metric(kind, place), float("nan"), "1") for kind in KINDS]
    errors = [Side(each.error, group) for each, group in zip(pair, groups)]
    cosines = [Side(each.cosine, group) for each, group in zip(pair, groups)]
    readings: dict[str, Estimate] = {
        "auc": advantage.auc(*errors),
        "ratio": advantage.ratio(*errors),
        **{f"error_{name}": side.mean() for name, side in zip(SIDES, errors)},
        **{f"cosine_{name}": side.mean() for name, side in zip(SIDES, cosines)},
    }
    for share, threshold in zip(SHARES, COSINES):
        near = [side.above(threshold) for side in cosines]
        readings |= {f"{share}_seen": near[0].mean(), f"{share}_excess": advantage.excess(*near)}
    return [
        row(
            k,
            metric(kind, place),
            readings[kind].value,
            "1",
            standard_error=readings[kind].standard_error,
            higher_is_better=BETTER.get(kind),
            n=readings[kind].n,
        )
        for kind in KINDS
    ]
