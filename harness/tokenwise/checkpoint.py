"""Checkpoints of token models: weights and tokenisers of a stack in one safetensors file.

Its header says how to build it again; a reader needs nothing else, and nothing in the file is ever
executed.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from harness.cell import Part, canonical, part, plain
from harness.data.words import Words
from harness.problem import Problem
from harness.tokens.form import Form
from harness.tokens.model import Model, build
from harness.tokenwise.pipeline import Pipeline
from harness.tokenwise.training import TokenTraining

PARTS = ("tokeniser", "source", "order", "network", "head")


def save(
    model: Model,
    training: TokenTraining,
    pipelines: list[Pipeline],
    path: Path,
    weights: Mapping[str, Tensor],
) -> None:
    """Write a stack; weights: by name, in place of the model's own, such as their averages."""
    made = {
        **{name: plain(getattr(training, name)) for name in PARTS},
        "form": asdict(model.network.form),
        "words": plain(model.words),
        "stack": len(pipelines),
    }
    state = {**model.state_dict(), **weights}
    tensors = {f"model.{name}": tensor.contiguous().cpu() for name, tensor in state.items()}
    for k, each in enumerate(pipelines):
        tensors |= {f"{k}.{name}": torch.tensor(a) for name, a in each.state().items()}
    save_file(tensors, path, metadata={"token model": canonical(made)})


def restore(path: Path, device: str) -> tuple[Model, list[Pipeline]]:
    """The stack in a file with the pipeline of each replicate.

    Raises ``Problem``, which names the file, where header and weights are not those of one stack.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            made = json.loads(file.metadata()["token model"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        parts = {name: _part(made[name]) for name in PARTS}
        words = made["words"] and Words(**{**made["words"], "known": tuple(made["words"]["known"])})
        tokeniser, source, order, network, head = (parts[name] for name in PARTS)
        assert tokeniser is not None
        init = [torch.Generator(device=device).manual_seed(k) for k in range(made["stack"])]
        model = build(Form(**made["form"]), order, network, head, init, words)  # type: ignore[arg-type]
        own = {name: t for name, t in tensors.items() if name.startswith("model.")}
        model.load_state_dict({name.partition(".")[2]: t for name, t in own.items()})
        pipelines = [Pipeline(tokeniser, source) for _ in init]
        for k, each in enumerate(pipelines):
            state = {n: t for n, t in tensors.items() if n.startswith(f"{k}.")}
            each.restore({n.partition(".")[2]: t.numpy() for n, t in state.items()})
    except (MemoryError, torch.OutOfMemoryError):
        raise  # the file may be whole
    except Exception as error:
        got = " ".join(str(error).split())
        fix = "delete its folder and train it again"
        raise Problem(f"the checkpoint {path}", got, fix) from error
    return model.eval(), pipelines


def _part(made: dict[str, object] | None) -> Part | None:
    """A part from plain data."""
    if made is None:
        return None
    given = {name: value for name, value in made.items() if name != "name"}
    return part(str(made["name"]), **given)
