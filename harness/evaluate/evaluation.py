"""An evaluation: two image sets, the extractors and the readings asked for, and what came out.

The order of the work: both sets are opened and looked at, extractors are fitted on the reference,
each set is passed through all of them once (or found in the cache), then each reading is worked
out, on the whole set or on consecutive ranges of it (Karras et al. 2022 report the least of three).
A reading that a metric refuses, such as one of too few samples, is a row with the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import numpy as np

from harness.data.images import from_levels
from harness.evaluate import bootstrap
from harness.evaluate.choice import OF_FEATURES, Given, chosen
from harness.evaluate.extraction import extract, fitted
from harness.evaluate.image_set import ImageSet
from harness.evaluate.source import open_images, ranges
from harness.evaluate.statistics import Statistics, is_statistics, read_statistics
from harness.evaluate.ticker import Ticker
from harness.evaluate.warnings import compare_kinds
from harness.metrics import EXTRACTORS
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features
from harness.metrics.frechet import frechet_distance
from harness.metrics.moments import Moments
from harness.metrics.reading import Reading
from harness.problem import Problem
from harness.streams import numpy_generator

BUDGET = 1 << 26  # pixel values that a metric of images is given at most, of either set


@final
@dataclass(frozen=True)
class Asked:
    """What to evaluate: paths as ``open_images`` takes them, and the options of the command."""

    generated: str
    reference: str
    metrics: str
    extractors: tuple[str, ...]
    cache: Path
    held_out: str | None = None
    weights: Path | None = None
    size: int | None = None
    limit: int | None = None
    ranges: int = 1
    bootstrap: int = 0
    floor: bool = False
    seed: int = 0
    skip_unreadable: bool = False
    arrays: dict[str, Any] = field(default_factory=dict)  # layout, low, high


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
@dataclass(frozen=True)
class Found:
    """What an evaluation found. sides: the sets as ``pictures`` shows them, with their features."""

    asked: Asked
    generated: ImageSet
    reference: ImageSet | None
    statistics: Statistics | None
    extractors: dict[str, Any]
    features: tuple[dict[str, Features], dict[str, Features]]
    shape: tuple[int, int, int]
    preprocess: str
    rows: tuple[Measured, ...]
    notes: tuple[str, ...]


def evaluate(asked: Asked, ticker: Ticker) -> Found:
    """Do it. Raises ``Problem`` for what cannot be read, compared or measured at all."""
    given = Given(asked.extractors, asked.held_out is not None, not is_statistics(asked.reference))
    for name in asked.extractors:
        EXTRACTORS.entry(name)
    readings, left = chosen(asked.metrics, given)
    notes = [f"left out: {each}" for each in left]
    generated = _opened(asked.generated, asked, ticker)
    statistics = None if given.images else read_statistics(asked.reference)
    reference = _opened(asked.reference, asked, ticker) if given.images else None
    held_out = None if asked.held_out is None else _opened(asked.held_out, asked, ticker)
    size, channels = _shape_of([generated, reference, held_out], statistics, asked.size)
    shape = generated.shape(size, channels)
    if reference is not None:
        notes += compare_kinds(generated, reference, size)
    for images in (generated, reference, held_out):
        if images is not None and images.unreadable:
            notes.append(f"{len(images.unreadable)} images of {images.title} could not be read")

    used = tuple(dict.fromkeys(each.extractor for each in readings if each.extractor))
    preprocess = generated.preprocess(size, channels)
    extractors: dict[str, Any] = {}
    for name in used:
        extractors[name] = _extractor(name, reference, statistics, size, channels, asked.weights)
        if statistics is not None:
            mine = Statistics(
                name, extractors[name].hash, preprocess, (generated.digest,),
                Moments.none(1), {},
            )  # fmt: skip
            mine.compatible(statistics, "a comparison of statistics")

    def features(images: ImageSet | None) -> dict[str, Features]:
        if images is None:
            return {}
        step = ticker.step(f"features of {images.title}")
        return extract(images, extractors, size, channels, asked.cache, step)

    sides = features(generated), features(reference)
    job = _Job(asked, readings, sides, statistics, generated.count, ticker)
    of_images = [each for each in readings if each.instance.needs not in OF_FEATURES]
    if of_images and reference is not None:
        job.images = _pixels(generated, size, shape, notes), _pixels(reference, size, shape, notes)
        if held_out is not None:
            job.held_out = _pixels(held_out, size, shape, notes)
    rows = job.measure()
    if not any(row.estimate for row in rows):
        reasons = "; ".join(dict.fromkeys(row.reason for row in rows))
        raise Problem(
            "an evaluation", f"no number: {reasons}", "ask for other metrics or give more"
        )
    return Found(
        asked, generated, reference, statistics, extractors, sides, shape, preprocess,
        tuple(rows), tuple(notes),
    )  # fmt: skip


def _opened(path: str, asked: Asked, ticker: Ticker) -> ImageSet:
    step = ticker.step(f"reading {path}")
    return open_images(
        path,
        limit=asked.limit,
        skip_unreadable=asked.skip_unreadable,
        progress=step,
        **asked.arrays,
    )


def _shape_of(
    sets: list[ImageSet | None], statistics: Statistics | None, size: int | None
) -> tuple[int | None, int]:
    """The size to resize to, or None, and the number of channels that all sets are read with."""
    present = [images for images in sets if images is not None]
    colour = any(images.colours["colour"] for images in present)
    channels = 3 if colour else 1
    if statistics is not None:
        made = statistics.preprocess.split()[1].split("x")  # "uint8 3x32x32, resized ..."
        channels = int(made[0])
    shapes = {images.shape(size, channels)[1:]: images.title for images in present}
    if len(shapes) > 1:
        said = " and ".join(f"{w} x {h} in {title}" for (h, w), title in shapes.items())
        raise Problem("images of one size in all sets", said, "say --size N to resize all to N x N")
    return size, channels


def _extractor(
    name: str,
    reference: ImageSet | None,
    statistics: Statistics | None,
    size: int | None,
    channels: int,
    weights: Path | None,
) -> Any:
    """The extractor of a name: fitted on the reference, or as its statistics bring it."""
    if statistics is None:
        assert reference is not None
        return fitted(name, reference, size, channels, weights)
    if name != statistics.extractor:
        got = f"statistics of {statistics.extractor}"
        raise Problem(f"features of {name}", got, f"say --extractor {statistics.extractor}")
    return EXTRACTORS[name].restore(statistics.state)


def _pixels(
    images: ImageSet, size: int | None, shape: tuple[int, int, int], notes: list[str]
) -> np.ndarray:
    """The images for the metrics of images, as many as the budget allows, evenly over the set."""
    count = min(images.count, max(2, BUDGET // int(np.prod(shape))))
    if count < images.count:
        notes.append(f"metrics of images take {count} of the {images.count} of {images.title}")
    chosen_ones = np.arange(count) * images.count // count
    return from_levels(images.take(chosen_ones, size, shape[0]))


@final
class _Job:
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
        rows = []
        number = self.asked.ranges
        parts = [None] if number == 1 else ranges(self.count, number)
        work = len(self.readings) * (len(parts) + self.asked.floor)
        step, done = self.ticker.step("metrics"), 0
        for each in self.readings:
            self.ticker.say(f"{each.name} ...")
            for place, part in enumerate(parts):
                rows.append(self._row(each, place, "samples", lambda: self._sides(each, part)))
                done += 1
                step(done / work)
            if self.asked.floor:
                rows.append(self._row(each, 0, "floor", lambda: self._halves(each)))
                done += 1
                step(done / work)
        return rows

    def _row(
        self, each: Reading, place: int, kind: str, sides: Callable[[], tuple[Any, ...]]
    ) -> Measured:
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
        samples, reference = self.images
        if part is not None:
            first, last = (edge * len(samples) // self.count for edge in (part.start, part.stop))
            samples = samples[first:last]
        if each.instance.needs == "train_images":
            return samples, self.held_out, reference
        return samples, reference

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
