r"""The stage ``embedding``: the mean norm of what a trained network makes of its words.

.. math::  \frac1m \sum_{k=1}^m |c_k|,

over the m words, the null caption being none, of the averaged weights that a training leaves. A
perturbation of a condition counts by its size over this norm: words that are learned can grow and
take it away again (Chen et al. 2024 give the dimension of theirs and not their norm). Labels have
the same row from their training, by the same name; a caption is several words, and has it here. The
norm is one of a training, whatever the guidance its samples are drawn at. It has no error of its
own, costs nothing, and cannot see what the network does with a word.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.cell import Upstream
from harness.problem import Problem
from harness.theorem import row

METRIC = "embedding_norm"
SCORES = (METRIC,)


@dataclass(frozen=True)
class Embedding:
    """Parameters of the stage ``embedding``: none."""

    def entries(self) -> list[str]:
        return []


def measure(
    asked: Embedding,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave the norm of each replicate's words in the folder ``out``.

    Raises ``Problem`` for a training without a condition.
    """
    from harness.nets.checkpoint import restore

    trained = upstream["train"]
    if trained.params.condition is None:
        fix = "train it with a condition, or leave the stage out"
        raise Problem("the norm of words", "a training that is told nothing", fix)
    denoiser = restore(trained.folder / "weights.safetensors", device)
    assert denoiser.words is not None
    norms, count = denoiser.embedding_norm().tolist(), len(denoiser.words.known)
    rows = [row(k, METRIC, norm, "1", n=count) for k, norm in enumerate(norms)]
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))
    progress(1.0)
