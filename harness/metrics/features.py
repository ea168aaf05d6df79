"""Features of a set of images: what an extractor gives, and what a metric reads.

An extractor gives one row of ``rows`` an image, and may give more heads in the same pass: class
``logits`` and ``spatial`` features, which keep where in the image something is. ``labels`` are the
classes that the set itself states. The arrays may be float32 and may be memory-mapped from a file,
so that a set need not fit in memory: a metric reads them by ``pieces``, in float64.

What several metrics need of one set (its moments, the radii of its neighbourhoods) is worked out by
the first that asks and kept in the object, under a key: ``once``.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, final

import numpy as np

from harness.problem import Problem

PIECE = 2048  # rows read at once
WATCH = "watch"  # the key of who hears how far a pass is
T = TypeVar("T")


@final
class Watch:
    """Hears how far the outermost pass over some sets of features is, as a share.

    Put into the memory of each set under ``WATCH``. Passes within a pass are not reported.
    """

    def __init__(self, report: Callable[[float], None]) -> None:
        self.report, self.depth = report, 0


@final
@dataclass(frozen=True, eq=False)
class Features:
    """rows: ``[N, d]``; logits: ``[N, K]``; spatial: ``[N, s]``; labels: int ``[N]``, or None."""

    rows: np.ndarray
    logits: np.ndarray | None = None
    spatial: np.ndarray | None = None
    labels: np.ndarray | None = None
    memory: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def dimension(self) -> int:
        """d, the number of features."""
        return int(self.rows.shape[1])

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make()`` gives, worked out at the first call with this key."""
        if key not in self.memory:
            self.memory[key] = make()
        return self.memory[key]

    def pieces(self, size: int = PIECE) -> Iterator[tuple[slice, np.ndarray]]:
        """The rows a few at a time, float64 ``[B, d]``, each with its place."""
        watch: Watch = self.memory.get(WATCH) or Watch(lambda share: None)
        watch.depth += 1
        try:
            for start in range(0, len(self), size):
                piece = slice(start, min(start + size, len(self)))
                yield piece, np.asarray(self.rows[piece], np.float64)
                if watch.depth == 1:
                    watch.report(piece.stop / len(self))
        finally:
            watch.depth -= 1

    def take(self, index: np.ndarray) -> "Features":
        """The set of these images, with every head; nothing that was worked out goes with it."""
        heads = (self.rows, self.logits, self.spatial, self.labels)
        return Features(*(None if head is None else head[index] for head in heads))  # type: ignore[arg-type]

    @property
    def order(self) -> np.ndarray:
        """A permutation ``[N]`` that follows from what the rows are and not from where they stand.

        A metric that draws a subset draws it along this order, so that files under other names or
        in another order give the same number.
        """

        def make() -> np.ndarray:
            # A copy of each row: a memory-mapped or a strided row has no bytes of its own.
            digests = [
                hashlib.blake2b(np.ascontiguousarray(row).tobytes(), digest_size=8).digest()
                for row in self.rows
            ]
            return np.argsort(np.array([int.from_bytes(d, "big") for d in digests], np.uint64),
                              kind="stable")  # fmt: skip

        return self.once("order", make)


def require_features(what: str, given: "Features | np.ndarray", least: int) -> Features:
    """The features as they are, an array as features without further heads, or ``Problem``.

    ``what`` names them, ``least`` is the fewest rows. Finiteness is looked at once for an object.
    """
    found = given if isinstance(given, Features) else Features(np.asarray(given))
    if found.rows.ndim != 2 or not found.rows.shape[1]:
        raise Problem(what, f"an array of shape {found.rows.shape}", "give features [N, d]")
    if len(found) < least:
        raise Problem(what, f"{len(found)} of them", f"give at least {least}")
    if not found.once("finite", lambda: all(np.isfinite(x).all() for _, x in found.pieces())):
        raise Problem(what, "NaN or infinite values", "see whether the network diverged")
    return found


def require_pair(
    what: str, samples: "Features | np.ndarray", reference: "Features | np.ndarray", least: int = 2
) -> tuple[Features, Features]:
    """Both sides of a metric, of one dimension; ``Problem`` as ``require_features``."""
    a = require_features(f"{what} of samples", samples, least)
    b = require_features(f"{what} of a reference", reference, least)
    if a.dimension != b.dimension:
        raise Problem(
            f"{what} of features", f"{a.dimension} and {b.dimension} of them", "use one extractor"
        )
    return a, b
