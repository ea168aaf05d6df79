"""Arrays: the images of an .npy file, of an .npz file, or of a built-in dataset.

The keys of an .npz, of which the first that fits counts:

    jpeg, offsets [, labels] [, classes]      N encoded files end to end (``harness.data.npz``)
    images [, labels] [, test] [, classes]    N images; those that ``test`` marks are left out
    arr_0 [, arr_1]                           N images and their labels, as the sample files of
                                              Dhariwal and Nichol (2021), "guided-diffusion"
    x_train [, y_train]                       N training images; x_test is left out

Axes and values are those of ``harness.data.scale``; what black and white are in a float array is
settled over all chosen images before the first is used, so that reading in pieces changes nothing.
"""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from harness.data.images import Images
from harness.data.npz import bounds_of, labels_of
from harness.data.scale import Scale
from harness.evaluate.collection import LARGEST, Item, Labels, drawn, too_large
from harness.evaluate.preprocess import quantised
from harness.evaluate.stream import Stream
from harness.problem import Problem

KEYS = (("images", "labels"), ("arr_0", "arr_1"), ("x_train", "y_train"))
Read = Callable[[NDArray[np.int64]], Iterator[NDArray[Any]]]  # rows at ascending places, in pieces


@final
@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of an array. place: int64 ``[N]``, where each stands; scale: settled."""

    title: str
    asked: str
    read: Read
    scale: Scale
    place: NDArray[np.int64]
    given: Labels
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The file with the place in it."""
        return tuple(f"{self.title}[{i}]" for i in self.place)

    def labels(self, index: NDArray[np.int64]) -> Labels:
        """The labels that the file states."""
        return _at(self.given, index)

    def items(self, index: NDArray[np.int64]) -> Iterator[Item]:
        """The levels of each row, ``[C, H, W]``."""
        for raw in self.read(self.place[index]):
            x = self.scale.channels_first(raw, self.asked)  # [b, C, H, W]
            if x.dtype == np.uint8:
                yield from np.ascontiguousarray(x)
            else:
                yield from quantised(self.scale.to_pixels(x, self.asked))


@final
@dataclass(frozen=True, eq=False)
class Encoded:
    """Encoded files end to end in one array. bounds: where each begins; place: int64 ``[N]``."""

    title: str
    stream: Stream
    bounds: NDArray[np.int64]
    place: NDArray[np.int64]
    given: Labels
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The file with the place in it."""
        return tuple(f"{self.title}[{i}]" for i in self.place)

    def labels(self, index: NDArray[np.int64]) -> Labels:
        """The labels that the file states."""
        return _at(self.given, index)

    def items(self, index: NDArray[np.int64]) -> Iterator[Item]:
        """The bytes of each file."""
        with self.stream.reader() as read:
            for i in self.place[index]:
                start, stop = int(self.bounds[i]), int(self.bounds[i + 1])
                if stop - start > LARGEST:
                    yield too_large(f"the picture {self.title}[{i}]", stop - start)
                else:
                    yield read(start, stop)


def open_npy(path: Path, scale: Scale, limit: int | None) -> Rows:
    """The images of an .npy file."""
    stream = Stream.of(path)
    place = drawn(_count(stream), limit, path.name)
    return _rows(path.name, stream, scale, place, (None, ()))


def open_npz(path: Path, scale: Scale, limit: int | None) -> Rows | Encoded:
    """The images of an .npz file; Problem where its keys, labels or flags do not fit."""
    keys = _keys(path)

    def array(key: str) -> NDArray[Any] | None:
        return Stream.of(path, f"{key}.npy").whole() if key in keys else None

    classes = array("classes")
    if "jpeg" in keys and "offsets" in keys:
        stream, offsets = Stream.of(path, "jpeg.npy"), array("offsets")
        assert offsets is not None
        bounds = bounds_of(path, stream.dtype, stream.shape, offsets)
        place = drawn(len(bounds) - 1, limit, path.name)
        given = _labels(path, array("labels"), "labels", len(bounds) - 1, place, classes)
        return Encoded(path.name, stream, bounds, place, given)
    for images, labels in KEYS:
        if images not in keys:
            continue
        stream = Stream.of(path, f"{images}.npy")
        count = _count(stream)
        left, notes = np.arange(count), []
        test = array("test") if images == "images" else None
        if test is not None:
            if test.dtype != np.bool_ or test.shape != (count,) or test.all():
                raise Problem(
                    f"the array 'test' of {path} for {count} images",
                    f"{test.dtype} of shape {test.shape} with {np.count_nonzero(test)} marked",
                    "save bool [N], true where an image is held out, and hold out not all",
                )
            left = np.flatnonzero(~test)
            notes = [f"{count - len(left)} images that 'test' marks are left out"]
        if images == "x_train" and "x_test" in keys:
            notes = ["the images of 'x_test' are left out"]
        place = left[drawn(len(left), limit, path.name)]
        given = _labels(path, array(labels), labels, count, place, classes)
        return _rows(path.name, stream, scale, place, given, tuple(notes))
    raise Problem(
        f"images in {path}",
        f"the keys {', '.join(keys) or 'none'}",
        "name the array images, arr_0 or x_train, or the arrays jpeg and offsets",
    )


def open_dataset(images: Images, limit: int | None) -> Rows:
    """The images of a built-in dataset, or of a part of one, which are in memory."""
    place = drawn(images.count, limit, f"{images.name} {images.content_hash[:8]}")

    def read(index: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
        return (images.pixels[index[i : i + 512]] for i in range(0, len(index), 512))

    given = (None if images.labels is None else images.labels[place], images.classes)
    asked = f"the images of {images.name}"
    return Rows(images.name, asked, read, Scale("NCHW", -1.0, 1.0), place, given)


def _rows(
    title: str,
    stream: Stream,
    scale: Scale,
    place: NDArray[np.int64],
    given: Labels,
    notes: tuple[str, ...] = (),
) -> Rows:
    """The rows of a stream, once its axes, and its black and white, are settled."""
    scale.channels_first(np.broadcast_to(np.uint8(0), stream.shape), stream.asked)
    if stream.dtype != np.uint8:
        scale = _settled(scale, stream, place)
    return Rows(title, stream.asked, stream.rows, scale, place, given, notes)


def _settled(scale: Scale, stream: Stream, place: NDArray[np.int64]) -> Scale:
    """The scale of a float array, by its least and its greatest value, read in pieces."""
    ends = np.empty(0, stream.dtype)
    if np.issubdtype(stream.dtype, np.floating):
        both = [(raw.min(), raw.max()) for raw in stream.rows(place)]  # a NaN passes through
        ends = np.array([np.min(both), np.max(both)], stream.dtype)
    scale.to_pixels(ends, stream.asked)  # raises what there is to say of them
    return Scale(scale.layout, -1.0 if scale.low is None else scale.low, scale.high)


def _labels(
    path: Path,
    labels: NDArray[Any] | None,
    key: str,
    count: int,
    place: NDArray[np.int64],
    classes: NDArray[Any] | None,
) -> Labels:
    """Labels and the names of classes, which are numbers where the file states none."""
    found = labels_of(path, labels, key, count, np.arange(count))
    if found is None:
        return None, ()
    names = map(str, range(int(found.max()) + 1) if classes is None else classes)
    given = found[place], tuple(names)
    if found.min() < 0 or found.max() >= len(given[1]):
        raise Problem(
            f"the labels {key!r} of {path} among {len(given[1])} classes",
            f"labels from {found.min()} to {found.max()}",
            "use 0 to K - 1, and name every class",
        )
    return given


def _at(given: Labels, index: NDArray[np.int64]) -> Labels:
    labels, classes = given
    return (None, ()) if labels is None else (labels[index], classes)


def _count(stream: Stream) -> int:
    """N, where there is an image at all."""
    if not all(stream.shape) or not stream.shape:
        raise Problem(stream.asked, f"no image (shape {stream.shape})", "save at least one")
    return stream.shape[0]


def _keys(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist()]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Problem(
            f"the arrays of {path}",
            f"bytes that do not read ({type(error).__name__}: {error})",
            "it is cut or no .npz file: save or fetch it again",
        ) from error
