"""What ``patina evaluate`` and ``patina statistics`` do with their options."""

import argparse
import math
import os
from pathlib import Path
from typing import Any

from harness.data.cifar10 import cache_folder
from harness.problem import Problem
from harness.records.atomic import write_together


def _cache(options: argparse.Namespace) -> Path:
    return Path(options.cache) if options.cache else cache_folder()


def _output(options: argparse.Namespace, suffix: str, example: str) -> Path:
    """The file to write; ``Problem`` where it cannot be one, before any work is done."""
    out = Path(options.out)
    if out.suffix != suffix:
        raise Problem(f"--out {out}", f"no {suffix} file", f"name it {example}, say")
    place = out.parent
    while not place.exists():
        place = place.parent
    if out.is_dir() or not place.is_dir() or not os.access(place, os.W_OK):
        got = "a folder" if out.is_dir() else f"{place}, where no file can be written"
        raise Problem(f"--out {out}", got, "choose another place")
    return out


def _arrays(options: argparse.Namespace) -> dict[str, Any]:
    """How float arrays are meant, for what of it was said."""
    given = {"layout": options.layout, "low": options.low, "high": options.high}
    return {name: value for name, value in given.items() if value is not None}


def _extractors(text: str) -> tuple[str, ...]:
    names = [each.strip().replace("-", "_") for each in text.split(",") if each.strip()]
    if not names:
        raise Problem("an extractor", "none", "name one, such as --extractor random-conv")
    return tuple(dict.fromkeys(names))


def _whole(options: argparse.Namespace) -> None:
    """Refuse numbers that mean nothing, before anything is read."""
    for name in ("low", "high"):
        value = getattr(options, name)
        if value is not None and not math.isfinite(value):
            raise Problem(f"--{name} {value}", "no value of a pixel", "give a number")
    for name, least in (("limit", 1), ("size", 1), ("ranges", 1), ("bootstrap", 0), ("seed", 0)):
        value = getattr(options, name, None)
        if value is not None and value < least:
            raise Problem(f"--{name} {value}", "no such number", f"give {least} or more")


def evaluate(options: argparse.Namespace) -> int:
    """Evaluate one set against another; print a table, leave files."""
    from harness.evaluate import pictures, result
    from harness.evaluate.asked import Asked
    from harness.evaluate.evaluation import evaluate as run
    from harness.evaluate.ticker import Ticker

    _whole(options)
    out = _output(options, ".json", "r.json")
    asked = Asked(
        generated=options.generated,
        reference=options.reference,
        metrics=options.metrics,
        extractors=_extractors(options.extractor),
        cache=_cache(options),
        held_out=options.held_out,
        weights=options.weights,
        size=options.size,
        limit=options.limit,
        ranges=options.ranges,
        bootstrap=options.bootstrap,
        floor=options.floor,
        seed=options.seed,
        skip_unreadable=options.skip_unreadable,
        arrays=_arrays(options),
    )
    ticker = Ticker(options.quiet)
    found = run(asked, ticker)
    print(result.table(found))
    for note in found.notes:
        print(f"note: {note}")
    made = result.files(found, out)
    if found.reference is not None and not options.no_pictures:
        made |= pictures.files(found, out, ticker)
    write_together(made)
    print("\n".join(f"wrote {path}" for path in made))
    return 0


def statistics(options: argparse.Namespace) -> int:
    """Leave the statistics of a set, or of the union of several files of statistics."""
    from harness.evaluate.extraction import extract, fitted
    from harness.evaluate.source import open_images
    from harness.evaluate.statistics import Statistics, is_statistics, merged
    from harness.evaluate.ticker import Ticker
    from harness.metrics.moments import Moments

    _whole(options)
    out, inputs = _output(options, ".npz", "s.npz"), list(options.images)
    for path in inputs:
        if Path(path).exists() and out.exists() and out.samefile(path):
            raise Problem(f"--out {out}", "one of the inputs", "choose another name")
        if len(inputs) > 1 and not Path(path).exists():
            raise Problem(f"the statistics in {path}", "no such file", "name files that are there")
    are = [is_statistics(path) for path in inputs]
    if all(are):
        found = merged(map(Path, inputs))
    elif any(are) or len(inputs) > 1:
        got = "images beside statistics" if any(are) else f"{len(inputs)} image sets"
        fix = "give one image set, or files of statistics to merge"
        raise Problem("statistics", got, fix)
    else:
        names, ticker = _extractors(options.extractor), Ticker(options.quiet)
        if len(names) > 1:
            got = f"{len(names)} extractors"
            raise Problem("a file of statistics", got, "make one file for each extractor")
        name = names[0]
        images = open_images(
            inputs[0],
            limit=options.limit,
            skip_unreadable=options.skip_unreadable,
            progress=ticker.step(f"reading {inputs[0]}"),
            **_arrays(options),
        )
        channels = 3 if images.colours["colour"] else 1
        if options.like is not None:
            extractor = _like(options.like, name)
        else:
            extractor = fitted(name, images, options.size, channels, options.weights)
        step = ticker.step(f"features of {images.title}")
        features = extract(images, {name: extractor}, options.size, channels, _cache(options), step)
        found = Statistics(
            name,
            extractor.hash,
            images.preprocess(options.size, channels),
            (images.digest,),
            Moments.of(features[name]),
            extractor.state(),
        )
    found.save(out)
    print(f"wrote {out}: {found.extractor} of {found.moments.count} images, {found.preprocess}")
    return 0


def _like(path: Path, name: str) -> Any:
    """The extractor that a file of statistics brings: shards of one set must share it."""
    from harness.evaluate.statistics import read_statistics
    from harness.metrics import EXTRACTORS

    other = read_statistics(path)
    if other.extractor != name:
        got = f"statistics of {other.extractor}"
        raise Problem(f"--like {path} for {name}", got, f"say --extractor {other.extractor}")
    return EXTRACTORS[name].restore(other.state)
