r"""Claims about laws in a size: a metric is a power law, an exponent a number, an effect shrinks.

What is fitted is a curve (``harness.claims.curve``): the metric of an arm along a factor whose
levels are numbers (images, parameters), or, with a baseline, what the arm does to it. A run is a
replicate, at all sizes. Fits are refused, and the claim is then not resolved, below five sizes or
one decade, for a metric that is not above 0, and where a run failed.

**PowerLaw**\ (curves, margin): within each arm the metric is a power law that falls. With P the
nearer by AICc of ``power`` and ``power_with_floor``, and Q the nearer of ``exponential`` and
``broken_power``, all four fitted to the runs less each run's own level:

    seen       AICc(P) is at least 10 below that of ``exponential`` and at most 2 above that of
               ``broken_power`` (which holds ``power`` in itself); the largest sizes, held out, are
               predicted by P within ``margin`` of the best of the forms (as a share of the
               metric); and the exponent is above 0 (Holm)
    reversed   AICc(Q) is at least 10 below AICc(P), and Q also predicts the held-out sizes better
               than P; or the exponent is resolved below 0
    unresolved else

for each arm; over arms: seen if all are, reversed if one is.

**Exponent**\ (curve, low, high, form): the exponent alpha of n^-alpha lies in [low, high], either
of which may be null. With both: seen if its 90 % interval over runs lies within (two one-sided
tests, nothing to adjust); reversed if it is resolved to lie outside (as ``Equivalence``). With one:
seen if it is resolved on the right side of it, reversed if on the other (Holm). "Falls as 1/n" is
low = .75, high = 1.25, say. An effect that is not told from 0 has no exponent.

**Steeper**\ (curve, other, margin, form): the exponent of one curve is larger than that of another,
paired by replicate where both have it. As a paired effect on one metric.

**Slope**\ (curve, better, margin): an effect rises ("higher") or falls ("lower") with the size: the
slope of each replicate's effect in log10 of the size, least squares, from three sizes on. As a
paired effect on one metric.

**Crossing**\ (curve, low, high, before): the effect changes its sign between two sizes that were
measured: at ``low`` it is below 0 (before = "lower") or above ("higher"), at ``high`` the reverse.
Seen if both are resolved (Holm), reversed if one is resolved the other way. Where the mean effect,
linear in the logarithm between neighbours, first changes its sign stands beside it, with the
interval of whole runs drawn; an open end lies beyond the sizes.

A verdict's sentence and numbers give exponent, interval over runs, interval of the bootstrap of
runs, sizes, runs and held-out error.

Simulated: five sizes over a factor of 25; 3 and 6 runs; .5 and 2 % noise of each point and of each
run (a test repeats a part). True power laws, with and without a floor, are called reversed in at
most 2 % of cases, and seen in 91 % or more at .5 %, in half or more at 2 %; exponentials and a law
with a break are never called seen. The 95 % interval of an exponent covers in 94 to 98 %, that of a
fit with a floor in 95 to 98 %, that of an effect's in 93 to 95 %, and in 91 % for 4 runs of noise
as large as the effect at the smallest size. Of no effect, 1 in 1,000 is said to fall as 1/n (within
.25).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, final

import numpy as np

from harness.claims import evidence
from harness.claims.contrast import Contrast, contrast, label, levels
from harness.claims.curve import (
    DELTA,
    Curve,
    Form,
    Values,
    drawn,
    effect_law,
    exponent,
    power_fit,
    pseudo,
    weights,
)
from harness.claims.family import Family
from harness.claims.power import LEVEL, critical
from harness.claims.reading import Finding, Reading
from harness.claims.verdict import Outcome, Regime, Verdict
from harness.problem import Problem
from harness.records.record import Record
from harness.scaling.fit import Fit, fit
from harness.scaling.held_out import HeldOut, held_out, largest
from harness.scaling.points import Points
from harness.streams import numpy_generator

POWERS, OTHERS = ("power", "power_with_floor"), ("exponential", "broken_power")
DRAW, CLEAR = 2.0, 10.0  # of AICc: below, two forms are a draw; above, one is out of the question
DRAWS = 2000


def _contrast(
    curve: Curve,
    what: str,
    values: Sequence[float] | np.ndarray,
    replicates: Sequence[int | None],
    against: str,
    unit: str = "1",
    dropped: tuple[str, ...] = (),
    problem: str | None = None,
) -> Contrast:
    """What each run says, as a contrast."""
    found = tuple(map(float, values))
    return Contrast(
        f"{what} of {curve.metric} in {curve.along}", "difference", curve.name, against,
        label(curve.where) if curve.where else "all sizes", unit, found, tuple(replicates),
        dropped, problem,
    )  # fmt: skip


def of_exponent(curve: Curve, rows: Sequence[Record], form: Form, less: float = 0.0) -> Contrast:
    """What each run says of an exponent, less a number."""
    values = curve.values(rows)
    problem = curve.refusal(values) or _shapeless(curve, values)
    against, what = f"{less:g}", f"exponent ({form})" if form != "power" else "exponent"
    if problem is None:
        weight = weights(values) if curve.is_effect else None
        each = pseudo(values, exponent(curve, form, weight)) - less
        if np.isfinite(each).all():
            return _contrast(curve, what, each, values.replicates, against, dropped=values.dropped)
        problem = f"{curve.name} {curve.condition} has no exponent without one of its runs"
    return _contrast(curve, what, (), (), against, dropped=values.dropped, problem=problem)


def _shapeless(curve: Curve, values: Values) -> str | None:
    """Why an effect has no exponent: at an end of the grid, or not told from 0."""
    if not curve.is_effect:
        return None
    weight, k = weights(values), len(values.y)
    alpha, _ = effect_law(values.y.mean(0)[None], values.sizes, weight)
    what = f"{curve.name} {curve.condition}"
    if not np.isfinite(alpha[0]):
        return f"{what} follows no power law with an exponent from -2 to 6"
    shape = values.sizes ** -alpha[0] * weight
    own = values.y @ shape
    error = own.std(ddof=1) / np.sqrt(k) if k > 1 else np.inf
    if k < 2 or abs(own.mean()) <= critical(k - 1.0, LEVEL) * error:
        return f"{what} is not told from 0"
    return None


@final
@dataclass(frozen=True)
class Fitted:
    """A law as a verdict tells it."""

    words: str
    numbers: Mapping[str, float | int | str | None]


def describe(
    curve: Curve, rows: Sequence[Record], family: Family, test: Contrast, form: Form, less: float
) -> Fitted:
    """Exponent, its intervals, sizes, runs, and how well the law continues."""
    values, estimate = curve.values(rows), family.estimate(test)
    m, k = len(values.sizes), len(values.y)
    if estimate is None or test.problem is not None:
        return Fitted(f"{curve.name}: {test.problem}", {"sizes": m, "runs": k})
    alpha = exponent(curve, form)(values)
    low, high = estimate.low, estimate.high
    draws = drawn(curve, values, form)
    bottom, top = draws.interval(draws.theta[:, 0])
    numbers: dict[str, float | int | str | None] = {
        "form": form,
        "exponent": alpha,
        "exponent_low": None if low is None else low + less,
        "exponent_high": None if high is None else high + less,
        "bootstrap_low": bottom,
        "bootstrap_high": top,
        "sizes": m,
        "runs": k,
    }
    if curve.is_effect:
        out = largest(Points.of(values.sizes, np.ones(m)))
        kept = Values(values.sizes[~out], values.y[:, ~out])
        weight = weights(values)[~out]
        a, scale = effect_law(kept.y.mean(0)[None], kept.sizes, weight)
        off = scale[0] * values.sizes[out] ** -a[0] - values.y.mean(0)[out]
        # Against the effect at the smallest size: that at the largest may be nothing.
        first = abs(values.y.mean(0)[0])
        error = float(np.abs(off).mean() / first) if first and np.isfinite(off).all() else None
        of = "of the effect at the smallest size"
    else:
        error, of = held_out(form, values.points(), DELTA).error, f"of the {curve.metric}"
    numbers["held_out_error"] = error
    shown = "cannot be told" if error is None else f"{100 * error:.2g} % {of}"
    span = "" if low is None or high is None else f" (95 %: {low + less:.3g} to {high + less:.3g}"
    span += f", bootstrap of runs {bottom:.3g} to {top:.3g})" if span else ""
    ends = f"{m} sizes from {values.sizes[0]:g} to {values.sizes[-1]:g}"
    return Fitted(
        f"exponent {alpha:.3g}{span} of {curve.name} {curve.condition}, {ends}, {k} runs, "
        f"held-out error {shown}",
        numbers,
    )


def as_finding(test: Contrast, family: Family, better: str, margin: float = 0.0) -> Finding:
    reading = Reading(test.metric, better, margin, "difference")  # type: ignore[arg-type]
    return Finding(reading, test, family.estimate(test), family.p_holm(test))


def _form(form: str) -> None:
    if form not in POWERS:
        raise Problem(
            f"the form {form!r}", "no form with an exponent", f"use {' or '.join(POWERS)}"
        )


@final
@dataclass(frozen=True)
class Exponent:
    """The exponent of a curve lies in [low, high]."""

    curve: Curve
    low: float | None = None
    high: float | None = None
    form: Form = "power"

    def __post_init__(self) -> None:
        _form(self.form)
        ends = [end for end in (self.low, self.high) if end is not None]
        if not ends or (len(ends) == 2 and not ends[0] < ends[1]):
            got = f"from {self.low} to {self.high}"
            raise Problem("an exponent within bounds", got, "give low, high, or low < high")

    @property
    def _centre(self) -> float:
        ends = [end for end in (self.low, self.high) if end is not None]
        return sum(ends) / len(ends)

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (self.curve,)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return self.curve.named()

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The one test: of the exponent less the middle of its bounds."""
        return (of_exponent(self.curve, rows, self.form, self._centre),)

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        (test,) = self.planned(rows)
        both = self.low is not None and self.high is not None
        margin = (self.high - self.low) / 2 if both else 0.0  # type: ignore[operator]
        finding = as_finding(test, family, "higher" if self.low is not None else "lower", margin)
        outcome: Outcome = finding.outcome
        if both:
            outcome = "seen" if finding.within else "unresolved"
            outcome = "reversed" if finding.beyond(1) else outcome
        told = describe(self.curve, rows, family, test, self.form, self._centre)
        bounds = "in" if both else "above" if self.low is not None else "below"
        ends = f"[{self.low:g}, {self.high:g}]" if both else f"{self._centre:g}"
        return as_verdict(outcome, regime, f"{told.words}; claimed {bounds} {ends}", [finding],
                        family, told.numbers, equivalence=both)  # fmt: skip


def as_verdict(
    outcome: Outcome,
    regime: Regime,
    head: str,
    findings: Sequence[Finding],
    family: Family,
    numbers: Mapping[str, float | int | str | None],
    hangs_on: int = 0,
    equivalence: bool = False,
) -> Verdict:
    """A verdict with what was fitted among its numbers."""
    found = evidence.verdict(
        outcome, regime, head, findings, family,
        hangs_on=findings[hangs_on], equivalence=equivalence,
    )  # fmt: skip
    return replace(found, numbers={**found.numbers, **numbers})


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
        return _union(self.curves)

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The one test: of the difference of the exponents, by the runs that both have."""
        one, two = (of_exponent(curve, rows, self.form) for curve in self.curves)
        problem = one.problem or two.problem
        second = dict(zip(two.replicates, two.values))
        pairs = [(r, x, second[r]) for r, x in zip(one.replicates, one.values) if r in second]
        if problem is None and not pairs:
            problem = f"no replicate has both {self.curve.name} and {self.other.name}"
        return (
            _contrast(
                self.curve,
                "difference of exponents",
                [] if problem else [x - y for _, x, y in pairs],
                [] if problem else [r for r, _, _ in pairs],
                f"{self.other.name} {self.other.condition}",
                dropped=one.dropped + two.dropped,
                problem=problem,
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
        head = f"{told[0].words}; against {told[1].words}"
        return as_verdict(finding.outcome, regime, head, [finding], family, numbers)


def _union(curves: Sequence[Curve]) -> tuple[set[str], set[str]]:
    metrics, factors = zip(*(curve.named() for curve in curves))
    return set().union(*metrics), set().union(*factors)


@final
@dataclass(frozen=True)
class Slope:
    """An effect rises ("higher") or falls ("lower") along a size, by replicate."""

    curve: Curve
    better: Literal["lower", "higher"]
    margin: float = 0.0

    def __post_init__(self) -> None:
        Reading("slope", self.better, self.margin)  # which refuses what is no direction or margin

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (self.curve,)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return self.curve.named()

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """The one test: of the slope."""
        values = self.curve.values(rows)
        problem, slopes = values.problem, np.empty(0)
        if problem is None and len(values.sizes) < 3:
            problem = f"{len(values.sizes)} sizes {self.curve.condition}, where a slope needs 3"
        if problem is None:
            z = np.log10(values.sizes)
            z = z - z.mean()
            slopes = values.y @ z / (z @ z)
        unit = f"{values.unit} a decade" if values.unit not in ("", "1") else "a decade"
        return (
            _contrast(
                self.curve, "slope", slopes, values.replicates if problem is None else (), "0",
                unit, values.dropped, problem,
            ),
        )  # fmt: skip

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        (test,) = self.planned(rows)
        finding = as_finding(test, family, self.better, self.margin)
        values = self.curve.values(rows)
        numbers: dict[str, float | int | str | None] = {
            "sizes": len(values.sizes),
            "runs": len(values.y),
        }
        head = f"{self.curve.name} {self.curve.condition}"
        if test.problem is None:
            means = values.y.mean(0)
            numbers |= {"effect_first": float(means[0]), "effect_last": float(means[-1])}
            head += (
                f", {len(means)} sizes from {values.sizes[0]:g} to {values.sizes[-1]:g}, "
                f"{len(values.y)} runs, from {means[0]:+.3g} to {means[-1]:+.3g} {values.unit}"
            ).rstrip()
        return as_verdict(finding.outcome, regime, head, [finding], family, numbers)


@final
@dataclass(frozen=True)
class Place:
    """Where an effect first changes its sign: infinite beyond the sizes, on that side."""

    at: float
    low: float
    high: float
    share: float  # of the draws that have a change

    @property
    def numbers(self) -> dict[str, float | int | str | None]:
        """As plain data; null beyond the sizes."""
        ends = {"crossing": self.at, "crossing_low": self.low, "crossing_high": self.high}
        plain = {name: x if np.isfinite(x) else None for name, x in ends.items()}
        return {**plain, "draws_that_cross": self.share}

    @property
    def words(self) -> str:
        at, low, high = map(_place, (self.at, self.low, self.high))
        return f"change of sign {at} (95 %: {low} to {high})"


def _place(x: float) -> str:
    if np.isfinite(x):
        return f"{x:.3g}"
    return "beyond the sizes" if x > 0 else "below the sizes"


def sign_change(means: np.ndarray, sizes: np.ndarray, before: int) -> np.ndarray:
    """Where mean effects ``[B, m]``, linear in ln size, first leave the sign ``before``: ``[B]``.

    +inf where they keep it to the end, -inf where they never have it at the first size.
    """
    z, signed = np.log(sizes), means * before
    gone = signed <= 0
    first = gone.argmax(1)
    rows = np.arange(len(means))
    at = np.maximum(first, 1)
    a, b = signed[rows, at - 1], signed[rows, at]
    step = np.where(a > b, a / np.where(a > b, a - b, 1.0), 0.0)
    found = np.exp(z[at - 1] + np.minimum(step, 1.0) * (z[at] - z[at - 1]))
    found = np.where(first == 0, -np.inf, found)
    return np.where(gone.any(1), found, np.inf)


def crossing(curve: Curve, values: Values, before: int) -> Place:
    """Where the mean effect first changes its sign, with the interval of whole runs drawn."""
    from scipy.special import ndtr

    k, mean = len(values.y), values.y.mean(0)
    at = float(sign_change(mean[None], values.sizes, before)[0])
    off = (values.y - mean) * np.sqrt(k / max(1, k - 1))
    generator = numpy_generator("claims", 0, f"crossing {curve.name} {curve.condition}")
    means = mean + off[generator.integers(k, size=(DRAWS, k))].mean(1)
    each = sign_change(means, values.sizes, before)
    outside = float(ndtr(-critical(max(1.0, k - 1.0), LEVEL)))
    low, high = np.quantile(each, [outside, 1 - outside], method="nearest")
    return Place(at, float(low), float(high), float(np.isfinite(each).mean()))


@final
@dataclass(frozen=True)
class Crossing:
    """An effect changes its sign between the sizes ``low`` and ``high``."""

    curve: Curve
    low: float
    high: float
    before: Literal["lower", "higher"]

    def __post_init__(self) -> None:
        Reading("crossing", self.before)
        if not self.curve.is_effect:
            fix = "give the curve a baseline"
            raise Problem("where an effect changes its sign", "a metric of one arm", fix)
        if not self.low < self.high:
            got = f"from {self.low} to {self.high}"
            raise Problem("a change of sign between two sizes", got, "give low < high")

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (self.curve,)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return self.curve.named()

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """Two tests: the effect at either size."""
        c = self.curve
        return tuple(
            contrast(rows, c.metric, c.arm, c.baseline, {**c.where, c.along: size}, c.scale)
            for size in (self.low, self.high)
        )

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        after = "higher" if self.before == "lower" else "lower"
        tests = [
            Finding(
                Reading(test.metric, side, scale=test.scale),  # type: ignore[arg-type]
                test,
                family.estimate(test),
                family.p_holm(test),
            )
            for test, side in zip(self.planned(rows), (self.before, after))
        ]
        directions = [test.direction for test in tests]
        outcome: Outcome = "unresolved"
        if -1 in directions:
            outcome = "reversed"
        elif directions == [1, 1]:
            outcome = "seen"
        values = self.curve.values(rows)
        numbers: dict[str, float | int | str | None] = {
            "sizes": len(values.sizes),
            "runs": len(values.y),
        }
        head = f"{self.curve.name} {self.curve.condition}"
        if values.problem is None:
            place = crossing(self.curve, values, -1 if self.before == "lower" else 1)
            numbers |= place.numbers
            head += (
                f", {len(values.sizes)} sizes from {values.sizes[0]:g} to {values.sizes[-1]:g}, "
                f"{len(values.y)} runs, {place.words}"
            )
        head += f"; claimed between {self.low:g} and {self.high:g}"
        order = {"reversed": -1, "seen": 1}.get(outcome)
        worst = max(
            (i for i in range(2) if order is None or directions[i] == order),
            key=lambda i: 1.0 if tests[i].p_holm is None else tests[i].p_holm,  # type: ignore[arg-type, return-value]
        )
        return as_verdict(outcome, regime, head, tests, family, numbers, worst)


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
        return _union(self.curves)

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
        whole: Outcome = "unresolved"
        if "reversed" in outcomes:
            whole = "reversed"
        elif set(outcomes) == {"seen"}:
            whole = "seen"
        main = outcomes.index(whole) if whole in outcomes else 0
        return as_verdict(whole, regime, "; ".join(parts), findings, family, numbers, main)


Fits = PowerLaw | Exponent | Steeper | Slope | Crossing
