"""A token model on a card: the transformer and the denoiser of a diffusion head are compiled, and
products are rounded to bfloat16 in training (``harness.nets.compiled`` and ``.precision``).

What is learned is the same: x, noise, preconditioning and the loss are float32 as everywhere; a
head's logits and its inner network F are what is rounded. Drawing and the held-out loss work in
float32 and are not compiled. On a CPU nothing changes.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import torch
from torch import Tensor

from harness.nets.compiled import _say
from harness.nets.precision import OF_DEVICE
from harness.tokens.model import Model

Backend = str | Callable[..., object]


class Hastened:
    """A method that is called as compiled, or as it is where that fails."""

    def __init__(self, owner: object, name: str, backend: Backend = "inductor") -> None:
        self.owner, self.plain = owner, getattr(type(owner), name)
        self.fast = _compiled(self.plain, backend)
        self.failed = False

    def __call__(self, *given: Any, **named: Any) -> Tensor:
        if not self.failed and torch.is_grad_enabled():
            from torch._dynamo.exc import TorchDynamoException  # takes a second to import

            try:
                found: Tensor = self.fast(self.owner, *given, **named)
                return found
            except TorchDynamoException as error:
                self.failed = True
                _say(" ".join(str(error).split())[:200])
        made: Tensor = self.plain(self.owner, *given, **named)
        return made


@cache
def _compiled(method: Callable[..., Tensor], backend: Backend) -> Callable[..., Tensor]:
    return torch.compile(method, dynamic=False, backend=backend)


def hasten(model: Model, device: str, backend: Backend = "inductor") -> None:
    """Have what a step spends its time in compiled, where it is to train on a card."""
    if torch.device(device).type != "cuda":
        return
    speed_up(model, backend)


def speed_up(model: Model, backend: Backend) -> None:
    """The same on any device."""
    model.network.forward = Hastened(model.network, "forward", backend)
    if hasattr(model.head, "denoise"):
        object.__setattr__(model.head, "denoise", Hastened(model.head, "denoise", backend))


def rounded(device: str) -> AbstractContextManager[Any]:
    """In which products of a training step are rounded as is the custom of the device."""
    dtype = OF_DEVICE.get(torch.device(device).type)
    return nullcontext() if dtype is None else torch.autocast(torch.device(device).type, dtype)
