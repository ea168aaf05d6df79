"""Classifiers of K replicates as one stack: the network of ``harness.metrics.classifier``, K times.

The weights of a layer stand beside each other, ``[K, ...]``, and a convolution of K groups applies
each to its own images. The copies share nothing: the gradient of the sum of their losses is each
one's own.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from harness.metrics.classifier import (
    BETAS,
    DECAY,
    FEATURES,
    REPORTS,
    Classifier,
    levels,
    rate_at,
    shapes,
)
from harness.streams import torch_generator

if TYPE_CHECKING:
    from torch import Tensor

PIECE = 500  # test images at once


class Shown(NamedTuple):
    """What one classifier is trained on: pixels float32 ``[n, C, H, W]``, classes int64 ``[n]``."""

    pixels: np.ndarray
    labels: np.ndarray


def fit(
    recipe: Classifier,
    shown: list[Shown],
    classes: int,
    device: str = "cpu",
    progress: Callable[[float], None] = lambda share: None,
) -> "tuple[dict[str, Tensor], list[dict[str, Any]]]":
    """Train a classifier on each of what is shown; weights ``[K, ...]``, and the losses ``[K]``.

    Initial weights and places in the order are drawn by replicate, the same for all arms.
    """
    import torch
    from torch.nn.functional import cross_entropy

    label, count = str(recipe.dataset), len(shown)
    shape = shown[0].pixels.shape[1:]
    init = [torch_generator(label, k, "supervised init") for k in range(count)]
    weights = {
        name: torch.stack([_initial(each, draw) for draw in init]).to(device).requires_grad_()
        for name, each in shapes(shape, classes, recipe.width).items()
    }
    x = [torch.tensor(each.pixels, device=device) for each in shown]
    y = [torch.tensor(each.labels, device=device) for each in shown]
    index = [torch_generator(label, k, "supervised index") for k in range(count)]
    optimiser = torch.optim.AdamW(
        list(weights.values()), betas=BETAS, weight_decay=DECAY, fused=True
    )
    curve: list[dict[str, Any]] = []
    every = max(1, recipe.steps // REPORTS)
    with _exactly():
        for step in range(recipe.steps):
            optimiser.param_groups[0]["lr"] = rate_at(step, recipe)
            places = [torch.rand(recipe.batch, generator=g, dtype=torch.float64) for g in index]
            at = [(u * len(own)).long().to(device) for u, own in zip(places, y)]
            seen = torch.stack([own[i] for own, i in zip(x, at)])  # [K, B, C, H, W]
            told = torch.stack([own[i] for own, i in zip(y, at)])  # [K, B]
            logits = forward(seen, weights)
            loss = cross_entropy(logits.flatten(0, 1), told.flatten(), reduction="none")
            losses = loss.view(count, -1).mean(1)  # [K]: they share nothing, so sum them
            optimiser.zero_grad(set_to_none=True)
            losses.sum().backward()
            optimiser.step()
            if step % every == 0 or step == recipe.steps - 1:
                kept = [each if math.isfinite(each) else None for each in losses.tolist()]
                curve.append({"images": (step + 1) * recipe.batch, "loss": kept})
                progress((step + 1) / recipe.steps)
    return {name: each.detach() for name, each in weights.items()}, curve


def _exactly() -> Any:
    """Kernels that give the same bits twice."""
    import torch

    return torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )


def _initial(shape: tuple[int, ...], generator: Any) -> "Tensor":
    """He's normal weights for a convolution, zeros for the rest, as for a single classifier."""
    import torch

    if len(shape) < 4:
        return torch.zeros(shape)
    return torch.randn(shape, generator=generator) * math.sqrt(2 / (9 * shape[1]))


def forward(x: "Tensor", weights: "dict[str, Tensor]") -> "Tensor":
    """Images ``[K, B, C, H, W]``, or ``[B, C, H, W]`` for all, to logits ``[K, B, classes]``."""
    from torch.nn.functional import avg_pool2d, conv2d

    copies = len(weights["linear.bias"])
    x = x if x.dim() == 5 else x.expand(copies, *x.shape)
    x = x.transpose(0, 1).flatten(1, 2)  # [B, K C, H, W]
    for level in range((len(weights) - 2) // 4):
        x = avg_pool2d(x, 2) if level else x
        for conv in (1, 2):
            here = f"level{level}.conv{conv}"
            kernel, bias = weights[f"{here}.weight"], weights[f"{here}.bias"]
            x = conv2d(x, kernel.flatten(0, 1), bias.flatten(), padding=1, groups=copies).relu()
    features = x.mean((2, 3)).view(len(x), copies, -1).transpose(0, 1)  # [K, B, 64]
    return features @ weights["linear.weight"].mT + weights["linear.bias"][:, None]


def logits_of(weights: "dict[str, Tensor]", pixels: np.ndarray, device: str) -> np.ndarray:
    """float64 ``[K, N, classes]``."""
    import torch

    with torch.inference_mode(), _exactly():
        pieces = [
            forward(torch.tensor(pixels[at : at + PIECE], device=device), weights).double().cpu()
            for at in range(0, len(pixels), PIECE)
        ]
    return torch.cat(pieces, dim=1).numpy()


def forward_flops(shape: tuple[int, int, int], classes: int, width: int) -> int:
    """Operations of the products of one image of one classifier: two a product."""
    total, before, pairs = 0, shape[0], levels(shape)
    for level in range(pairs):
        for conv in (1, 2):
            after = FEATURES if (level, conv) == (pairs - 1, 2) else width
            total += 2 * 9 * before * after * (shape[1] >> level) * (shape[2] >> level)
            before = after
    return total + 2 * FEATURES * classes
