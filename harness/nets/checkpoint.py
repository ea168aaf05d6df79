"""Checkpoints: a stack of denoisers in one safetensors file that says how to build it again.

The header holds the network's row and parameters, the image shape and the size of the stack; a
reader needs nothing else, and nothing in the file is ever executed.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from harness.cell import Part, canonical, part, plain
from harness.data.words import Words
from harness.nets import BASES, NETWORKS
from harness.nets.preconditioning import Denoiser
from harness.problem import Problem

DCT = part("dct")
SHARED = {"basis.rows", "basis.columns"}  # the DCT matrices, of which a stack has one


def build(
    network: Part,
    shape: tuple[int, int, int],
    init: list[torch.Generator],
    basis: Part = DCT,
    words: Words | None = None,
) -> Denoiser:
    """A fresh stack, copy k drawn from generator k; the data scales are one until measured.

    words: of the captions that it is conditioned on, None without a condition.
    """
    device, stack = init[0].device, len(init)
    modes = BASES[basis.name](shape, stack, **basis.kwargs())
    condition = {} if words is None else {"words": words.count, "length": words.length}
    try:
        module = NETWORKS[network.name](modes.seen_shape, init, **network.kwargs(), **condition)
    except TypeError as error:
        got = f"{error}"
        fix = "give its own parameters, and choose one that takes words where there is a condition"
        raise Problem(f"the network {network}", got, fix) from error
    scales = torch.ones(stack, *modes.mode_shape, device=device)
    return Denoiser(module, modes, scales, words).to(device)


def save(
    denoiser: Denoiser,
    network: Part,
    path: Path,
    basis: Part = DCT,
    weights: Mapping[str, Tensor] | None = None,
) -> None:
    """Write a stack, with what it takes to build it again.

    weights: by name, in place of the denoiser's own, such as their averages.
    """
    # One entry: the file format keeps several in no fixed order, and equal stacks are equal bytes.
    made = {
        "network": plain(network),
        "basis": plain(basis),
        "shape": [len(denoiser.scales), *denoiser.shape],
        "words": plain(denoiser.words),
    }
    state = {**denoiser.state_dict(), **(weights or {})}
    tensors = {name: tensor.contiguous() for name, tensor in state.items()}
    save_file(tensors, path, metadata={"denoiser": canonical(made)})


def restore(path: Path, device: str, copy: int | None = None) -> Denoiser:
    """The stack in a file, or one copy of it as a stack of one, ready to be called.

    Raises ``Problem``, which names the file, where header and weights are not those of one stack.
    """
    try:
        with safe_open(path, framework="pt", device=device) as file:
            header = file.metadata()
            tensors = {
                name: file.get_tensor(name)
                if copy is None or name in SHARED
                else file.get_slice(name)[copy : copy + 1]
                for name in file.keys()  # noqa: SIM118
            }
        made = json.loads(header["denoiser"])
        network, basis = (part(made[row].pop("name"), **made[row]) for row in ("network", "basis"))
        stack, *shape = made["shape"]
        words = made["words"] and Words(**{**made["words"], "known": tuple(made["words"]["known"])})
        stack = stack if copy is None else 1
        init = [torch.Generator(device=device).manual_seed(k) for k in range(stack)]
        denoiser = build(network, tuple(shape), init, basis, words)
        denoiser.load_state_dict(tensors)
    except (MemoryError, torch.OutOfMemoryError):
        raise  # the file may be whole
    except Exception as error:
        got = " ".join(str(error).split())
        fix = "delete its folder and train it again"
        raise Problem(f"the checkpoint {path}", got, fix) from error
    return denoiser.eval()
