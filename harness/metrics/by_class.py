r"""Classes asked for against true classes: the mean of a distance over classes, and its error.

Samples state the class that each was asked for, a reference the true class of each image. With
:math:`A_k` the samples asked for class k, :math:`B_k` the true images of it and :math:`\pi_k` the
share of class k in the reference, a distance by class is

.. math::  \sum_k \pi_k \, D(A_k, B_k).

A distance of the whole sets is blind to which sample was asked for what: permuting the classes of
the samples leaves it to the bit. This mean is not. The shares are taken as they are.

Standard error. In each class a random half of either side is kept, without replacement, and D is
worked out on the halves: the standard deviation over such draws is, to first order, that of D on
the whole sides (the mean of n / 2 of n values varies around their mean by :math:`s^2 / n`; the
page of ``harness.evaluate.bootstrap``). Classes are independent, so that

.. math::  \mathrm{SE}^2 = \sum_k \pi_k^2 \, s_k^2, \quad
           s_k \text{ the deviation of class } k \text{ over its draws},

which needs few draws: those of all classes add up. It takes the number of images of a class as
given, and the network as fixed. Where A_k and B_k have one law, the first order of a distance
vanishes and the error is too large, by up to :math:`\sqrt 3`; with fewer images than features it
is so elsewhere too. Measured, for FD: 1.2 times the spread over draws away from equal laws and 1.7
at them, 1.5 and 1.8 with fewer images than features; for W2 1.0 to 1.25. A class with fewer than
four images on a side has no halves to compare, and then there is no error. The weighting and the
sum over classes are this project's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np

from harness.metrics.centre import centre
from harness.metrics.classes import require_labels
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features, require_pair
from harness.problem import Problem

DRAWS = 10  # of halves, in each class
Distance = Callable[[Features, Features], float]


@final
@dataclass(frozen=True, eq=False)
class Pairs:
    """What was asked for class k beside its true images: ``asked[k]``, ``true[k]``; K of each.

    shares: float64 ``[K]``, those of the classes among the true images.
    """

    shares: np.ndarray
    asked: tuple[Features, ...]
    true: tuple[Features, ...]

    def equal(self, most: int, generator: np.random.Generator) -> "Pairs":
        """As many of either side in each class, at most ``most``: the first of a random order."""
        pairs = [
            (_some(a, min(len(a), len(b), most), generator), _some(b, min(len(a), most), generator))
            for a, b in zip(self.asked, self.true)
        ]
        return Pairs(self.shares, tuple(a for a, _ in pairs), tuple(b for _, b in pairs))

    def mean(self, distance: Distance, generator: np.random.Generator) -> Estimate:
        """The weighted mean of a distance over classes, with its standard error or None."""
        pairs = list(zip(self.asked, self.true))
        value = self.shares @ [distance(a, b) for a, b in pairs]
        samples = sum(len(a) for a in self.asked)
        if min(len(each) for pair in pairs for each in pair) < 4:
            return Estimate(float(value), None, samples)
        deviations = [_deviation(distance, a, b, generator) for a, b in pairs]
        return Estimate(float(value), float(np.linalg.norm(self.shares * deviations)), samples)


def _deviation(
    distance: Distance, a: Features, b: Features, generator: np.random.Generator
) -> float:
    """The standard deviation of a distance over draws of halves of either side."""
    found = [distance(_half(a, generator), _half(b, generator)) for _ in range(DRAWS)]
    return float(np.std(found, ddof=1))


def _some(features: Features, count: int, generator: np.random.Generator) -> Features:
    """``count`` random rows; for all of them the set as it is, with what was worked out of it."""
    if count >= len(features):
        return features
    return features.take(np.sort(generator.permutation(len(features))[:count]))


def _half(features: Features, generator: np.random.Generator) -> Features:
    """A random half, without replacement."""
    return _some(features, len(features) // 2, generator)


def _split(features: Features, labels: np.ndarray, middle: np.ndarray) -> dict[int, Features]:
    """The rows of each class less a centre, in an order that follows from what they are."""
    order = features.order
    return {
        int(k): Features(np.asarray(features.rows, np.float64)[order[labels[order] == k]] - middle)
        for k in np.unique(labels)
    }


def by_class(
    what: str,
    samples: Features | np.ndarray,
    reference: Features | np.ndarray,
    least: int,
) -> Pairs:
    """The pairs of every class of the reference, each side with ``least`` images or more.

    Raises ``Problem``, which begins with ``what``, for sides without classes, for a class that was
    asked for and has no true image, for one that was never asked for, for too few images, NaN or
    different d.
    """
    a, b = require_pair(what, samples, reference, least)
    asked = require_labels(f"{what} of samples", a)
    true = require_labels(f"{what} of a reference", b)
    names, counts = np.unique(true, return_counts=True)
    fix = "ask for each class of the reference, and give true images of each that is asked for"
    for of, other, got in ((asked, names, "no true image"), (names, asked, "no sample asked for")):
        if len(lacking := np.setdiff1d(of, other)):
            raise Problem(f"{what} of class {lacking[0]}", f"{got} of it", fix)
    middle = centre(b)
    mine = _split(a, asked, middle)
    others = b.once("by class", lambda: _split(b, true, middle))
    for side, sets in (("samples asked for", mine), ("true images of", others)):
        for k, found in sets.items():
            if len(found) < least:
                got, enough = f"{len(found)} of them", f"give at least {least} of each class"
                raise Problem(f"{what} of {side} class {k}", got, enough)
    order = names.tolist()
    return Pairs(counts / len(b), tuple(mine[k] for k in order), tuple(others[k] for k in order))
