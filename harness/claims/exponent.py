"""An exponent lies within bounds, or above another (rules of ``harness.claims.fitted``)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, final

from harness.claims.contrast import Contrast
from harness.claims.curve import Curve, Form
from harness.claims.family import Family
from harness.claims.fitting import (
    POWERS,
    as_contrast,
    as_finding,
    as_verdict,
    describe,
    of_exponent,
    union,
)
from harness.claims.floor import rejected
from harness.claims.gain import Gain
from harness.claims.verdict import Outcome, Regime, Verdict
from harness.problem import Problem
from harness.records.record import Record


def _form(form: str) -> None:
    if form not in POWERS:
        raise Problem(
            f"the form {form!r}", "no form with an exponent", f"use {' or '.join(POWERS)}"
        )


@final
@dataclass(frozen=True)
class Exponent:
    """The exponent of a curve lies in [low, high].

    gain: the side of 0 on which the effect is the gain that the claim speaks of
    (``harness.claims.gain``); null where the claim speaks of no gain.
    """

    curve: Curve
    low: float | None = None
    high: float | None = None
    form: Form = "power"
    gain: Literal["lower", "higher"] | None = field(default=None, metadata={"later": True})

    def __post_init__(self) -> None:
        _form(self.form)
        ends = [end for end in (self.low, self.high) if end is not None]
        if not ends or (len(ends) == 2 and not ends[0] < ends[1]):
            got = f"from {self.low} to {self.high}"
            raise Problem("an exponent within bounds", got, "give low, high, or low < high")
        _ = self._gain  # which refuses what has none

    @property
    def _centre(self) -> float:
        ends = [end for end in (self.low, self.high) if end is not None]
        return sum(ends) / len(ends)

    @property
    def _gain(self) -> Gain | None:
        """What falls is largest at the smallest size."""
        return None if self.gain is None else Gain(self.curve, self.gain, -(self._centre < 0))

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (self.curve,)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return self.curve.named()

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The test of the exponent less the middle of its bounds, and those of the gain where the
        claim speaks of one."""
        test = of_exponent(self.curve, rows, self.form, self._centre)
        if self._gain is None:
            return (test,)
        values = self.curve.values(rows)
        return test, *self._gain.planned(values, values.problem)

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        test, *gains = self.planned(rows)
        both = self.low is not None and self.high is not None
        margin = (self.high - self.low) / 2 if both else 0.0  # type: ignore[operator]
        finding = as_finding(test, family, "higher" if self.low is not None else "lower", margin)
        outcome: Outcome = finding.outcome
        if both:
            outcome = "seen" if finding.within else "unresolved"
            outcome = "reversed" if finding.beyond(1) else outcome
        told = describe(self.curve, rows, family, test, self.form, self._centre)
        why = rejected(self.curve, rows, self.form)
        outcome = "unresolved" if why else outcome
        bounds = "in" if both else "above" if self.low is not None else "below"
        ends = f"[{self.low:g}, {self.high:g}]" if both else f"{self._centre:g}"
        gained = self._gain.findings(gains, family) if self._gain else []
        absent, hangs_on = None, 0
        if self._gain and finding.estimate and test.problem is None:
            # A law that was found to rise where one that falls is claimed, or the reverse.
            turned = (finding.estimate.effect + self._centre < 0) != (self._centre < 0)
            other = outcome == "reversed" and turned
            absent = self._gain.absent(gained, self.curve.values(rows), other, "law")
            if absent:
                outcome, hangs_on = "unresolved", 1 + other
        parts = [why, absent, told.words, f"claimed {bounds} {ends}"]
        return as_verdict(
            outcome, regime, "; ".join(filter(None, parts)), [finding, *gained], family,
            told.numbers, hangs_on, both,
        )  # fmt: skip


@final
@dataclass(frozen=True)
class Steeper:
    """The exponent of ``curve`` is larger than that of ``other``."""

    curve: Curve
    other: Curve
    margin: float = 0.0
    form: Form = "power"

    def __post_init__(self) -> None:
        _form(self.form)

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (self.curve, self.other)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return union(self.curves)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The one test: of the difference of the exponents, by the runs that both have."""
        one, two = (of_exponent(curve, rows, self.form) for curve in self.curves)
        problem = one.problem or two.problem
        second = dict(zip(two.replicates, two.values))
        pairs = [(r, x, second[r]) for r, x in zip(one.replicates, one.values) if r in second]
        if problem is None and not pairs:
            problem = f"no replicate has both {self.curve.name} and {self.other.name}"
        return (
            as_contrast(
                self.curve,
                "difference of exponents" + ("" if self.form == "power" else f" ({self.form})"),
                [] if problem else [x - y for _, x, y in pairs],
                [] if problem else [r for r, _, _ in pairs],
                f"{self.other.name} {self.other.condition}",
                dropped=one.dropped + two.dropped,
                problem=problem,
                other=self.other,
                sizes=one.sizes + two.sizes,
            ),
        )

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The two exponents, whose intervals stand in the sentence."""
        return tuple(of_exponent(curve, rows, self.form) for curve in self.curves)

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        (test,) = self.planned(rows)
        finding = as_finding(test, family, "higher", self.margin)
        told = [
            describe(curve, rows, family, of_exponent(curve, rows, self.form), self.form, 0.0)
            for curve in self.curves
        ]
        numbers = {**told[0].numbers, **{f"other_{k}": v for k, v in told[1].numbers.items()}}
        why = [text for c in self.curves if (text := rejected(c, rows, self.form))]
        head = "; ".join([*why, told[0].words, f"against {told[1].words}"])
        outcome = "unresolved" if why else finding.outcome
        return as_verdict(outcome, regime, head, [finding], family, numbers)
