"""Whether a metric sees the damages that it claims to see, and is blind where it says so.

What a reading is held to stands with the metric (``sees``, ``blind`` and ``right``, see
``harness.metrics.sensitivity``), whatever the extractor. Its *departure* is |value - right|, and
the floor is the departure of the undamaged halves. Of a metric without a right value the departure
is the change from the undamaged value of the same replicate, counted in the direction of its mean
at the greatest severity, and the floor is 0. Over paired replicates:

    sees    at the greatest severity the departure is above the floor (one-sided t test; two-sided
            where the direction was chosen), and no step from the floor on, from one severity to
            the next, is a resolved fall (one-sided t tests of the other sign)
    blind   at the greatest severity the departure is below ``MARGIN`` floors (one-sided paired t
            test of MARGIN·floor - departure, level 5 %); against it is a departure above. One that
            falls below the floor is not seen either: copies make many a distance look better. A
            metric without a right value has no floor and cannot be held to blindness

All tests that can speak for "sees" or against a statement are adjusted together (Holm, level 5 %).
A statement holds where every kind is as stated, is reversed where one is resolved against it, and
else is not resolved. A replicate without a value is left out of its kind; a kind without values at
its greatest severity is not resolved, and named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt
from typing import final

from harness.claims.contrast import Contrast, label, select
from harness.claims.family import Family
from harness.claims.verdict import Outcome, Regime, Verdict, unresolved, word
from harness.records.holm import holm
from harness.records.record import Plain, Record

MARGIN = 1.5  # times the floor: what counts as not moved
LEVEL = 0.05

Values = dict[int | None, float]
Curve = dict[float, Values]


@final
@dataclass(frozen=True)
class Step:
    """A test of one kind of damage: a "rise" at the greatest severity, a "fall" at a step, or
    "moved" against blindness. p: that there is none."""

    kind: str
    what: str
    p: float


@final
@dataclass(frozen=True)
class Sensitivity:
    """``metric`` is moved by the damages that it claims to see and by none it claims not to see."""

    metric: str
    where: Mapping[str, Plain] = field(default_factory=dict)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return {self.metric}, {*self.where, "damage", "severity"}

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """None: its tests are one-sided and adjusted among themselves."""
        return ()

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study; the family does not matter."""
        declared = Declared.of(self.metric)
        chosen = select(rows, self.metric, self.where)
        curves = departures(chosen, declared.right)
        floor = curves.pop("none", {}).get(0.0, {})
        if len(floor) < 2:
            return unresolved(regime, f"no undamaged {self.metric} at {label(self.where)}.")
        seen = [kind for kind in declared.sees if kind in curves]
        blind = [kind for kind in declared.blind if kind in curves]
        if not seen and not blind:
            return unresolved(
                regime, f"{self.metric} claims nothing of the damages that were made."
            )
        tests = [
            test for kind in seen for test in _tests(kind, curves[kind], floor, declared.right)
        ]
        tests += [Step(kind, "moved", _moved(curves[kind], floor)) for kind in blind]
        resolved = {
            (test.kind, test.what)
            for test, p in zip(tests, holm([test.p for test in tests]))
            if p <= LEVEL
        }
        against: list[str] = []
        open_kinds: list[str] = []
        good: list[str] = []
        for kind in seen:
            if (kind, "fall") in resolved:
                against.append(f"{kind} (falls with severity)")
            else:
                (good if (kind, "rise") in resolved else open_kinds).append(kind)
        for kind in blind:
            named = f"blind to {kind}"
            if (kind, "moved") in resolved:
                against.append(named)
            else:
                still = declared.right is not None and _still(curves[kind], floor) <= LEVEL
                (good if still else open_kinds).append(named)
        outcome: Outcome = "reversed" if against else "unresolved" if open_kinds else "seen"
        reason = f"As stated: {', '.join(good) or 'none'}"
        reason += f"; against it: {', '.join(against)}" if against else ""
        reason += f"; not resolved: {', '.join(open_kinds)}" if open_kinds else ""
        return Verdict(
            word=word(outcome, regime),
            outcome=outcome,
            regime=regime,
            reason=f"{reason}.",
            effect=len(good) / (len(seen) + len(blind)),
            unit="share of kinds",
            numbers={"kinds": len(seen) + len(blind), "as_stated": len(good)},
        )


@final
@dataclass(frozen=True)
class Declared:
    """What a reading is held to; right: its value where nothing is wrong, or None."""

    sees: tuple[str, ...]
    blind: tuple[str, ...]
    right: float | None

    @classmethod
    def of(cls, name: str) -> "Declared":
        """The declaration of the metric of a reading."""
        from harness.metrics.reading import reading

        metric = reading(name).instance
        return cls(metric.sees, metric.blind, metric.right)


def departures(rows: Sequence[Record], right: float | None) -> dict[str, Curve]:
    """The departures of a reading by kind, severity and replicate, "none" being the floor.

    Every kind and severity that was asked for is there, also where no replicate has a value.
    """
    values: dict[str, Curve] = {}
    for row in rows:
        curve = values.setdefault(str(row.params["damage"]), {})
        at = curve.setdefault(float(row.params["severity"] or 0), {})
        if row.value is not None:
            at[row.replicate] = row.value
    if right is not None:
        return {
            kind: {s: {k: abs(v - right) for k, v in at.items()} for s, at in curve.items()}
            for kind, curve in values.items()
        }
    origin = values.get("none", {}).get(0.0, {})
    found: dict[str, Curve] = {}
    for kind, curve in values.items():
        changes = {
            s: {k: v - origin[k] for k, v in at.items() if k in origin} for s, at in curve.items()
        }
        last = changes[max(changes)].values()
        sign = -1 if sum(last) < 0 else 1
        found[kind] = {s: {k: sign * v for k, v in at.items()} for s, at in changes.items()}
    return found


def deviation(values: Sequence[float]) -> float:
    """The standard deviation, 0 of one value."""
    mean = sum(values) / len(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1))


def _above(a: Values, b: Values) -> float:
    """The one-sided p-value that b is above a, paired; 1 without two pairs."""
    from scipy.stats import t

    differences = [b[k] - a[k] for k in a if k in b]
    n = len(differences)
    if n < 2:
        return 1.0
    mean, spread = sum(differences) / n, deviation(differences)
    if spread == 0:
        return 0.0 if mean > 0 else 1.0
    return float(t.sf(mean / spread * sqrt(n), n - 1))


def _tests(kind: str, curve: Curve, floor: Values, right: float | None) -> list[Step]:
    """The tests of one kind that the metric claims to see."""
    levels = [floor, *(curve[severity] for severity in sorted(curve))]
    rise = _above(floor, levels[-1])
    if right is None:  # the direction was chosen
        rise = min(1.0, 2 * rise)
    falls = [Step(kind, "fall", _above(after, before)) for before, after in pairwise(levels)]
    return [Step(kind, "rise", rise), *falls]


def _allowed(floor: Values) -> Values:
    """The departure up to which a reading has not moved, replicate by replicate."""
    return {k: MARGIN * value for k, value in floor.items()}


def _moved(curve: Curve, floor: Values) -> float:
    """The p-value that the greatest severity leaves a reading within the margin."""
    return _above(_allowed(floor), curve[max(curve)])


def _still(curve: Curve, floor: Values) -> float:
    """The p-value that the greatest severity moves a reading to the margin or beyond."""
    return _above(curve[max(curve)], _allowed(floor))
