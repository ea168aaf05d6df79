"""Layers for a stack: K independent networks of one shape, run as one.

The replicates of a cell differ only in their random streams. Trained one after the other, small
layers leave most of a core to overhead; stacked, K matrix products become one batched product. The
copies share no parameter and no gradient: copy k of a stack computes what a network alone would
compute, to rounding.

Every layer takes ``[K, B, ...]`` and gives ``[K, B, ...]``.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.problem import Problem


def require_sizes(network: str, **sizes: object) -> None:
    """Refuse the size of a network that is no whole number from 1. Raises ``Problem``."""
    for name, size in sizes.items():
        if type(size) is not int or size < 1:
            raise Problem(
                f"the network {network}", f"{name}={size!r}", "give a whole number from 1"
            )


def normal(shape: Sequence[int], std: float, generators: Sequence[torch.Generator]) -> Tensor:
    """A parameter [K, *shape], copy k drawn from generator k."""
    return torch.stack(
        [torch.randn(*shape, generator=g, device=g.device) * std for g in generators]
    )


class Linear(nn.Module):
    """Affine map of the last axis, one a copy: [K, B, fan_in] -> [K, B, fan_out]."""

    def __init__(
        self, fan_in: int, fan_out: int, generators: Sequence[torch.Generator], gain: float = 1.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal((fan_in, fan_out), gain / math.sqrt(fan_in), generators))
        self.bias = nn.Parameter(torch.zeros_like(self.weight[:, :1]))  # [K, 1, fan_out]

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, x, self.weight)  # [K, B, fan_out]


class Conv2d(nn.Module):
    """Same-size convolution, one a copy: [K, B, C_in, H, W] -> [K, B, C_out, H, W].

    The copies run one after the other: on CPU and on GPU alike a grouped convolution of K groups is
    slower than K convolutions.
    """

    def __init__(
        self,
        fan_in: int,
        fan_out: int,
        generators: Sequence[torch.Generator],
        kernel: int = 3,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.padding = kernel // 2
        std = gain / math.sqrt(fan_in * kernel * kernel)
        shape = (fan_out, fan_in, kernel, kernel)
        self.weight = nn.Parameter(normal(shape, std, generators))  # [K, C_out, C_in, k, k]
        self.bias = nn.Parameter(torch.zeros_like(self.weight[:, :, 0, 0, 0]))  # [K, C_out]

    def forward(self, x: Tensor) -> Tensor:
        copies = zip(x.unbind(), self.weight.unbind(), self.bias.unbind())
        return torch.stack([F.conv2d(h, w, b, padding=self.padding) for h, w, b in copies])


class GroupNorm(nn.Module):
    """Group normalisation over four groups of channels: [K, B, C, H, W], an affine map a copy."""

    def __init__(self, channels: int, stack: int, device: torch.device) -> None:
        super().__init__()
        self.groups = math.gcd(channels, 4)
        self.weight = nn.Parameter(torch.ones(stack, 1, channels, 1, 1, device=device))
        self.bias = nn.Parameter(torch.zeros(stack, 1, channels, 1, 1, device=device))

    def forward(self, x: Tensor) -> Tensor:
        normal = F.group_norm(x.flatten(0, 1), self.groups).view_as(x)
        return torch.addcmul(self.bias, normal, self.weight)


def fourier(c_noise: Tensor, features: int) -> Tensor:
    """Sines and cosines of the noise level: [K, B] -> [K, B, features].

    The frequencies are geometric from 1/2 to 16 a unit of c_noise = ln(sigma)/4, which spans about
    [-1.6, 1.1]: smooth enough to interpolate, fine enough to tell neighbours apart.
    """
    count = features // 2
    exponent = torch.linspace(-1.0, 4.0, count, device=c_noise.device, dtype=c_noise.dtype)
    phase = math.pi * c_noise[..., None] * 2.0**exponent  # [K, B, count]
    return torch.cat([phase.cos(), phase.sin()], dim=-1)
