"""The noise level at which a falling function of it passes a threshold.

A rule that reads how far apart two noised laws still are (total variation, Vincze-Le Cam, the
accuracy of a classifier) reads an f-divergence or a function of one. More noise is one more
channel, so that by data processing such a reading never rises with sigma: the levels at which it
is at most the threshold are a half line, and "first" and "from then on" are the same level. That
level is found to rounding, on the logarithm of sigma, by Brent's method (Brent 1973).
"""

import math
from collections.abc import Callable

from scipy import optimize

SMALLEST, LARGEST = 1e-12, 1e12  # in units of the scale


def first_at_most(reading: Callable[[float], float], threshold: float, scale: float = 1.0) -> float:
    """The smallest sigma >= 0 from which on ``reading(sigma) <= threshold``.

    reading: a function of sigma >= 0 that never rises. scale: a sigma to start from. Returns 0
    where the reading passes without noise; raises ValueError where none up to 1e12 scales passes,
    or where one below 1e-12 scales does, for there is no number to give.
    """
    if reading(0.0) <= threshold:
        return 0.0
    low = high = scale
    while reading(high) > threshold:
        low, high = high, 4 * high
        if high > LARGEST * scale:
            raise _nowhere(threshold, f"above it at noise {high:g}")
    while low == high or reading(low) <= threshold:
        low, high = low / 4, low
        if low < SMALLEST * scale:
            raise _nowhere(threshold, f"at most that at noise {low:g}, and above it without noise")
    found = optimize.brentq(
        lambda u: reading(math.exp(u)) - threshold, math.log(low), math.log(high), xtol=1e-13
    )
    return math.exp(found)


def _nowhere(threshold: float, got: str) -> ValueError:
    return ValueError(
        f"asked for the noise from which on a reading is at most {threshold:g}; got one {got}; "
        "give another pair or threshold"
    )
