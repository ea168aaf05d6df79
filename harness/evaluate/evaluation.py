"""An evaluation: two image sets, the extractors and the readings asked for, and what came out.

The order of the work: both sets are opened and looked at, extractors are fitted on the reference,
each set is passed through all of them once (or found in the cache), then each reading is worked
out, on the whole set or on consecutive ranges of it (Karras et al. 2022 report the least of three).
A reading that a metric refuses, such as one of too few samples, is a row with the reason.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from harness.data.images import from_levels
from harness.evaluate.asked import Asked
from harness.evaluate.choice import OF_FEATURES, Given, chosen, possible
from harness.evaluate.extraction import extract, fitted, keep
from harness.evaluate.image_set import ImageSet
from harness.evaluate.measuring import Job, Measured
from harness.evaluate.preprocess import shape_of
from harness.evaluate.source import open_images
from harness.evaluate.statistics import Statistics, is_statistics, read_statistics
from harness.evaluate.ticker import Ticker
from harness.evaluate.warnings import compare_kinds
from harness.metrics import EXTRACTORS
from harness.metrics.features import Features
from harness.metrics.moments import Moments
from harness.metrics.reading import Reading
from harness.problem import Problem

TRAINED = ("trained_digits", "trained_photos", "trained_textures", "trained_cifar10")
WEIGHTED = ("resnet56", "inception", "clip", *TRAINED)
SHOWN = 5  # unreadable images that a note lists
BUDGET = 1 << 26  # pixel values that a metric of images is given at most, of either set


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
    if asked.bootstrap and not given.images:
        got = "a reference of statistics alone, without images to draw from"
        raise Problem("a bootstrap", got, "give the images, or leave out --bootstrap")
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
        if images is not None:
            notes += [f"{images.title}: {note}" for note in images.notes]
            notes += _unreadable(images)

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
    if "all" in asked.metrics.lower().split(","):
        readings, lacking = possible(readings, sides[0])
        notes += [f"left out: {each}" for each in lacking]
    job = Job(asked, readings, sides, statistics, generated.count, ticker)
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
    notes += [*_remaining(readings, sides), *_few(readings, sides)]
    for name, found in sides[1].items():
        if reference is not None and "moments" in found.memory:
            extractor, parts = extractors[name], (reference.digest,)
            moments, state = Moments.of(found), extractor.state()
            kept = Statistics(name, extractor.hash, preprocess, parts, moments, state)
            keep(asked.cache, extractor, kept)
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
        channels = shape_of(statistics.preprocess)[0]
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
        return fitted(name, reference, size, channels, weights if name in WEIGHTED else None)
    if name != statistics.extractor:
        got = f"statistics of {statistics.extractor}"
        raise Problem(f"features of {name}", got, f"say --extractor {statistics.extractor}")
    try:
        return EXTRACTORS[name].restore(statistics.state)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        got = f"a state that is not one of {name} ({type(error).__name__}: {error})"
        raise Problem("the extractor of these statistics", got, "make the file again") from error


def _remaining(
    readings: list[Reading], sides: tuple[dict[str, Features], dict[str, Features]]
) -> list[str]:
    """What extrapolation in the number of samples leaves: the bias of the finite reference."""
    found = []
    for each in readings:
        if each.metric == "fd_infinity" and each.extractor in sides[1]:
            samples, reference = (side[each.extractor] for side in sides)
            fitted = samples.memory.get(("line", reference))
            if fitted is not None:
                found.append(
                    f"{each.name} extrapolates the samples alone: the bias of the "
                    f"{len(reference)} images of the reference remains in it, about "
                    f"{fitted.remaining:.3g}"
                )
    return found


def _unreadable(images: ImageSet) -> list[str]:
    """What was left out of a set."""
    if not images.unreadable:
        return []
    count = len(images.unreadable)
    listed = "; ".join(f"{name}: {reason}" for name, reason in images.unreadable[:SHOWN])
    more = f"; and {count - SHOWN} more" if count > SHOWN else ""
    return [f"{count} images of {images.title} are left out ({listed}{more})"]


def _few(
    readings: list[Reading], sides: tuple[dict[str, Features], dict[str, Features]]
) -> list[str]:
    """Distances that are bias for the most part, and features that say nothing."""
    found = []
    for each in readings:
        if each.metric == "fd" and each.extractor in sides[1]:
            samples, reference = (side[each.extractor] for side in sides)
            if min(len(samples), len(reference)) <= samples.dimension:
                found.append(
                    f"{each.name} has {samples.dimension} features and no more images on one side: "
                    "most of it is bias, so compare it with numbers of as many images only"
                )
    for what, side in zip(("samples", "reference"), sides):
        for name, features in side.items():
            if all((rows == rows[:1]).all() and (rows[:1] == features.rows[:1]).all()
                   for _, rows in features.pieces()):  # fmt: skip
                found.append(f"the {name} features of all images of the {what} are the same")
    return found


def _pixels(
    images: ImageSet, size: int | None, shape: tuple[int, int, int], notes: list[str]
) -> np.ndarray:
    """The images for the metrics of images, as many as the budget allows, evenly over the set."""
    count = min(images.count, max(2, BUDGET // int(np.prod(shape))))
    if count < images.count:
        notes.append(f"metrics of images take {count} of the {images.count} of {images.title}")
    chosen_ones = np.arange(count) * images.count // count
    return from_levels(images.take(chosen_ones, size, shape[0]))
