"""Squared error: the head that knows the mean alone, the control of the diffusion head.

The loss is the mean of (z - m(h))^2 over the numbers of a token, m affine; its minimiser is
m = E[z | h]. That is what it draws, so its images are means of all that may follow.
"""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from harness.nets.stacked import Linear
from harness.tokens.block import through
from harness.tokens.chance import Generators
from harness.tokens.head import Cost, Head
from harness.tokens.manner import Manner


class Squared(Head):
    """Tokens of so many numbers (size). No temperature changes what it draws."""

    discrete: ClassVar[bool] = False

    def __init__(self, width: int, size: int, generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.outward = Linear(width, size, generators, gain=0.1)

    def loss(self, h: Tensor, target: Tensor, generators: Generators) -> Tensor:
        return (through(self.outward, h) - target).square().mean(-1)

    def sample(
        self, h: Tensor, free: Tensor | None, pull: float, manner: Manner, generators: Generators
    ) -> Tensor:
        mean = through(self.outward, h)
        return mean if free is None else mean + pull * (mean - through(self.outward, free))

    @staticmethod
    def flops(width: int, size: int) -> Cost:
        return Cost(2 * width * size, 2 * width * size)
