"""A collection: the images that lie under one path, given one by one and never all at once.

It knows how many there are and what they are called before any is read. Reading an image gives an
``Item``: the bytes of an encoded file, or the 8-bit levels of a row of an array, or, where there is
nothing to read, the ``Problem`` that stands in its place. What the images are (their sizes, whether
they decode) is found by looking at the items: ``harness.evaluate.look``.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem
from harness.streams import numpy_generator

LARGEST = 1 << 28  # bytes of one encoded file, or of one array that is read whole

Item = bytes | NDArray[np.uint8] | Problem  # a file, levels [C, H, W], or why there is neither
Labels = tuple[NDArray[np.int64] | None, tuple[str, ...]]  # [N] into classes, and the classes


class Collection(Protocol):
    """Images in a fixed order."""

    @property
    def names(self) -> Sequence[str]:
        """What a report calls each image: printable."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of a report should know of how the images were chosen."""

    def items(self, index: NDArray[np.int64]) -> Iterator[Item]:
        """The images at these places, ascending, each when it is asked for."""

    def labels(self, index: NDArray[np.int64]) -> Labels:
        """The label of each image at these places, or None, and the classes."""


def drawn(count: int, limit: int | None, title: str) -> NDArray[np.int64]:
    """All of ``count`` places, or ``limit`` of them at random, ascending.

    At random and not evenly: evenly over a set that lies in the order of its classes is a
    stratified sample, from which distances come out smaller than intervals allow for. ``title``
    decides which, so that two sets of one length are not drawn alike.
    """
    if limit is None or limit >= count:
        return np.arange(count, dtype=np.int64)
    order = numpy_generator("evaluate", 0, f"limit {title}").permutation(count)
    return np.sort(order[:limit]).astype(np.int64)


def printable(name: str) -> str:
    """A name with escapes for what would not print: control characters, bytes that are no text."""
    return name if name.isprintable() else ascii(name)[1:-1]


def too_large(asked: str, size: int) -> Problem:
    """The problem of an encoded file that is too large to be one picture of a set."""
    return Problem(
        asked,
        f"{size / 2**20:.0f} MiB where at most {LARGEST >> 20} MiB are read",
        "remove that file, or save the picture smaller",
    )
