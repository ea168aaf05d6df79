"""Claims about trained arms: one arm beats another, or the two are equivalent.

**PairedEffect.** A claim names its co-primary readings, its conditions and its quantifier before
the run. For each reading the words of the conditions combine as the quantifier says:

    each   seen if the claimed direction is resolved at every condition; reversed if the other
           direction is resolved at one of them, which refutes "each"
    some   seen if it is resolved at one condition; reversed if the other direction is resolved at
           every one of them, which refutes "some"
    mean   the one test of the mean over the conditions, replicate by replicate

equivalent if neither and every 90 % interval lies within the margin; else unresolved. Then over
the readings: one word if all of them have it; metric-dependent if two are resolved and differ;
else not resolved.

**Equivalence.** The claim is that two arms do not differ. Equivalent if every 90 % interval of
every reading lies within the margin (two one-sided tests; all of them must reject, so there is
nothing to adjust, Berger 1982); contradicted if, in one of them, a difference is resolved after
Holm and resolved to be larger than the margin (one-sided t, Bonferroni over the claim's tests);
else not resolved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from harness.claims import evidence
from harness.claims.contrast import Arm, Contrast, Where, label, levels
from harness.claims.family import Family
from harness.claims.gate import Gate
from harness.claims.reading import Finding, Quantifier, Reading, examine
from harness.claims.verdict import Outcome, Regime, Verdict
from harness.problem import Problem
from harness.records.record import Record

QUANTIFIERS = ("each", "some", "mean")


def _named(
    metrics: Sequence[Reading], arms: Sequence[Arm], conditions: Sequence[Where], gate: Gate | None
) -> tuple[set[str], set[str]]:
    """The metrics and the factors that a rule speaks of."""
    named = {reading.metric for reading in metrics}
    arms = list(arms)
    if gate is not None:
        named |= {gate.metric, gate.beats.metric}
        arms += [gate.ceiling, gate.baseline]
    factors = {name for where in conditions for name in where}
    return named, factors | {name for arm in arms for name in levels(arm)}


def _check(metrics: Sequence[Reading], conditions: Sequence[Where]) -> None:
    if not metrics or not conditions:
        got = f"{len(metrics)} readings and {len(conditions)} conditions"
        raise Problem("a rule about arms", got, "name one of each; ({},) is the whole study")
    if len({reading.metric for reading in metrics}) < len(metrics):
        raise Problem("a rule about arms", "one metric twice", "name each reading once")


@final
@dataclass(frozen=True)
class PairedEffect:
    """``arm`` beats ``baseline`` on the readings, at each, some or the mean of the conditions."""

    metrics: tuple[Reading, ...]
    arm: Arm
    baseline: Arm
    conditions: tuple[Where, ...] = ({},)
    quantifier: Quantifier = "each"
    gate: Gate | None = None

    def __post_init__(self) -> None:
        _check(self.metrics, self.conditions)
        if self.quantifier not in QUANTIFIERS:
            known = ", ".join(QUANTIFIERS)
            raise Problem(f"the quantifier {self.quantifier!r}", "no such", f"known are {known}")

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return _named(self.metrics, (self.arm, self.baseline), self.conditions, self.gate)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The tests that the rule adds to its study's family."""
        return tuple(one for reading in self.metrics for one in self._of(reading, rows))

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """Contrasts that share the study's variances and are no tests of the claim."""
        return () if self.gate is None else self.gate.contrasts(rows, self.conditions)

    def _of(self, reading: Reading, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        arms = (self.arm, self.baseline)
        return reading.contrasts(rows, *arms, self.conditions, self.quantifier)

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study, in the family of its tests."""
        found = [examine(r, self._of(r, rows), family) for r in self.metrics]
        outcomes = {tests[0].reading.metric: self._settle(tests) for tests in found}
        head = f"{label(self.arm)} against {label(self.baseline)}"
        outcome = _combine(list(outcomes.values()))
        shut = self.gate and self.gate.failure(rows, self.conditions, family)
        if shut:
            outcome, outcomes, head = "unresolved", {}, f"the gate is shut, {shut}; {head}"
        return evidence.verdict(
            outcome,
            regime,
            head,
            [test for tests in found for test in tests],
            family,
            hangs_on=self._main(found[0]),
            outcomes=outcomes,
        )

    def _settle(self, tests: Sequence[Finding]) -> Outcome:
        """The outcome of one reading over its conditions."""
        directions = [test.direction for test in tests]
        for outcome, direction in (("seen", 1), ("reversed", -1)):
            one_is_enough = (self.quantifier == "some") == (outcome == "seen")
            here = [d == direction for d in directions]
            if any(here) if one_is_enough else all(here):
                return outcome  # type: ignore[return-value]
        return "equivalent" if all(test.within for test in tests) else "unresolved"

    def _main(self, tests: Sequence[Finding]) -> Finding:
        """The test that the outcome of a reading hangs on."""

        def p(test: Finding) -> float:
            return 1.0 if test.p_holm is None else test.p_holm

        some, outcome = self.quantifier == "some", self._settle(tests)
        one_is_enough = {"seen": some, "reversed": not some}.get(outcome, some)
        wanted = {"seen": 1, "reversed": -1}.get(outcome)
        able = [test for test in tests if wanted is None or test.direction == wanted]
        return min(able, key=p) if one_is_enough else max(able, key=p)


def _combine(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome over co-primary readings."""
    resolved = {outcome for outcome in outcomes if outcome != "unresolved"}
    if len(resolved) > 1:
        return "split"
    return outcomes[0] if len(set(outcomes)) == 1 else "unresolved"


@final
@dataclass(frozen=True)
class Equivalence:
    """``arm`` and ``baseline`` do not differ by more than the readings' margins, anywhere."""

    metrics: tuple[Reading, ...]
    arm: Arm
    baseline: Arm
    conditions: tuple[Where, ...] = ({},)
    gate: Gate | None = None

    def __post_init__(self) -> None:
        _check(self.metrics, self.conditions)
        for reading in self.metrics:
            if reading.margin == 0:
                asked = f"equivalence on {reading.metric}"
                raise Problem(asked, "a margin of 0", "declare what is too small to matter")

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return _named(self.metrics, (self.arm, self.baseline), self.conditions, self.gate)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The tests that the rule adds to its study's family."""
        return tuple(one for reading in self.metrics for one in self._of(reading, rows))

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """Contrasts that share the study's variances and are no tests of the claim."""
        return () if self.gate is None else self.gate.contrasts(rows, self.conditions)

    def _of(self, reading: Reading, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return reading.contrasts(rows, self.arm, self.baseline, self.conditions, "each")

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study, in the family of its tests."""
        found = [t for r in self.metrics for t in examine(r, self._of(r, rows), family)]
        outcome: Outcome = "unresolved"
        beyond = [test for test in found if test.beyond(len(found))]
        if beyond:
            outcome = "reversed"
        elif all(test.within for test in found):
            outcome = "equivalent"
        margins = ", ".join(
            evidence.amount(r.margin, r.scale, "") + f" on {r.metric}" for r in self.metrics
        )
        head = f"{label(self.arm)} and {label(self.baseline)} within a margin of {margins}"
        shut = self.gate and self.gate.failure(rows, self.conditions, family)
        if shut:
            outcome, head = "unresolved", f"the gate is shut, {shut}; {head}"
        return evidence.verdict(
            outcome,
            regime,
            head,
            found,
            family,
            hangs_on=_farthest(beyond or found),
            equivalence=True,
        )


def _farthest(tests: Sequence[Finding]) -> Finding:
    """The test that stands most in the way of equivalence: a bound farthest out, by its margin."""

    def reach(test: Finding) -> float:
        e = test.estimate
        if e is None or e.low90 is None or e.high90 is None:
            return float("inf")
        return max(-e.low90, e.high90) / test.reading.margin

    return max(tests, key=reach)
