"""Random streams: every draw of a run has a name, and the name decides the numbers.

A stream's seed is derived from (dataset, replicate, stream) and never from the arm. Two arms of
one replicate therefore start from the same weights and see the same noise levels, the same noise
and, where their pools allow it, the same images: they are paired by construction, and the
variance of their difference is that of the effect and not that of the draw.

No function draws from a global generator.
"""

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def seed(dataset: str, replicate: int, stream: str) -> int:
    """A seed of 63 bits for one stream; stable over machines, versions and time."""
    name = f"{dataset}/{replicate}/{stream}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], "big") >> 1


def torch_generator(
    dataset: str, replicate: int, stream: str, device: str = "cpu"
) -> "torch.Generator":
    """The stream as a torch generator on a device. CPU and CUDA draw different numbers."""
    import torch

    return torch.Generator(device=device).manual_seed(seed(dataset, replicate, stream))


def numpy_generator(dataset: str, replicate: int, stream: str) -> np.random.Generator:
    """The stream as a numpy generator."""
    return np.random.default_rng(seed(dataset, replicate, stream))
