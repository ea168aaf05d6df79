"""Moments of features, gathered in one pass and merged by addition.

(n, sum, sum of outer products) in float64 is all that a Fréchet distance needs of a set. Addition
of two such triples is that of the sets, so shards may be merged in any order (up to rounding:
the sums are float64, and the covariance loses digits only where a mean is large against its
spread, by the square of their ratio).
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.metrics.requirement import require


@final
@dataclass(frozen=True, eq=False)
class Moments:
    """``count``, ``total`` ``[d]`` and ``outer`` ``[d, d]`` of a set of features."""

    count: int
    total: np.ndarray
    outer: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> "Moments":
        """The moments of features ``[N, d]``; ``Problem`` for NaN or another shape."""
        x = require("moments of features", features, axes=2, least=0).astype(np.float64)
        return cls(len(x), x.sum(0), x.T @ x)

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.count + other.count, self.total + other.total, self.outer + other.outer)

    @property
    def mean(self) -> np.ndarray:
        """``[d]``; needs a count of 1."""
        return self.total / self.count

    @property
    def covariance(self) -> np.ndarray:
        """``[d, d]``, unbiased (over n - 1); needs a count of 2."""
        return (self.outer - self.count * np.outer(self.mean, self.mean)) / (self.count - 1)
