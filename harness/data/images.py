"""Images: a named set of pictures with its held-out part, its regions and its origin.

Pixels are x in [-1, 1], float32 ``[N, C, H, W]``; the 8-bit level v of a file is x = v / 127.5 - 1,
so that 0 is -1 and 255 is 1 exactly, and every noise level sigma is in these units.

Three partitions of the N images:

- *train and held out* (``test``): what a model may see, and what it is judged on.
- *regions* (``region``): what is clean or corrupted together. Patches cut from one place of one
  photograph resemble each other, so a draw of clean patches one by one would show a model, beside
  nearly every corrupted patch, its clean neighbours. A region is drawn whole
  (``harness.data.subset``) and never lies on both sides of the split. In a set of unrelated
  images every image is its own region.
- *sources* (``source``): where an image was cut from, for effects that are given leaving one
  photograph out. Indices into ``sources``.

The content hash is the sha256 of the bytes of pixels, split, regions and labels, each little
endian in C order and preceded by its name, type and shape. Two sets with one hash are one set,
whatever they are called. Where a source is a JPEG file, two builds of the JPEG library may decode
it one level apart: the hash tells that too.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem


def from_levels(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """8-bit levels 0..255 as float32 in [-1, 1], x = v / 127.5 - 1; any shape.

    Raises Problem where the array is not uint8: a float array has no such scale.
    """
    if levels.dtype != np.uint8:
        raise Problem("8-bit levels", f"an array of {levels.dtype}", "pass uint8 levels 0..255")
    pixels = np.divide(levels, np.float32(127.5), dtype=np.float32)
    pixels -= np.float32(1)
    return pixels


@dataclass(frozen=True, eq=False)
class Images:
    """A validated set of N images of C channels and H x W pixels; its arrays are read-only.

    name: what a record calls the set.
    pixels: float32 ``[N, C, H, W]`` in [-1, 1].
    test: bool ``[N]``, true where the image is held out.
    region: int64 ``[N]``, images of one region are clean or corrupted together.
    source: int64 ``[N]``, index into ``sources``, the names of what was photographed or filed.
    labels: int64 ``[N]``, index into ``classes``, or None where there are none.
    licence, citation: in words, as the origin states them.

    Raises Problem, one for each thing that can be wrong: a type, a shape, a value that is not
    finite or out of range, a label or source without a name, a region on both sides of the split.
    """

    name: str
    pixels: NDArray[np.float32]
    test: NDArray[np.bool_]
    region: NDArray[np.int64]
    source: NDArray[np.int64]
    sources: tuple[str, ...]
    labels: NDArray[np.int64] | None
    classes: tuple[str, ...]
    licence: str
    citation: str

    def __post_init__(self) -> None:
        _check_pixels(self.name, self.pixels)
        count = len(self.pixels)
        _check_column(self.name, "test", self.test, np.dtype(np.bool_), count)
        _check_column(self.name, "region", self.region, np.dtype(np.int64), count)
        _check_column(self.name, "source", self.source, np.dtype(np.int64), count)
        _check_index(self.name, "source", self.source, self.sources)
        if self.labels is not None:
            _check_column(self.name, "labels", self.labels, np.dtype(np.int64), count)
            _check_index(self.name, "label", self.labels, self.classes)
        both = np.intersect1d(self.region[self.test], self.region[~self.test])
        if both.size:
            raise Problem(
                f"a split of {self.name!r} that keeps regions whole",
                f"region {both[0]} on both sides",
                "hold out whole regions",
            )
        for column in ("pixels", "test", "region", "source", "labels"):
            array = getattr(self, column)
            if array is not None:
                frozen = array.view()
                frozen.setflags(write=False)
                object.__setattr__(self, column, frozen)

    @classmethod
    def unrelated(
        cls,
        name: str,
        pixels: NDArray[np.float32],
        test: NDArray[np.bool_],
        labels: NDArray[np.int64] | None,
        classes: tuple[str, ...],
        licence: str,
        citation: str,
    ) -> "Images":
        """A set from one source in which every image is its own region."""
        count = len(pixels)
        return cls(
            name=name,
            pixels=pixels,
            test=test,
            region=np.arange(count, dtype=np.int64),
            source=np.zeros(count, np.int64),
            sources=(name,),
            labels=labels,
            classes=classes,
            licence=licence,
            citation=citation,
        )

    @property
    def count(self) -> int:
        """N, the number of images."""
        return len(self.pixels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one image."""
        channels, height, width = self.pixels.shape[1:]
        return channels, height, width

    @property
    def groups(self) -> NDArray[np.int64]:
        """What an image is one of, ``[N]``: its class, or without classes its source."""
        return self.source if self.labels is None else self.labels

    @property
    def group_names(self) -> tuple[str, ...]:
        """The names of the groups, by their number."""
        return self.sources if self.labels is None else self.classes

    @cached_property
    def train(self) -> "Images":
        """The images that are not held out; a Problem where there are none."""
        return self.part(~self.test)

    @cached_property
    def held_out(self) -> "Images":
        """The held-out images; a Problem where there are none."""
        return self.part(self.test)

    def part(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Images":
        """The images of a mask, bool ``[N]``, or of indices, int64 ``[n]``, in that order."""
        return Images(
            name=self.name,
            pixels=self.pixels[chosen],
            test=self.test[chosen],
            region=self.region[chosen],
            source=self.source[chosen],
            sources=self.sources,
            labels=None if self.labels is None else self.labels[chosen],
            classes=self.classes,
            licence=self.licence,
            citation=self.citation,
        )

    @cached_property
    def content_hash(self) -> str:
        """sha256 of pixels, split, regions and labels, as 64 hexadecimal digits."""
        digest = hashlib.sha256()
        for column in ("pixels", "test", "region", "labels"):
            array = getattr(self, column)
            if array is None:
                digest.update(f"{column} none\n".encode())
                continue
            little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
            digest.update(f"{column} {little.dtype.str} {little.shape}\n".encode())
            digest.update(little.data.cast("B"))
        return digest.hexdigest()

    def describe(self) -> dict[str, Any]:
        """What a report says of the set, as plain data."""
        return {
            "name": self.name,
            "count": self.count,
            "shape": list(self.shape),
            "train": int((~self.test).sum()),
            "test": int(self.test.sum()),
            "regions": len(np.unique(self.region)),
            "sources": list(self.sources),
            "classes": list(self.classes),
            "licence": self.licence,
            "citation": self.citation,
            "content_hash": self.content_hash,
        }


def _check_pixels(name: str, pixels: NDArray[np.float32]) -> None:
    asked = f"the pixels of {name!r}"
    if pixels.dtype != np.float32:
        raise Problem(asked, f"an array of {pixels.dtype}", "pass float32 in [-1, 1]")
    if pixels.ndim != 4:
        raise Problem(asked, f"the shape {pixels.shape}", "pass [N, C, H, W]")
    if not pixels.size:
        raise Problem(
            f"images of {name!r}", f"none (shape {pixels.shape})", "choose a part that holds some"
        )
    low, high = float(pixels.min()), float(pixels.max())  # a NaN passes through both
    if not (np.isfinite(low) and np.isfinite(high)):
        first = int(np.flatnonzero(~np.isfinite(pixels).all(axis=(1, 2, 3)))[0])
        raise Problem(
            f"finite pixels of {name!r}", f"NaN or Inf in image {first}", "mend or drop that image"
        )
    if low < -1 or high > 1:
        raise Problem(asked, f"values from {low:g} to {high:g}", "scale them to [-1, 1]")


def _check_column(name: str, column: str, array: Any, dtype: np.dtype[Any], count: int) -> None:
    if array.dtype != dtype:
        raise Problem(
            f"the column {column!r} of {name!r}", f"an array of {array.dtype}", f"pass {dtype}"
        )
    if array.shape != (count,):
        raise Problem(
            f"the column {column!r} of {name!r} for {count} images",
            f"the shape {array.shape}",
            "give one entry to each image",
        )


def _check_index(name: str, noun: str, index: NDArray[np.int64], names: tuple[str, ...]) -> None:
    low, high = int(index.min()), int(index.max())
    if low < 0 or high >= len(names):
        raise Problem(
            f"a {noun} of {name!r} among {len(names)} names",
            f"the {noun} {low if low < 0 else high}",
            f"use 0 to {len(names) - 1}, or name every one",
        )
