r"""Neighbourhoods of features: nearest neighbours and balls, in pieces, with exact comparisons.

Squared distances come as :math:`|x|^2 - 2 x \cdot y + |y|^2` of centred rows, one matrix product a
piece, in float64. That form is wrong by up to

.. math::  \tau = 2 (d + 4) \epsilon (\max |x|^2 + \max |y|^2), \quad \epsilon = 2^{-52},

over a piece (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1: a sum of
d products is off by at most :math:`d \epsilon / 2` of the sum of their sizes), and a duplicate does
not come out at 0. So what is decided within :math:`\tau` is decided anew from the difference
:math:`\sum (x_i - y_i)^2`, which is 0 for duplicates and the same for x, y as for y, x:

* a neighbour: a few candidates more than asked for are kept, and their squares computed anew. The
  answer stands if the farthest candidate is farther than the last one asked for by :math:`\tau`, or
  if that one is a duplicate; otherwise all that may be nearer are compared by differences;
* a point in a ball: where the square lies within :math:`\tau` of the radius squared.

Therefore ties and duplicates are decided as the definitions say, in any order of the rows. Within a
set only the upper blocks are made.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from harness.metrics.centre import centre
from harness.metrics.features import Features
from harness.problem import Problem

PIECE = 512  # rows: a block of 2 MiB stays in a cache
SPARE = 4  # candidates beyond those asked for
BATCH = 2**20  # numbers in a batch of differences: 8 MiB


class Block(NamedTuple):
    """Squared distances ``[A, B]`` of a piece of points to a piece of others, within ``slack``."""

    rows: slice
    columns: slice
    squares: np.ndarray
    slack: float


def blocks(points: Features, others: Features, upper: bool = False) -> Iterator[Block]:
    """All blocks; ``upper`` leaves out those below the diagonal, for a set and itself.

    Raises ``Problem`` where a square overflows.
    """
    middle, width = centre(others), points.dimension
    for columns, y in others.pieces(PIECE):
        y = y - middle  # never in place: a piece may be a view of the rows
        with np.errstate(over="ignore"):
            y_square = np.square(y).sum(1)
        for rows, x in points.pieces(PIECE):
            if upper and rows.start > columns.start:
                break
            x = x - middle
            with np.errstate(over="ignore"):
                x_square = np.square(x).sum(1)
            largest = x_square.max() + y_square.max()
            if largest > np.finfo(np.float64).max / 4:
                raise Problem("distances of features", "squares that overflow", "scale them down")
            squares = x @ y.T  # [A, B]
            squares *= -2
            squares += x_square[:, None]
            squares += y_square
            slack = 2 * (width + 4) * np.finfo(np.float64).eps * largest
            yield Block(rows, columns, squares, float(slack))


def exact_squares(
    points: Features, others: Features, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Squared distances of pairs, ``[P]``, from their differences; row numbers ``[P]`` each."""
    found = np.empty(len(rows))
    step = max(1, BATCH // points.dimension)
    for start in range(0, len(rows), step):
        piece = slice(start, start + step)
        x = np.asarray(points.rows[rows[piece]], np.float64)
        found[piece] = np.square(x - others.rows[columns[piece]]).sum(1)
    return found


def _candidates(
    points: Features, others: Features, count: int, itself: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ``count`` nearest: squares and numbers ``[N, count]`` in no order, and slack ``[N]``."""
    best = np.full((len(points), count), np.inf)
    index = np.zeros((len(points), count), int)
    slack = np.zeros(len(points))

    def merge(rows: slice, first: int, squares: np.ndarray) -> None:
        kept = min(count, squares.shape[1])
        near = np.argpartition(squares, kept - 1, axis=1)[:, :kept]
        both = np.concatenate([best[rows], np.take_along_axis(squares, near, 1)], 1)
        number = np.concatenate([index[rows], near + first], 1)
        near = np.argpartition(both, count - 1, axis=1)[:, :count]
        best[rows] = np.take_along_axis(both, near, 1)
        index[rows] = np.take_along_axis(number, near, 1)

    for rows, columns, squares, error in blocks(points, others, upper=itself):
        slack[rows] = np.maximum(slack[rows], error)
        if itself and rows == columns:
            np.fill_diagonal(squares, np.inf)
        merge(rows, columns.start, squares)
        if itself and rows != columns:
            slack[columns] = np.maximum(slack[columns], error)
            merge(columns, rows.start, np.ascontiguousarray(squares.T))
    return best, index, slack


def _search(
    points: Features, others: Features, rows: np.ndarray, limit: np.ndarray, k: int, itself: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest of some rows, by differences to all that may lie within ``limit`` ``[R]``."""
    pairs = []
    for block in blocks(points.take(rows), others):
        near = block.squares <= limit[block.rows, None] + block.slack
        i, j = np.nonzero(near)
        i, j = i + block.rows.start, j + block.columns.start
        other = (rows[i] != j) | (not itself)
        i, j = i[other], j[other]
        pairs.append((i, j, exact_squares(points, others, rows[i], j)))
    i, j, exact = (np.concatenate(part) for part in zip(*pairs))
    order = np.lexsort((exact, i))
    first = np.searchsorted(i[order], np.arange(len(rows)))
    chosen = order[first[:, None] + np.arange(k)]  # [R, k]
    return exact[chosen], j[chosen]


def nearest(
    points: Features, others: Features, k: int, exclude_self: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest of ``others`` to each point: squared distances and numbers, ``[N, k]``.

    Nearest first, the squares as differences give them. ``exclude_self`` takes ``points`` and
    ``others`` for one object and leaves each point out of its own neighbours, once: its duplicates
    count. Raises ``Problem`` where there are fewer than k others.
    """
    have = len(others) - exclude_self
    if not 1 <= k <= have:
        raise Problem(
            f"{k} nearest neighbours", f"{have} to choose from", f"give at least {k + exclude_self}"
        )
    count = min(k + SPARE, have)
    best, index, slack = _candidates(points, others, count, exclude_self)
    rows = np.repeat(np.arange(len(points)), count)
    squares = exact_squares(points, others, rows, index.ravel()).reshape(index.shape)
    order = np.argsort(squares, axis=1, kind="stable")[:, :k]
    squares = np.take_along_axis(squares, order, 1)
    index = np.take_along_axis(index, order, 1)
    if count < have:  # could one that is no candidate be nearer than the last of the k?
        last = squares[:, -1]
        unsure = np.flatnonzero((last > 0) & (best.max(1) - slack < last))
        for start in range(0, len(unsure), PIECE):
            rows = unsure[start : start + PIECE]
            squares[rows], index[rows] = _search(points, others, rows, last[rows], k, exclude_self)
    return squares, index


def radii(features: Features, k: int) -> np.ndarray:
    """Squared distance of each row to its k-th neighbour in its own set, ``[N]``; kept."""
    return features.once(("radii", k), lambda: nearest(features, features, k, True)[0][:, -1])


class Tally(NamedTuple):
    """For each of n things, how many of the other side it meets, and the sum of their numbers."""

    met: np.ndarray  # [n]
    numbers: np.ndarray  # [n]

    def only(self, others: int) -> np.ndarray:
        """For each of the others, how many things meet it and nothing else: ``[others]``."""
        alone = self.numbers[self.met == 1].astype(int)
        return np.bincount(alone, minlength=others)


class Balls(NamedTuple):
    """Which balls hold which points, summed: around reference images and around samples."""

    filled: Tally  # [M]: the samples in the ball of this reference image
    holding: Tally  # [N]: the balls of the reference that hold this sample
    reached: Tally  # [M]: the balls of the samples that hold this reference image


def balls(samples: Features, reference: Features, k: int, closed: bool) -> Balls:
    """Balls with the radii of the k-th neighbours, open or closed; worked out once for a pair."""

    def inside(block: Block, limit: np.ndarray) -> np.ndarray:
        """1 where a square is below its limit, ``[A, 1]`` or ``[B]``, and 0 elsewhere: [A, B]."""
        found = block.squares < limit - block.slack
        doubtful = found ^ (block.squares <= limit + block.slack)
        if doubtful.any():
            i, j = np.nonzero(doubtful)
            exact = exact_squares(reference, samples, i + block.rows.start, j + block.columns.start)
            bound = np.broadcast_to(limit, found.shape)[i, j]
            found[i, j] = exact <= bound if closed else exact < bound
        return found.astype(np.float64)

    def make() -> Balls:
        around_reference, around_samples = radii(reference, k), radii(samples, k)
        of_reference, of_samples = (  # [M, 2], [N, 2]: what each adds to a tally
            np.stack([np.ones(len(side)), np.arange(len(side), dtype=float)], 1)
            for side in (reference, samples)
        )
        filled, reached = np.zeros((2, len(reference), 2))
        holding = np.zeros((len(samples), 2))
        for block in blocks(reference, samples):
            rows, columns = block.rows, block.columns
            held = inside(block, around_reference[rows, None])
            filled[rows] += held @ of_samples[columns]
            holding[columns] += held.T @ of_reference[rows]
            reached[rows] += inside(block, around_samples[columns]) @ of_samples[columns]
        return Balls(*(Tally(*tally.T) for tally in (filled, holding, reached)))

    return samples.once(("balls", reference, k, closed), make)
