"""A residual multilayer perceptron on the pixels of a small image.

Blocks ``h <- h + W2 silu(W1 (norm(h) (1 + s)) + b1) + b2`` where the scale s is an affine function
of the noise level's Fourier features. On 8x8 grey images a width of 240 and 3 blocks make about
420k parameters and 0.85 MFLOP an image: 17 times the images a second of a U-Net of the same size.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.nets.stacked import Linear, fourier

FEATURES = 64


class ResidualMLP(nn.Module):
    """A stack of K residual MLPs: x [K, B, C, H, W], c_noise [K, B] -> [K, B, C, H, W]."""

    def __init__(
        self,
        shape: tuple[int, int, int],
        generators: Sequence[torch.Generator],
        width: int = 240,
        blocks: int = 3,
    ) -> None:
        super().__init__()
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

    def forward(self, x: Tensor, c_noise: Tensor) -> Tensor:
        embedding = fourier(c_noise, FEATURES)  # [K, B, F]
        h = self.inward(x.flatten(2))  # [K, B, width]
        for scale, first, second in zip(self.scale, self.first, self.second):
            normal = F.layer_norm(h, (self.width,)) * (1 + scale(embedding))
            h = h + second(F.silu(first(normal)))
        return self.outward(F.silu(h)).view_as(x)

    @staticmethod
    def flops(shape: tuple[int, int, int], width: int = 240, blocks: int = 3) -> int:
        """Floating-point operations of one forward pass of one image, products only."""
        pixels = math.prod(shape)
        return 2 * width * (2 * pixels + blocks * (FEATURES + 2 * width))
