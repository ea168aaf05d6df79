r"""The stage ``detection``: how often the detector of scenes is wrong, by task.

Scenes are drawn for captions that are uniform within each task, rendered, damaged, cut to [-1, 1]
as in a file, and detected; what was drawn is known. Of n pictures of a task,

    detection_error/<task>    the share of pictures in which the detector is wrong: it reports
                              another multiset of (shape, colour) than was drawn, or the middle of
                              some box is more than S / 24 away from where it is
    verdict_error/<task>      the share of pictures that GenEval's rules call wrong for their own
                              caption, which they show by construction
    detection_error           the two over the pictures of all tasks
    verdict_error
    largest_detection_error   the largest over the tasks
    allowed_error             what is asked of it on undamaged pictures, 0.005

with the binomial standard error :math:`\sqrt{p (1 - p) / n}`. The second error is no larger than
the first up to the margins of a relation: a caption says less than its scene.

The scenes of a replicate are the same under every damage, so that damages are paired; fewer
pictures are the first of more. Definitions and bound are ours.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.cell import Part, Upstream
from harness.corrupt import CORRUPTIONS
from harness.geneval.detection import Detected, Found
from harness.geneval.prompt import Prompt
from harness.geneval.rules import Rules, judge
from harness.geneval.vocabulary import TASKS
from harness.problem import Problem
from harness.scenes.captions import SCENES, captions_of, prompt_of
from harness.scenes.detector import detect
from harness.scenes.render import render
from harness.scenes.world import World, arrange
from harness.streams import numpy_generator, torch_generator
from harness.theorem import row

ALLOWED = 0.005
OFF = 1 / 24  # of the side of a picture, which the middle of a box may be off
BATCH = 50  # pictures of each task at a time, which bounds the memory


@dataclass(frozen=True)
class DetectionErrors:
    """Parameters of the stage; size, layout: those of the world; count: pictures of each task."""

    size: int = 24
    layout: str = "grid"
    corruption: Part | None = None
    count: int = 10000

    def __post_init__(self) -> None:
        World(self.size, self.layout)
        if type(self.count) is not int or self.count < 1:
            raise Problem(f"{self.count!r} pictures of a task", "none", "ask for at least 1")

    def entries(self) -> list[str]:
        return [CORRUPTIONS.entry(self.corruption.name)] if self.corruption else []


def detection(
    asked: DetectionErrors,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` in the folder ``out``."""
    rows: list[dict[str, Any]] = []
    for k in range(replicates):

        def within(share: float, start: int = k) -> None:
            progress((start + share) / replicates)

        rows += _rows(k, _errors(asked, k, within), asked.count)
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def _rows(k: int, errors: dict[str, dict[str, int]], count: int) -> list[dict[str, Any]]:
    """The rows of one replicate from its wrong pictures, by kind of error and task."""

    def of(metric: str, wrong: int, n: int) -> dict[str, Any]:
        share = wrong / n
        error = (share * (1 - share) / n) ** 0.5
        return row(k, metric, share, "1", standard_error=error, higher_is_better=False, n=n)

    rows = []
    for kind, wrong in errors.items():
        rows += [of(f"{kind}/{task}", wrong[task], count) for task in TASKS]
        rows.append(of(kind, sum(wrong.values()), count * len(TASKS)))
    rows.append(of("largest_detection_error", max(errors["detection_error"].values()), count))
    return [*rows, row(k, "allowed_error", ALLOWED, "1", tier="exact")]


def _errors(
    asked: DetectionErrors, k: int, progress: Callable[[float], None]
) -> dict[str, dict[str, int]]:
    """How many of ``count`` pictures of each task are wrong, by kind of error."""
    world = World(asked.size, asked.layout)
    name = f"scenes {asked.size} {asked.layout}"
    generator = numpy_generator(name, k, "detection")
    damage = _damage(asked.corruption, name, k)
    wrong = {kind: dict.fromkeys(TASKS, 0) for kind in ("detection_error", "verdict_error")}
    for start in range(0, asked.count, BATCH):
        prompts = _prompts(BATCH, generator)
        scenes = arrange(prompts, world, generator)
        seen = np.clip(damage(render(scenes, world)), -1, 1)
        number = min(BATCH, asked.count - start)
        for i, found in enumerate(detect(seen, [str(i) for i in range(len(seen))])):
            if i % BATCH >= number:  # drawn so that fewer pictures are the first of more
                continue
            task = prompts[i].tag
            truth = scenes[i].truth(found.image, world)
            wrong["detection_error"][task] += differs(truth, found)
            wrong["verdict_error"][task] += not judge(prompts[i], found, Rules(), SCENES).correct
        progress((start + number) / asked.count)
    return wrong


def _prompts(count: int, generator: np.random.Generator) -> list[Prompt]:
    """``count`` prompts of each task, task by task, uniform among its captions."""
    drawn = []
    for task in TASKS:
        known = captions_of(task)
        drawn += [prompt_of(known[i]) for i in generator.integers(len(known), size=count)]
    return drawn


def _damage(corruption: Part | None, name: str, k: int) -> Callable[[np.ndarray], np.ndarray]:
    """What happens to pictures [N, 3, S, S]; its draws go on from call to call."""
    if corruption is None:
        return lambda pixels: pixels
    import torch

    damage = CORRUPTIONS[corruption.name](**corruption.kwargs())
    noise = torch_generator(name, k, "detection damage")
    return lambda pixels: damage(torch.from_numpy(pixels), noise).numpy()


def differs(truth: Detected, found: Detected) -> bool:
    """Whether what was found is not what is there: a shape, a colour, a number or a place.

    No box can be near two things of a scene, since they lie further apart than two tolerances.
    """
    if Counter(map(_kind, truth.objects)) != Counter(map(_kind, found.objects)):
        return True
    return any(
        all(
            _kind(one) != _kind(other) or _away(one, other) > OFF * truth.width
            for other in found.objects
        )
        for one in truth.objects
    )


def _kind(found: Found) -> tuple[str, str | None]:
    return found.klass, found.color


def _away(one: Found, other: Found) -> float:
    """The distance of the middles of two boxes, in pixels."""
    offset = (np.subtract(one.box, other.box)).reshape(2, 2).sum(0) / 2
    return float(np.hypot(*offset))
