"""npz: a user's own images as numpy arrays in one file, or in two.

Three layouts, told apart by their keys; pickled objects are never read.

    images [, labels] [, test] [, classes]     N images, as levels or floats; test is bool [N]
    x_train, x_test [, y_train, y_test]        the same in two arrays; x_test is held out
    jpeg, offsets [, labels] [, classes]       N encoded files end to end: file i is
                                               jpeg[offsets[i]:offsets[i + 1]], offsets [N + 1]

The axes and values that an array may have are those of ``harness.data.scale``.

What is held out: the images of a second file, ``held_out``; else what ``test`` or ``x_test`` says;
else a fraction by content (``harness.data.split``). ``limit`` keeps at most that many images of
each part, image floor(i * N / limit) for i = 0, 1, ...: evenly over the file, so that a file in
class order stays balanced.
"""

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.images import Images, from_levels
from harness.data.picture import channels_of, decode, levels
from harness.data.scale import Scale
from harness.data.split import by_content
from harness.problem import Problem

LAYOUTS = ("images", "x_train and x_test", "jpeg and offsets")


@dataclass(frozen=True)
class Part:
    """Images ``[N, C, H, W]`` in [-1, 1] with what the file says of each."""

    pixels: NDArray[np.float32]
    labels: NDArray[np.int64] | None
    test: NDArray[np.bool_] | None


def npz(
    *,
    path: str | Path,
    held_out: str | Path | None = None,
    name: str | None = None,
    limit: int | None = None,
    held_out_fraction: float = 0.2,
    layout: str | None = None,
    low: float | None = None,
    high: float = 1.0,
    licence: str = "not stated",
    citation: str = "",
) -> Images:
    """The images of an .npz file, with the held-out ones of a second file or of the same.

    name: what records call the set (the file's own name without it); layout: "NHWC" or "NCHW";
    low, high: the values of black and white in float arrays. Raises Problem for a file that is not
    there, truncated or of another layout, for labels, test flags or offsets that do not match the
    images, for an encoded picture that does not decode, and for mixed sizes.
    """
    check_limit(limit)
    file, scale = Path(path).expanduser(), Scale(layout, low, high)
    parts, classes = _read(file, limit, scale)
    if held_out is not None:
        second = Path(held_out).expanduser()
        if second.resolve() == file.resolve():
            raise Problem("a held-out file", f"the training file {file}", "give another file")
        more, classes_held = _read(second, limit, scale)
        if any(part.test is not None for part in (*parts, *more)):
            raise Problem(
                f"the held-out file {second}",
                f"test images in {file} or {second} as well",
                "leave out held_out=, or the keys test and x_test",
            )
        if classes != classes_held:
            raise Problem(
                f"one list of classes in {file} and {second}",
                f"{classes} and {classes_held}",
                "make them the same",
            )
        parts = [
            Part(part.pixels, part.labels, np.full(len(part.pixels), flag))
            for group, flag in ((parts, False), (more, True))
            for part in group
        ]
    return _joined(name or file.stem, file, parts, classes, held_out_fraction, licence, citation)


def _joined(
    name: str,
    file: Path,
    parts: list[Part],
    classes: tuple[str, ...] | None,
    fraction: float,
    licence: str,
    citation: str,
) -> Images:
    """One set of all parts; sizes, labels and classes must agree."""
    shapes = sorted({part.pixels.shape[1:] for part in parts})
    if len(shapes) > 1:
        raise Problem(f"images of one size in {name!r}", f"{shapes}", "crop or scale them to one")
    pixels = np.concatenate([part.pixels for part in parts]) if len(parts) > 1 else parts[0].pixels
    labelled = [part.labels for part in parts if part.labels is not None]
    if labelled and len(labelled) < len(parts):
        raise Problem(
            f"labels of {name!r} from {file}", "labels in one part alone", "label both or none"
        )
    labels = np.concatenate(labelled) if labelled else None
    if classes is None:
        classes = tuple(map(str, range(int(labels.max()) + 1))) if labels is not None else ()
    flags = [part.test for part in parts if part.test is not None]
    return Images.unrelated(
        name=name,
        pixels=pixels,
        test=np.concatenate(flags) if flags else by_content(pixels, fraction),
        labels=labels,
        classes=classes,
        licence=licence,
        citation=citation,
    )


def _read(file: Path, limit: int | None, scale: Scale) -> tuple[list[Part], tuple[str, ...] | None]:
    """The parts of one file, and its class names where it gives them."""
    arrays = read_arrays(file)
    classes = tuple(map(str, arrays["classes"])) if "classes" in arrays else None
    if "jpeg" in arrays and "offsets" in arrays:
        return [encoded(file, arrays, limit)], classes
    if "images" in arrays:
        return [_plain(file, arrays, "images", "labels", limit, scale)], classes
    if "x_train" in arrays and "x_test" in arrays:
        both = [("x_train", "y_train", False), ("x_test", "y_test", True)]
        parts = [(_plain(file, arrays, x, y, limit, scale), held) for x, y, held in both]
        return [
            Part(p.pixels, p.labels, np.full(len(p.pixels), held)) for p, held in parts
        ], classes
    raise Problem(
        f"images in {file}",
        f"the keys {', '.join(arrays) or 'none'}",
        f"name the arrays {', or '.join(LAYOUTS)}",
    )


def read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file by their keys; a Problem for any other file."""
    if not file.is_file():
        raise Problem(f"the arrays of {file}", "no such file", "give the path of an .npz file")
    try:
        archive = np.load(file, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise Problem(f"the arrays of {file}", "one .npy array", "save it with numpy.savez")
        with archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise Problem(
            f"the arrays of {file}",
            f"bytes that do not read ({type(error).__name__}: {error})",
            "it is truncated, no .npz file, or holds pickled objects: save it again",
        ) from error


def _plain(
    file: Path,
    arrays: Mapping[str, NDArray[Any]],
    images: str,
    labels: str,
    limit: int | None,
    scale: Scale,
) -> Part:
    """A part whose images are one array."""
    asked = f"the array {images!r} of {file}"
    x = scale.channels_first(arrays[images], asked)  # [N, C, H, W]
    chosen = spread(len(x), limit)
    test = arrays.get("test")
    if test is not None and (test.dtype != np.bool_ or test.shape != (len(x),)):
        raise Problem(
            f"the array 'test' of {file} for {len(x)} images",
            f"{test.dtype} of shape {test.shape}",
            "save bool [N], true where an image is held out",
        )
    return Part(
        pixels=scale.to_pixels(x[chosen], asked),
        labels=labels_of(file, arrays.get(labels), labels, len(x), chosen),
        test=None if test is None else test[chosen],
    )


def encoded(
    file: Path,
    arrays: Mapping[str, NDArray[Any]],
    limit: int | None,
    wanted: NDArray[np.int64] | None = None,
) -> Part:
    """A part whose images are encoded files end to end; all grey, or all colour.

    wanted: the labels of those that are decoded at all, and counted for the limit.
    """
    jpeg, offsets = arrays["jpeg"], arrays["offsets"]
    bounds = bounds_of(file, jpeg.dtype, jpeg.shape, offsets)
    rows = np.arange(len(bounds) - 1)
    if wanted is not None:
        rows = np.flatnonzero(np.isin(arrays["labels"], wanted))
    chosen = rows[spread(len(rows), limit)]
    out: NDArray[np.uint8] | None = None
    for row, i in enumerate(chosen):
        picture = decode(jpeg[bounds[i] : bounds[i + 1]].tobytes(), f"{i} of {file}")
        x = levels(picture, channels_of(picture))  # [C, H, W]
        if out is None:
            out = np.empty((len(chosen), *x.shape), np.uint8)
        if x.shape != out.shape[1:]:
            raise Problem(
                f"pictures of one size in {file}",
                f"picture {chosen[0]} with {out.shape[1:]} and picture {i} with {x.shape}",
                "crop or scale them to one",
            )
        out[row] = x
    assert out is not None
    labels = labels_of(file, arrays.get("labels"), "labels", len(bounds) - 1, chosen)
    return Part(from_levels(out), labels, None)


def bounds_of(
    file: Path, dtype: np.dtype[Any], shape: tuple[int, ...], offsets: NDArray[Any]
) -> NDArray[np.int64]:
    """Where each of N encoded files begins and the last one ends, ``[N + 1]``.

    dtype and shape are those of the array 'jpeg'. Raises Problem where the two do not match.
    """
    if dtype != np.uint8 or len(shape) != 1:
        raise Problem(f"the array 'jpeg' of {file}", f"{dtype} {shape}", "save uint8 [M]")
    asked = f"the array 'offsets' of {file}"
    if offsets.ndim != 1 or len(offsets) < 2 or not np.issubdtype(offsets.dtype, np.integer):
        raise Problem(asked, f"{offsets.dtype} {offsets.shape}", "save integers [N + 1]")
    bounds = offsets.astype(np.int64)
    falling = int((np.diff(bounds) <= 0).sum())
    if bounds[0] != 0 or bounds[-1] != shape[0] or falling:
        raise Problem(
            f"{asked} from 0 up to the {shape[0]} bytes of 'jpeg'",
            f"{bounds[0]} to {bounds[-1]}, {falling} not ascending",
            "the file is cut or mixed up: save it again",
        )
    return bounds


def labels_of(
    file: Path, labels: NDArray[Any] | None, key: str, count: int, chosen: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """The labels of the chosen ones of ``count`` images, or None; Problem where they do not fit."""
    if labels is None:
        return None
    if not np.issubdtype(labels.dtype, np.integer):
        raise Problem(
            f"the labels {key!r} of {file}", f"{labels.dtype}", "save whole numbers from 0"
        )
    flat = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if flat.shape != (count,):
        raise Problem(
            f"the labels {key!r} of {file} for {count} images",
            f"the shape {labels.shape}",
            "save one label an image",
        )
    return flat[chosen].astype(np.int64)


def check_limit(limit: int | None) -> None:
    """Raises Problem unless a limit of images is a whole number from 1, or None."""
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise Problem("a limit of images", f"{limit!r}", "give a whole number from 1, or none")


def spread(count: int, limit: int | None) -> NDArray[np.int64]:
    """All of ``count`` images, or ``limit`` of them evenly over the file."""
    kept = count if limit is None else min(limit, count)
    return np.arange(kept, dtype=np.int64) * count // max(kept, 1)
