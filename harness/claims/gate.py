"""A gate: what a run must show before its verdicts count.

An underfit network adds noise of its own that hides what the data did to it. The ceiling (the arm
that sees nothing but clean data) shows whether the frame can resolve anything: its samples must
have the right value of a reference metric within bounds, and it must beat the baseline in a paired
contrast, its 95 % interval beyond 0. Otherwise no word about the other arms is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from harness.claims.contrast import Arm, Contrast, Where, contrast, label, select
from harness.claims.family import Family
from harness.claims.reading import Reading
from harness.records.record import Record


@final
@dataclass(frozen=True)
class Gate:
    """ceiling: the arm that must pass; metric, low, high: its mean over replicates lies in
    [low, high]; beats: the reading on which it beats ``baseline``."""

    ceiling: Arm
    metric: str
    low: float
    high: float
    beats: Reading
    baseline: Arm

    def contrasts(
        self, rows: Sequence[Record], conditions: Sequence[Where]
    ) -> tuple[Contrast, ...]:
        """The ceiling against the baseline at each condition."""
        beats = self.beats
        return tuple(
            contrast(rows, beats.metric, self.ceiling, self.baseline, where, beats.scale)
            for where in conditions
        )

    def failure(
        self, rows: Sequence[Record], conditions: Sequence[Where], family: Family
    ) -> str | None:
        """Why the gate is shut, with the numbers; null where it is open."""
        for where, against in zip(conditions, self.contrasts(rows, conditions)):
            reason = self._bounds(rows, where) or self._beaten(against, family)
            if reason:
                return reason
        return None

    def _bounds(self, rows: Sequence[Record], where: Where) -> str | None:
        who = f"the ceiling {label(self.ceiling)} at {label(where)}"
        found = select(rows, self.metric, where, self.ceiling)
        values = [row.value for row in found if row.value is not None]
        if not values:
            return f"{who} has no {self.metric}"
        if len(values) < len(found):
            return f"{who} lost {len(found) - len(values)} of {len(found)} replicates"
        mean = sum(values) / len(values)
        if self.low <= mean <= self.high:
            return None
        span = f"{self.low:g} to {self.high:g}"
        return f"{who} has a {self.metric} of {mean:.3g}, and the gate asks for {span}"

    def _beaten(self, against: Contrast, family: Family) -> str | None:
        who = f"the ceiling {against.arm} at {against.condition}"
        what = f"beat {against.baseline} on {against.metric}"
        estimate = family.estimate(against)
        if estimate is None:
            return f"{who} cannot be seen to {what}: {against.problem}"
        if estimate.low is None or estimate.high is None:
            return f"{who} cannot be seen to {what}: one replicate gives no interval"
        bound = estimate.high if self.beats.better == "lower" else estimate.low
        if bound * self.beats.sign > 0:
            return None
        span = f"{estimate.low:+.3g} to {estimate.high:+.3g}"
        return f"{who} does not {what}: {against.unit} {estimate.effect:+.3g} (95 %: {span})"
