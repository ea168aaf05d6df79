"""Cross-entropy of codes: the law of a token is a softmax of affine functions of h.

The loss is -log of the chance of the code, in nats; over all tokens of a causal model it is the
exact negative log-likelihood. Its minimiser is the law itself.
"""

from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from harness.nets.stacked import Linear
from harness.tokens.block import through
from harness.tokens.chance import Generators, uniform
from harness.tokens.form import LOST
from harness.tokens.head import Cost, Head
from harness.tokens.manner import Manner


class CrossEntropy(Head):
    """Codes from 0 to size - 1."""

    discrete: ClassVar[bool] = True

    def __init__(self, width: int, size: int, generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.outward = Linear(width, size, generators, gain=0.1)

    def logits(self, h: Tensor) -> Tensor:
        """[K, B, S, codes]."""
        return through(self.outward, h)

    def loss(self, h: Tensor, target: Tensor, generators: Generators) -> Tensor:
        each = F.cross_entropy(self.logits(h).flatten(0, 2), target.flatten(), reduction="none")
        return each.view(target.shape)

    def sample(
        self, h: Tensor, free: Tensor | None, pull: float, manner: Manner, generators: Generators
    ) -> Tensor:
        """By the Gumbel maximum: the largest of logits plus temperature times Gumbel noise."""
        logits = self.logits(h)
        if free is not None:
            logits = logits + pull * (logits - self.logits(free))
        noise = -(-uniform(logits.shape[1:], generators).log()).log()
        drawn = (logits + manner.temperature * noise).argmax(-1)
        return torch.where(logits.isfinite().all(-1), drawn, LOST)

    @staticmethod
    def flops(width: int, size: int) -> Cost:
        return Cost(2 * width * size, 2 * width * size)
