"""Extraction: the features of an image set, in one pass for all extractors, kept by content.

A pass reads every image once and feeds it to each extractor that lacks its features. The features
are float32 arrays on the disk, in a folder whose name is the hash of everything that decides them:
the extractor's hash and its code, the preprocessing and the digest of the image set. So features
of a reference are worked out once, whatever it is called and whoever asks next, memory does not
grow with the number of images (they are memory-mapped), and a killed pass leaves nothing that looks
finished: the folder gets its name when it is whole. The moments of a reference are kept beside its
features.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap

from harness.cell import digest
from harness.data.download import sha256_of
from harness.data.images import from_levels
from harness.evaluate.image_set import ImageSet
from harness.evaluate.statistics import Statistics, read_statistics
from harness.metrics import EXTRACTORS
from harness.metrics.features import Features
from harness.problem import Problem
from harness.records.atomic import whole_folder, write_json
from harness.run.code import code_digest

BATCH = 256  # images of one step, at most
VALUES = 1 << 23  # pixel values of one step, at most
FITTED = 4096  # images of the reference that an extractor is fitted on, at most
FITTED_VALUES = 1 << 26  # and pixel values of them
HEADS = ("rows", "logits", "spatial")
MOMENTS = "statistics.npz"

Progress = Callable[[float], None]


def fitted(
    name: str, reference: ImageSet, size: int | None, channels: int, weights: Path | None
) -> Any:
    """An extractor, fitted on at most ``FITTED`` images of the reference, evenly over it.

    Raises ``Problem`` where the extractor does not take images of this size or channels.
    """
    values = math.prod(reference.shape(size, channels))
    count = min(reference.count, FITTED, max(2, FITTED_VALUES // values))
    chosen = np.arange(count) * reference.count // count
    images = from_levels(reference.take(chosen, size, channels))
    try:
        return EXTRACTORS[name].fit(images, weights)
    except Problem as problem:
        asked = f"{problem.asked}, for the extractor {name} on {reference.title}"
        raise Problem(asked, problem.got, problem.fix) from problem


def extract(
    images: ImageSet,
    extractors: Mapping[str, Any],
    size: int | None,
    channels: int,
    cache: Path,
    progress: Progress,
) -> dict[str, Features]:
    """The features of a set under each extractor, memory-mapped from the cache.

    What is not in the cache is worked out in one pass. Raises ``Problem`` for images that do not
    read, features that are not finite, and a disk that is full.
    """
    preprocess = images.preprocess(size, channels)
    folders = {
        name: _folder(cache, extractor, preprocess, images.digest)
        for name, extractor in extractors.items()
    }
    missing = [name for name, folder in folders.items() if not _whole(folder, images.count)]
    if missing:
        try:
            _make(missing, folders, images, extractors, size, channels, progress)
        except OSError as error:
            got = error.strerror or str(error)
            fix = "choose another place: --cache DIR"
            raise Problem(f"features in {cache}", got, fix) from error
    return {name: _mapped(folder, images.labels) for name, folder in folders.items()}


def _make(
    missing: list[str],
    folders: Mapping[str, Path],
    images: ImageSet,
    extractors: Mapping[str, Any],
    size: int | None,
    channels: int,
    progress: Progress,
) -> None:
    """Work out the features that are not there yet, each set in its folder."""
    preprocess = images.preprocess(size, channels)
    with ExitStack() as stack:
        works = {name: stack.enter_context(whole_folder(folders[name])) for name in missing}
        chosen = {name: extractors[name] for name in missing}
        batch = min(BATCH, max(1, VALUES // math.prod(images.shape(size, channels))))
        pieces = images.pieces(batch, size, channels, progress)
        _pass(pieces, images.count, chosen, works)
        for name, work in works.items():
            about = {
                "extractor": name,
                "extractor_hash": extractors[name].hash,
                "preprocess": preprocess,
                "digest": images.digest,
                "count": images.count,
                "sha256": {p.name: _sha256(p) for p in sorted(work.glob("*.npy"))},
            }
            write_json(work / "about.json", about)


def keep(cache: Path, extractor: Any, statistics: Statistics) -> None:
    """Keep the moments of a set beside its features, for the next who asks.

    Where the disk has no room they are worked out again: what they are for is done.
    """
    (images,) = statistics.parts
    folder = _folder(cache, extractor, statistics.preprocess, images)
    if folder.is_dir() and not (folder / MOMENTS).is_file():
        with suppress(Problem):
            statistics.save(folder / MOMENTS)


def _folder(cache: Path, extractor: Any, preprocess: str, images: str) -> Path:
    """The folder of the features of a set: its name is what decides them, hashed."""
    code = code_digest(type(extractor).__module__)
    return cache / "features" / digest([extractor.hash, code, preprocess, images])


def _pass(
    pieces: Iterable[tuple[slice, np.ndarray]],
    count: int,
    extractors: Mapping[str, Any],
    works: Mapping[str, Path],
) -> None:
    """Feed every image to every extractor and write what comes out."""
    kept: dict[tuple[str, str], np.memmap] = {}
    for place, levels in pieces:
        x = from_levels(levels)
        for name, extractor in extractors.items():
            found = extractor(x)
            for head in HEADS:
                values = getattr(found, head)
                if values is None:
                    continue
                if not np.isfinite(values).all():
                    raise Problem(
                        f"the features of {name}",
                        f"NaN or infinite {head} in images {place.start} to {place.stop - 1}",
                        "look at these images and at the weights of the extractor",
                    )
                if (name, head) not in kept:
                    shape = (count, values.shape[1])
                    kept[name, head] = _made(works[name] / f"{head}.npy", shape)
                kept[name, head][place] = values
    for array in kept.values():
        array.flush()


def _made(path: Path, shape: tuple[int, int]) -> np.memmap:
    """An empty array on the disk, with all its room taken: a full disk is noticed here.

    A memory-mapped page that the disk has no room for would kill the process.
    """
    import os

    array = open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def _whole(folder: Path, count: int) -> bool:
    """Whether the features of a folder are all there, byte for byte as they were left."""
    try:
        about = json.loads((folder / "about.json").read_text("utf-8"))
        left = about["sha256"]
        return (
            about["count"] == count
            and "rows.npy" in left
            and all(_sha256(folder / name) == sha256 for name, sha256 in left.items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _sha256(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return sha256_of(file)


def _mapped(folder: Path, labels: np.ndarray | None) -> Features:
    """The features of a folder, without reading them."""
    heads = {
        head: np.load(folder / f"{head}.npy", mmap_mode="r", allow_pickle=False)
        for head in HEADS
        if (folder / f"{head}.npy").is_file()
    }
    found = Features(**heads, labels=labels)
    if (folder / MOMENTS).is_file():
        try:
            moments = read_statistics(folder / MOMENTS).moments
            found.once("moments", lambda: moments)
        except Problem:  # a broken file is as good as none
            (folder / MOMENTS).unlink(missing_ok=True)
    return found
