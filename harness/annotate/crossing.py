"""The first noise level at which a measured curve exceeds a threshold, without the bias of firsts.

A curve of probabilities over noise levels rises in truth (``theory.ambient.spectral_annotator``:
more noise is a further channel) and is measured with noise of its own. The first measured value
above a threshold is then an extreme and comes too low, the lower the more levels are measured; the
released code of Daras et al. (2025) takes it after a causal moving average, whose lag brings it up
again by half its span. Here, and this is our choice, the curve is first replaced by its isotonic
regression, the rising curve of least squares (Barlow, Bartholomew, Bremner, Brunk, Statistical
Inference under Order Restrictions, 1972), with equal weights for all levels. Its crossing is the
level from which on the curve lies above the threshold in the mean, whichever way one looks: means
from there up are above, and means down from there are not. Between two levels it is interpolated in
ln sigma.

A curve above the threshold at the lowest level asks for no noise: 0. One that never exceeds it has
no level: inf.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import isotonic_regression

# The ten preferred numbers a decade (ISO 3, series R10) from 0.01 to 20. The training draws its
# noise levels from lognormal(-1.2, 1.2): 2.5 in a thousand lie below, 2 in ten thousand above.
PREFERRED = (1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8)
LEVELS = tuple(round(n * decade, 5) for decade in (0.01, 0.1, 1, 10) for n in PREFERRED)[:34]


def crossings(curves: np.ndarray, levels: Sequence[float], threshold: float) -> np.ndarray:
    """Where each of the curves [n, S] over the S levels, rising, exceeds the threshold: [n]."""
    return np.array([_crossing(isotonic_regression(c).x, levels, threshold) for c in curves])


def _crossing(curve: np.ndarray, levels: Sequence[float], threshold: float) -> float:
    """The crossing of a rising curve [S]."""
    first = int(np.searchsorted(curve, threshold, side="right"))  # the first value above it
    if first == 0:
        return 0.0
    if first == len(curve):
        return float("inf")
    share = (threshold - curve[first - 1]) / (curve[first] - curve[first - 1])
    return float(levels[first - 1] * (levels[first] / levels[first - 1]) ** share)
