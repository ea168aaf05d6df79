"""Which means moved: the ``tolerance`` rows of two builds, group by group, over replicates.

A group is one metric of one cell of one study. A replicate draws from the same streams on both
sides, so replicates are paired where at least two match, and otherwise the two sides are held
against each other as independent draws of one spread.

What counts as nothing. An unchanged program on another processor does not give the same number: the
published ``ambient_blur``, made on an AMD and on an Intel processor, differs in every row, by 5e-8
relative in the median and 7e-5 at most, with the same sign in each replicate, so that a plain
paired t test saw 7 shifts in 390 groups. All of it is below 0.0013 of the standard error that the
numbers have themselves. A difference below a hundredth of that error (recorded in the rows, else
the spread over the reference's replicates), or below 1e-6 relative, a few roundings in single
precision, therefore counts as none: a group in which every pair is that near is equal, and in the
others the mean must stand out beyond it.

A metric may look through an instrument that is itself trained, once for all cells: a classifier
trained anew on the other processor moved the ``sample_entropy`` of all cells of ``condition_flips``
down, by 0.6 of a row's recorded error. What the cells of a metric that differ have in common, their
median where they are five or more, is taken off each of them up to one such error.

What it is held against. The *standard error* of a group's mean difference is the deviation of one
difference by the root of their number (of n against m unpaired rows: sqrt(1/n + 1/m) times that of
one row). The deviation is pooled over the study's groups as far as they agree
(``harness.records.pooled``), each in units of its rows' recorded error: in published studies the
spread over replicates is near this error in every metric, its ratio varies by a fifth to a half
from group to group. Rows without a recorded error are pooled within their metric, relative to the
value. A single row on each side, without replicates, has its recorded error alone, and a normal
test; two such rows are taken as independent, which overstates the error where they share draws.
What has neither is not comparable, and says so.

The p-values of all groups that are not equal are adjusted together (Holm 1979), and a group has
moved at 1 %.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from harness.records.holm import holm
from harness.records.pooled import p_values
from harness.records.record import Record

ROUNDING = 1e-6
NEGLIGIBLE = 0.01
SHARED = 1.0
CELLS = 5
ABSOLUTE = 1e-12
LEVEL = 0.01


@final
@dataclass(frozen=True)
class Shift:
    """The change of the mean of one group of tolerance rows, new minus reference, in ``unit``.

    row: its name. test: equal, paired, unpaired, pooled (one row a side, spread of the others),
    standard error, or not comparable; p and p_holm are null for the last. moved: p_holm is below
    1 %.
    """

    row: str
    unit: str
    reference: float
    new: float
    test: str
    p: float | None
    p_holm: float | None = None

    @property
    def moved(self) -> bool:
        return self.p_holm is not None and self.p_holm < LEVEL


@final
@dataclass(frozen=True)
class Group:
    """One group's rows in numbers. nothing: how far apart the means may be and count as equal.
    count, squares, degrees: as ``pooled.p_values``. error: recorded, of one row, or 0. alone: that
    of the difference of two single rows, or 0."""

    name: str
    study: str
    metric: str
    unit: str
    reference: float
    new: float
    kind: str
    nothing: float
    count: float
    squares: float
    degrees: float
    error: float
    alone: float

    def effect(self, shared: float = 0.0) -> float:
        """How far the difference of the means, less a shared one, is beyond nothing."""
        return max(0.0, abs(self.new - self.reference - shared) - self.nothing)

    def pool(self) -> tuple[str, str, str]:
        """Groups with one key share their variance."""
        return self.study, self.kind, "" if self.error else self.metric


def group(name: str, old: Sequence[Record], new: Sequence[Record]) -> Group:
    """The rows of one group, at least one a side, each with a number."""
    x, y = _values(old), _values(new)
    a, b = ({row.replicate: float(row.value or 0.0) for row in rows} for rows in (old, new))
    both = [replicate for replicate in a if replicate in b]
    difference = np.array([b[key] - a[key] for key in both], dtype=float)  # [pairs]
    errors = [_error(rows) for rows in (old, new)]
    own = errors[0] or (float(x.std(ddof=1)) if len(x) > 1 else 0.0)
    scale = max(float(np.abs(x).max()), float(np.abs(y).max()))
    nothing = max(ROUNDING * scale, NEGLIGIBLE * own, ABSOLUTE)
    if a.keys() == b.keys() and (np.abs(difference) <= nothing).all():
        kind, count, squares, degrees = "equal", 1.0, 0.0, 0.0
    elif len(both) >= 2 or len(x) == len(y) == len(both):
        kind, count, degrees = "paired", len(both), len(both) - 1.0
        x, y = (np.array([side[key] for key in both], dtype=float) for side in (a, b))
        squares = float(((difference - difference.mean()) ** 2).sum())
    else:
        kind, count, degrees = "unpaired", 1 / (1 / len(x) + 1 / len(y)), len(x) + len(y) - 2.0
        squares = float(((x - x.mean()) ** 2).sum() + ((y - y.mean()) ** 2).sum())
    alone = math.hypot(*errors) if len(old) == len(new) == 1 and all(errors) else 0.0
    if kind != "equal" and alone and set(a) | set(b) == {None}:
        kind = "standard error"
    return Group(
        name, old[0].study, old[0].metric, old[0].unit, float(x.mean()), float(y.mean()), kind,
        nothing, count, squares + degrees * nothing**2, degrees, errors[0], alone,
    )  # fmt: skip


def _values(rows: Sequence[Record]) -> np.ndarray:
    return np.array([row.value for row in rows], dtype=float)  # [R]


def _error(rows: Sequence[Record]) -> float:
    """The recorded standard error of one row, over replicates; 0 where a row has none."""
    errors = [row.standard_error or 0.0 for row in rows]
    return math.sqrt(sum(e * e for e in errors) / len(errors)) if all(errors) else 0.0


def judge(groups: Iterable[Group]) -> tuple[Shift, ...]:
    """Each group with its test and its p-values, in the order given, Holm over all."""
    listed = list(groups)
    pools: dict[tuple[str, str, str], list[int]] = {}
    tests: list[tuple[str, float | None]] = [("equal", 1.0)] * len(listed)
    for index, one in enumerate(listed):
        if one.kind == "standard error":
            tests[index] = _normal(one)
        elif one.kind != "equal":
            pools.setdefault(one.pool(), []).append(index)
    for indices in pools.values():
        members = [listed[index] for index in indices]
        for index, test in zip(indices, _pooled(members)):
            tests[index] = test
    found = [
        Shift(one.name, one.unit, one.reference, one.new, test, p, 1.0 if test == "equal" else None)
        for one, (test, p) in zip(listed, tests)
    ]
    family = [i for i, shift in enumerate(found) if shift.test != "equal" and shift.p is not None]
    for index, adjusted in zip(family, holm([tests[index][1] or 0.0 for index in family])):
        found[index] = replace(found[index], p_holm=adjusted)
    return tuple(found)


def _pooled(members: Sequence[Group]) -> list[tuple[str, float | None]]:
    """The tests of the groups of one pool."""
    if not any(one.degrees for one in members):
        return [_normal(one) for one in members]
    sizes = [one.error or abs(one.reference) for one in members]
    scale = np.array(sizes if all(sizes) else [1.0] * len(sizes))  # [G]
    counts, degrees = (np.array([getattr(one, n) for one in members]) for n in ("count", "degrees"))
    shared = _shared(members)
    effects = np.array([one.effect(shared[one.metric] * one.error) for one in members]) / scale
    squares = np.array([one.squares for one in members]) / scale**2
    names = [one.kind if one.degrees else "pooled" for one in members]
    return list(zip(names, map(float, p_values(effects, counts, squares, degrees))))


def _shared(members: Sequence[Group]) -> dict[str, float]:
    """What each metric's cells moved by alike, in recorded errors of one row; at most 1."""
    moved: dict[str, list[float]] = {}
    for one in members:
        moves = moved.setdefault(one.metric, [])
        if one.error:
            moves.append((one.new - one.reference) / one.error)
    return {
        metric: float(np.clip(np.median(moves), -SHARED, SHARED)) if len(moves) >= CELLS else 0.0
        for metric, moves in moved.items()
    }


def _normal(one: Group) -> tuple[str, float | None]:
    """The normal test of two single rows with their recorded errors, where they have them."""
    from scipy.special import ndtr

    if not one.alone:
        return "not comparable", None
    return "standard error", float(2 * ndtr(-one.effect() / one.alone))
