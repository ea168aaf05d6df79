"""An estimate: a value, its standard error, and how many samples it rests on."""

from typing import NamedTuple

import numpy as np


class Estimate(NamedTuple):
    """What a metric returns.

    ``standard_error`` is that of the value over the draw of the images, with the network held
    fixed and the images taken as independent; None where the metric states none. It is not the
    spread over training runs. ``n`` counts the samples (not the reference).
    """

    value: float
    standard_error: float | None
    n: int


def mean(values: np.ndarray) -> Estimate:
    """The mean of independent values ``[n]``, n at least 2, with its standard error."""
    n = len(values)
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(n)), n)
