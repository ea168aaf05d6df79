"""Compiled: a network's forward and backward pass as a few fused kernels, for training on a card.

Compilation takes about a minute, so it happens once for all cells of a process that train the same
network on stacks of one size and batches of one size. What is compiled is the forward function of
the network's *class*, once a process; PyTorch keeps what it made of it with the class, the shapes
and the precision that it is made for, and takes parameters as inputs. So the next stack of the
same shape, a network of its own, finds it there: there is no table of ours that could go stale.
Shapes are fixed (``dynamic=False``): all batches of a training are of one size, and what is
compiled for one size is faster. Past eight shapes in one process (PyTorch's ``recompile_limit``)
further ones are run as they are.

A compiler may be absent: PyTorch needs ``triton``, a C compiler and Python's header files. Then the
training says so once and goes on as it is, at about half the speed.

On a CPU nothing is compiled: it gains nothing there, and other kernels round otherwise.
"""

import sys
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

from harness.nets.preconditioning import Denoiser

Backend = str | Callable[..., object]


class Compiled:
    """A network that is called as its class has been compiled, or as it is where that fails."""

    def __init__(self, network: nn.Module, backend: Backend = "inductor") -> None:
        self.network = network
        self.forward = forward(type(network), backend)  # type: ignore[arg-type]
        self.failed = False

    def __call__(self, *given: Tensor) -> Tensor:
        if not self.failed:
            from torch._dynamo.exc import TorchDynamoException  # takes a second to import

            try:
                return self.forward(self.network, *given)
            except TorchDynamoException as error:
                self.failed = True
                _say(" ".join(str(error).split())[:200])
        return self.network(*given)


def hasten(denoiser: Denoiser, device: str) -> None:
    """Have the network of a denoiser compiled, where it is to train on a card."""
    if torch.device(device).type == "cuda":
        denoiser.standin = Compiled(denoiser.network)


@cache
def forward(kind: type[nn.Module], backend: Backend) -> Callable[..., Tensor]:
    """The compiled forward function of a class of networks: it takes the network, then input."""
    return torch.compile(kind.forward, dynamic=False, backend=backend)


@cache
def _say(reason: str) -> None:
    """A note on standard error, once a reason."""
    print(
        f"patina: the network is not compiled ({reason}); it trains as it is, at about half the "
        "speed: install triton and a C compiler to mend that",
        file=sys.stderr,
    )
