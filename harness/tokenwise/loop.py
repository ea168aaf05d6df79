"""The training loop of token models: K replicates of one cell as a stack.

Each replicate has its own streams, named without the arm: two arms of one replicate see the same
images in the same sequence, and the same of them without their condition. (Orders, masks and noise
are drawn from one stream too, but an order draws what another does not.) Each pass over the images
is in a sequence of its own.

A copy whose loss is not finite has diverged: its weights are NaN from then on, and so are its loss
and its samples, which become rows of status ``diverged``. Copies share no gradient, so the others
go on; where none is left the training stops.

On a card everything that a step needs lies there from the start, products of network and head are
rounded to bfloat16 in training (``harness.nets.precision``: x, noise, preconditioning and the loss
stay float32), and no step waits for the card but those of which the loss is kept. Nothing is
compiled: at the lengths that are trained here compilation takes longer than it would save. Drawing
and the held-out loss work in float32.
"""

import json
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch

from harness.cell import Upstream
from harness.nets.precision import OF_DEVICE
from harness.streams import numpy_generator, torch_generator
from harness.tokens.model import build
from harness.tokenwise.checkpoint import save
from harness.tokenwise.pipeline import Pipeline, encoded, fitted, loaded
from harness.tokenwise.training import TokenTraining
from harness.train.loop import ADAM, REPORTS, rate_at

CLIP = 3.0  # of the norm of a copy's gradient, as MAR's code has it


def train(
    training: TokenTraining,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Train; leave the averaged weights with the tokenisers, and the loss curve, in ``out``."""
    images, label, batch = loaded(training.dataset).train, str(training.dataset), training.batch
    pipelines = [fitted(training, k) for k in range(replicates)]
    own = [torch.tensor(encoded(training, k)).to(device) for k in range(len(_distinct(pipelines)))]
    tokens = own if len(own) == replicates else own * replicates  # [K] of [n, T, ...]
    words = None if training.condition is None else training.condition.words(images)
    told = None
    if training.condition is not None:
        told = torch.as_tensor(training.condition.tokens(images)).to(device)  # [n, L]
    streams = [torch_generator(label, k, f"token init {training.copy}", device)
               for k in range(replicates)]  # fmt: skip
    parts = training.order, training.network, training.head
    model = build(pipelines[0].form, *parts, streams, words)
    chance = [torch_generator(label, k, f"token loss {training.copy}", device)
              for k in range(replicates)]  # fmt: skip
    steps = training.images // batch
    seen = [visits(training, images.count, steps * batch, k) for k in range(replicates)]
    rows = torch.as_tensor(np.stack([each for each, _ in seen])).to(device)  # [K, steps batch]
    untold = torch.as_tensor(np.stack([each for _, each in seen])).to(device)

    parameters = dict(model.named_parameters())
    averages = {name: p.detach().clone() for name, p in parameters.items()}
    optimiser = torch.optim.Adam(parameters.values(), fused=True, **ADAM)  # type: ignore[arg-type]
    curve: list[dict[str, object]] = []
    for step in range(steps):
        now = slice(step * batch, (step + 1) * batch)
        x = torch.stack([each[row] for each, row in zip(tokens, rows[:, now])])
        condition = None
        if told is not None:
            condition = told[rows[:, now]].masked_fill(untold[:, now, None], 0)  # [K, B, L]
        optimiser.param_groups[0]["lr"] = rate_at(step * batch, training)  # type: ignore[arg-type]
        with rounded(device):
            loss = model(x, condition, chance).float().mean(1)  # [K]
        optimiser.zero_grad(set_to_none=True)
        loss.sum().backward()  # the copies share nothing
        clip(list(parameters.values()))
        optimiser.step()
        halflife = max(training.ema * (step + 1) * batch, 1.0)
        torch._foreach_lerp_(
            list(averages.values()), list(parameters.values()), 1 - 0.5 ** (batch / halflife)
        )
        if step % max(1, steps // REPORTS) == 0 or step == steps - 1:
            losses = [each if math.isfinite(each) else None for each in loss.tolist()]
            curve.append({"images": (step + 1) * batch, "loss": losses})
            progress((step + 1) / steps)
            if not any(each is not None for each in losses):
                break
    save(model, training, pipelines, out / "weights.safetensors", averages)
    (out / "training.json").write_text(json.dumps({"curve": curve}, indent=1, allow_nan=False))


def _distinct(pipelines: list[Pipeline]) -> list[Pipeline]:
    """Those of all replicates, or the one that they share."""
    return pipelines[:1] if pipelines[-1] is pipelines[0] else pipelines


def rounded(device: str) -> AbstractContextManager[Any]:
    """In which products are rounded as is the custom of the device."""
    kind = torch.device(device).type
    return torch.autocast(kind, OF_DEVICE[kind]) if kind in OF_DEVICE else nullcontext()


def clip(parameters: list[torch.nn.Parameter]) -> None:
    """Gradients of each copy brought to a norm of ``CLIP`` where it is larger."""
    found = [p.grad for p in parameters if p.grad is not None]
    square = torch.stack([g.square().flatten(1).sum(1) for g in found]).sum(0)  # [K]
    scale = (CLIP / square.sqrt()).clamp(max=1.0)
    for g in found:
        g.mul_(scale.view(-1, *(1,) * (g.ndim - 1)))


def visits(
    training: TokenTraining, images: int, count: int, replicate: int
) -> tuple[np.ndarray, np.ndarray]:
    """The images that a replicate sees, int64 [count], pass after pass, and which of them it is
    told nothing of, bool [count]."""
    label = str(training.dataset)
    stream = numpy_generator(label, replicate, f"token index {training.copy}")
    passes = [stream.permutation(images) for _ in range(-(-count // images))]
    rate = 0.0 if training.condition is None else training.condition.dropout
    drop = numpy_generator(label, replicate, f"token drop {training.copy}")
    return np.concatenate(passes)[:count], drop.random(count) < rate
