"""Classifier-free guidance (Ho and Salimans 2022, eq. 6).

One network has learned D(x, sigma, c) and, under the null caption, D(x, sigma). The sampler is
given

    D_w(x, sigma) = D(x, sigma, c) + w (D(x, sigma, c) - D(x, sigma)),

w = 0 the conditional denoiser itself, w = -1 the unconditional one. The scale that other papers
quote is 1 + w. For w > 0 this is the denoiser of no noised law: guidance narrows the samples around
what tells their caption from others, and w trades the one against the other.

In a score a call with w != 0 counts twice: the network is asked with and without the caption.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from harness.nets.preconditioning import Denoiser


@final
@dataclass(frozen=True, eq=False)
class Guided:
    """denoiser: conditional; tokens: int64 [K, B, T], the captions of the batch; weight: w."""

    denoiser: Denoiser
    tokens: Tensor
    weight: float

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """D_w of x [K, B, C, H, W] at sigma [K, B]."""
        if self.weight == 0:
            return self.denoiser(x, sigma, self.tokens)
        tokens = torch.cat([self.tokens, torch.zeros_like(self.tokens)], dim=1)
        twice = self.denoiser(torch.cat([x, x], 1), torch.cat([sigma, sigma], 1), tokens)
        told, free = twice.chunk(2, dim=1)
        return told + self.weight * (told - free)
