r"""The bootstrap over images: what another draw of both image sets would do to a number.

Each of B draws keeps a random half of the images of either set, without replacement, and works the
metric out anew; the standard deviation of the B values is the standard error of the metric on the
whole sets. For a statistic that is a mean of independent images to first order this is exact: the
mean of n/2 of n values, drawn without replacement, varies around their mean by

.. math::  \frac{s^2}{n/2} \Big(1 - \frac{n/2}{n}\Big) = \frac{s^2}{n} .

(for an even n; for an odd one too large by 2 / n). It is the exchangeable bootstrap with weights 0
and 2 (Præstgaard and Wellner, Exchangeably weighted bootstraps of the general empirical process,
Annals of Probability 21(4), 1993, example 3.6; the delete-half jackknife of Shao and Wu, Annals of
Statistics 17(3), 1989). Efron's bootstrap draws with replacement, and a set with repeated images is
another object for most of these metrics: the repeats have nearest neighbours at distance 0, and
stand in a U-statistic as pairs of equals.

Where both sets have one law the first order of a distance vanishes, and what is left is quadratic:
there the error comes out too large, by up to :math:`\sqrt 3` (1.5 to 1.6 measured).

The values themselves are those of half as many images, so they carry the bias of n/2: only their
spread is used, and an interval is the value of the whole sets plus and minus 1.96 of it. The halves
of a draw are the same for all metrics, so that these share what they work out of them.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from harness.metrics.estimate import Estimate
from harness.metrics.features import Features
from harness.problem import Problem

LEAST = 20  # draws

K = TypeVar("K", bound=Hashable)
Side = Features | np.ndarray
Call = tuple[Callable[..., Estimate], Sequence[Side], np.random.Generator]


def standard_errors(
    calls: Mapping[K, Call],
    draws: int,
    generator: np.random.Generator,
    progress: Callable[[float], None],
) -> dict[K, float | Problem]:
    """The standard error of each ``metric(*sides, generator)``, or why it has none.

    Sides of one length are halved alike, so that features and images of one set stay those of the
    same pictures. Raises ``Problem`` for fewer than ``LEAST`` draws.
    """
    if draws < LEAST:
        raise Problem(f"a bootstrap of {draws} draws", "too few", f"ask for {LEAST} or more")
    values: dict[K, list[float]] = {key: [] for key in calls}
    refused: dict[K, Problem] = {}
    for i in range(draws):
        halves: dict[int, Any] = {}
        kept: dict[tuple[int, int], np.ndarray] = {}
        for key, (metric, sides, own) in calls.items():
            if key in refused:
                continue
            for place, side in enumerate(sides):
                if id(side) in halves:
                    continue
                which = (place, len(side))
                if which not in kept:
                    kept[which] = np.sort(generator.permutation(len(side))[: len(side) // 2])
                index = kept[which]
                halves[id(side)] = side.take(index) if isinstance(side, Features) else side[index]
            try:
                values[key].append(metric(*(halves[id(side)] for side in sides), own).value)
            except Problem as problem:
                refused[key] = problem
        progress((i + 1) / draws)
    return {key: refused.get(key) or float(np.std(found, ddof=1)) for key, found in values.items()}
