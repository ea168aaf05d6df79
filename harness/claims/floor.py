r"""A curve has a floor, below which more of the size does not bring it (``harness.claims.fitted``).

A power law with a floor, :math:`L = E + A n^{-\alpha}`, is preferred to one without where its AICc
is lower by 10 or more (``harness.claims.power_law``). The exponent of the law without is then one
of no law that the points follow: it is smaller where the floor is higher, whatever alpha is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from harness.claims.contrast import Contrast
from harness.claims.curve import DELTA, Curve, Form, Values, power_fit, pseudo
from harness.claims.family import Family
from harness.claims.fitting import POWERS, as_contrast, as_finding, as_verdict, union
from harness.claims.lack_of_fit import rejection
from harness.claims.power_law import CLEAR
from harness.claims.reading import Finding
from harness.claims.verdict import Outcome, Regime, Verdict, every
from harness.problem import Problem
from harness.records.record import Record
from harness.scaling.fit import fit

WITHOUT, WITH = POWERS


def lead(values: Values) -> float:
    """By how much the AICc of a law with a floor is below that of one without; -inf where the
    points are too few for one. Of the runs less each run's own level."""
    points = values.points(centred=True)
    scores = [fit(form, points.x, points.y, DELTA).aicc for form in (WITHOUT, WITH)]
    return -np.inf if None in scores else float(scores[0] - scores[1])  # type: ignore[operator]


def level(values: Values) -> float:
    """The floor of the law with one, in the unit of the metric."""
    return power_fit(values, WITH).parameters["E"]


def rejected(curve: Curve, rows: Sequence[Record], form: Form) -> str | None:
    """Why an exponent of ``form`` is one of no law that the points follow; null where it is not.

    An effect is fitted by a power law of its own, with no other form beside it, and held to that.
    """
    values = curve.values(rows)
    if curve.refusal(values) is not None:
        return None
    if curve.is_effect:
        return rejection(curve, values)
    if form != WITHOUT:
        return None
    ahead = lead(values)
    if ahead < CLEAR:
        return None
    law = power_fit(values, WITH).parameters
    return (
        f"a law without a floor is rejected for {curve.name}: one with a floor of {law['E']:.3g} "
        f"(exponent {law['alpha']:.3g}) has an AICc lower by {ahead:.3g}"
    )


@final
@dataclass(frozen=True)
class Floor:
    """``curve`` has a floor above 0, and above that of ``other`` where one is given."""

    curve: Curve
    other: Curve | None = None

    def __post_init__(self) -> None:
        if any(curve.is_effect for curve in self.curves):
            raise Problem("a floor of a metric", "an effect", "give curves without a baseline")
        if self.curve == self.other:
            raise Problem("a floor above another", "one curve twice", "name two")

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (self.curve,) if self.other is None else (self.curve, self.other)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return union(self.curves)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The test of the floor, by the runs; with another curve, that of the difference."""
        own = _of(self.curve, rows)
        if self.other is None:
            return (own,)
        two = _of(self.other, rows)
        second = dict(zip(two.replicates, two.values))
        pairs = [(r, x - second[r]) for r, x in zip(own.replicates, own.values) if r in second]
        problem = own.problem or two.problem
        if problem is None and not pairs:
            problem = f"no replicate has both {self.curve.name} and {self.other.name}"
        return own, as_contrast(
            self.curve,
            "difference of floors",
            [] if problem else [x for _, x in pairs],
            [] if problem else [r for r, _ in pairs],
            f"{self.other.name} {self.other.condition}",
            own.unit,
            own.dropped + two.dropped,
            problem,
            self.other,
            own.sizes + two.sizes,
        )

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        tests = [as_finding(test, family, "higher") for test in self.planned(rows)]
        outcome: Outcome = every([test.outcome for test in tests])
        parts: list[str] = []
        numbers: dict[str, float | int | str | None] = {}
        leads = []
        each = [_of(curve, rows) for curve in self.curves]
        for curve, runs, mark in zip(self.curves, each, ("", "other_")):
            values = curve.values(rows)
            numbers |= {f"{mark}{name}": value for name, value in values.counts.items()}
            if curve.refusal(values) is not None:
                parts.append(f"{curve.name} {curve.condition}")
                leads.append(-np.inf)
                continue
            own, law = lead(values), power_fit(values, WITH).parameters
            leads.append(own)
            numbers |= {
                f"{mark}floor": law["E"],
                f"{mark}floor_of_runs": float(np.mean(runs.values)),
                f"{mark}exponent": law["alpha"],
                f"{mark}aicc_lead": own if np.isfinite(own) else None,
            }
            parts.append(
                f"{curve.name} {curve.condition}, {values.extent}: floor {law['E']:.3g} by the fit "
                f"to all points, {np.mean(runs.values):.3g} by the mean over runs, exponent "
                f"{law['alpha']:.3g}, AICc with it lower by {own:.3g}"
            )
        head = "; against ".join(parts)
        # A floor that is called higher must be one that the points ask for.
        if outcome != "unresolved" and leads[0 if outcome == "seen" else -1] < CLEAR:
            outcome, head = "unresolved", f"{head}; a law without a floor is not out of question"
        # What decides: of tests that stand alike the weakest, which is the difference where equal.
        stands = [i for i, test in enumerate(tests) if test.outcome == outcome]
        main = max(stands or [len(tests) - 1], key=lambda i: (_p(tests[i]), i))
        return as_verdict(outcome, regime, head, tests, family, numbers, main)


def _p(test: Finding) -> float:
    return 1.0 if test.p_holm is None else test.p_holm


def _of(curve: Curve, rows: Sequence[Record]) -> Contrast:
    """What each run says of the floor of a curve."""
    values = curve.values(rows)
    problem = curve.refusal(values)
    each = () if problem else pseudo(values, level)
    return as_contrast(
        curve, "floor", each, () if problem else values.replicates, "0", values.unit,
        values.dropped, problem, sizes=() if problem else values.sizes,
    )  # fmt: skip
