"""The score: six task means over images, and their unweighted mean.

A task's mean is the share of its images that are right; the overall score is the mean of the task
means, so that a task with few prompts weighs as much as one with many (Ghosh, Hajishirzi and
Schmidt, GenEval, NeurIPS 2023, section 4). Beside it stand the share of all images that are right
and the share of prompts with any right image, both of which the published summary prints too.

Each mean has two intervals (``harness.geneval.interval``): Wilson's, as if all images were
independent, and the bootstrap's over prompts, which is the one to quote. Images belong to one
prompt if their metadata are the same text, as in the published summary.

Where tasks have no images, the overall score is the mean of those that have some. That is no
GenEval score, and ``notes`` says so, as it does where prompts differ in their number of images, and
where a task has fewer than ``FEW`` prompts: an interval over three of them is all but [0, 1].
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np

from harness.geneval.interval import RESAMPLES, Clusters, Interval, bootstrap, wilson
from harness.geneval.results import Result
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem

FEW = 10  # prompts of a task, below which its interval over prompts says little


@final
@dataclass(frozen=True)
class TaskScore:
    """One task. correct: right images; least, most: images that a prompt has; bootstrap: over
    prompts; design_effect: None where all images are right, or all wrong, or of one prompt."""

    task: str
    images: int
    prompts: int
    correct: int
    mean: float
    wilson: Interval
    bootstrap: Interval
    design_effect: float | None
    least: int
    most: int


@final
@dataclass(frozen=True)
class Score:
    """A model's score. tasks: those that have images, in the order of ``TASKS``; overall: their
    unweighted mean, with its bootstrap over prompts; absent: the tasks without images;
    correct_images, correct_prompts: shares, of prompts those with any right image."""

    tasks: tuple[TaskScore, ...]
    overall: float
    bootstrap: Interval
    images: int
    prompts: int
    correct_images: float
    correct_prompts: float
    absent: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know beside the numbers."""
        notes = []
        if self.absent:
            notes.append(
                f"the overall score is over {len(self.tasks)} of {len(TASKS)} tasks, "
                f"without {', '.join(self.absent)}"
            )
        for task in self.tasks:
            if task.least < task.most:
                notes.append(f"{task.task}: prompts have {task.least} to {task.most} images")
        sizes = {task.most for task in self.tasks if task.least == task.most}
        if len(sizes) > 1:
            counts = ", ".join(f"{task.task} {task.most}" for task in self.tasks)
            notes.append(f"tasks differ in images a prompt: {counts}")
        few = [
            f"{task.task} rests on {task.prompts} prompt{'s' * (task.prompts > 1)}"
            for task in self.tasks
            if task.prompts < FEW
        ]
        if few:
            notes.append(
                f"the interval over prompts of {', of '.join(few)}; more prompts narrow it, "
                "more images of the same ones do not"
            )
        return tuple(notes)

    def config(self) -> dict[str, Any]:
        """The score as plain data, intervals as lists [low, high]."""
        made = asdict(self)
        for row in (made, *made["tasks"]):
            row.update({k: list(v) for k, v in row.items() if isinstance(v, Interval)})
        return {
            **made,
            "tasks": list(made["tasks"]),
            "absent": list(self.absent),
            "notes": list(self.notes),
        }


def score(
    results: Iterable[Result], generator: np.random.Generator, resamples: int = RESAMPLES
) -> Score:
    """The score of judged images, in any order.

    The same results in another order give the same score. Errors: a ``Problem`` for no results, an
    unknown task, or too few resamples.
    """
    listed = list(results)
    groups = _by_prompt(listed)
    present = [task for task in TASKS if groups[task]]
    clusters = [_clusters(groups[task]) for task in present]
    intervals, whole = bootstrap(clusters, generator, resamples)
    tasks = tuple(
        _task(task, one, interval) for task, one, interval in zip(present, clusters, intervals)
    )
    anywhere = [any(verdicts) for task in present for verdicts in groups[task].values()]
    return Score(
        tasks,
        sum(task.mean for task in tasks) / len(tasks),
        whole,
        len(listed),
        len(anywhere),
        sum(result.correct for result in listed) / len(listed),
        sum(anywhere) / len(anywhere),
        tuple(task for task in TASKS if not groups[task]),
    )


def _by_prompt(results: list[Result]) -> dict[str, dict[str, list[bool]]]:
    """The verdicts by task and metadata."""
    if not results:
        raise Problem("a score", "no results", "give the results of one image at least")
    groups: dict[str, dict[str, list[bool]]] = {task: {} for task in TASKS}
    for result in results:
        if result.tag not in groups:
            known = ", ".join(TASKS)
            raise Problem(
                f"the task of {result.filename}", repr(result.tag), f"choose from {known}"
            )
        groups[result.tag].setdefault(result.metadata, []).append(result.correct)
    return groups


def _clusters(prompts: dict[str, list[bool]]) -> Clusters:
    """In the order of the metadata, so that the order of the results does not show."""
    verdicts = [prompts[metadata] for metadata in sorted(prompts)]
    return Clusters(np.array([sum(v) for v in verdicts]), np.array([len(v) for v in verdicts]))


def _task(task: str, clusters: Clusters, interval: Interval) -> TaskScore:
    right, total = int(clusters.right.sum()), int(clusters.total.sum())
    return TaskScore(
        task,
        total,
        len(clusters.total),
        right,
        clusters.mean,
        wilson(right, total),
        interval,
        clusters.design_effect(),
        int(clusters.total.min()),
        int(clusters.total.max()),
    )
