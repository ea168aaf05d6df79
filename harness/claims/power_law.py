"""Within each arm a metric is a power law that falls (a rule of ``harness.claims.fitted``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from harness.claims.contrast import Contrast, label, levels
from harness.claims.curve import DELTA, Curve, Values, power_fit
from harness.claims.family import Family
from harness.claims.fitting import (
    POWERS,
    as_finding,
    as_verdict,
    describe,
    of_exponent,
    union,
)
from harness.claims.reading import Reading
from harness.claims.verdict import Outcome, Regime, Verdict, every
from harness.problem import Problem
from harness.records.record import Record
from harness.scaling.fit import Fit, fit
from harness.scaling.held_out import HeldOut, held_out

OTHERS = ("exponential", "broken_power")
DRAW, CLEAR = 2.0, 10.0  # of AICc: below, two forms are a draw; above, one is out of the question


@final
@dataclass(frozen=True)
class Forms:
    """Four forms on one curve: their fits, and their errors at the largest sizes held out."""

    fits: Mapping[str, Fit]
    out: Mapping[str, HeldOut]

    @classmethod
    def of(cls, values: Values) -> "Forms":
        points = values.points(centred=True)
        names = (*POWERS, *OTHERS)
        return cls(
            {name: fit(name, points.x, points.y, DELTA) for name in names},
            {name: held_out(name, points, DELTA) for name in names},
        )

    def nearest(self, names: Sequence[str]) -> str:
        return min(names, key=self.score)

    def score(self, name: str) -> float:
        found = self.fits[name].aicc
        return np.inf if found is None else found

    def error(self, name: str) -> float:
        found = self.out[name].error
        return np.inf if found is None else found

    def outcome(self, margin: float, direction: int) -> tuple[Outcome, str]:
        """The word of one arm, of which the exponent has a direction, and why."""
        law, rival = self.nearest(POWERS), self.nearest(OTHERS)
        least = min(map(self.error, self.fits))
        ahead = {name: self.score(name) - self.score(law) for name in OTHERS}
        told = (
            f"{law} by AICc ("
            + ", ".join(f"{name} {x:+.1f}" for name, x in ahead.items())
            + f"), held-out error {_percent(self.error(law))}, least {_percent(least)}"
        )
        if direction < 0:
            return "reversed", f"{told}, and it rises"
        if ahead[rival] <= -CLEAR and self.error(rival) < self.error(law):
            return "reversed", told
        open_ones = [
            text
            for good, text in (
                (ahead["exponential"] >= CLEAR, "an exponential is not out of the question"),
                (ahead["broken_power"] >= -DRAW, "one with a break is nearer"),
                (self.error(law) <= least + margin, "another form continues better"),
                (direction > 0, "it is not seen to fall"),
            )
            if not good
        ]
        return ("unresolved", f"{told}: {', '.join(open_ones)}") if open_ones else ("seen", told)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if np.isfinite(share) else "none"


@final
@dataclass(frozen=True)
class PowerLaw:
    """Within each arm the metric is a power law, with or without a floor, that falls.

    margin: of the held-out error, as a share of the metric, that is too small to matter.
    """

    curves: tuple[Curve, ...]
    margin: float = 0.02

    def __post_init__(self) -> None:
        if len(set(map(repr, self.curves))) < len(self.curves):
            raise Problem("a power law within each arm", "one curve twice", "name each once")
        if not self.curves or any(curve.is_effect for curve in self.curves):
            got = "an effect" if self.curves else "no curve"
            raise Problem("a power law of a metric", got, "give curves without a baseline")
        Reading("held-out error", "lower", self.margin)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return union(self.curves)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """A test of each curve: that its exponent is 0; of several, each under its own name."""
        tests = [of_exponent(curve, rows, "power") for curve in self.curves]
        if len(tests) == 1:
            return tuple(tests)
        named = [label({**levels(curve.arm), **curve.where}) for curve in self.curves]
        return tuple(replace(test, condition=name) for test, name in zip(tests, named))

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        findings = [as_finding(test, family, "higher") for test in self.planned(rows)]
        outcomes: list[Outcome] = []
        parts: list[str] = []
        numbers: dict[str, float | int | str | None] = {}
        arms = [label(curve.arm) for curve in self.curves]
        for curve, finding in zip(self.curves, findings):
            told = describe(curve, rows, family, finding.contrast, "power", 0.0)
            outcome: Outcome = "unresolved"
            text = told.words
            own = dict(told.numbers)
            if finding.contrast.problem is None:
                forms = Forms.of(curve.values(rows))
                outcome, why = forms.outcome(self.margin, finding.direction)
                law = forms.nearest(POWERS)
                text = f"{told.words}: {outcome}, nearest is {why}"
                fitted = power_fit(curve.values(rows), law)  # type: ignore[arg-type]
                own |= {"nearest": law, "nearest_exponent": fitted.parameters["alpha"]}
                own |= {f"aicc_{name}": forms.fits[name].aicc for name in forms.fits}
                own |= {f"held_out_{name}": forms.out[name].error for name in forms.out}
            outcomes.append(outcome)
            parts.append(text)
            name = label(curve.arm)
            if arms.count(name) > 1:
                name = label({**levels(curve.arm), **curve.where})
            mark = f"{name}: " if len(self.curves) > 1 else ""
            numbers |= {mark + name: value for name, value in own.items()}
        whole = every(outcomes)
        main = outcomes.index(whole) if whole in outcomes else 0
        return as_verdict(whole, regime, "; ".join(parts), findings, family, numbers, main)
