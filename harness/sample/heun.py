"""Heun's method on the probability-flow ODE (Karras et al. 2022, algorithm 1).

    dx/dsigma = (x - D(x, sigma))/sigma,
    sigma_i = (sigma_max^(1/rho) + i/(N-1) (sigma_min^(1/rho) - sigma_max^(1/rho)))^rho,
    sigma_N = 0

An Euler step to the next level, then the mean of the two slopes; the last step, to zero, is Euler
alone. Order 2; 2N - 1 calls of the denoiser for N steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True)
class Heun:
    """N steps from sigma_max to sigma_min and then to zero."""

    order: ClassVar[int] = 2

    steps: int = 18
    sigma_min: float = 0.002
    sigma_max: float = 80.0
    rho: float = 7.0

    @property
    def calls(self) -> int:
        return 2 * self.steps - 1

    def levels(self) -> Tensor:
        """The noise levels [N + 1] in float64, the last one zero."""
        high, low = self.sigma_max ** (1 / self.rho), self.sigma_min ** (1 / self.rho)
        ramp = torch.linspace(0, 1, self.steps, dtype=torch.float64)
        return torch.cat([(high + ramp * (low - high)) ** self.rho, torch.zeros(1).double()])

    @torch.no_grad()
    def __call__(self, denoise: Callable[[Tensor, Tensor], Tensor], noise: Tensor) -> Tensor:
        """Samples [K, B, C, H, W] from unit noise of that shape; denoise takes sigma [K, B]."""
        levels = self.levels().tolist()
        x = noise * levels[0]

        def slope(x: Tensor, level: float) -> Tensor:
            sigma = x.new_full(x.shape[:2], level)
            return (x - denoise(x, sigma)) / level

        for level, following in pairwise(levels):
            d = slope(x, level)
            euler = x + (following - level) * d
            if following > 0:
                d = (d + slope(euler, following)) / 2
            x = x + (following - level) * d
        return x
