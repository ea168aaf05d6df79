"""Runs that are copies: equal to the last digit, under another name.

A copied run adds no information, and a bootstrap that takes it for a run gives intervals that are
too narrow, of width 0 where every run is a copy. Two runs of one size may agree by rounding, so
one equal point accuses nobody; three in one run do, and so does a sweep whose replicates never
differ.
"""

import numpy as np

from harness.scaling.points import Points

ENOUGH = 3  # equal points of two runs, from which no chance explains them


def copied(points: Points) -> list[int]:
    """The numbers of runs that say the same, the first of each kind before its copies; or none."""
    seen: dict[tuple, list[int]] = {}
    order = np.lexsort((points.y, points.sizes, points.run))
    ends = np.flatnonzero(np.diff(points.run[order])) + 1
    for mine in np.split(order, ends):
        key = (tuple(points.sizes[mine]), tuple(points.y[mine]))
        seen.setdefault(key, []).append(int(points.run[mine[0]]))
    same = [runs for (_, y), runs in seen.items() if len(runs) > 1 and len(y) >= ENOUGH]
    if not same and repeated(points)[0] == repeated(points)[1] >= ENOUGH:
        same = [runs for runs in seen.values() if len(runs) > 1]
    return [run for runs in same for run in runs]


def repeated(points: Points) -> tuple[int, int]:
    """How many points equal an earlier one of their size, and how many have an earlier one."""
    pairs = np.unique(np.stack([points.sizes, points.y], 1), axis=0)
    n, sizes = len(points.y), int(points.sizes.max()) + 1
    return n - len(pairs), n - sizes
