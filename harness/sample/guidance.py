"""Classifier-free guidance (Ho and Salimans 2022, eq. 6).

One network has learned D(x, sigma, c) and, under the null caption, D(x, sigma). The sampler is
given

    D_w(x, sigma) = D(x, sigma, c) + w (D(x, sigma, c) - D(x, sigma)),

w = 0 the conditional denoiser itself, w = -1 the unconditional one. The scale that other papers
quote is 1 + w. For w > 0 this is the denoiser of no noised law: guidance narrows the samples around
what tells their caption from others, and w trades the one against the other.

In a score a call with w != 0 counts twice: the network is asked with and without the caption. Of a
stack, whose copies may have weights of their own, it does so where any of them is not 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from harness.nets.preconditioning import Denoiser


@final
@dataclass(frozen=True, eq=False)
class Guided:
    """denoiser: conditional; tokens: int64 [K, B, T], the captions of the batch; weight: w.

    The weight is one for all, or one for each of the K copies.
    """

    denoiser: Denoiser
    tokens: Tensor
    weight: float | Sequence[float]

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """D_w of x [K, B, C, H, W] at sigma [K, B]."""
        if not any(self._weights):
            return self.denoiser(x, sigma, self.tokens)
        tokens = torch.cat([self.tokens, torch.zeros_like(self.tokens)], dim=1)
        twice = self.denoiser(torch.cat([x, x], 1), torch.cat([sigma, sigma], 1), tokens)
        told, free = twice.chunk(2, dim=1)
        return told + self._factor(x) * (told - free)

    @property
    def _weights(self) -> Sequence[float]:
        return self.weight if isinstance(self.weight, Sequence) else (self.weight,)

    def _factor(self, x: Tensor) -> float | Tensor:
        """w as it multiplies images like x: itself, or [K, 1, 1, 1, 1]."""
        if not isinstance(self.weight, Sequence):
            return self.weight
        each = torch.tensor(self.weight, dtype=x.dtype, device=x.device)
        return each[:, None, None, None, None]
