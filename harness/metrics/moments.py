r"""Moments of features, gathered in one pass and merged by addition.

(n, sum, sum of outer products) in float64 is all that a Fréchet distance needs of a set, and the
triple of a union is the sum of the triples: shards, machines and restarts may be merged in any
order. Rows are summed in pieces of ``PIECE``; between pieces each sum carries the rounding error of
its additions along (``low``; Knuth, The Art of Computer Programming 2, section 4.2.2, theorem B:
:math:`a + b = s + e` exactly, with s and e floats). So shards that are cut at multiples of
``PIECE`` rows merge, whatever the order, to the bits that one pass over the whole set leaves, as
long as the sums of the pieces do not cancel by 15 digits among themselves: a sum of such pairs is
good to :math:`2^{-104}` of its largest part. Other shards differ from it by the rounding inside a
piece, some 1e-15 of the sums.

The covariance is a difference of sums, so it loses digits where a mean is large against its spread,
by the square of their ratio: what is left of it is about 1e-15 of the second moment. A variance
below 1e-13 of its second moment is nothing but that, and is set to 0: a constant feature has none.
Where the means are more than 1e4 times the spread, over all features together, the covariance has
lost the digits that a distance needs, and is refused.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.metrics.features import PIECE, Features, require_features
from harness.problem import Problem

ROUNDING = 1e-13  # of a second moment: a variance below it is not one
FAR = 1e8  # second moments over variances, from which on the digits are lost
SMALL, LARGE = 1e-140, 1e140  # values whose squares float64 still holds


@final
@dataclass(frozen=True, eq=False)
class Sum:
    """A float64 array ``high + low`` of any shape, ``low`` being what rounding took from it."""

    high: np.ndarray
    low: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray) -> "Sum":
        """An array that is as it is."""
        return cls(value, np.zeros_like(value))

    def __add__(self, other: "Sum") -> "Sum":
        high = self.high + other.high
        kept = high - self.high
        lost = (self.high - (high - kept)) + (other.high - kept)
        low = lost + (self.low + other.low)
        total = high + low
        return Sum(total, low - (total - high))


@final
@dataclass(frozen=True, eq=False)
class Moments:
    """``count``, the sum ``[d]`` and the sum of outer products ``[d, d]`` of a set of features."""

    count: int
    sums: Sum
    products: Sum

    @classmethod
    def of(cls, given: Features | np.ndarray) -> "Moments":
        """The moments of features ``[N, d]``; ``Problem`` for NaN or another shape."""
        features = require_features("moments of features", given, least=0)
        return features.once("moments", lambda: cls._gathered(features))

    @classmethod
    def _gathered(cls, features: Features) -> "Moments":
        found = cls.none(features.dimension)
        for _, x in features.pieces(PIECE):
            largest = np.abs(x).max(initial=0)
            if largest > LARGE or 0 < largest < SMALL:
                got = f"values of {largest:.3g}, whose squares float64 does not hold"
                raise Problem("moments of features", got, "scale the features")
            found += cls(len(x), Sum.of(x.sum(0)), Sum.of(x.T @ x))
        return found

    @classmethod
    def none(cls, dimension: int) -> "Moments":
        """The moments of no images, from which a sum starts."""
        sums, products = np.zeros(dimension), np.zeros((dimension, dimension))
        return cls(0, Sum.of(sums), Sum.of(products))

    def __add__(self, other: "Moments") -> "Moments":
        if self.dimension != other.dimension:
            got = f"{self.dimension} and {other.dimension} features"
            raise Problem("the moments of a union", got, "merge those of one extractor")
        return Moments(
            self.count + other.count, self.sums + other.sums, self.products + other.products
        )

    @property
    def dimension(self) -> int:
        return len(self.sums.high)

    @property
    def total(self) -> np.ndarray:
        """The sum of the rows, ``[d]``."""
        return self.sums.high

    @property
    def outer(self) -> np.ndarray:
        """The sum of their outer products, ``[d, d]``."""
        return self.products.high

    @property
    def mean(self) -> np.ndarray:
        """``[d]``; needs a count of 1."""
        return self.total / self.count

    @property
    def covariance(self) -> np.ndarray:
        """``[d, d]``, unbiased (over n - 1); needs a count of 2.

        Raises ``Problem`` where the means are so far from 0 that its digits are lost.
        """
        spread = self.outer - self.count * np.outer(self.mean, self.mean)
        constant = np.diag(spread) <= ROUNDING * np.diag(self.outer)
        spread[constant] = 0
        spread[:, constant] = 0
        left, whole = np.trace(spread), np.trace(self.outer[np.ix_(~constant, ~constant)])
        if whole > FAR * left:
            got = f"means {np.sqrt(whole / left):.3g} times the spread of the features"
            raise Problem("a covariance in float64", got, "subtract a constant from the features")
        return spread / (self.count - 1)
