"""The training loop: K replicates of one cell as a stack.

Each replicate has its own streams (``harness.train.drawing``), so a copy in a stack sees the
numbers that it would see alone, and two arms of one replicate see the same ones.

A copy whose loss is not finite has diverged: its weights are NaN from then on, and so are its
samples, of which the stage ``measure`` makes rows of status ``diverged``. Copies share no gradient,
so the others go on; where none is left the training stops.

Of n checkpoints the last is the end, ``weights.safetensors``; ``weights-<i>.safetensors`` are the
averaged weights after i/n of the images, i = 1 to n - 1. The rate knows nothing of the length of a
training: these are the weights of a training that ends there.

The mean norm of what a condition's words embed to is kept beside the loss, since a perturbation
counts by its size over the norm (``harness.train.telling``). Where the words are the labels, that
of the weights that are kept is a row, ``embedding_norm``.

On a card everything that a step needs lies there from the start, the network is compiled and works
in bfloat16 (``harness.nets.compiled``, ``harness.nets.precision``), and no step waits for the card
but those of which the loss is kept.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from harness.cell import Upstream
from harness.data.images import Images
from harness.data.load import load
from harness.nets.basis import Basis
from harness.nets.checkpoint import build, save
from harness.nets.compiled import hasten
from harness.nets.preconditioning import Denoiser
from harness.objectives import OBJECTIVES
from harness.objectives.objective import Batch
from harness.problem import Problem
from harness.streams import torch_generator
from harness.theorem import row
from harness.train.drawing import Drawing
from harness.train.material import Material, gather, relabelled
from harness.train.processes import Divided, agree, average, divided, mean
from harness.train.telling import Telling
from harness.train.training import Training

ADAM = {"betas": (0.9, 0.99), "eps": 1e-8}
REPORTS = 40  # points on the loss curve that is kept


def rate_at(seen: int, training: Training) -> float:
    """Learning rate after ``seen`` images: linear warm-up, constant, then 1/sqrt(images)."""
    warm = min(1.0, (seen + training.batch) / max(training.warmup, 1))
    return training.rate * warm / max(1.0, seen / training.constant) ** 0.5


def train(
    training: Training,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Train; leave the averaged weights and a summary in the folder ``out``."""
    images = load(training.dataset.name, **training.dataset.kwargs()).train
    materials = [gather(training, images, k, device) for k in range(replicates)]
    fit(training, images, materials, out, device, progress)


def fit(
    training: Training,
    images: Images,
    materials: list[Material],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Train on what is given, a material for each replicate; leave the same.

    images: the training part of the dataset, whose shape and classes the materials have.
    """
    label, batch, replicates = str(training.dataset), training.batch, len(materials)
    objective = OBJECTIVES.make(training.objective)
    init = [torch_generator(label, k, f"init {training.copy}", device) for k in range(replicates)]
    words = None if training.condition is None else training.condition.words(images)
    denoiser = build(training.network, images.shape, init, training.basis, words)
    for k, material in enumerate(materials):
        own = scales(denoiser.basis, k, material, training.per_mode)
        denoiser.scales[k, 0] = torch.as_tensor(own, dtype=torch.float32)
    agree(materials, denoiser)
    telling = Telling(denoiser, training.condition, images.classes)
    draws = [
        divided(Drawing(material, objective, training, k, device, telling.width))
        for k, material in enumerate(materials)
    ]
    hasten(denoiser, device)

    parameters = dict(denoiser.named_parameters())
    averages = {name: p.detach().clone() for name, p in parameters.items()}
    optimiser = torch.optim.Adam(parameters.values(), fused=True, **ADAM)  # type: ignore[arg-type]
    steps = training.images // batch
    waiting = kept(steps, training.checkpoints)
    finetuned = steps - round(training.finetune * steps)
    curve: list[dict[str, object]] = []
    for step in range(steps):
        seen = step * batch
        if step == finetuned:
            for draw in draws:
                draw.clean_alone()
        optimiser.param_groups[0]["lr"] = rate_at(seen, training)
        x0, sigma, sigma_min, noise, frozen, *drawn = (
            torch.stack(each) for each in zip(*[draw() for draw in draws])
        )
        level, floor = sigma[:, :, None, None, None], sigma_min[:, :, None, None, None]
        xt, target = objective.pair(x0, level, floor, noise, frozen)
        told = telling(tuple(drawn))
        error = denoiser.weighted_error(xt, target, sigma, *told)  # [K, B]
        if (factor := objective.factor(sigma, sigma_min)) is not None:
            error = error * factor
        asked = _batch(draws, x0, sigma_min, told)
        if (extra := objective.extra(denoiser, asked)) is not None:
            error = error + extra
        loss = error.mean(1) / x0[0, 0].numel()  # [K]: the copies share nothing, so sum them
        optimiser.zero_grad(set_to_none=True)
        loss.sum().backward()
        average(parameters.values())
        optimiser.step()
        halflife = max(training.ema * (seen + batch), 1.0)
        torch._foreach_lerp_(
            list(averages.values()), list(parameters.values()), 1 - 0.5 ** (batch / halflife)
        )
        if step + 1 in waiting:
            name = waiting.pop(step + 1)
            save(denoiser, training.network, out / name, training.basis, averages)
        if step % max(1, steps // REPORTS) == 0 or step == steps - 1:
            losses = _finite(mean(loss))
            norms = {} if words is None else {"embedding_norm": _finite(denoiser.embedding_norm())}
            curve.append({"images": seen + batch, "loss": losses, **norms})
            progress((step + 1) / steps)
            if not any(each is not None for each in losses):
                break
    for name in waiting.values():  # where all have diverged before the end
        save(denoiser, training.network, out / name, training.basis, averages)
    summary = {**_summary(materials, curve), **relabelled(training, materials)}
    (out / "training.json").write_text(json.dumps(summary, indent=1, allow_nan=False))
    if training.condition is not None and training.condition.kind == "label":
        denoiser.load_state_dict(averages, strict=False)
        rows = json.dumps(_norms(denoiser), indent=1, allow_nan=False)
        (out / "measurements.json").write_text(rows)


def _finite(values: Tensor) -> list[float | None]:
    """Numbers as strict JSON has them: None for one that is not finite."""
    return [each if math.isfinite(each) else None for each in values.tolist()]


def _norms(denoiser: Denoiser) -> list[dict[str, object]]:
    """The rows of a conditional stack: the mean norm of what its labels embed to."""
    assert denoiser.words is not None
    found, count = denoiser.embedding_norm().tolist(), len(denoiser.words.known)
    return [row(k, "embedding_norm", norm, "1", n=count) for k, norm in enumerate(found)]


def kept(steps: int, checkpoints: int) -> dict[int, str]:
    """The files of the weights to keep, by the number of steps after which that is."""
    if checkpoints > steps:
        fix = "keep fewer, or train for longer"
        raise Problem(f"{checkpoints} checkpoints", f"a training of {steps} steps", fix)
    earlier = {round(steps * i / checkpoints): f"weights-{i}" for i in range(1, checkpoints)}
    return {at: f"{name}.safetensors" for at, name in {**earlier, steps: "weights"}.items()}


def scales(basis: Basis, copy: int, material: Material, per_mode: bool) -> np.ndarray:
    """The scale of the clean data in each mode of a basis, for the denoiser's preconditioning.

    It is measured on the images that count as clean. Where there are none, all are taken to be
    clean ones under white noise of their sigma_min, which has the same variance in every mode: it
    is subtracted, and what is left is at least the standard error of a variance that is all noise,
    sqrt(2/n) of it for n images. Raises ``Problem`` where a noise is not known.
    """
    if material.clean.any():
        return basis.measure(copy, material.pixels[material.clean], per_mode)
    noise = material.levels[:, 0].astype(np.float64)
    if not np.isfinite(noise).all():
        fix = "annotate with the noise that they have, by the annotator oracle"
        raise Problem("the scale of data seen under noise alone", "sigma_min=inf", fix)
    variance = float((noise**2).mean())
    measured = basis.measure(copy, material.pixels, per_mode)
    least = variance * (2 / len(noise)) ** 0.5
    return np.sqrt(np.maximum(measured**2 - variance, least))


def _batch(
    draws: list[Drawing | Divided], x0: Tensor, sigma_min: Tensor, tokens: tuple[Tensor, ...]
) -> Batch:
    """What an objective's extra term is given; nothing is drawn unless it asks."""

    def normal() -> Tensor:
        return torch.stack([draw.normal("extra noise", tuple(x0.shape[1:])) for draw in draws])

    def below(limit: Tensor) -> Tensor:
        return torch.stack([draw.below(own) for draw, own in zip(draws, limit)])

    return Batch(x0, sigma_min, tokens, normal, below)


def _summary(materials: list[Material], curve: list[dict[str, object]]) -> dict[str, object]:
    """What the report shows of a training: pools, annotations and the loss curve.

    sigma_min: the mean over the imperfect images that are ever admitted from below.
    """
    annotated = [m.levels[~m.clean, 0] for m in materials]
    finite = [levels[np.isfinite(levels)] for levels in annotated]
    return {
        "clean_images": [int(m.clean.sum()) for m in materials],
        "corrupted_images": [int((~m.clean).sum()) for m in materials],
        "sigma_min": [float(a.mean()) if a.size else None for a in finite],
        "curve": curve,
    }
