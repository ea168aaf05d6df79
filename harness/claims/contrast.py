"""Paired contrasts: what one arm does against another, replicate by replicate.

The random streams of a cell derive from its dataset and its replicate, never from its arm. The
difference of two arms within a replicate is therefore free of what both share, and its spread
over replicates is the spread of the effect. With a metric m the effect in replicate r is

    log_ratio:   log m_arm(r) - log m_baseline(r)      (metrics above 0; -0.05 is about -5 %)
    difference:  m_arm(r) - m_baseline(r)              (metrics that can be 0 or negative)

Two values that agree to 1e-9 relative, the agreement asked of exact rows, have no effect: rounding
with a preferred sign is not a result. A replicate in which either arm failed is dropped from both,
and reported.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from harness.problem import Problem
from harness.records.record import Plain, Record

Scale = Literal["log_ratio", "difference"]
Arm = str | Mapping[str, Plain]
Where = Mapping[str, Plain]
Kind = tuple[str, Scale, int, tuple[float, ...]]
SCALES = ("log_ratio", "difference")
EQUAL = 1e-9


@final
@dataclass(frozen=True)
class Contrast:
    """The paired effects of one metric between two arms at one condition.

    values: float [n], one a replicate, in ``unit``; replicates: their numbers. averaged: over how
    many conditions each value is a mean. dropped: what was left out and why. problem: why there
    there are no values at all, else null. sizes: of a statistic of a curve, those that it was taken
    over; one over other sizes has another variance.
    """

    metric: str
    scale: Scale
    arm: str
    baseline: str
    condition: str
    unit: str
    values: tuple[float, ...]
    replicates: tuple[int | None, ...]
    dropped: tuple[str, ...] = ()
    problem: str | None = None
    averaged: int = 1
    sizes: tuple[float, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """The hypothesis that it tests: the same key, the same test."""
        return (self.metric, self.scale, self.arm, self.baseline, self.condition)

    @property
    def kind(self) -> Kind:
        """What can share a variance: a metric on one scale, averaged alike, over the same sizes."""
        return (self.metric, self.scale, self.averaged, self.sizes)


def levels(arm: Arm) -> dict[str, Plain]:
    """The factors that define an arm: a text is a level of the factor ``arm``."""
    return {"arm": arm} if isinstance(arm, str) else dict(arm)


def label(where: Arm) -> str:
    """Factors as text: ``blur=0.4 network=mlp``; the arm's own name for a text."""
    if isinstance(where, str):
        return where
    return " ".join(f"{name}={where[name]}" for name in sorted(where)) or "all rows"


def select(rows: Iterable[Record], metric: str, where: Where, arm: Arm = "") -> list[Record]:
    """The rows of a metric at a condition, of one arm where one is given.

    A row without one of the condition's factors is shared by all its levels (a baseline that no
    blur touches), where other rows of the metric have it; a factor that none has selects nothing.
    The factors of the arm must be there. Where both name a factor, the arm decides.
    """
    own = levels(arm) if arm else {}
    rows = [row for row in rows if row.metric == metric]
    if not {name for row in rows for name in row.params} >= {*where, *own}:
        return []
    return [
        row
        for row in rows
        if all(name in row.params and row.params[name] == value for name, value in own.items())
        and all(
            row.params.get(name, value) == value or name in own for name, value in where.items()
        )
    ]


def contrast(
    rows: Sequence[Record],
    metric: str,
    arm: Arm,
    baseline: Arm,
    where: Where | None = None,
    scale: Scale = "log_ratio",
) -> Contrast:
    """The paired effects of ``arm`` against ``baseline`` at a condition.

    Errors: a :class:`Problem` for an unknown scale, and where several cells answer to the
    condition, so that a replicate has two values. No rows, or values without a logarithm, are not
    errors: they are the ``problem`` of the contrast.
    """
    if scale not in SCALES:
        raise Problem(f"the scale {scale!r}", "no such scale", f"known are {', '.join(SCALES)}")
    where = where or {}
    sides = [by_replicate(rows, metric, where, each) for each in (arm, baseline)]
    names = (label(arm), label(baseline))
    found = [row.unit for side in sides for row in side.values()]
    unit = "log ratio" if scale == "log_ratio" else (found[0] if found else "")
    dropped: list[str] = []
    pairs: dict[int | None, tuple[float, float]] = {}
    for replicate in sorted({*sides[0], *sides[1]}, key=lambda r: -1 if r is None else r):
        absent = [_absent(side.get(replicate), name) for side, name in zip(sides, names)]
        reasons = [reason for reason in absent if reason]
        if reasons:
            dropped.append(f"replicate {replicate}: {' and '.join(reasons)}")
        else:
            x, y = (side[replicate].value or 0.0 for side in sides)
            pairs[replicate] = (x, y)
    problem = None
    for side, name in zip(sides, names):
        if not side:
            problem = f"no rows of {metric} for {name} at {label(where)}"
    lost = [row for side in sides for row in side.values() if not row.ok]
    if problem is None and lost:
        # Those that came through are no sample of what was planned. (A replicate without a row was
        # not planned for that arm.)
        problem = f"{metric} at {label(where)} lacks {'; '.join(dropped)}"
    if problem is None and not pairs:
        problem = f"no replicate has {metric} for both arms at {label(where)}: {dropped[0]}"
    worst = min((min(pair) for pair in pairs.values()), default=1.0)
    if scale == "log_ratio" and worst <= 0:
        problem = f"{metric} has the value {worst:.3g} at {label(where)}, which has no logarithm"
    values: tuple[float, ...] = ()
    if problem is None:
        values = tuple(_effect(x, y, scale) for x, y in pairs.values())
    replicates = tuple(pairs) if values else ()
    return Contrast(
        metric, scale, *names, label(where), unit, values, replicates, tuple(dropped), problem
    )


def _effect(arm: float, baseline: float, scale: Scale) -> float:
    """The effect within one replicate; values that agree to 1e-9 relative are equal."""
    if abs(arm - baseline) <= EQUAL * max(abs(arm), abs(baseline)):
        return 0.0
    return math.log(arm) - math.log(baseline) if scale == "log_ratio" else arm - baseline


def by_replicate(
    rows: Sequence[Record], metric: str, where: Where, arm: Arm
) -> dict[int | None, Record]:
    """The rows of one arm by replicate."""
    side: dict[int | None, Record] = {}
    for row in select(rows, metric, where, arm):
        other = side.setdefault(row.replicate, row)
        if other is not row:
            factors = [
                name
                for name in sorted({*row.params, *other.params})
                if row.params.get(name) != other.params.get(name)
            ]
            raise Problem(
                f"one value of {metric} a replicate for {label(arm)} at {label(where)}",
                f"two cells, {other.cell_id[:8]} and {row.cell_id[:8]}",
                f"name the factor that tells them apart: {', '.join(factors) or 'none does'}",
            )
    return side


def _absent(row: Record | None, name: str) -> str | None:
    """Why an arm has no number here, or null where it has one."""
    if row is None:
        return f"{name} has no row"
    return None if row.ok else f"{name} {row.status} ({row.reason})"


def mean_contrast(contrasts: Sequence[Contrast]) -> Contrast:
    """The mean effect over conditions, replicate by replicate; for those that all of them have."""
    first = contrasts[0]
    if len(contrasts) == 1:
        return first
    tables = [dict(zip(one.replicates, one.values)) for one in contrasts]
    shared = [replicate for replicate in tables[0] if all(replicate in t for t in tables)]
    problem = next((one.problem for one in contrasts if one.problem), None)
    if problem is None and not shared:
        problem = f"no replicate has {first.metric} at every condition"
    means = [float(np.mean([table[replicate] for table in tables])) for replicate in shared]
    return Contrast(
        metric=first.metric,
        scale=first.scale,
        arm=first.arm,
        baseline=first.baseline,
        condition=f"mean of {', '.join(one.condition for one in contrasts)}",
        unit=first.unit,
        values=() if problem else tuple(means),
        replicates=() if problem else tuple(shared),
        dropped=tuple(f"{one.condition}: {text}" for one in contrasts for text in one.dropped),
        problem=problem,
        averaged=len(contrasts),
    )
