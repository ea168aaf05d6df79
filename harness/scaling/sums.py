r"""Sums of a floor and of falling terms, one a variable.

.. math::  L = E + A N^{-\alpha} + B D^{-\beta}

(Hoffmann et al. 2022, equation 2; Hestness et al. 2017 for one variable), each with and without
the floor, and the same with exponentials, :math:`L = E + A e^{-\kappa N}`. With
:math:`\theta = (\ln E, \ln A, \alpha, \ldots)`, ln L is the logarithm of a sum of exponentials of
functions linear in theta, of which the derivatives are closed:

.. math::  \partial_j \ln L = p_{k(j)} \phi_j, \qquad
           \partial_j \partial_l \ln L = [k(j) = k(l)]\, p_{k(j)} \phi_j \phi_l
           - \partial_j \ln L\, \partial_l \ln L

with p_k the share of term k and phi_j = 1 for an amplitude, -ln N or -N for an exponent.

Starts are by variable projection (Golub and Pereyra 1973): given the exponents the loss is linear
in E, A and B, which non-negative least squares of the relative residual gives, exactly, as the best
of all subsets of terms; the exponents run over a grid.
"""

from dataclasses import dataclass
from itertools import combinations, product
from typing import final

import numpy as np

from harness.scaling.form import Frame, Value
from harness.scaling.huber import loss

GRIDS = {  # exponents of a power; rates of an exponential, over the largest size
    "log": np.r_[np.linspace(0.02, 1.0, 16), 1.3, 1.7, 2.3],
    "linear": np.geomspace(0.2, 60, 19),
}
LEAST = 1e-3  # an amplitude that the grid finds zero starts at so much of the loss
APART = 3  # steps of the grid between two starts


@final
@dataclass(frozen=True)
class Sum:
    """A floor, where ``floor``, and one term a variable in its logarithm or in itself."""

    formula: str
    parameters: tuple[str, ...]
    kind: str = "log"  # or "linear"
    floor: bool = True

    @property
    def variables(self) -> int:
        return len(self.parameters) // 2

    @property
    def logged(self) -> tuple[bool, ...]:
        return (True,) * self.floor + (True, False) * self.variables

    @property
    def _terms(self) -> np.ndarray:
        """The term of each parameter."""
        each = np.repeat(np.arange(self.variables), 2) + self.floor
        return np.r_[np.zeros(int(self.floor), int), each]

    def features(self, x: np.ndarray, frame: Frame) -> np.ndarray:
        """phi ``[p, n]``."""
        z = np.log(x) - frame.centre if self.kind == "log" else x / frame.unit
        rows = [np.ones(len(x))] if self.floor else []
        for column in z.T:
            rows += [np.ones(len(x)), -column]
        return np.array(rows)

    def limits(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """None: a term that vanishes does so at no end, and the fit stops where it has."""
        ends = np.full(len(features), np.inf)
        return -ends, ends

    def searched(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of the exponents, beyond which a term is another floor or is seen at one size.

        None for a single term, which is a line in the logarithm of the loss.
        """
        low, high = self.limits(features)
        if self.variables + self.floor > 1:
            rates = ~np.array(self.logged)
            low[rates], high[rates] = GRIDS[self.kind][[0, -1]]
        return low, high

    def _shares(self, theta: np.ndarray, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ln L ``[B, n]`` and the shares of the terms ``[K, B, n]``."""
        first = int(self.floor)
        u = np.empty((self.variables + first, len(theta), phi.shape[1]))
        if first:
            u[0] = theta[:, :1]
        for k in range(self.variables):
            j = first + 2 * k
            np.multiply(theta[:, j + 1, None], phi[j + 1], out=u[first + k])
            u[first + k] += theta[:, j, None]
        top = u.max(0)
        u -= top
        np.exp(u, out=u)
        total = u.sum(0)
        u /= total
        return np.log(total) + top, u

    def level(self, theta: np.ndarray, features: np.ndarray) -> np.ndarray:
        return self._shares(theta, features)[0]

    def at(self, theta: np.ndarray, features: np.ndarray) -> Value:
        f, shares = self._shares(theta, features)
        terms = self._terms
        slope = shares[terms].transpose(1, 0, 2) * features
        same = terms[:, None] == terms

        def bend(c: np.ndarray) -> np.ndarray:
            weighted = slope * c[:, None]
            return (weighted @ features.T) * same - weighted @ slope.transpose(0, 2, 1)

        return Value(f, slope, bend)

    def starts(self, features: np.ndarray, y: np.ndarray, delta: float, count: int) -> np.ndarray:
        """From losses ``y [n]`` over the frame's level."""
        grid = GRIDS[self.kind]
        shape = (len(grid),) * self.variables
        first = int(self.floor)
        columns = [np.ones((1, len(y)))] if self.floor else []
        index = [np.zeros(len(grid) ** self.variables, int)] if self.floor else []
        places = np.unravel_index(np.arange(len(grid) ** self.variables), shape)
        for v in range(self.variables):
            columns.append(np.exp(np.outer(grid, features[first + 2 * v + 1])))  # [G, n]
            index.append(places[v])
        amplitude = _non_negative([c / y for c in columns], index)  # [G^v, K]
        fitted = sum(amplitude[:, k, None] * c[i] for k, (c, i) in enumerate(zip(columns, index)))
        score = loss(np.log(fitted / y), delta).sum(1)
        chosen = _apart(score, np.stack(places, 1), count)
        theta = np.empty((len(chosen), len(self.parameters)))
        for k in range(first + self.variables):
            size = np.abs(columns[k]).max(1)[index[k]][chosen]
            low = LEAST * y.min() / size
            j = 0 if self.floor and k == 0 else 2 * k - first
            theta[:, j] = np.log(np.maximum(amplitude[chosen, k], low))
        for v in range(self.variables):
            theta[:, first + 2 * v + 1] = grid[places[v]][chosen]
        return theta

    def printed(self, theta: np.ndarray, frame: Frame) -> np.ndarray:
        return self._moved(theta, frame, 1)

    def held(self, printed: np.ndarray, frame: Frame) -> np.ndarray:
        return self._moved(printed, frame, -1)

    def _moved(self, theta: np.ndarray, frame: Frame, sign: int) -> np.ndarray:
        found = np.array(theta, float)
        first = int(self.floor)
        found[..., :first] += sign * frame.level
        for v in range(self.variables):
            j = first + 2 * v
            found[..., j] += sign * frame.level
            if self.kind == "log":
                found[..., j] += sign * found[..., j + 1] * frame.centre[v]
            else:
                found[..., j + 1] *= frame.unit[v] ** -sign
        return found


def _non_negative(columns: list[np.ndarray], index: list[np.ndarray]) -> np.ndarray:
    """Least squares to ones with non-negative weights, for each combination: ``[C, K]``.

    The optimum is the free optimum of some subset of columns, so the best of those subsets whose
    free optimum has no negative weight.
    """
    k = len(columns)
    gram = np.empty((len(index[0]), k, k))
    right = np.stack([c.sum(1)[i] for c, i in zip(columns, index)], 1)  # [C, K]
    for a, b in product(range(k), repeat=2):
        gram[:, a, b] = (columns[a] @ columns[b].T)[index[a], index[b]]
    best = np.zeros_like(right)
    gain = np.zeros(len(right))
    for size in range(1, k + 1):
        for subset in combinations(range(k), size):
            s = list(subset)
            part = gram[:, s][:, :, s] + 0.0
            part[:, range(size), range(size)] *= 1 + 1e-12
            weight = np.linalg.solve(part, right[:, s, None])[..., 0]
            explained = (weight * right[:, s]).sum(1)
            better = (weight >= 0).all(1) & (explained > gain)
            gain[better] = explained[better]
            best[better] = 0
            best[np.ix_(better, s)] = weight[better]
    return best


def _apart(score: np.ndarray, place: np.ndarray, count: int) -> np.ndarray:
    """The best few, none within some steps of the grid of a better one."""
    chosen: list[int] = []
    for i in np.argsort(score, kind="stable")[: 40 * count]:
        if all(np.abs(place[i] - place[j]).max() >= APART for j in chosen):
            chosen.append(int(i))
        if len(chosen) == count:
            break
    return np.array(chosen)


POWER_WITH_FLOOR = Sum("E + A N^-alpha", ("E", "A", "alpha"))
POWER = Sum("A N^-alpha", ("A", "alpha"), floor=False)
EXPONENTIAL = Sum("E + A exp(-kappa N)", ("E", "A", "kappa"), kind="linear")
TWO_POWERS_WITH_FLOOR = Sum("E + A N^-alpha + B D^-beta", ("E", "A", "alpha", "B", "beta"))
TWO_POWERS = Sum("A N^-alpha + B D^-beta", ("A", "alpha", "B", "beta"), floor=False)
TWO_EXPONENTIALS = Sum(
    "E + A exp(-kappa N) + B exp(-lambda D)", ("E", "A", "kappa", "B", "lambda"), kind="linear"
)
