"""Inference: images through a network, a few at a time, so that each comes out as it would alone.

The batches are small enough for a processor's cache, and the result of one image depends on the
others of its batch only as the order of sums does: below 1e-5 of the largest value. On a GPU the
products are those of float32 (the shorter TF32 would cost three digits) and of kernels that give
the same bits twice.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from harness.metrics.features import Features
from harness.metrics.requirement import require
from harness.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor

    # Images to rows [B, d], logits [B, K] or None, spatial [B, s] or None.
    Forward = Callable[[Tensor], tuple[Tensor, Tensor | None, Tensor | None]]


def require_images(
    name: str, images: np.ndarray, side: int | None, channels: tuple[int, ...], doing: str = "of"
) -> np.ndarray:
    """Images ``[N, C, H, W]`` that an extractor takes; ``Problem`` for others.

    ``side`` is theirs in pixels, or None where any will do; ``doing`` completes the sentence.
    """
    what = f"{name} {doing} images"
    found = require(what, images, axes=4, least=1)
    if found.shape[1] not in channels:
        needed = "colour" if 3 in channels else "grey"
        raise Problem(
            what, f"{found.shape[1]} channels", f"give {needed} images, or another extractor"
        )
    if side is not None and found.shape[2:] != (side, side):
        height, width = found.shape[2:]
        raise Problem(what, f"{height} x {width} pixels", f"give --size {side}")
    return found


def infer(
    images: np.ndarray, forward: "Forward", batch: int, colour: bool = False, device: str = "cpu"
) -> Features:
    """Float32 features of images ``[N, C, H, W]`` by a network that takes ``[B, C, H, W]``.

    With ``colour``, grey images are repeated in three channels.
    """
    import torch

    heads: tuple[list[np.ndarray], ...] = ([], [], [])
    exact = torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )
    with torch.inference_mode(), exact:
        for start in range(0, len(images), batch):
            piece = np.ascontiguousarray(images[start : start + batch], np.float32)
            x = torch.tensor(piece, device=device)
            if colour:
                x = x.expand(-1, 3, -1, -1)
            for head, found in zip(heads, forward(x)):
                if found is not None:
                    head.append(found.float().cpu().numpy())
    rows, logits, spatial = (np.concatenate(head) if head else None for head in heads)
    assert rows is not None
    return Features(rows, logits, spatial)
