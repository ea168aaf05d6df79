"""The centre of a set of features: its mean, taken off before anything is multiplied.

Distances, and kernels up to terms that cancel, do not depend on the origin; their rounding does.
|x|² - 2 x·y + |y|² loses every digit of a small distance far from the origin.
"""

import numpy as np

from harness.metrics.features import Features


def centre(features: Features) -> np.ndarray:
    """The mean row, float64 ``[d]``, worked out once for an object; infinite where it overflows."""

    def make() -> np.ndarray:
        total = np.zeros(features.dimension)
        with np.errstate(over="ignore"):
            for _, x in features.pieces():
                total += x.sum(0)
        return total / len(features)

    return features.once("centre", make)
