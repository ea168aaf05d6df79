"""Relabelling changes every class and leaves the marginal alone: what a pooled metric cannot see.

A generator that matches the mean and the covariance of each label produces, over all labels in
their proportions, a law with the mean and the second moment

    sum_k (n_k/n) muh_k = (1/n) sum_i x_i,
    sum_k (n_k/n) (Sh_k + muh_k muh_k') = (1/n) sum_i x_i x_i'.

The right-hand sides do not know the labels (derived here): n_k/n cancels the 1/n_k of the class. So
*any* relabelling, flips of any share among them, leaves the marginal mean and covariance as they
were, and with them every distance that depends on these alone, such as the Frechet distance of
identity features over samples of all classes. The paper reports that flipped labels improve the
FID; the linear model of its theory cannot show this without guidance, whatever is flipped, and what
the theorems speak of is the distance class by class.

``exact`` is the largest change of an entry of either moment, of n points with two labellings, in
rational arithmetic, since every float is a fraction: 0 without rounding. In floating point it is
1e-16 to 1e-14. No formula is printed. Sharper: the mean W2^2 between the Gaussians of each class
before and after, weighted as the points are before, which does change; classes without a point
afterwards are an error.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from theory.gaussian import wasserstein2_squared
from theory.law import Law, Params, Value
from theory.parameter import points, vector
from theory.slight_corruption.linear_network import CORRUPTION

Array = npt.NDArray[np.float64]


def class_moments(x: Array, labels: Array) -> dict[float, tuple[float, Array, Array]]:
    """Share, mean [d] and biased covariance [d, d] of the points [n, d] of each label [n]."""
    found = {}
    for label in np.unique(labels):
        own = x[labels == label]
        offsets = own - own.mean(axis=0)
        found[float(label)] = (len(own) / len(x), own.mean(axis=0), offsets.T @ offsets / len(own))
    return found


def marginal_moments(x: Array, labels: Array) -> tuple[Array, Array]:
    """Mean [d] and second moment [d, d] of the mixture of the classes' Gaussians."""
    classes = class_moments(x, labels).values()
    mean = sum((share * m for share, m, _ in classes), np.zeros(x.shape[1]))
    second = sum(
        (share * (s + np.outer(m, m)) for share, m, s in classes), np.zeros((x.shape[1],) * 2)
    )
    return mean, second


def exact_marginal_moments(x: Array, labels: Array) -> list[Fraction]:
    """The same in rational arithmetic: d + d^2 numbers, from the moments of each class."""
    rows = [[Fraction(value) for value in row] for row in x.tolist()]
    d = x.shape[1]
    total = [Fraction(0)] * (d + d * d)
    for label in np.unique(labels):
        own = [row for row, at in zip(rows, labels) if at == label]
        share = Fraction(len(own), len(rows))
        mean = [_mean([row[i] for row in own]) for i in range(d)]
        cov = [
            _mean([(row[i] - mean[i]) * (row[j] - mean[j]) for row in own])
            for i in range(d)
            for j in range(d)
        ]
        second = [c + mean[i // d] * mean[i % d] for i, c in enumerate(cov)]
        total = [sum_ + share * value for sum_, value in zip(total, mean + second)]
    return total


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


@final
class MarginalMoments(Law):
    """The largest change of a marginal moment by relabelling; parameters x, labels, relabelled."""

    name = "slight_corruption.marginal_moments"
    statement = "the marginal mean and second moment of the classes' fits do not know the labels"
    source = f"derived here, for the model of {CORRUPTION}"
    unit = "data units or their square"
    parameters: ClassVar = {
        "x": points("the data"),
        "labels": vector("a number for the class of each point"),
        "relabelled": vector("the same after relabelling"),
    }
    example: ClassVar = {
        "x": [[0.1, 1.2], [0.7, -0.3], [-0.4, 0.5], [2.1, 0.3], [1.6, -0.8], [2.9, 0.2]],
        "labels": [0, 0, 0, 1, 1, 1],
        "relabelled": [0, 0, 1, 1, 1, 0],
    }

    def _read(self, params: Params) -> tuple[Array, Array, Array]:
        x, labels, relabelled = self.read(params)
        if not len(x) == len(labels) == len(relabelled):
            raise self.refuse(
                f"{len(x)} points, {len(labels)} labels and {len(relabelled)} new ones",
                "give one label of each kind a point",
            )
        if set(labels) != set(relabelled):
            raise self.refuse("classes that appear or vanish", "keep a point in every class")
        return x, labels, relabelled

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        x, labels, relabelled = self._read(params)
        before, after = (exact_marginal_moments(x, found) for found in (labels, relabelled))
        return Value(float(max(abs(a - b) for a, b in zip(before, after))))

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        x, labels, relabelled = self._read(params)
        before, after = class_moments(x, labels), class_moments(x, relabelled)
        changes = [
            share * wasserstein2_squared(mean, cov, *after[label][1:])
            for label, (share, mean, cov) in before.items()
        ]
        moved = float((labels != relabelled).mean())
        return {
            "classes_change": Value(sum(changes), unit="data units squared"),
            "relabelled_share": Value(moved, unit="1"),
        }

    def void(self, params: Params) -> bool:
        """Never: the statement, that the change is 0, has no assumptions."""
        self._read(params)
        return False
