r"""Random places at once, given all that is known: the order of MaskGIT and MAR.

In training ceil(r T) random places of an image are hidden, r drawn for it from the normal law of
the mean 1 and the deviation 1/4, cut to [0.7, 1] (MAR; there one r a batch), and they alone are
asked for. In sampling all are hidden at first. After step i of S

.. math::  \lfloor T \cos(\tfrac{\pi}{2} i / S) \rfloor

are still hidden (Chang et al. 2022, "MaskGIT", the cosine schedule), but each step draws one at
least. So it draws few tokens while little is known, and each token exactly once. The tokens of a
step are independent of each other given what was known: with S = T there is no such step.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor

from harness.problem import Problem
from harness.tokens.chance import Generators, permutations, uniform
from harness.tokens.order import Order


@final
@dataclass(frozen=True)
class Masked(Order):
    """steps: S; least, spread: the least share hidden in training, and its deviation from 1."""

    causal: ClassVar[bool] = False

    steps: int = 8
    least: float = 0.7
    spread: float = 0.25

    def __post_init__(self) -> None:
        if self.steps < 1 or not 0 < self.least < 1 or not self.spread > 0:
            got = f"steps={self.steps}, least={self.least}, spread={self.spread}"
            fix = "give a step or more, a share between 0 and 1, and a deviation above 0"
            raise Problem("the order masked", got, fix)

    def permutations(self, count: int, length: int, generators: Generators) -> Tensor:
        return permutations(count, length, generators)

    def counts(self, length: int) -> tuple[int, ...]:
        if self.steps > length:
            got = f"images of {length} tokens"
            raise Problem(f"{self.steps} steps of sampling", got, "take as many steps at most")
        left, counts = length, []
        for step in range(1, self.steps + 1):
            cosine = math.cos(math.pi / 2 * step / self.steps)
            after = math.floor(length * cosine + 1e-9)
            after = max(min(after, left - 1), self.steps - step)  # one for this step and for each
            counts.append(left - after)
            left = after
        return tuple(counts)

    def hidden(self, permutations: Tensor, generators: Generators) -> Tensor:
        length = permutations.shape[-1]
        low = torch.special.ndtr(torch.tensor((self.least - 1) / self.spread)).item()
        chance = low + (0.5 - low) * uniform(permutations.shape[1:2], generators)  # [K, B]
        share = 1 + self.spread * torch.special.ndtri(chance)
        count = (length * share).ceil().clamp(1, length)
        return permutations.argsort(-1) >= length - count[..., None]
