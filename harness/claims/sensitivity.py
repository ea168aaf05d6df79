"""Whether a metric sees the damages that it claims to see, and is blind where it says so.

What a reading is held to stands with the metric (``sees``, ``blind`` and ``right``, see
``harness.metrics.sensitivity``), whatever the extractor. Its *departure* is |value - right|, for a
metric without a right value |value - value undamaged| of the same replicate; the floor is the
departure of the undamaged halves. Over paired replicates:

    sees    at the greatest severity the departure is above the floor (one-sided t test), and no
            step from one severity to the next is a resolved fall (one-sided t tests of the other
            sign); all the tests of one reading are adjusted together (Holm, level 5 %)
    blind   at the greatest severity the departure over the mean floor stays below ``MARGIN`` (its
            one-sided 95 % bound); against it is a bound of the other side above ``MARGIN``. A
            departure that falls below the floor is not seen either: copies make many a distance
            look better

The statement is seen where every kind is as stated, reversed where one is resolved against it, and
else not resolved. A replicate whose value is missing is left out of its kind. A metric without a
right value has no floor and so is blind to a kind where its value moves by less than half the
standard deviation of its undamaged values.
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
STILL = 0.5  # standard deviations of the undamaged value, for a metric without a right value
LEVEL = 0.05

Values = dict[int | None, float]


@final
@dataclass(frozen=True)
class Step:
    """A paired test of one kind of damage. p: one-sided, that there is no rise (or no fall)."""

    kind: str
    what: str  # "rise" at the greatest severity, or "fall" at a step
    mean: float
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
        curves = departures(select(rows, self.metric, self.where), declared.right)
        floor = curves.get("none", {}).get(0.0, {})
        if len(floor) < 2:
            return unresolved(regime, f"no undamaged {self.metric} at {label(self.where)}.")
        seen = [kind for kind in declared.sees if kind in curves]
        blind = [kind for kind in declared.blind if kind in curves]
        if not seen and not blind:
            return unresolved(
                regime, f"{self.metric} claims nothing of the damages that were made."
            )
        tests = [test for kind in seen for test in _tests(kind, curves[kind], floor)]
        adjusted = holm([test.p for test in tests])
        against, open_kinds, good = [], [], []
        for kind in seen:
            own = [(test, p) for test, p in zip(tests, adjusted) if test.kind == kind]
            fell = [test for test, p in own if test.what == "fall" and p <= LEVEL]
            rose = any(test.what == "rise" and p <= LEVEL for test, p in own)
            if fell:
                against.append(f"{kind} (falls with severity)")
            elif rose:
                good.append(kind)
            else:
                open_kinds.append(kind)
        for kind in blind:
            still = _still(curves[kind], floor, declared.right is not None)
            named = f"blind to {kind}"
            (good if still > 0 else against if still < 0 else open_kinds).append(named)
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


def departures(rows: Sequence[Record], right: float | None) -> dict[str, dict[float, Values]]:
    """The departures of a reading by kind, severity and replicate; failed rows are left out."""
    undamaged = {
        row.replicate: row.value
        for row in rows
        if row.params["damage"] == "none" and row.value is not None
    }
    found: dict[str, dict[float, Values]] = {}
    for row in rows:
        origin = undamaged.get(row.replicate) if right is None else right
        if row.value is None or origin is None:
            continue
        level = found.setdefault(str(row.params["damage"]), {})
        at = level.setdefault(float(row.params["severity"] or 0), {})
        at[row.replicate] = abs(row.value - origin)
    if right is None and undamaged:  # its floor: the spread of the undamaged values
        values = [value for value in undamaged.values() if value is not None]
        found["none"] = {0.0: dict.fromkeys(undamaged, _deviation(values))}
    return found


def _deviation(values: Sequence[float]) -> float:
    """The standard deviation, 0 of one value."""
    mean = sum(values) / len(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1))


def _paired(a: Values, b: Values) -> list[float]:
    """Differences b - a of the replicates that both have."""
    return [b[k] - a[k] for k in a if k in b]


def _t(differences: Sequence[float]) -> float:
    """The one-sided p-value that the mean difference is above 0; 1 without two differences."""
    from scipy.stats import t

    n = len(differences)
    if n < 2:
        return 1.0
    mean, spread = sum(differences) / n, _deviation(differences)
    if spread == 0:
        return 0.0 if mean > 0 else 1.0
    return float(t.sf(mean / spread * sqrt(n), n - 1))


def _tests(kind: str, curve: dict[float, Values], floor: Values) -> list[Step]:
    """The tests of one kind that the metric claims to see."""
    levels = [curve[severity] for severity in sorted(curve)]
    last = _paired(floor, levels[-1])
    tests = [Step(kind, "rise", sum(last) / max(len(last), 1), _t(last))]
    for before, after in pairwise(levels):
        step = _paired(before, after)
        tests.append(
            Step(kind, "fall", sum(step) / max(len(step), 1), _t([-each for each in step]))
        )
    return tests


def _still(curve: dict[float, Values], floor: Values, has_right: bool) -> int:
    """1 where the greatest severity leaves a reading near its floor, -1 where not, else 0."""
    from scipy.stats import t

    values = [curve[max(curve)][k] for k in curve[max(curve)] if k in floor]
    n = len(values)
    base = sum(floor.values()) / len(floor)
    if n < 2 or base == 0:
        return 0
    ratios = [value / base for value in values]
    mean, half = sum(ratios) / n, _deviation(ratios) / sqrt(n) * float(t.ppf(0.95, n - 1))
    high = MARGIN if has_right else STILL
    if mean + half <= high:
        return 1
    return -1 if mean - half > high else 0
