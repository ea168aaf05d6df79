"""Claims about formulas: what a paper prints for a quantity is that quantity.

In every cell the formula agrees with the exact value, within a relative tolerance for rounding and
4 standard errors where either was measured by Monte Carlo. One cell in which it does not
contradicts the claim. Cells in which the formula says nothing (its assumptions fail) are left out;
where all are, the claim is void. Agreement within 4 standard errors of a Monte Carlo value means
something only where those are small: a claim is supported only if a difference of ``resolution``
would have been seen in every cell, else it is not resolved.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

from harness.claims.bound import ERRORS, matched, place
from harness.claims.contrast import Contrast
from harness.claims.family import Family
from harness.claims.verdict import Outcome, Regime, Verdict, unresolved, word
from harness.records.record import Plain, Record


@final
@dataclass(frozen=True)
class Agreement:
    """``metric_formula`` = ``metric_exact`` in every cell at ``where``.

    metric_void: a metric that is not 0 where the formula says nothing; "" where none is.
    tolerance: relative to the larger of the two, for rounding, or as the claim allows. resolution:
    the relative difference that must be visible beside the standard errors. scale: what differences
    are relative to where both values are smaller, for formulas that are 0.
    """

    metric_exact: str = "exact"
    metric_formula: str = "printed"
    metric_void: str = ""
    where: Mapping[str, Plain] = field(default_factory=dict)
    tolerance: float = 1e-9
    resolution: float = 0.1
    scale: float = 0.0

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        metrics = {self.metric_exact, self.metric_formula, self.metric_void} - {""}
        return metrics, set(self.where)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """None: a law is no test of a family."""
        return ()

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study; the family does not matter."""
        metrics = [self.metric_exact, self.metric_formula]
        metrics += [self.metric_void] if self.metric_void else []
        cells, lacking, problem = matched(rows, metrics, self.where)
        if problem:
            return unresolved(regime, f"{problem}.")
        whole = len(cells)
        cells = {key: found for key, found in cells.items() if not any(v.value for v in found[2:])}
        tail = f"; void in {whole - len(cells)} of {whole} cells" if self.metric_void else ""
        tail += f"; {lacking} cells without a number left out" if lacking else ""
        void_fraction = (whole - len(cells)) / whole if self.metric_void else None
        if not cells:
            return Verdict(
                word=word("void", regime),
                outcome="void",
                regime=regime,
                reason=f"{self.metric_formula} says nothing in any of {whole} cells{tail}.",
                void_fraction=void_fraction,
                numbers={"cells": 0, "cells_left_out": lacking},
            )
        gaps = {key: self._gap(*found[:2]) for key, found in cells.items()}
        broken = [key for key, (gap, allowed) in gaps.items() if gap > allowed]
        worst = max(gaps, key=lambda key: gaps[key][0] - gaps[key][1])
        largest = max(gap for gap, _ in gaps.values())
        seen = max(allowed for _, allowed in gaps.values())
        count = len(cells)
        outcome: Outcome = "reversed" if broken else "seen"
        reason = (
            f"{self.metric_formula} = {self.metric_exact} in all {count} cells, to "
            f"{largest:.2g} relative; a difference of {seen:.2g} would have been seen in each"
        )
        blind = [key for key, (_, allowed) in gaps.items() if allowed > self._visible]
        if blind and not broken:
            outcome = "unresolved"
            reason = (
                f"{self.metric_formula} = {self.metric_exact} within 4 standard errors in all "
                f"{count} cells, of which {len(blind)} would not show a difference of "
                f"{self._visible:.2g}, but one of {seen:.2g} or more"
            )
        if broken:
            exact, formula = cells[worst][:2]
            reason = (
                f"{self.metric_formula} = {self.metric_exact} fails in {len(broken)} of {count} "
                f"cells, worst at {place(exact)}: {formula.value:.6g} against {exact.value:.6g}"
            )
        numbers: dict[str, Any] = {
            "cells": count,
            "cells_broken": len(broken),
            "cells_left_out": lacking,
            "largest_relative_difference": largest,
            "worst_cell": worst[0],
        }
        return Verdict(
            word=word(outcome, regime),
            outcome=outcome,
            regime=regime,
            reason=f"{reason}{tail}.",
            effect=largest,
            unit="largest relative difference",
            void_fraction=void_fraction,
            numbers=numbers,
        )

    @property
    def _visible(self) -> float:
        """The relative difference, on top of the tolerance, that must be seen."""
        return self.tolerance + self.resolution

    def _gap(self, exact: Record, formula: Record) -> tuple[float, float]:
        """The difference relative to the larger value, and the difference that is allowed."""
        x, y = exact.value or 0.0, formula.value or 0.0
        size = max(abs(x), abs(y), self.scale)
        if size == 0:
            return 0.0, self.tolerance
        error = math.hypot(exact.standard_error or 0.0, formula.standard_error or 0.0)
        return abs(x - y) / size, self.tolerance + ERRORS * error / size
