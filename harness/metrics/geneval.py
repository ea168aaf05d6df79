"""The stage ``geneval``: scenes are detected, judged by GenEval's rules, and scored.

Each image is judged against a prompt, and ``pairing`` says against which:

    own    the one that it was drawn for
    task   one of another image of the same task, by a random permutation without a fixed point:
           what a model is credited with that knows the tasks but not the captions
    any    one of another image of the suite: what is left by chance

A prompt that asks for the same as its image's own is no mistake and stays: in a task of three
captions a third of the permuted ones are right, and that is the floor that a score stands on.

Rows: ``geneval/<task>``, the share of right images; ``geneval``, their unweighted mean;
``binding_gap``, the mean of the tasks single_object and colors less that of position and
color_attr. Their standard errors are binomial, over images with the suite held fixed: given their
captions the images are independent, and captions that differ in difficulty only make it smaller.
Beside them ``results-<k>.jsonl`` has every verdict of replicate k in the published form.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from harness.cell import Upstream
from harness.geneval.prompt import Prompt
from harness.geneval.results import Result, write_results
from harness.geneval.rules import Rules, judge
from harness.geneval.score import score
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.scenes.captions import SCENES
from harness.scenes.detector import detect
from harness.scenes.suite import Suite
from harness.streams import numpy_generator
from harness.theorem import row

PAIRINGS = ("own", "task", "any")
SCORES = ("geneval", "binding_gap", *(f"geneval/{task}" for task in TASKS))
EASY, BOUND = ("single_object", "colors"), ("position", "color_attr")


@dataclass(frozen=True)
class GenEval:
    """Parameters of the stage ``geneval``; the suite is the one that the images were drawn for."""

    suite: Suite
    pairing: str = "own"

    def __post_init__(self) -> None:
        if self.pairing not in PAIRINGS:
            known = ", ".join(PAIRINGS)
            raise Problem(f"the pairing {self.pairing!r}", "no such one", f"choose from {known}")
        if self.pairing == "task" and self.suite.images < 2:
            got = "a suite of 1 image a task"
            raise Problem("captions of other images of a task", got, "ask for 2 or more")

    def entries(self) -> list[str]:
        return []

    def against(self, generator: np.random.Generator) -> np.ndarray:
        """For each image of the suite, the index of the image whose prompt it is judged by."""
        count, size = self.suite.count, self.suite.images
        if self.pairing == "own":
            return np.arange(count)
        if self.pairing == "any":
            return _moved(count, generator)
        starts = range(0, count, size)
        return np.concatenate([start + _moved(size, generator) for start in starts])


def _moved(count: int, generator: np.random.Generator) -> np.ndarray:
    """A random cyclic permutation of 0 .. count-1, count > 1: without a fixed point."""
    turn = generator.permutation(count)
    moved = np.empty(count, np.int64)
    moved[turn] = np.roll(turn, 1)
    return moved


def evaluate(
    asked: GenEval,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` and the verdicts, ``results-<k>.jsonl``, in ``out``."""
    source = upstream.get("sample") or upstream["render"]
    if source.params.suite != asked.suite:
        got = f"images of {source.params.suite or 'no suite'}"
        raise Problem(f"a score on {asked.suite}", got, "name the suite that they were drawn for")
    images = load_file(source.folder / "samples.safetensors")["samples"]  # [K, N, 3, S, S]
    prompts, rows = asked.suite.prompts, []
    for k in range(replicates):
        order = asked.against(numpy_generator("scenes", k, f"pairing {asked.pairing}"))
        rows += _of_replicate(k, images[k], [prompts[i] for i in order], out)
        progress((k + 1) / replicates)
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def _of_replicate(
    k: int, images: np.ndarray, prompts: list[Prompt], out: Path
) -> list[dict[str, Any]]:
    """The rows of one replicate: what the scorer says of its images [N, 3, S, S]."""
    if not np.isfinite(images).all():
        lost = {"reason": "the samples are not finite"}
        return [{**row(k, metric, float("nan"), "1"), **lost} for metric in SCORES]
    names = [f"{i:05d}" for i in range(len(prompts))]
    results = [
        Result.of(name, prompt, judge(prompt, found, Rules(), SCENES))
        for name, prompt, found in zip(names, prompts, detect(np.clip(images, -1, 1), names))
    ]
    write_results(out / f"results-{k}.jsonl", results)
    found = score(results, numpy_generator("scenes", k, "bootstrap"))
    mean = {task.task: task.mean for task in found.tasks}
    images_of = {task.task: task.images for task in found.tasks}
    variance = {task: p * (1 - p) / images_of[task] for task, p in mean.items()}

    def of(metric: str, weights: dict[str, float]) -> dict[str, Any]:
        """The row of a weighted sum of task means."""
        value = math.fsum(weight * mean[task] for task, weight in weights.items())
        error = math.fsum(weight**2 * variance[task] for task, weight in weights.items()) ** 0.5
        count = sum(images_of[task] for task in weights)
        better = None if metric == "binding_gap" else True
        return row(k, metric, value, "1", standard_error=error, higher_is_better=better, n=count)

    gap = dict.fromkeys(EASY, 0.5) | dict.fromkeys(BOUND, -0.5)
    return [
        *(of(f"geneval/{task}", {task: 1.0}) for task in TASKS),
        of("geneval", {task: 1 / len(TASKS) for task in TASKS}),
        of("binding_gap", gap),
    ]
