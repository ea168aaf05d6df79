r"""Kernel mean discrepancy of two samples, with its delete-one jackknife, from sums over pairs.

For a kernel k on features, with x the samples (n of them) and y the reference (m):

.. math::  D = \frac{1}{p(n)} \sum_{i \ne j} k(x_i, x_j) + \frac{1}{p(m)} \sum_{i \ne j}
               k(y_i, y_j) - \frac{2}{nm} \sum_{i, j} k(x_i, y_j)

with :math:`p(n) = n (n - 1)` for the unbiased U-statistic, and :math:`p(n) = n^2` for the biased
V-statistic of a kernel that vanishes on the diagonal. Source: Gretton et al., A kernel two-sample
test, JMLR 13, 2012, equations 3 and 5. D does not change when a function of x alone, or of y alone,
is added to k: the three means lose and win the same. So a kernel may be given in the form that
keeps its digits.

Standard error: with the row sums :math:`a_i = \sum_{j \ne i} k(x_i, x_j)`,
:math:`c_i = \sum_j k(x_i, y_j)`, and A and C their totals, the value without x_i is

.. math::  D_{-i} = \frac{A - 2 a_i}{p(n - 1)} + \frac{B}{p(m)}
                    - \frac{2 (C - c_i)}{(n - 1) m}

and the same for y, so the jackknife of both sets costs nothing beyond the sums:
:math:`\operatorname{se}^2 = \frac{n - 1}{n} \sum_i (D_{-i} - \bar D)^2` + the same for y
(Arvesen, Jackknifing U-statistics, Annals of Math. Statistics 40, 1969). Where the two laws differ
it is right to first order. Where they are equal the first order vanishes, and what is left are
terms in pairs of images: each is counted once for either image, so the variance comes out twice too
large and the standard error √2 times. That is on the safe side. Derived here.

Each pair of pieces is multiplied once, also within a set, where only the upper blocks are made.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from harness.metrics.features import Features

PIECE = 512  # rows: a block of 2 MiB stays in a cache
Prepare = Callable[[np.ndarray], np.ndarray]  # [B, d] -> [B, d], before the kernel
Kernel = Callable[[np.ndarray, np.ndarray], np.ndarray]  # [A, d], [B, d] -> [A, B]


class Sums(NamedTuple):
    """Row sums of a kernel: over the own set without the diagonal, and over the other set."""

    within: np.ndarray  # [n]
    across: np.ndarray  # [n]


def _pieces(features: Features, prepare: Prepare) -> Iterator[tuple[slice, np.ndarray]]:
    return ((piece, prepare(x)) for piece, x in features.pieces(PIECE))


def within(features: Features, prepare: Prepare, kernel: Kernel) -> np.ndarray:
    """The sum of ``k(x_i, x_j)`` over j other than i, for each i: float64 ``[n]``."""
    sums = np.zeros(len(features))
    for columns, y in _pieces(features, prepare):
        for rows, x in _pieces(features, prepare):
            if rows.start > columns.start:
                break
            block = kernel(x, y)
            if rows == columns:
                np.fill_diagonal(block, 0)
            else:
                sums[columns] += block.sum(0)
            sums[rows] += block.sum(1)
    return sums


def across(
    a: Features, b: Features, prepare: Prepare, kernel: Kernel
) -> tuple[np.ndarray, np.ndarray]:
    """The sums of ``k(x_i, y_j)`` over j and over i: float64 ``[n]`` and ``[m]``."""
    sums_a, sums_b = np.zeros(len(a)), np.zeros(len(b))
    for columns, y in _pieces(b, prepare):
        for rows, x in _pieces(a, prepare):
            block = kernel(x, y)
            sums_a[rows] += block.sum(1)
            sums_b[columns] += block.sum(0)
    return sums_a, sums_b


def _left_out(sums: Sums, other: int, pairs: Callable[[int], int]) -> float:
    """The jackknife variance of D from one set; ``other`` is the size of the other set."""
    n = len(sums.within)
    value = -2 * sums.within / pairs(n - 1) + 2 * sums.across / ((n - 1) * other)  # + a constant
    return float((n - 1) * value.var())


def discrepancy(a: Sums, b: Sums, biased: bool) -> tuple[float, float]:
    """D and its standard error; ``biased`` takes the V-statistic, for a kernel with zero diagonal.

    The U-statistic needs three rows on either side, since two are left when one is taken out, and
    the V-statistic two.
    """

    def pairs(n: int) -> int:
        return n * n if biased else n * (n - 1)

    n, m = len(a.within), len(b.within)
    value = a.within.sum() / pairs(n) + b.within.sum() / pairs(m) - 2 * a.across.sum() / (n * m)
    variance = _left_out(a, m, pairs) + _left_out(b, n, pairs)
    return float(value), float(np.sqrt(variance))
