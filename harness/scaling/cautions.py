"""What a reader must know before believing a table of fits, in sentences."""

import numpy as np

from harness.scaling.choice import Comparison, Row
from harness.scaling.copies import repeated
from harness.scaling.points import Points
from harness.scaling.rounding import unit

UNSEEN = 1e-3  # a floor below so much of the least loss is none
FEW = 4  # degrees of freedom, below which an interval from runs is the range of few values
DRAW = 2.0  # of AICc
TOGETHER = 0.5  # share of the variance of residuals that lies between runs
ALIKE = 0.98  # correlation of the logarithms of two variables that hardly move apart
FINE = 0.01  # of the spread at a size: losses written so finely do not agree by rounding


def notes(found: Comparison) -> list[str]:
    """About the points, then about the choice, then about each form."""
    said = _points(found.points)
    together = between_runs(found.points, found.rows[found.chosen].fit.residuals)
    if together > TOGETHER:
        said.append(
            f"{100 * together:.0f} % of what the law leaves lies between runs: their lines are not "
            "independent, so trust intervals from runs, and neither AICc nor the likelihood; give "
            "--delta above what runs differ by, or intervals from runs are too wide"
        )
    said += _choice(found, together <= TOGETHER)
    for name, row in found.rows.items():
        told = _form(row, found.points) + (_of_chosen(row) if name == found.chosen else [])
        said += [f"{name}: {words}" for words in told]
    few = [row.replicates.df for row in found.rows.values() if row.replicates.df < FEW]
    if few:
        said.append(
            f"the runs leave {min(few)} degrees of freedom, so intervals from runs are rough "
            "(lines that share a run's name count as one)"
        )
    return said


def _points(points: Points) -> list[str]:
    said = []
    again, after = repeated(points)
    if again >= 3 and 2 * again > after and unit(points.y) < FINE * _spread(points):
        said.append(
            f"{again} of {len(points.y)} points equal another of their size to the last digit: "
            "if they are copies, they are no runs, and the intervals are too narrow"
        )
    if points.x.shape[1] == 2:
        alike = float(np.corrcoef(np.log(points.x).T)[0, 1])
        if abs(alike) > ALIKE:
            first, second = points.names
            said.append(
                f"{first} and {second} hardly move apart (the correlation of their logarithms is "
                f"{alike:.4f}), so little says which of them a fall is due to: trust the sum of "
                "their terms along these points, and neither exponent by itself"
            )
    return said


def _spread(points: Points) -> float:
    """Of losses at one size: the median standard deviation of the different ones; 0 of none."""
    pairs = np.unique(np.stack([points.sizes, points.y], 1), axis=0)
    at = [pairs[pairs[:, 0] == size, 1] for size in np.unique(points.sizes)]
    return float(np.median([y.std(ddof=1) for y in at if len(y) > 1] or [0.0]))


def between_runs(points: Points, residuals: np.ndarray) -> float:
    """The share of the residuals' variance that lies between runs of several points.

    By the one-way analysis of variance; 0 where runs have one point each.
    """
    run, size = np.unique(points.run, return_inverse=True, return_counts=True)[1:]
    n, k = len(run), len(size)
    if k < 2 or n == k:
        return 0.0
    mean = np.bincount(run, residuals) / size
    inside = float(((residuals - mean[run]) ** 2).sum()) / (n - k)
    outside = float((size * (mean - residuals.mean()) ** 2).sum()) / (k - 1)
    usual = (n - (size**2).sum() / n) / (k - 1)
    extra = max(0.0, (outside - inside) / usual)
    return extra / (extra + inside) if extra else 0.0


def _choice(found: Comparison, independent: bool) -> list[str]:
    said = []
    first, second = found.chosen, found.continues
    nearest = min(found.rows, key=found.rank)
    if found.marked is None:
        said.append(f"no form came to a sound end, so none is marked; {first} is shown, unmarked")
    elif nearest != first:
        said.append(f"{nearest} has the least AICc and is not marked: {found.rows[nearest].state}")
    if second not in (None, first):
        said.append(f"AICc prefers {first}, held-out error {second}: the form is not settled")
    score = found.rows[first].fit.aicc
    level = found.level if independent else None
    if score is not None and level is not None and level < score + DRAW:
        said.append(
            f"one loss at every size has AICc {level:.1f}, {first} {score:.1f}: these points "
            "hold no law that can be told from a constant"
        )
    return said


def _form(row: Row, points: Points) -> list[str]:
    said = []
    draws = len(row.replicates.theta)
    lost = draws - row.replicates.ended
    if not row.fit.done:
        said.append("the fit did not come to an end; do not use it")
    if row.at_bound:
        said.append(f"{' and '.join(row.at_bound)} lies at a bound of the grid and is open there")
    for name in row.open:
        said.append(f"{name} is open: the points do not set it on both sides")
    if lost:
        said.append(f"{lost} of {draws} bootstrap fits did not come to an end")
    names = row.fit.form.parameters
    if None in row.profile or (None in row.bootstrap and not row.misses):
        said.append("where there is no interval, it would be narrower than the losses' rounding")
    for (name, value), ends in zip(row.fit.parameters.items(), row.bootstrap):
        if ends and (value < (ends[0] or -np.inf) or value > (ends[1] or np.inf)):
            said.append(f"{name} lies outside its own interval from runs: do not use either")
    ends = dict(zip(names, row.profile)).get("E")
    if ends and (ends[0] or 0) < UNSEEN * points.y.min():
        said.append("these points show no floor: its interval goes down to 0")
    return said


def _of_chosen(row: Row) -> list[str]:
    said = []
    if row.misses:
        said.append(
            f"the law misses the means of runs by {row.apart:.3g} times what runs of one size "
            "differ by: they are near copies of each other, or the form is wrong; no interval from "
            "runs"
        )
    for i, name in enumerate(row.fit.form.parameters):
        likely = row.profile[i]
        if row.fit.form.logged[i] or not likely:
            continue
        if likely[1] is not None and likely[1] < 0:
            said.append(f"{name} is below 0: nothing falls there, the loss rises")
        elif likely[0] is not None and likely[0] <= 0:
            said.append(f"the interval of {name} holds 0: nothing is seen to fall with its size")
    return said
