r"""Claims about the noise level from which on an arm wins: how it grows with a size.

The metric is read at several noise levels (``excess/0.02``, ``excess/0.03557``, ...). At each size
the mean effect of the arm on it, over replicates, has a sign at each noise; the level sigma* is
where it last falls below 0, linear between neighbours in 1 / sigma^2, as the law at large noise is
(``harness.metrics.mixture_risk``). Its exponent in the size is the slope of ln sigma*, by least
squares.

**Switch**\ (readings, along, arm, baseline, low, high, least): the exponent lies in [low, high].
Seen if its 90 % interval over runs lies within, reversed if it is resolved to lie outside, as
``harness.claims.fitted.Exponent``; a run is a replicate at all sizes and noises, and what each says
is its pseudo-value (``harness.claims.curve``). Refused, and so not resolved: below five sizes or
one decade, and where at some size, or without some run, the arm wins at every noise or at none of
the largest. Sizes below ``least`` are left out: a law for large sizes is held to no others; a claim
over other sizes is one at another condition, and shares the variance where theirs are not unequal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from harness.claims.contrast import Arm, Contrast, label
from harness.claims.curve import Curve, Values
from harness.claims.drawn import Drawn
from harness.claims.family import Family
from harness.claims.fitting import as_finding, as_verdict
from harness.claims.verdict import Outcome, Regime, Verdict
from harness.problem import Problem
from harness.records.record import Plain, Record
from harness.scaling.held_out import largest
from harness.scaling.points import Points
from harness.streams import numpy_generator

DRAWS = 2000


def levels(means: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """Where mean effects ``[..., S]``, lower being better, last fall below 0 along ``sigmas [S]``.

    +inf where they are not below 0 at the last, 0 where they are at every one.
    """
    worse = means >= 0
    last = len(sigmas) - 1 - worse[..., ::-1].argmax(-1)
    at = np.minimum(last, len(sigmas) - 2)
    a = np.take_along_axis(means, at[..., None], -1)[..., 0]
    b = np.take_along_axis(means, at[..., None] + 1, -1)[..., 0]
    z = sigmas**-2.0
    step = np.where(a > b, a / np.where(a > b, a - b, 1.0), 0.0)
    found = (z[at] + np.clip(step, 0, 1) * (z[at + 1] - z[at])) ** -0.5
    found = np.where(last == len(sigmas) - 1, np.inf, found)
    return np.where(worse.any(-1), found, 0.0)


def growth(level: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The slope of ln ``level [..., m]`` in ln size; NaN where some level is 0 or infinite."""
    fit = np.isfinite(level) & (level > 0)
    z = np.log(sizes) - np.log(sizes).mean()
    slope = np.log(np.where(fit, level, 1.0)) @ z / (z @ z)
    return np.where(fit.all(-1), slope, np.nan)


@final
@dataclass(frozen=True)
class Switch:
    """The level from which on ``arm`` beats ``baseline`` grows as a power of a size."""

    readings: tuple[str, ...]
    along: str
    arm: Arm
    baseline: Arm
    low: float
    high: float
    least: float = 0.0
    where: Mapping[str, Plain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.readings) < 3 or any(not _sigma(metric) for metric in self.readings):
            fix = "name a metric at three noise levels or more, as excess/0.02"
            raise Problem("a level of noise", ", ".join(self.readings) or "no metric", fix)
        if not self.low < self.high:
            got = f"from {self.low} to {self.high}"
            raise Problem("an exponent within bounds", got, "give low < high")

    @property
    def sigmas(self) -> np.ndarray:
        """The noise levels, ascending ``[S]``."""
        return np.sort([_sigma(metric) or 0.0 for metric in self.readings])

    @property
    def curves(self) -> tuple[Curve, ...]:
        """The effect at each noise level, ascending."""
        ordered = sorted(self.readings, key=lambda metric: _sigma(metric) or 0.0)
        return tuple(
            Curve(metric, self.along, self.arm, self.baseline, "difference", self.where)
            for metric in ordered
        )

    @property
    def _name(self) -> str:
        stem = self.readings[0].rpartition("/")[0]
        at = f" at {label(self.where)}" if self.where else ""
        return f"level from which {label(self.arm)} beats {label(self.baseline)} on {stem}{at}"

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return set(self.readings), self.curves[0].named()[1]

    def effects(self, rows: Sequence[Record]) -> tuple[Values, np.ndarray]:
        """Sizes and runs, with their problem, and the effects ``[k, m, S]``."""
        every = [curve.values(rows) for curve in self.curves]
        first = every[0]
        problem = next((each.problem for each in every if each.problem), None)
        if problem is None and any(each.replicates != first.replicates for each in every):
            problem = "not the same replicates at every noise level"
        if problem is not None:
            return Values(first.sizes, first.y[:0], problem=problem), np.empty((0, 0, 0))
        kept = first.sizes >= self.least
        found = np.stack([each.y[:, kept] for each in every], -1)
        values = Values(
            first.sizes[kept], first.y[:, kept], first.replicates, first.unit, first.dropped
        )
        try:
            Points.of(values.sizes, np.ones(kept.sum()), names=(self.along,)).require()
        except Problem as refused:
            problem = f"{refused.asked}: {refused.got}"
            values = Values(values.sizes, values.y[:0], problem=problem)
        return values, found

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The one test: of the exponent less the middle of its bounds."""
        values, effects = self.effects(rows)
        problem, centre = values.problem, (self.low + self.high) / 2
        each = np.empty(0)
        if problem is None:
            sigmas, k = self.sigmas, len(effects)
            at = levels(effects.mean(0), sigmas)
            for size, level in zip(values.sizes, at):
                if not np.isfinite(level) or level == 0:
                    side = "no large noise" if level else "every noise"
                    problem = f"{label(self.arm)} wins at {side} at {self.along}={size:g}"
            if problem is None and k > 1:
                left = (effects.sum(0) - effects) / (k - 1)  # [k, m, S]
                without = growth(levels(left, sigmas), values.sizes)
                each = k * growth(at, values.sizes) - (k - 1) * without - centre
            elif problem is None:
                each = growth(at, values.sizes)[None] - centre
            if not np.isfinite(each).all():
                problem = "no level at some size without one of the runs"
        stem = self.readings[0].rpartition("/")[0]
        return (
            Contrast(
                f"exponent of the level of {stem} in {self.along}", "difference",
                f"{label(self.arm)} against {label(self.baseline)} from {self.least:g}",
                f"{centre:g}", label(self.where) if self.where else "all sizes", "1",
                () if problem else tuple(map(float, each)),
                () if problem else values.replicates, values.dropped, problem,
            ),
        )  # fmt: skip

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        (test,) = self.planned(rows)
        finding = as_finding(test, family, "higher", (self.high - self.low) / 2)
        outcome: Outcome = "seen" if finding.within else "unresolved"
        outcome = "reversed" if finding.beyond(1) else outcome
        values, effects = self.effects(rows)
        numbers = values.counts
        head = self._name
        estimate = finding.estimate
        if test.problem is None and estimate is not None:
            sigmas, centre, sizes = self.sigmas, (self.low + self.high) / 2, values.sizes
            at = levels(effects.mean(0), sigmas)
            low, high = estimate.low, estimate.high
            drawn = self._drawn(effects, sizes)
            numbers |= {
                "exponent": float(growth(at, sizes)),
                "exponent_low": None if low is None else low + centre,
                "exponent_high": None if high is None else high + centre,
                **drawn.numbers,
                "held_out_error": _held_out(at, sizes),
            }
            numbers |= {f"level_{size:g}": float(level) for size, level in zip(sizes, at)}
            span = "" if low is None or high is None else (
                f" (95 %: {low + centre:.3g} to {high + centre:.3g}, {drawn.words})"
            )  # fmt: skip
            head = (
                f"exponent {numbers['exponent']:.3g}{span} of the {self._name}, {values.extent}, "
                f"from {at[0]:.3g} to {at[-1]:.3g}, "
                f"held-out error {100 * _held_out(at, sizes):.2g} %"
            )
        head += f"; claimed in [{self.low:g}, {self.high:g}]"
        return as_verdict(outcome, regime, head, [finding], family, numbers, equivalence=True)

    def _drawn(self, effects: np.ndarray, sizes: np.ndarray) -> Drawn:
        """The exponent over draws of whole runs."""
        k, mean = len(effects), effects.mean(0)
        off = (effects - mean) * np.sqrt(k / max(1, k - 1))
        generator = numpy_generator("claims", 0, self._name)
        counts = generator.multinomial(k, np.full(k, 1 / k), size=DRAWS) / k  # [B, k]
        drawn = growth(levels(mean + np.tensordot(counts, off, 1), self.sigmas), sizes)
        return Drawn.of(drawn, max(1, k - 1))


def _held_out(level: np.ndarray, sizes: np.ndarray) -> float:
    """Of the levels at the largest sizes, predicted from the others: mean absolute, as a share."""
    out = largest(Points.of(sizes, np.ones(len(sizes))))
    slope, start = np.polyfit(np.log(sizes[~out]), np.log(level[~out]), 1)
    return float(np.abs(np.exp(start + slope * np.log(sizes[out])) / level[out] - 1).mean())


def _sigma(metric: str) -> float | None:
    """The noise level in a metric's name; null where it has none."""
    try:
        return float(metric.rpartition("/")[2])
    except ValueError:
        return None
