"""Claims about laws: a bound holds, and a bound tells which of two errors is larger.

**BoundHolds.** In every cell the exact value is at most the bound as the paper prints it. One cell
in which it is not contradicts the claim. A bound that is nowhere better than the trivial one (a
total variation of at most 1) is void: it holds, and says nothing.

**SignAgreement.** A paper decides by its bound: where the bound's ratio of two errors is below 1
the one is said to be smaller. Among the cells in which the true ratio differs from 1 by more than
4 standard errors, the share in which both ratios lie on the same side has the interval of Wilson
(1927, J. Am. Stat. Assoc. 22:209), and is held against a threshold. The cells are a grid and not a
sample: the interval says how fine the grid is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

from harness.claims.contrast import Contrast, Where, label, select
from harness.claims.family import Family
from harness.claims.verdict import Outcome, Regime, Verdict, unresolved, word
from harness.records.record import Plain, Record

ERRORS = 4.0
Z95 = 1.959963984540054  # the 0.975 quantile of the standard normal

Key = tuple[str, int | None]


def _cells(rows: Sequence[Record], metric: str, where: Where) -> dict[Key, Record]:
    """The rows of a metric at a condition, by cell and replicate."""
    return {(row.cell_id, row.replicate): row for row in select(rows, metric, where)}


def matched(
    rows: Sequence[Record], metrics: Sequence[str], where: Where
) -> tuple[dict[Key, tuple[Record, ...]], int, str | None]:
    """The cells in which every metric has a number, how many lack one, and why there are none."""
    tables = [_cells(rows, metric, where) for metric in metrics]
    keys = {key for table in tables for key in table}
    whole = {
        key: tuple(table[key] for table in tables)
        for key in sorted(keys, key=str)
        if all(key in table and table[key].ok for table in tables)
    }
    absent = [metric for metric, table in zip(metrics, tables) if not table]
    problem = None
    if absent:
        problem = f"no rows of {' and '.join(absent)} at {label(where)}"
    elif not whole:
        problem = f"no cell has {' and '.join(metrics)} at {label(where)}"
    return whole, len(keys) - len(whole), problem


def place(row: Record) -> str:
    return label(row.params)


@final
@dataclass(frozen=True)
class BoundHolds:
    """``metric_exact`` <= ``metric_bound`` in every cell at ``where``.

    metric_void: a metric that is not 0 where the bound says nothing; "" where none is. tolerance:
    relative, for rounding. A Monte Carlo value is allowed 4 standard errors on its own side. A
    lower bound is the same claim with the two metrics exchanged.
    """

    metric_exact: str
    metric_bound: str
    metric_void: str = ""
    where: Mapping[str, Plain] = field(default_factory=dict)
    tolerance: float = 1e-9

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        metrics = {self.metric_exact, self.metric_bound, self.metric_void} - {""}
        return metrics, set(self.where)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """None: a law is no test of a family."""
        return ()

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study; the family does not matter."""
        metrics = [self.metric_exact, self.metric_bound]
        metrics += [self.metric_void] if self.metric_void else []
        cells, lacking, problem = matched(rows, metrics, self.where)
        marks = _cells(rows, self.metric_void, self.where) if self.metric_void else {}
        void = [key for key, row in marks.items() if row.ok and row.value]
        silent = sum(key not in cells for key in void)  # void, and with no bound to print
        lacking -= silent
        if problem and not silent:
            return unresolved(regime, f"{problem}.")
        excess = {key: self._excess(*found[:2]) for key, found in cells.items()}
        broken = [key for key, over in excess.items() if over > 0]
        ratios = [
            found[1].value / found[0].value
            for found in cells.values()
            if found[0].value and found[1].value is not None
        ]
        ratios = [ratio for ratio in ratios if math.isfinite(ratio)]
        tightness = (min(ratios), max(ratios)) if ratios else (None, None)
        count = len(cells) + silent
        outcome: Outcome = "seen"
        span = f"; bound / exact from {tightness[0]:.4g} to {tightness[1]:.4g}" if ratios else ""
        tail = f"{span}; void in {len(void)} of {count} cells"
        tail += f"; {lacking} cells without a number left out" if lacking else ""
        claim = f"{self.metric_exact} <= {self.metric_bound}"
        worst = max(excess, key=lambda key: excess[key], default=("", None))
        if broken:
            outcome = "reversed"
            exact, bound = cells[worst][:2]
            reason = (
                f"{claim} fails in {len(broken)} of {count} cells, worst at {place(exact)}: "
                f"{exact.value:.6g} against {bound.value:.6g}"
            )
        elif self.metric_void and len(void) == count:
            outcome = "void"
            reason = f"{claim} is in none of {count} cells better than trivial"
        else:
            reason = f"{claim} holds in all {len(cells)} cells where it has a number"
        numbers: dict[str, Any] = {
            "cells": count,
            "cells_broken": len(broken),
            "cells_void": len(void),
            "cells_left_out": lacking,
            "tightness_low": tightness[0],
            "tightness_high": tightness[1],
            "worst_cell": worst[0],
        }
        return Verdict(
            word=word(outcome, regime),
            outcome=outcome,
            regime=regime,
            reason=f"{reason}{tail}.",
            effect=tightness[0],
            unit="smallest bound / exact",
            void_fraction=len(void) / count if self.metric_void else None,
            numbers=numbers,
        )

    def _excess(self, exact: Record, bound: Record) -> float:
        """By how much the exact value breaks the bound, relative to the larger; <= 0: it holds."""
        x, b = exact.value or 0.0, bound.value or 0.0
        allowed = ERRORS * ((exact.standard_error or 0.0) + (bound.standard_error or 0.0))
        size = max(abs(x), abs(b))
        return (x - b - allowed) / size - self.tolerance if size > 0 else -self.tolerance


@final
@dataclass(frozen=True)
class SignAgreement:
    """``metric_a``, the bound's ratio, lies on the same side of 1 as ``metric_b``, the true one.

    metric_void: a metric that is not 0 where the bound says nothing; such cells are left out.
    threshold: the share of the resolved cells in which it must. The claim is seen if the 95 %
    interval of the share lies above it, reversed if it lies below, else not resolved.
    """

    metric_a: str
    metric_b: str
    threshold: float = 0.9
    metric_void: str = ""
    where: Mapping[str, Plain] = field(default_factory=dict)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return {self.metric_a, self.metric_b, self.metric_void} - {""}, set(self.where)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """None: a law is no test of a family."""
        return ()

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study; the family does not matter."""
        metrics = [self.metric_a, self.metric_b]
        metrics += [self.metric_void] if self.metric_void else []
        cells, lacking, problem = matched(rows, metrics, self.where)
        if problem:
            return unresolved(regime, f"{problem}.")
        whole = len(cells)
        cells = {key: found for key, found in cells.items() if not any(v.value for v in found[2:])}
        void = whole - len(cells)
        pairs = [
            ((a.value or 0.0) - 1, (b.value or 0.0) - 1)
            for a, b, *_ in cells.values()
            if abs((b.value or 0.0) - 1) > ERRORS * (b.standard_error or 0.0)
        ]
        agree = sum(a * b > 0 for a, b in pairs)
        low, high = wilson(agree, len(pairs))
        outcome: Outcome = "unresolved"
        if pairs and low > self.threshold:
            outcome = "seen"
        elif pairs and high < self.threshold:
            outcome = "reversed"
        share = agree / len(pairs) if pairs else None
        reason = f"{self.metric_b} differs from 1 by 4 standard errors in no cell of {len(cells)}"
        if share is not None:
            reason = (
                f"{self.metric_a} lies on the same side of 1 as {self.metric_b} in {agree} of "
                f"{len(pairs)} resolved cells, {share:.1%} (95 %: {low:.1%} to {high:.1%}), "
                f"against a threshold of {self.threshold:.0%}; "
                f"{len(cells) - len(pairs)} cells are not resolved"
            )
        reason += f"; {void} cells where the bound is void left out" if void else ""
        reason += f"; {lacking} cells without a number left out" if lacking else ""
        return Verdict(
            word=word(outcome, regime),
            outcome=outcome,
            regime=regime,
            reason=f"{reason}.",
            effect=share,
            low=low if pairs else None,
            high=high if pairs else None,
            unit="share of cells",
            numbers={
                "cells": len(cells),
                "cells_resolved": len(pairs),
                "cells_agreeing": agree,
                "cells_left_out": lacking,
                "threshold": self.threshold,
            },
        )


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of Wilson for a share; (0, 1) without a trial."""
    if trials == 0:
        return 0.0, 1.0
    share, z = successes / trials, Z95
    centre = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    size = 1 + z * z / trials
    return max(0.0, (centre - half) / size), min(1.0, (centre + half) / size)
