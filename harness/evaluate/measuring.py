"""Measuring: every reading of two sets, on the whole of the samples or range by range.

A reading that a metric refuses, such as one of too few samples, is a row with the reason, and the
others are measured all the same. The *floor* of a reading is what it says of a random half of the
reference in the place of the samples, against the other half.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, final

import numpy as np

from harness.evaluate import bootstrap
from harness.evaluate.asked import Asked
from harness.evaluate.source import ranges
from harness.evaluate.statistics import Statistics
from harness.evaluate.ticker import Ticker
from harness.metrics.estimate import Estimate
from harness.metrics.features import WATCH, Features, Watch
from harness.metrics.frechet import frechet_distance
from harness.metrics.moments import Moments
from harness.metrics.reading import Reading
from harness.problem import Problem
from harness.streams import numpy_generator


@final
@dataclass(frozen=True)
class Measured:
    """One reading of one range of the samples: an estimate, or the reason why there is none."""

    reading: Reading
    place: int
    estimate: Estimate | None
    reason: str = ""
    kind: str = "samples"  # or "floor": of two halves of the reference


@final
class Job:
    """The readings of two sets: what each is called with, range by range."""

    def __init__(
        self,
        asked: Asked,
        readings: list[Reading],
        sides: tuple[dict[str, Features], dict[str, Features]],
        statistics: Statistics | None,
        count: int,
        ticker: Ticker,
    ) -> None:
        self.asked, self.readings, self.sides, self.count = asked, readings, sides, count
        self.statistics, self.ticker = statistics, ticker
        self.images: tuple[np.ndarray, np.ndarray] | None = None
        self.held_out: np.ndarray | None = None

    def measure(self) -> list[Measured]:
        """All rows. The floor comes from a random half of the reference against the other."""
        number = self.asked.ranges
        parts = [None] if number == 1 else ranges(self.count, number)
        rows, step = [], self.ticker.step(f"{len(self.readings)} readings")
        for i, each in enumerate(self.readings):
            step(i / len(self.readings))
            watch = Watch(self.ticker.step(f"{each.name}, a pass"))
            for side in self.sides:
                if each.extractor in side:
                    side[each.extractor].memory[WATCH] = watch
            rows += [
                self._row(each, place, "samples", partial(self._sides, each, part))
                for place, part in enumerate(parts)
            ]
            if self.asked.floor:
                rows.append(self._row(each, 0, "floor", partial(self._halves, each)))
        return rows

    def _row(
        self, each: Reading, place: int, kind: str, sides: Callable[[], tuple[Any, ...]]
    ) -> Measured:
        """One row: an estimate, or the reason of the metric that refuses."""
        generator = numpy_generator("evaluate", self.asked.seed, f"{each.name} {kind} {place}")
        try:
            estimate = self._estimate(each, sides(), generator, kind)
        except (Problem, np.linalg.LinAlgError, FloatingPointError) as error:
            return Measured(each, place, None, str(error), kind)
        if not np.isfinite(estimate.value):
            return Measured(each, place, None, f"the value is {estimate.value}", kind)
        return Measured(each, place, estimate, "", kind)

    def _estimate(
        self, each: Reading, sides: tuple[Any, ...], generator: np.random.Generator, kind: str
    ) -> Estimate:
        if self.statistics is not None:
            mine, other = Moments.of(sides[0]), self.statistics.moments
            for side in (mine, other):
                if side.count < 2:
                    raise Problem(each.name, f"{side.count} images", "give at least 2")
            value = frechet_distance(mine.mean, mine.covariance, other.mean, other.covariance)
            return Estimate(value, None, mine.count)
        found = each.instance(*sides, generator)
        if self.asked.bootstrap and kind == "samples":
            step = self.ticker.step(f"{each.name}, bootstrap")
            error = bootstrap.standard_error(
                each.instance, sides, self.asked.bootstrap, generator, step
            )
            return found._replace(standard_error=error)
        return found

    def _sides(self, each: Reading, part: slice | None) -> tuple[Any, ...]:
        """What a metric is called with, for one range of the samples."""
        if each.extractor is not None:
            samples = self.sides[0][each.extractor]
            if part is not None:
                samples = samples.take(part)  # type: ignore[arg-type]
            return samples, self.sides[1].get(each.extractor, samples)
        assert self.images is not None
        images, others = self.images
        if part is not None:
            first, last = (edge * len(images) // self.count for edge in (part.start, part.stop))
            images = images[first:last]
        if each.instance.needs == "train_images":
            return images, self.held_out, others
        return images, others

    def _halves(self, each: Reading) -> tuple[Any, ...]:
        """Two halves of the reference in the places of samples and reference."""
        if self.statistics is not None:
            raise Problem("a floor", "a reference of statistics alone", "give its images")
        both = self.sides[1][each.extractor] if each.extractor else self.images[1]  # type: ignore[index]
        order = numpy_generator("evaluate", self.asked.seed, "halves").permutation(len(both))
        pair = [
            both.take(np.sort(half)) if isinstance(both, Features) else both[np.sort(half)]
            for half in (order[: len(both) // 2], order[len(both) // 2 :])
        ]
        if each.instance.needs == "train_images":
            return pair[0], self.held_out, pair[1]
        return pair[0], pair[1]
