"""Claims about the shape of a law: a value has a sign, a curve rises or falls.

A value is resolved where it differs from 0, or from its neighbour, by more than 4 standard errors;
an exact one where it does by more than 1e-9 relative. What a claim says of each cell is
contradicted by one cell that is resolved against it, and supported where every cell is resolved
for it; else it is not resolved. A value of exactly 0 has no sign and contradicts a claim that it
has one. A curve that is exact may be flat in places, such as a count, as long as it moves as
claimed somewhere; one that never moves contradicts the claim that it does.

The cells are a grid and no sample of one: a claim about a curve is decided at its points.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, final

from harness.claims.bound import ERRORS, matched, place
from harness.claims.contrast import Contrast, label, select
from harness.claims.family import Family
from harness.claims.verdict import Outcome, Regime, Verdict, unresolved, word
from harness.problem import Problem
from harness.records.record import Plain, Record

EXACT = 1e-9


@final
@dataclass(frozen=True)
class Signed:
    """``metric`` is above 0 (sign 1) or below (sign -1) in every cell at ``where``.

    metric_void: a metric that is not 0 where the statement says nothing; such cells are left out.
    """

    metric: str
    sign: Literal[1, -1] = 1
    where: Mapping[str, Plain] = field(default_factory=dict)
    metric_void: str = ""

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return {self.metric, self.metric_void} - {""}, set(self.where)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """None: a law is no test of a family."""
        return ()

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study; the family does not matter."""
        metrics = [self.metric, *([self.metric_void] if self.metric_void else [])]
        cells, lacking, problem = matched(rows, metrics, self.where)
        if problem:
            return unresolved(regime, f"{problem}.")
        whole = len(cells)
        kept = [found[0] for found in cells.values() if not any(v.value for v in found[1:])]
        tail = f"; {whole - len(kept)} void cells left out" if whole > len(kept) else ""
        tail += f"; {lacking} cells without a number left out" if lacking else ""
        side = "above" if self.sign > 0 else "below"
        if not kept:
            return Verdict(
                word=word("void", regime), outcome="void", regime=regime,
                reason=f"The statement says nothing in any of {whole} cells{tail}.",
                void_fraction=1.0, numbers={"cells": 0},
            )  # fmt: skip
        signs = [_sign(row) * self.sign for row in kept]
        wrong = [row for row, sign in zip(kept, signs) if sign < 0]
        wrong += [row for row in kept if row.value == 0 and not row.standard_error]
        good, count = sum(sign > 0 for sign in signs), len(kept)
        outcome: Outcome = "seen" if good == count else "unresolved"
        reason = f"{self.metric} is {side} 0 in {good} of {count} cells"
        values = [row.value or 0.0 for row in kept]
        if wrong:
            outcome = "reversed"
            worst = min(wrong, key=lambda row: (row.value or 0.0) * self.sign)
            reason += f", not so in {len(wrong)}, worst at {place(worst)}: {worst.value:.6g}"
        elif good < count:
            reason += f"; {count - good} cells are not resolved"
        return Verdict(
            word=word(outcome, regime),
            outcome=outcome,
            regime=regime,
            reason=f"{reason}; from {min(values):.4g} to {max(values):.4g}{tail}.",
            effect=min(values) if self.sign > 0 else max(values),
            unit=kept[0].unit,
            numbers={
                "cells": count,
                "cells_for": good,
                "cells_against": len(wrong),
                "cells_left_out": lacking,
            },
        )


@final
@dataclass(frozen=True)
class Monotone:
    """``metric`` falls, or rises, along a factor, at every level of the others, at ``where``.

    along: a factor that is a number. A step of Monte Carlo values has to be resolved; between exact
    values a flat step is allowed on a curve that moves elsewhere.
    """

    metric: str
    along: str
    direction: Literal["falling", "rising"] = "falling"
    where: Mapping[str, Plain] = field(default_factory=dict)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return {self.metric}, {*self.where, self.along}

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """None: a law is no test of a family."""
        return ()

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study; the family does not matter."""
        found = [row for row in select(rows, self.metric, self.where) if self.along in row.params]
        curves: dict[str, list[Record]] = {}
        for row in found:
            if row.ok:
                others = {name: at for name, at in row.params.items() if name != self.along}
                curves.setdefault(label(others), []).append(row)
        steps = [pair for curve in curves.values() for pair in self._steps(curve)]
        lost = sum(not row.ok for row in found)
        if not steps:
            at = label(self.where)
            return unresolved(
                regime, f"no two cells with {self.metric} along {self.along} at {at}."
            )
        sign = 1 if self.direction == "rising" else -1
        moves = [(_step(a, b) * sign, a, b) for a, b in steps]
        wrong = [move for move in moves if move[0] < 0]
        open_steps = [move for move in moves if move[0] == 0 and not _exact(*move[1:])]
        still = sum(not any(_step(*pair) for pair in self._steps(c)) for c in curves.values())
        outcome: Outcome = "seen"
        reason = (
            f"{self.metric} is {self.direction} along {self.along} in {len(moves) - len(wrong)} of "
            f"{len(steps)} steps of {len(curves)} curves"
        )
        if wrong:
            outcome = "reversed"
            _, a, b = max(wrong, key=lambda move: abs((move[2].value or 0) - (move[1].value or 0)))
            reason = (
                f"{self.metric} is not {self.direction} along {self.along} in {len(wrong)} of "
                f"{len(steps)} steps, most from {place(a)} ({a.value:.6g}) to "
                f"{self.along}={b.params[self.along]} ({b.value:.6g})"
            )
        elif open_steps:
            outcome = "unresolved"
            resolved = len(moves) - len(open_steps)
            reason = (
                f"{self.metric} is {self.direction} along {self.along} in {resolved} of "
                f"{len(steps)} steps; {len(open_steps)} are within 4 standard errors"
            )
        elif still:
            outcome = "reversed"
            reason = (
                f"{self.metric} does not move along {self.along} on {still} of {len(curves)} curves"
            )
        reason += f"; {lost} cells without a number left out" if lost else ""
        return Verdict(
            word=word(outcome, regime),
            outcome=outcome,
            regime=regime,
            reason=f"{reason}.",
            effect=1 - len(wrong) / len(steps),
            unit="share of steps",
            numbers={"steps": len(steps), "steps_against": len(wrong), "curves": len(curves)},
        )

    def _steps(self, curve: Sequence[Record]) -> list[tuple[Record, Record]]:
        """Neighbours along the factor."""
        places = [row.params[self.along] for row in curve]
        if not all(isinstance(x, int | float) for x in places):
            raise Problem(
                f"a curve of {self.metric} along {self.along}",
                f"the levels {', '.join(map(str, places))}",
                "choose a factor that is a number",
            )
        ordered = sorted(curve, key=lambda row: float(row.params[self.along]))  # type: ignore[arg-type]
        levels = [row.params[self.along] for row in ordered]
        if len(set(levels)) < len(levels):
            raise Problem(
                f"one value of {self.metric} at each {self.along}",
                "two cells at one place",
                "name the factor that tells them apart",
            )
        return list(pairwise(ordered))


def _sign(row: Record) -> int:
    """1 or -1 where a value is resolved from 0, else 0."""
    value, error = row.value or 0.0, row.standard_error or 0.0
    return 0 if abs(value) <= ERRORS * error else (1 if value > 0 else -1)


def _exact(*rows: Record) -> bool:
    """Whether no value has a standard error."""
    return not any(row.standard_error for row in rows)


def _step(a: Record, b: Record) -> int:
    """1 for a rise, -1 for a fall, 0 where the two are not told apart."""
    x, y = a.value or 0.0, b.value or 0.0
    error = math.hypot(a.standard_error or 0.0, b.standard_error or 0.0)
    allowed = ERRORS * error + EXACT * max(abs(x), abs(y))
    return 0 if abs(y - x) <= allowed else (1 if y > x else -1)
