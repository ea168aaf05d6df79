"""Likeness: how like the images their restorations are, by each denoiser of a stack.

The errors, the cosine and the calibration are those of ``harness.metrics.attack``.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from harness.metrics.attack import BOX, FLAT, Attack
from harness.sample import INPAINTERS, SAMPLERS
from harness.sample.restoring import Denoise, centred_box, restore


class Likeness(NamedTuple):
    """How like the images restorations are, float64 ``[K, n]``: mean squared error, cosine, and
    the error relative to that of the next copy, if that was asked."""

    error: np.ndarray
    cosine: np.ndarray
    relative: np.ndarray | None = None

    def of(self, k: int) -> "Likeness":
        """The restorations by copy k, ``[n]``."""
        relative = None if self.relative is None else self.relative[k]
        return Likeness(self.error[k], self.cosine[k], relative)


def restorations(
    asked: Attack, denoise: Denoise, images: Tensor, streams: Callable[[], list[torch.Generator]]
) -> dict[float | str, Likeness]:
    """Restorations of images ``[K, n, C, H, W]`` by each copy, calibrated by the next one.

    streams: new generators for the K copies, which draw the same at each call.
    """
    own = reconstruct(asked, denoise, images, streams())
    if not asked.calibrated or len(images) == 1:
        return own
    given = streams()
    other = reconstruct(asked, denoise, images.roll(1, 0), [given[-1], *given[:-1]])
    return {
        place: each._replace(relative=relative(each.error, np.roll(other[place].error, -1, 0)))
        for place, each in own.items()
    }


def relative(error: np.ndarray, difficulty: np.ndarray) -> np.ndarray:
    """error / (error + difficulty), in [0, 1]; a half where both are 0."""
    total = error + difficulty
    return np.divide(error, total, out=np.where(total == 0, 0.5, np.nan), where=total > 0)


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
        place: Likeness(
            np.concatenate([each.error for each in batches], axis=1),
            np.concatenate([each.cosine for each in batches], axis=1),
        )
        for place, batches in parts.items()
    }


def likeness(restored: Tensor, images: Tensor, where: Tensor) -> Likeness:
    """Of images ``[K, B, C, H, W]`` over the pixels ``where``, bool ``[C, H, W]``."""
    x, x0 = (each[:, :, where].double() for each in (restored, images))  # [K, B, d]
    error = (x - x0).square().mean(2)
    a, b = (each - each.mean(2, keepdim=True) for each in (x, x0))
    a_size, b_size = (each.square().mean(2).sqrt() for each in (a, b))
    cosine = (a * b).mean(2) / (a_size * b_size)
    cosine[(a_size < FLAT) | (b_size < FLAT)] = 0
    return Likeness(error.cpu().numpy(), cosine.cpu().numpy())
