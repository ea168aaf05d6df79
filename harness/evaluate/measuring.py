"""Measuring: every reading of two sets, on the whole of the samples or range by range.

A reading that a metric refuses, such as one of too few samples, is a row with the reason, and the
others are measured all the same. The *floor* of a reading is what it says of a random half of the
reference in the place of the samples, against the other half.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from harness.evaluate.asked import Asked
from harness.evaluate.bootstrap import Call, standard_errors
from harness.evaluate.source import ranges
from harness.evaluate.statistics import Statistics
from harness.evaluate.ticker import Ticker
from harness.metrics.estimate import Estimate
from harness.metrics.features import WATCH, Features, Watch
from harness.metrics.frechet import frechet_distance
from harness.metrics.moments import Moments
from harness.metrics.reading import Reading
from harness.problem import Problem
from harness.records.record import Status
from harness.streams import numpy_generator

Key = tuple[int, str, int]  # number of the reading, "samples" or "floor", range


@final
@dataclass(frozen=True)
class Measured:
    """One reading of one range of the samples: an estimate, or the reason why there is none.

    status: as of a record; kind: "samples", or "floor" of two halves of the reference.
    """

    reading: Reading
    place: int
    estimate: Estimate | None
    reason: str = ""
    status: Status = "ok"
    kind: str = "samples"


@final
class Job:
    """The readings of two sets: what each is called with, range by range.

    images: the images of both sets, for metrics of images; held_out: fresh ones.
    """

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
        self.parts: dict[Hashable, Any] = {}  # of a set, cut out once for all readings

    def measure(self) -> list[Measured]:
        """All rows. The floor comes from a random half of the reference against the other."""
        number = self.asked.ranges
        parts = [None] if number == 1 else ranges(self.count, number)
        calls: dict[Key, Call] = {}
        rows: dict[Key, Measured] = {}
        for i, each in enumerate(self.readings):
            wanted = [(i, "samples", place) for place in range(len(parts))]
            wanted += [(i, "floor", 0)] * self.asked.floor
            for key in wanted:
                _, kind, place = key
                stream = f"{each.name} {kind} {place}"
                generator = numpy_generator("evaluate", self.asked.seed, stream)
                try:
                    sides = (
                        self._halves(each) if kind == "floor" else self._sides(each, parts[place])
                    )
                except Problem as problem:
                    rows[key] = Measured(each, place, None, str(problem), "skipped", kind)
                    continue
                calls[key] = (each.instance, sides, generator)
        step = self.ticker.step(f"{len(calls)} numbers")
        for done, (key, call) in enumerate(calls.items()):
            step(done / len(calls))
            self._watched(self.ticker.step(f"{self.readings[key[0]].name}, a pass"))
            rows[key] = self._row(key, call)
        if self.asked.bootstrap:
            self._bootstrapped(calls, rows)
        return [
            rows[key] for key in sorted(rows, key=lambda key: (key[0], key[1] == "floor", key[2]))
        ]

    def _watched(self, report: Callable[[float], None]) -> None:
        """Let passes over the features be heard."""
        watch = Watch(report)
        for side in self.sides:
            for features in side.values():
                features.memory[WATCH] = watch
        for part in self.parts.values():
            if isinstance(part, Features):
                part.memory[WATCH] = watch

    def _row(self, key: Key, call: Call) -> Measured:
        """One row: an estimate, or the reason of the metric that refuses."""
        (i, kind, place), (metric, sides, generator) = key, call
        each = self.readings[i]
        try:
            if self.statistics is not None:
                assert isinstance(sides[0], Features)
                estimate = self._against(self.statistics, sides[0])
            else:
                estimate = metric(*sides, generator)
        except (Problem, np.linalg.LinAlgError, FloatingPointError) as error:
            return Measured(each, place, None, str(error), "skipped", kind)
        if not np.isfinite(estimate.value):
            reason = f"the value is {estimate.value}"
            return Measured(each, place, None, reason, "diverged", kind)
        return Measured(each, place, estimate, kind=kind)

    def _against(self, statistics: Statistics, samples: Features) -> Estimate:
        """The Fréchet distance from moments alone, which have no standard error."""
        mine, other = Moments.of(samples), statistics.moments
        for side in (mine, other):
            if side.count < 2:
                raise Problem("fd", f"{side.count} images", "give at least 2")
        value = frechet_distance(mine.mean, mine.covariance, other.mean, other.covariance)
        return Estimate(value, None, mine.count)

    def _bootstrapped(self, calls: dict[Key, Call], rows: dict[Key, Measured]) -> None:
        """Put the bootstrap's standard errors in the place of the metrics' own."""
        mine = {
            key: call
            for key, call in calls.items()
            if key[1] == "samples" and rows[key].estimate is not None
        }
        generator = numpy_generator("evaluate", self.asked.seed, "bootstrap")
        step = self.ticker.step(f"bootstrap of {len(mine)} numbers")
        found = standard_errors(mine, self.asked.bootstrap, generator, step)
        for key, error in found.items():
            estimate = rows[key].estimate
            assert estimate is not None
            if isinstance(error, Problem):
                changed = replace(rows[key], reason=f"half of the images: {error}")
                changed = replace(changed, estimate=estimate._replace(standard_error=None))
            else:
                changed = replace(rows[key], estimate=estimate._replace(standard_error=error))
            rows[key] = changed

    def _once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """A part of a set, cut out by the first reading that asks."""
        if key not in self.parts:
            self.parts[key] = make()
        return self.parts[key]

    def _sides(self, each: Reading, part: slice | None) -> tuple[Any, ...]:
        """What a metric is called with, for one range of the samples."""
        name = each.extractor
        if name is not None:
            samples = self.sides[0][name]
            if part is not None:
                index = np.arange(part.start, part.stop)
                samples = self._once((name, part.start), lambda: self.sides[0][name].take(index))
            return samples, self.sides[1].get(name, samples)
        assert self.images is not None
        images, others = self.images
        if part is not None:
            first, last = (edge * len(images) // self.count for edge in (part.start, part.stop))
            images = self._once(("images", part.start), lambda: self.images[0][first:last])  # type: ignore[index]
        if each.instance.needs == "train_images":
            return images, self.held_out, others
        return images, others

    def _halves(self, each: Reading) -> tuple[Any, ...]:
        """Two halves of the reference in the places of samples and reference."""
        if self.statistics is not None:
            raise Problem("a floor", "a reference of statistics alone", "give its images")

        def make() -> tuple[Any, Any]:
            both = self.sides[1][each.extractor] if each.extractor else self.images[1]  # type: ignore[index]
            order = numpy_generator("evaluate", self.asked.seed, "halves").permutation(len(both))
            chosen = [np.sort(half) for half in (order[: len(both) // 2], order[len(both) // 2 :])]
            one, other = (both.take(i) if isinstance(both, Features) else both[i] for i in chosen)
            return one, other

        one, other = self._once(("halves", each.extractor), make)
        if each.instance.needs == "train_images":
            return one, self.held_out, other
        return one, other
