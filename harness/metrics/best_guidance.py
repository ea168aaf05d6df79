"""The stage ``guide``: of a grid of guidance weights, the one whose samples read best.

How much guidance is best differs between arms: a model that has learned its condition less sharply
can stand more of it. Where all are sampled at one fixed w, w decides the verdict by itself. Here
each replicate of each arm has its own: the least of a reading such as a Fréchet distance, or the
class accuracy that is nearest to a stated one, so that arms are compared at equal accuracy. The
choice is made on samples drawn for it alone, from streams of their own, and the stage ``sample``
draws others at what was chosen. What is printed is the score of a choice, and free of the bias of
a minimum of noisy numbers. All weights of a replicate, and all arms, are tried in the same noise
and under the same classes, so that they are paired.

    w                     as in ``harness.sample.guidance``: 0 is none, other papers quote 1 + w
    of equal readings     the least w is chosen
    without a reading     (samples that are not finite, or that a metric refuses) never chosen; a
                          replicate without any has diverged, and is drawn at the first of the grid

The stage leaves ``guidance.json`` (``harness.sample.chosen_guidance``) and rows

    chosen_guidance          the w of the replicate
    guidance_choice/<w>      the reading behind the choice, at each w of the grid

A chosen w at an end of the grid says that the grid is too short: rows show it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, final

import numpy as np

from harness.cell import Part, Upstream, part
from harness.corrupt.parameter import is_number
from harness.data.load import load
from harness.metrics.best_checkpoint import best_of
from harness.metrics.estimate import Estimate
from harness.metrics.reading import Reading, reading
from harness.metrics.told_classes import require_told
from harness.metrics.truth import Truth, weights_of
from harness.problem import Problem
from harness.sample import SAMPLERS
from harness.sample.chosen_guidance import ChosenGuidance, require_guidance
from harness.sample.sampling import Sampling
from harness.streams import numpy_generator
from harness.theorem import row

SCORES = ("chosen_guidance",)
COPY = 2  # of the streams of samples: 0 are the reported ones, 1 choose a checkpoint
GRID = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
ACCURACY = "class_accuracy"

Found = Estimate | Problem | None  # of samples; why there is none; None where they are not finite


@final
@dataclass(frozen=True)
class GuidanceChoice:
    """Parameters of the stage ``guide``.

    count: samples of each w and replicate; grid: the weights, rising; by: a reading of an extractor
    of which less is better, or, with ``accuracy``, the class accuracy that is to be nearest to it;
    sampler: the one that the reported samples are drawn with. A reading on a trained extractor asks
    for a stage ``classifier`` before this one. Raises ``Problem`` for what is no such choice.
    """

    count: int
    grid: tuple[float, ...] = GRID
    by: str = "fd_random_conv"
    accuracy: float | None = None
    sampler: Part = field(default_factory=lambda: part("heun"))
    batch: int = 500

    def __post_init__(self) -> None:
        if type(self.count) is not int or self.count < 2:
            raise Problem(f"a choice by {self.count!r} samples", "too few", "give 2 or more")
        if not isinstance(self.grid, tuple | list) or not self.grid:
            got = f"the grid {self.grid!r}" if self.grid else "an empty grid"
            raise Problem("a choice of guidance", got, "give one w or more, as (0.0, 1.0)")
        grid = tuple(require_guidance("a grid of guidance with", w) for w in self.grid)
        if sorted(set(grid)) != list(grid):
            raise Problem(f"the grid {grid}", "weights that do not rise", "sort them, each once")
        object.__setattr__(self, "grid", grid)
        self.sampling(grid[0])
        self._check_reading()

    def _check_reading(self) -> None:
        by = self.reading
        if by.extractor is None:
            fix = "choose by one of an extractor, such as fd_random_conv"
            raise Problem(f"a choice by {self.by}", "a reading without an extractor", fix)
        if self.accuracy is not None and not (is_number(self.accuracy) and 0 <= self.accuracy <= 1):
            raise Problem(f"a choice at accuracy={self.accuracy!r}", "no share", "give 0 to 1")
        if self.accuracy is None:
            if by.instance.higher_is_better is not False:
                fix = "choose by a distance, or by the class accuracy that is nearest to accuracy="
                raise Problem(f"a choice by {self.by}", "less is not better", fix)
            return
        if by.metric != ACCURACY:
            got = f"the reading {self.by}"
            fix = f"choose by {ACCURACY} on a classifier"
            raise Problem(f"a choice at accuracy={self.accuracy}", got, fix)

    @property
    def reading(self) -> Reading:
        return reading(self.by)

    @property
    def passes(self) -> int:
        """Passes of the network behind one call of the sampler at each w."""
        return sum(self.sampling(w).passes for w in self.grid)

    def sampling(self, w: float) -> Sampling:
        """What is drawn at one weight."""
        return Sampling(self.count, self.sampler, self.batch, copy=COPY, guidance=w)

    def entries(self) -> list[str]:
        """The table rows that this choice calls for."""
        return [SAMPLERS.entry(self.sampler.name), *self.reading.entries()]


def guide(
    choice: GuidanceChoice,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave the chosen weight of each replicate, and the readings of all, in the folder ``out``.

    Raises ``Problem`` for a denoiser without a condition, a classifier that is not there or is one
    of other classes, and where no w of any replicate has a reading.
    """
    trained = upstream["train"].params
    if trained.condition is None:
        got = "a denoiser without a condition"
        raise Problem("a choice of guidance", got, "train it with a condition")
    truth = _truth(choice, upstream)
    found: list[list[Found]] = []  # [w][replicate]
    for i, w in enumerate(choice.grid):
        found.append(_readings(choice, w, replicates, upstream, truth, device))
        progress((i + 1) / len(choice.grid))
    refused = [each for at in found for each in at if isinstance(each, Problem)]
    if len(refused) == len(choice.grid) * replicates:
        raise refused[0]
    scores = np.array(
        [[e.value if isinstance(e, Estimate) else np.nan for e in at] for at in found]
    )
    best = best_guidance(scores, choice.accuracy)
    ChosenGuidance(tuple(choice.grid[at] for at in best), COPY).write(out)
    rows: list[dict[str, Any]] = []
    for k, at in enumerate(best):
        lost = np.isnan(scores[:, k]).all()
        made = row(k, "chosen_guidance", float("nan") if lost else choice.grid[at], "1")
        rows.append({**made, "reason": "no samples with a reading"} if lost else made)
        rows += [_row(choice, w, k, found[i][k]) for i, w in enumerate(choice.grid)]
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False))


def best_guidance(scores: np.ndarray, accuracy: float | None) -> np.ndarray:
    """The place in the grid of each replicate's choice, of scores [weights, K]: int [K].

    The least score, or the one nearest to ``accuracy``; of equal ones the first. NaN is never
    chosen unless there is nothing else, and then it is the first.
    """
    departures = scores if accuracy is None else np.abs(scores - accuracy)
    return np.where(np.isnan(departures).all(0), 0, best_of(departures))


def _truth(choice: GuidanceChoice, upstream: dict[str, Upstream]) -> Truth:
    """The training images and their features; ``Problem`` for a classifier that is not theirs."""
    dataset, by = upstream["train"].params.dataset, choice.reading
    assert by.extractor is not None  # or the choice would have been refused
    images = load(dataset.name, **dataset.kwargs())
    weights = weights_of((by.extractor,), upstream)
    if by.extractor.startswith("trained_") or by.metric == ACCURACY:
        require_told(by.name, by.extractor, weights.get(by.extractor), images)
    return Truth(images.train.pixels, images.train.groups, (by.extractor,), weights)


def _readings(
    choice: GuidanceChoice,
    w: float,
    replicates: int,
    upstream: dict[str, Upstream],
    truth: Truth,
    device: str,
) -> list[Found]:
    """The reading of the samples at one weight, for each replicate."""
    from safetensors.numpy import load_file

    from harness.sample.draw import draw

    with TemporaryDirectory() as folder:
        draw(choice.sampling(w), replicates, upstream, Path(folder), device, lambda _: None)
        arrays = load_file(Path(folder) / "samples.safetensors")
    by, label = choice.reading, str(upstream["train"].params.dataset)
    assert by.extractor is not None
    found: list[Found] = []
    for k in range(replicates):
        if not np.isfinite(arrays["samples"][k]).all():
            found.append(None)
            continue
        features = truth.of(by.extractor, arrays["samples"][k], arrays["labels"][k])
        generator = numpy_generator(label, k, f"guidance choice {by.name}")
        try:
            found.append(by.instance(features, truth.features[by.extractor], generator))
        except (Problem, np.linalg.LinAlgError, FloatingPointError) as error:
            if not isinstance(error, Problem):
                error = Problem(by.name, str(error), "see whether the network diverged")
            found.append(error)
    return found


def _row(choice: GuidanceChoice, w: float, k: int, found: Found) -> dict[str, Any]:
    """The row of the reading at one weight."""
    name, metric = f"guidance_choice/{w:.12g}", choice.reading.instance
    if not isinstance(found, Estimate):
        reason = "the samples are not finite" if found is None else str(found)
        return {**row(k, name, float("nan"), metric.unit), "reason": reason}
    return row(
        k, name, found.value, metric.unit, standard_error=found.standard_error,
        higher_is_better=metric.higher_is_better, n=found.n,
    )  # fmt: skip
