"""Draws for a stack: copy k's from generator k, so that a copy sees what it would see alone."""

from collections.abc import Sequence

import torch
from torch import Tensor

from harness.nets.stacked import normal as scaled

Generators = Sequence[torch.Generator]


def normal(shape: Sequence[int], generators: Generators) -> Tensor:
    """Standard normal numbers [K, *shape]."""
    return scaled(shape, 1.0, generators)


def uniform(shape: Sequence[int], generators: Generators) -> Tensor:
    """Uniform numbers of [0, 1), [K, *shape]."""
    return torch.stack([torch.rand(*shape, generator=g, device=g.device) for g in generators])


def permutations(count: int, length: int, generators: Generators) -> Tensor:
    """Uniformly random permutations int64 [K, count, length]."""
    return uniform((count, length), generators).argsort(-1)
