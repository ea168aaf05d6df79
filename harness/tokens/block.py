"""A block of the token transformer: self-attention and a two-layer perceptron, each behind a layer
norm; and the cache of the keys and values of slots that were seen before."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.nets.stacked import Linear

SPREAD = 4  # the perceptron is so many times as wide as a slot

Pair = tuple[Tensor, Tensor]  # keys and values [K B heads, P, w/heads]


def through(layer: Linear, h: Tensor) -> Tensor:
    """A stacked layer applied to every slot [K, B, S, w]."""
    return layer(h.flatten(1, 2)).unflatten(1, h.shape[1:3])


class Block(nn.Module):
    """Slots h [K, B, S, w] -> slots; gain: of what is added to h, at the start."""

    def __init__(
        self, width: int, heads: int, generators: Sequence[torch.Generator], gain: float
    ) -> None:
        super().__init__()
        self.heads, self.width = heads, width
        self.attend = Linear(width, 3 * width, generators)
        self.merge = Linear(width, width, generators, gain)
        self.widen = Linear(width, SPREAD * width, generators)
        self.narrow = Linear(SPREAD * width, width, generators, gain)

    def forward(
        self, h: Tensor, mask: Tensor | None, past: Pair | None = None
    ) -> tuple[Tensor, Pair]:
        """The slots, and the keys and values of all that were seen, those of the past first.

        mask: bool [S, P + S], which slot may see which; None for all.
        """
        mixed, seen = self._attention(F.layer_norm(h, (self.width,)), mask, past)
        h = h + through(self.merge, mixed)
        wide = F.silu(through(self.widen, F.layer_norm(h, (self.width,))))
        return h + through(self.narrow, wide), seen

    def _attention(self, h: Tensor, mask: Tensor | None, past: Pair | None) -> tuple[Tensor, Pair]:
        stack, batch, count, width = h.shape
        parts = through(self.attend, h).view(stack * batch, count, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4).flatten(1, 2).unbind()  # [K B heads, S, .]
        if past is not None:
            key, value = torch.cat([past[0], key], 1), torch.cat([past[1], value], 1)
        logits = torch.bmm(query, key.transpose(1, 2)) / math.sqrt(width // self.heads)
        if mask is not None:
            logits = logits.masked_fill(~mask, -math.inf)
        mixed = torch.bmm(logits.softmax(-1), value)
        merged = mixed.view(stack, batch, self.heads, count, -1).transpose(2, 3).flatten(3)
        return merged, (key, value)
