"""The stage ``choose``: of the checkpoints of a training, the one whose samples score best.

Papers report the best of many checkpoints by the very FID that they print (Daras et al. 2025 choose
among checkpoints of up to 200 million images): the minimum of noisy numbers, lower than the score
of any of them, and lower the more of them there are. Here each replicate chooses by a reading of
samples drawn for the choice alone, from streams of their own, and the stages after it draw others
from the chosen weights. What is printed is the score of a choice, and free of that bias.

The stage leaves ``weights.safetensors``, replicate k with the weights of its own choice, and rows

    chosen_checkpoint    the share of the training after which the chosen weights were taken
    choice/<share>       the reading behind the choice, of each checkpoint
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from harness.cell import Part, Upstream, part
from harness.metrics import EXTRACTORS, METRICS
from harness.metrics.reading import Reading, reading
from harness.problem import Problem
from harness.sample import SAMPLERS
from harness.sample.sampling import Sampling
from harness.streams import numpy_generator
from harness.theorem import row

SCORES = ("chosen_checkpoint",)
COPY = 1  # of the streams of samples: the reported ones are copy 0


@dataclass(frozen=True)
class Choice:
    """Parameters of the stage ``choose``.

    count: samples of each checkpoint and replicate; by: a reading of an extractor that needs no
    training, of which less is better; sampler: the one that the reported samples are drawn with.
    """

    count: int
    by: str = "fd_random_conv"
    sampler: Part = field(default_factory=lambda: part("heun"))

    def __post_init__(self) -> None:
        extractor = self.reading.extractor
        if extractor is None or extractor.startswith("trained_"):
            fix = "choose by one of an extractor, such as fd_random_conv"
            raise Problem(f"a choice by {self.by}", "a reading without an extractor", fix)
        if self.reading.instance.higher_is_better is not False:
            raise Problem(f"a choice by {self.by}", "more is better", "choose by a distance")

    @property
    def reading(self) -> Reading:
        return reading(self.by)

    def entries(self) -> list[str]:
        """The table rows that this choice calls for."""
        return [SAMPLERS.entry(self.sampler.name), *self.reading.entries()]


def choose(
    choice: Choice,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave the chosen weights of each replicate, and what was chosen, in the folder ``out``."""
    trained = upstream["train"]
    count = trained.params.checkpoints
    if count < 2:
        got = "a training that keeps its end alone"
        raise Problem("a choice of checkpoints", got, "train it with checkpoints=2 or more")
    shares = [(i + 1) / count for i in range(count)]
    scores = np.empty((count, replicates))
    for i in range(count):
        scores[i] = _scores(choice, replicates, upstream, i + 1, device)
        progress((i + 1) / count)
    best = best_of(scores)
    keep(trained.folder, best, count, out / "weights.safetensors")
    rows: list[dict[str, Any]] = []
    unit = choice.reading.instance.unit
    for k, at in enumerate(best):
        rows.append(row(k, "chosen_checkpoint", shares[at], "share of the training"))
        for share, score in zip(shares, scores[:, k]):
            name = f"choice/{share:.3g}"
            rows.append(row(k, name, score, unit, higher_is_better=False, n=choice.count))
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def best_of(scores: np.ndarray) -> np.ndarray:
    """The checkpoint of each replicate with the least score, of [checkpoints, K].

    NaN, of samples that are not finite, is never chosen unless there is nothing else; then it is
    the last one. Of equal scores it is the first.
    """
    found = np.where(np.isnan(scores), np.inf, scores).argmin(0)
    return np.where(np.isnan(scores).all(0), len(scores) - 1, found)


def _scores(
    choice: Choice, replicates: int, upstream: dict[str, Upstream], checkpoint: int, device: str
) -> np.ndarray:
    """The reading of a checkpoint's samples, for each replicate: [K]."""
    from safetensors.numpy import load_file

    from harness.data.load import load
    from harness.sample.draw import draw

    sampling = Sampling(choice.count, choice.sampler, copy=COPY, checkpoint=checkpoint)
    with TemporaryDirectory() as folder:
        draw(sampling, replicates, upstream, Path(folder), device, lambda _: None)
        samples = load_file(Path(folder) / "samples.safetensors")["samples"]
    dataset, by = upstream["train"].params.dataset, choice.reading
    truth = load(dataset.name, **dataset.kwargs()).train.pixels
    assert by.extractor is not None  # or the choice would have been refused
    extract = EXTRACTORS[by.extractor].fit(truth, None)
    features = extract(truth)
    scores = np.full(replicates, np.nan)
    for k in range(replicates):
        if np.isfinite(samples[k]).all():
            generator = numpy_generator(str(dataset), k, f"choice {by.name}")
            scores[k] = METRICS[by.metric](extract(samples[k]), features, generator).value
    return scores


def keep(folder: Path, best: np.ndarray, count: int, out: Path) -> None:
    """Write one stack of weights, copy k from the checkpoint ``best[k]`` (from 0) of ``count``."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    from harness.nets.checkpoint import SHARED

    names = [f"weights-{i}.safetensors" for i in range(1, count)] + ["weights.safetensors"]
    stacks = []
    for name in names:
        with safe_open(folder / name, framework="pt") as file:
            header = file.metadata()
            stacks.append({key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118
    made = {
        key: value
        if key in SHARED
        else torch.stack([stacks[at][key][k] for k, at in enumerate(best)])
        for key, value in stacks[-1].items()
    }
    save_file(made, out, metadata=header)
