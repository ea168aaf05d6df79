"""k-means: k centres with a small sum of squared distances from points to their nearest centre.

The start is k-means++ (Arthur and Vassilvitskii 2007): each centre is a point drawn with a chance
in proportion to its squared distance from the centres before it, which is within 8 (ln k + 2) of
the optimum in the mean. Lloyd's steps follow, none of which enlarges the sum. A centre that no
point is nearest to moves to the point that is farthest from its own.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem

CHUNK = 1 << 22  # distances that are held at once


def nearest(
    points: NDArray[Any], centres: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The nearest centre of each point [n, d], the first of equals, and the squared distances."""
    rows = max(1, CHUNK // len(centres))
    labels, squares = np.empty(len(points), np.int64), np.empty(len(points))
    own = np.square(centres).sum(1)
    for start in range(0, len(points), rows):
        part = points[start : start + rows]
        chosen = (own - 2 * part @ centres.T).argmin(1)
        labels[start : start + rows] = chosen
        squares[start : start + rows] = np.square(part - centres[chosen]).sum(1)
    return labels, squares


def start(
    points: NDArray[np.float64], count: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """k-means++: so many of the points [n, d], no two alike; a :class:`Problem` where there are
    fewer."""
    centres = [points[generator.integers(len(points))]]
    squares = np.full(len(points), np.inf)
    while len(centres) < count:
        squares = np.minimum(squares, np.square(points - centres[-1]).sum(1))
        total = squares.sum()
        if total == 0:
            got = f"{len(centres)} different patches"
            raise Problem(f"{count} codes", got, "ask for fewer, or give more images")
        centres.append(points[generator.choice(len(points), p=squares / total)])
    return np.stack(centres)


def lloyd(
    points: NDArray[np.float64], centres: NDArray[np.float64], steps: int
) -> NDArray[np.float64]:
    """The centres [k, d] after so many of Lloyd's steps, or as many as change anything."""
    before: NDArray[np.int64] | None = None
    for _ in range(steps):
        labels, squares = nearest(points, centres)
        if before is not None and np.array_equal(labels, before):
            break
        counts = np.bincount(labels, minlength=len(centres))
        sums = np.stack([np.bincount(labels, x, minlength=len(centres)) for x in points.T], axis=1)
        empty = counts == 0
        centres = sums / np.maximum(counts, 1)[:, None]
        if empty.any():
            far = np.argsort(-squares, kind="stable")[: empty.sum()]
            centres[empty] = points[far]
        before = labels
    return centres
