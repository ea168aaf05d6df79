r"""Intervals from runs: the bootstrap that resamples runs and keeps sizes.

The sizes of a sweep were chosen, not drawn, so they stay. What varies is the run. Runs with the
same sizes are replicates of each other:

- where there are k > 1, whole runs are drawn with replacement; each point keeps its deviation in
  ln loss from the mean of its size, times :math:`\sqrt{k / (k - 1)}`, since deviations from a mean
  of k vary by that much less (Rao and Wu 1988): without it, two replicates would give intervals
  that are 30 % too short;
- runs that are alone with one point each exchange their residuals about the law, of which the p
  smallest in size are left out, for p parameters: a fit by absolute values passes through p points,
  and their zeros would both lower the variance, by (n - p) / n, and raise the density at 0;
- where some runs are alone with several points, as of checkpoints, every lone run keeps its own
  residuals and they change sign together (wild cluster bootstrap; Cameron, Gelbach, Miller 2008).

The law is fitted to each draw, from the optimum of the points. The interval is the expanded
percentile interval (Hesterberg 2015, section 5.3): the quantiles at :math:`\Phi(\pm t)` with t that
of Student's law with as many degrees of freedom as the runs leave, since percentiles of few runs
are too narrow as normal quantiles are.

Measured coverage (tests/harness/scaling/test_coverage.py): 93 to 97 % for lone runs. Where runs
have many points and differ as wholes by more than their noise, a fit by absolute values is free
between two runs, and its exponent's intervals are too wide (six runs, effect 5 %, noise 0.5 %:
alpha 100 %); with a delta above what runs differ by they cover 93 to 98 %.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.problem import Problem
from harness.scaling.descent import ROOM, minimise
from harness.scaling.fit import Fit
from harness.scaling.points import Points

LEVEL = 0.95
COUNT = 1000
FEWEST = 100  # draws that an interval needs
MOST = 100_000_000  # points times draws: five minutes a form of one variable


@final
@dataclass(frozen=True)
class Replicates:
    """The fits of the draws: theta ``[B, p]``, how many came to an end, the degrees of freedom.

    One that did not end creeps along a valley whose floor is nearly flat; it counts as it stands.
    """

    theta: np.ndarray
    ended: int
    df: int

    def interval(self, values: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
        """The expanded percentile interval of what the draws ``[B]`` come to."""
        from scipy.special import ndtr, stdtrit

        outside = float(ndtr(-stdtrit(self.df, 0.5 + level / 2)))
        low, high = np.quantile(values, [outside, 1 - outside])
        return float(low), float(high)


def groups(points: Points) -> list[list[np.ndarray]]:
    """The runs, each as its points in the order of their sizes, by which of them share sizes."""
    found: dict[tuple[int, ...], list[np.ndarray]] = {}
    order = np.lexsort((points.sizes, points.run))
    for mine in np.split(order, np.flatnonzero(np.diff(points.run[order])) + 1):
        found.setdefault(tuple(points.sizes[mine]), []).append(mine)
    return list(found.values())


def degrees(points: Points, parameters: int) -> int:
    """What the runs leave to tell their spread: replicates less means, or runs less parameters."""
    found = groups(points)
    runs, alone = sum(map(len, found)), sum(len(g) == 1 for g in found)
    return max(1, runs - parameters if alone else runs - len(found))


def draws(fit: Fit, points: Points, generator: np.random.Generator, count: int) -> np.ndarray:
    """ln losses of so many draws, ``[count, n]``."""
    wanted = np.log(points.y)
    n, p = len(wanted), len(fit.theta)
    found = np.tile(wanted, (count, 1))
    lone = []
    for group in groups(points):
        if len(group) == 1:
            lone.append(group[0])
            continue
        k, rows = len(group), np.array(group)  # [k, points of a run]
        middle = wanted[rows].mean(0)
        off = (wanted[rows] - middle) * np.sqrt(k / (k - 1))
        found[:, rows] = middle + off[generator.integers(k, size=(count, k))]
    if lone:
        mine = np.concatenate(lone)
        residuals = fit.residuals[mine]
        if len(mine) == len(lone):
            by_size = np.argsort(np.abs(residuals), kind="stable")
            kept = residuals[by_size[min(round(p * len(mine) / n), len(mine) - 1) :]]
            drawn = kept[generator.integers(len(kept), size=(count, len(mine)))]
        else:
            signs = generator.integers(2, size=(count, len(lone))) * 2 - 1
            drawn = residuals * np.repeat(signs, [len(m) for m in lone], axis=1)
            drawn *= np.sqrt(n / max(1, n - p))
        found[:, mine] = wanted[mine] - fit.residuals[mine] + drawn
    return found


def replicates(
    fit: Fit, points: Points, generator: np.random.Generator, count: int = COUNT
) -> Replicates:
    """The fits of so many draws of the points that the fit is of, as many at once as memory holds.

    Raises ``Problem`` for more points times draws than ``MOST``.
    """
    n = len(points.y)
    if n * count > MOST:
        fix = f"give {MOST // n} draws or fewer (--bootstrap)"
        if MOST // n < FEWEST:
            fix = "give the mean of the lines of a run and size, or every tenth of its checkpoints"
        raise Problem(f"{count} draws of {n} points", f"more than {MOST:.0e} to be fitted", fix)
    features = fit.form.features(points.x, fit.frame)
    theta, ended = [], 0
    for first in range(0, count, most := max(1, ROOM // n)):
        some = min(most, count - first)
        wanted = draws(fit, points, generator, some) - fit.frame.level
        start = np.tile(fit.theta, (some, 1))
        found = minimise(fit.form, features, wanted, start, fit.delta)
        theta.append(found.theta)
        ended += int(found.done.sum())
    return Replicates(np.concatenate(theta), ended, degrees(points, len(fit.theta)))
