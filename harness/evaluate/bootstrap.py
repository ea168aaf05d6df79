r"""The bootstrap over images: what another draw of both image sets would do to a number.

Each of B draws keeps a random half of the images of either set, without replacement, and works the
metric out anew; the standard deviation of the B values is the standard error of the metric on the
whole sets. For a statistic that is a mean of independent images to first order this is exact: the
mean of n/2 of n values, drawn without replacement, varies around their mean by

.. math::  \frac{s^2}{n/2} \Big(1 - \frac{n/2}{n}\Big) = \frac{s^2}{n} .

It is the exchangeable bootstrap with weights 0 and 2 (Præstgaard and Wellner, Exchangeably weighted
bootstraps of the general empirical process, Annals of Probability 21(4), 1993, example 3.6; the
delete-half jackknife of Shao and Wu, Annals of Statistics 17(3), 1989). Efron's bootstrap draws
with replacement, and a set with repeated images is another object for most of these metrics: the
repeats have nearest neighbours at distance 0, and stand in a U-statistic as pairs of equals.

The values themselves are those of half as many images, so they carry the bias of n/2: only their
spread is used, and an interval is the value of the whole sets plus and minus 1.96 of it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.metrics.estimate import Estimate
from harness.metrics.features import Features
from harness.problem import Problem

LEAST = 20  # draws


def standard_error(
    metric: Callable[..., Estimate],
    sides: tuple[Features | np.ndarray, ...],
    draws: int,
    generator: np.random.Generator,
    progress: Callable[[float], None],
) -> float:
    """The standard error of ``metric(*sides, generator)`` over the images of all its sides.

    Raises ``Problem`` for fewer than ``LEAST`` draws, and where half of a set is too few for the
    metric.
    """
    if draws < LEAST:
        raise Problem(f"a bootstrap of {draws} draws", "too few", f"ask for {LEAST} or more")
    values = np.empty(draws)
    for i in range(draws):
        halves: list[Any] = []
        for side in sides:
            kept = np.sort(generator.permutation(len(side))[: len(side) // 2])
            halves.append(side.take(kept) if isinstance(side, Features) else side[kept])
        values[i] = metric(*halves, generator).value
        progress((i + 1) / draws)
    return float(values.std(ddof=1))
