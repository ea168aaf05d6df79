"""An effect, or a gain, grows or shrinks along a size (a rule of ``harness.claims.fitted``)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, final

import numpy as np

from harness.claims.contrast import Contrast
from harness.claims.curve import Curve, Values
from harness.claims.family import Family
from harness.claims.family import family as together
from harness.claims.fitting import as_contrast, as_finding, as_verdict
from harness.claims.gain import Gain, effect_of
from harness.claims.reading import Finding, Reading
from harness.claims.verdict import Outcome, Regime, Verdict
from harness.records.record import Record

LEAST = 3  # sizes


@final
@dataclass(frozen=True)
class Slope:
    """An effect rises ("higher") or falls ("lower") along a size, by replicate.

    gain: the side of 0 on which the effect is the gain that the claim speaks of
    (``harness.claims.gain``); null where the claim speaks of no gain.
    """

    curve: Curve
    better: Literal["lower", "higher"]
    margin: float = 0.0
    gain: Literal["lower", "higher"] | None = field(default=None, metadata={"later": True})

    def __post_init__(self) -> None:
        Reading("slope", self.better, self.margin)  # which refuses what is no direction or margin
        _ = self._gain  # which refuses what has none

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (self.curve,)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return self.curve.named()

    @property
    def _gain(self) -> Gain | None:
        if self.gain is None:
            return None
        return Gain(self.curve, self.gain, -1 if self.better == self.gain else 0)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The test of the slope, and those of the gain where the claim speaks of one."""
        values = self.curve.values(rows)
        problem, slopes = self._refusal(values), np.empty(0)
        if problem is None:
            z = np.log10(values.sizes)
            z = z - z.mean()
            slopes = values.y @ z / (z @ z)
        unit = f"{values.unit} a decade" if values.unit not in ("", "1") else "a decade"
        slope = as_contrast(
            self.curve, "slope", slopes, values.replicates if problem is None else (), "0",
            unit, values.dropped, problem, sizes=() if problem else values.sizes,
        )  # fmt: skip
        return (slope, *self._gain.planned(values, problem)) if self._gain else (slope,)

    def _refusal(self, values: Values) -> str | None:
        if values.problem is None and len(values.sizes) < LEAST:
            count = f"{len(values.sizes)} sizes {self.curve.condition}"
            return f"{count}, where a slope needs {LEAST}"
        return values.problem

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The steps between neighbouring sizes, which can take a word away and give none."""
        values = self.curve.values(rows)
        if self._refusal(values) is not None:
            return ()
        return tuple(
            effect_of(self.curve, f"step from {low:g} to {high:g}", step, values)
            for (low, high), step in zip(pairwise(values.sizes), np.diff(values.y).T)
        )

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        slope, *gains = self.planned(rows)
        finding = as_finding(slope, family, self.better, self.margin)
        gained = self._gain.findings(gains, family) if self._gain else []
        values = self.curve.values(rows)
        numbers = values.counts
        head = f"{self.curve.name} {self.curve.condition}"
        outcome: Outcome = finding.outcome
        hangs_on = 0
        if slope.problem is None:
            means = values.y.mean(0)
            numbers |= {"effect_first": float(means[0]), "effect_last": float(means[-1])}
            ends = f"from {means[0]:+.3g} to {means[-1]:+.3g} {values.unit}"
            head += f", {values.extent}, {ends}".rstrip()
            against = self._against(finding, rows, family)
            if against:
                told = ", ".join(
                    f"{step.contrast.metric.partition(' of ')[0]} "
                    f"{step.estimate.effect if step.estimate else 0.0:+.3g}"
                    for step in against
                )
                most = values.sizes[np.argmax(means)], values.sizes[np.argmin(means)]
                head += f", highest at {most[0]:g} and lowest at {most[1]:g}; no trend: resolved "
                head += f"against the slope, {told}"
                numbers["steps_against"] = len(against)
                outcome = "unresolved"
            other = finding.outcome == "reversed"
            absent = self._gain.absent(gained, values, other, "slope") if self._gain else None
            if absent:
                head += f"; {absent}"
                outcome, hangs_on = "unresolved", 1 + other
        return as_verdict(outcome, regime, head, [finding, *gained], family, numbers, hangs_on)

    def _against(self, slope: Finding, rows: Sequence[Record], family: Family) -> list[Finding]:
        """The steps that are resolved (Holm over the steps) against a slope that is."""
        steps = self.beside(rows)
        if not slope.direction:
            return []
        own = together(steps, family.pools)
        side = "lower" if slope.estimate and slope.estimate.effect > 0 else "higher"
        found = [as_finding(step, own, side) for step in steps]
        return [step for step in found if step.direction > 0]
