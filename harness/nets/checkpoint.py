"""Checkpoints: a stack of denoisers in one safetensors file that says how to build it again.

The header holds the network's row and parameters, the image shape and the size of the stack; a
reader needs nothing else, and nothing in the file is ever executed.
"""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from harness.cell import Part, canonical, part, plain
from harness.nets import NETWORKS
from harness.nets.preconditioning import Denoiser
from harness.problem import Problem


def build(network: Part, shape: tuple[int, int, int], init: list[torch.Generator]) -> Denoiser:
    """A fresh stack, copy k drawn from generator k; the data scales are one until measured."""
    device = init[0].device
    module = NETWORKS[network.name](shape, init, **network.kwargs())
    return Denoiser(module, torch.ones(len(init), *shape, device=device)).to(device)


def save(denoiser: Denoiser, network: Part, path: Path) -> None:
    stack, _, *shape = denoiser.scales.shape
    # One entry: the file format keeps several in no fixed order, and equal stacks are equal bytes.
    header = {"denoiser": canonical({"network": plain(network), "shape": [stack, *shape]})}
    tensors = {name: tensor.contiguous() for name, tensor in denoiser.state_dict().items()}
    save_file(tensors, path, metadata=header)


def restore(path: Path, device: str, copy: int | None = None) -> Denoiser:
    """The stack in a file, or one copy of it as a stack of one, ready to be called."""
    try:
        with safe_open(path, framework="pt", device=device) as file:
            header = file.metadata()
            shared = {"rows", "columns"}  # the DCT matrices, of which a stack has one
            tensors = {
                name: file.get_tensor(name)
                if copy is None or name in shared
                else file.get_slice(name)[copy : copy + 1]
                for name in file.keys()  # noqa: SIM118
            }
        made = json.loads(header["denoiser"])
        row, (stack, *shape) = made["network"], made["shape"]
    except Exception as error:
        raise Problem(
            f"the checkpoint {path}", f"{error}", "delete its folder and train it again"
        ) from error
    stack = stack if copy is None else 1
    network = part(row.pop("name"), **row)
    init = [torch.Generator(device=device).manual_seed(k) for k in range(stack)]
    denoiser = build(network, tuple(shape), init)
    denoiser.load_state_dict(tensors)
    return denoiser.eval()
