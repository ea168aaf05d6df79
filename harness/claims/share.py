"""Claims about shares: what was counted is at most a bound, with the interval that the count has.

A share of n trials has the interval of Wilson (1927, J. Am. Stat. Assoc. 22:209). The claim is seen
where in every cell the upper limit of the 95 % interval is at most the bound: too few trials leave
it not resolved, however few of them go wrong. One cell is enough to contradict it, and so chance
must not be: under a share equal to the bound a count as large or larger must have a binomial
probability below that of 4 standard errors of a normal value on one side, 3.2e-5. Where a cell's
share is the largest of several counts of the same n, its upper limit is the largest of theirs, and
the claim is one about each of them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from harness.claims.bound import ERRORS, matched, place, wilson
from harness.claims.contrast import Contrast
from harness.claims.family import Family
from harness.claims.verdict import Outcome, Regime, Verdict, unresolved, word
from harness.records.record import Plain, Record

RARE = math.erfc(ERRORS / math.sqrt(2)) / 2


@final
@dataclass(frozen=True)
class ShareWithin:
    """``metric``, a share of the ``n`` of its row, is at most ``metric_bound`` at ``where``."""

    metric: str
    metric_bound: str
    where: Mapping[str, Plain] = field(default_factory=dict)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return {self.metric, self.metric_bound}, set(self.where)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """None: a count is no test of a family."""
        return ()

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study; the family does not matter."""
        cells, lacking, problem = matched(rows, (self.metric, self.metric_bound), self.where)
        counted = {key: found for key, found in cells.items() if found[0].n}
        lacking += len(cells) - len(counted)
        if problem or not counted:
            return unresolved(regime, f"{problem or f'{self.metric} has no number of trials'}.")
        spans = {key: limits(found[0]) for key, found in counted.items()}
        over = {key: spans[key][1] - (found[1].value or 0.0) for key, found in counted.items()}
        worst = max(over, key=lambda key: over[key])
        broken = [key for key, found in counted.items() if _chance(*found) < RARE]
        outcome: Outcome = "seen"
        claim, count = f"{self.metric} <= {self.metric_bound}", len(counted)
        reason = f"{claim} in all {count} cells, the upper limits of the 95 % intervals included"
        if broken:
            outcome = "reversed"
            worst = max(broken, key=lambda key: over[key])
            reason = f"{claim} fails in {len(broken)} of {count} cells, beyond chance"
        elif over[worst] > 0:
            outcome = "unresolved"
            wide = sum(excess > 0 for excess in over.values())
            reason = f"the 95 % interval reaches beyond the bound in {wide} of {count} cells"
        measured, bound = counted[worst]
        low, high = spans[worst]
        value, allowed = measured.value or 0.0, bound.value or 0.0
        reason += (
            f"; highest at {place(measured)}: {value:.3g} (n = {measured.n}, "
            f"95 %: {low:.3g} to {high:.3g}) against {allowed:.3g}"
        )
        reason += f"; {lacking} cells without a number left out" if lacking else ""
        return Verdict(
            word=word(outcome, regime),
            outcome=outcome,
            regime=regime,
            reason=f"{reason}.",
            effect=value,
            low=low,
            high=high,
            unit="share",
            numbers={
                "cells": count,
                "cells_broken": len(broken),
                "cells_left_out": lacking,
                "trials": measured.n,
                "allowed": allowed,
            },
        )


def limits(row: Record) -> tuple[float, float]:
    """The 95 % interval of a row's share; a share of 0 or 1 ends it there."""
    share, n = row.value or 0.0, row.n or 0
    low, high = wilson(round(share * n), n)
    return low if share > 0 else 0.0, high if share < 1 else 1.0


def _chance(measured: Record, bound: Record) -> float:
    """The probability of a count as large or larger, were the share equal to the bound."""
    from scipy.special import bdtrc

    n = measured.n or 0
    count = round((measured.value or 0.0) * n)
    return 1.0 if count == 0 else float(bdtrc(count - 1, n, bound.value or 0.0))
