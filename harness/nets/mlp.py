"""A residual multilayer perceptron on the pixels of a small image.

Blocks ``h <- h + W2 silu(W1 (norm(h) (1 + s)) + b1) + b2`` where the scale s is an affine function
of the noise level's Fourier features. On 8x8 grey images a width of 240 and 3 blocks make about
420k parameters and 0.85 MFLOP an image: 17 times the images a second of a U-Net of the same size.

With a condition, the mean c of its embedded words enters each block beside the noise level: an
affine function of c is added to the scale s, and another to norm(h) (1 + s) as its shift (the scale
and shift of Perez et al., "FiLM", AAAI 2018).
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.nets.embedding import Embedding, embedded, require_embedding, width_for
from harness.nets.stacked import Linear, fourier, require_sizes

FEATURES = 64
TOLD = 0.5  # deviation of the condition's scales and shifts at the start


def _require(words: int, width: object, blocks: object, kind: object, d: object) -> None:
    """Refuse what makes no network. Raises ``Problem``."""
    require_sizes("mlp", width=width, blocks=blocks)
    require_embedding(words, kind, d)


class ResidualMLP(nn.Module):
    """A stack of K residual MLPs: x [K, B, C, H, W], c_noise [K, B] -> [K, B, C, H, W].

    With words (different tokens with 0) and length T it takes a condition too: tokens int64
    [K, B, T], or what they embed to, [K, B, T, d]. embedding, embedding_width: its kind and d.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        generators: Sequence[torch.Generator],
        width: int = 240,
        blocks: int = 3,
        words: int = 0,
        length: int = 0,
        embedding: str = "fixed",
        embedding_width: int | None = None,
    ) -> None:
        super().__init__()
        _require(words, width, blocks, embedding, embedding_width)
        pixels = math.prod(shape)
        self.width = width
        self.inward = Linear(pixels, width, generators)
        self.scale = nn.ModuleList(
            [Linear(FEATURES, width, generators, gain=0.1) for _ in range(blocks)]
        )
        self.first = nn.ModuleList([Linear(width, width, generators) for _ in range(blocks)])
        self.second = nn.ModuleList(
            [Linear(width, width, generators, gain=1 / math.sqrt(blocks)) for _ in range(blocks)]
        )
        self.outward = Linear(width, pixels, generators, gain=0.1)
        self.words = words
        if words:
            self.embed = Embedding(words, generators, embedding, embedding_width)
            d = self.embed.width
            gain = TOLD * math.sqrt(d)  # c has the norm 1
            self.told = nn.ModuleList(
                [Linear(d, 2 * width, generators, gain) for _ in range(blocks)]
            )

    def forward(self, x: Tensor, c_noise: Tensor, condition: Tensor | None = None) -> Tensor:
        noise = fourier(c_noise, FEATURES)  # [K, B, F]
        if self.words:
            c = embedded(self, condition).mean(2)  # [K, B, d]
        h = self.inward(x.flatten(2))  # [K, B, width]
        for k, (scale, first, second) in enumerate(zip(self.scale, self.first, self.second)):
            if self.words:
                more, shift = self.told[k](c).chunk(2, -1)
                normal = F.layer_norm(h, (self.width,)) * (1 + scale(noise) + more) + shift
            else:
                normal = F.layer_norm(h, (self.width,)) * (1 + scale(noise))
            h = h + second(F.silu(first(normal)))
        return self.outward(F.silu(h)).view_as(x)

    @staticmethod
    def flops(
        shape: tuple[int, int, int],
        width: int = 240,
        blocks: int = 3,
        words: int = 0,
        length: int = 0,
        embedding: str = "fixed",
        embedding_width: int | None = None,
    ) -> int:
        """Floating-point operations of one forward pass of one image, products only.

        Raises ``Problem`` for parameters that make no network, as building one does.
        """
        _require(words, width, blocks, embedding, embedding_width)
        pixels = math.prod(shape)
        told = 2 * width_for(words, embedding_width) if words else 0
        return 2 * width * (2 * pixels + blocks * (FEATURES + 2 * width + told))
