"""What the rules about laws in a size share: a run's exponent as a test, and how a fit is told.

The rules and their words stand in ``harness.claims.fitted``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from harness.claims import evidence
from harness.claims.contrast import Contrast, label
from harness.claims.curve import (
    DELTA,
    Curve,
    Form,
    Values,
    drawn,
    effect_law,
    exponent,
    pseudo,
    weights,
)
from harness.claims.drawn import Drawn
from harness.claims.family import Family
from harness.claims.lack_of_fit import lack_of_fit
from harness.claims.power import LEVEL, critical
from harness.claims.reading import Finding, Reading
from harness.claims.verdict import Outcome, Regime, Verdict
from harness.records.record import Record
from harness.scaling.held_out import held_out, largest
from harness.scaling.points import Points

POWERS: tuple[Form, ...] = ("power", "power_with_floor")


def as_contrast(
    curve: Curve,
    what: str,
    values: Sequence[float] | np.ndarray,
    replicates: Sequence[int | None],
    against: str,
    unit: str = "1",
    dropped: tuple[str, ...] = (),
    problem: str | None = None,
    other: Curve | None = None,
    sizes: Sequence[float] | np.ndarray = (),
) -> Contrast:
    """What each run says, as a contrast; other: the curve that it is held against; sizes: those of
    both that a statistic is taken over.

    Its metric names all that a variance hangs on, so that no two quantities share one.
    """
    named = [quantity(each) for each in (curve, other) if each is not None]
    return Contrast(
        f"{what} of {' and '.join(dict.fromkeys(named))}", "difference", curve.name, against,
        label(curve.where) if curve.where else "all sizes", unit, tuple(map(float, values)),
        tuple(replicates), dropped, problem, sizes=tuple(map(float, sizes)),
    )  # fmt: skip


def quantity(curve: Curve) -> str:
    """What a curve is of: ``loss in n``; of an effect, ``loss (log ratio) in n``."""
    scale = f" ({curve.scale.replace('_', ' ')})" if curve.is_effect else ""
    return f"{curve.metric}{scale} in {curve.along}"


def of_exponent(curve: Curve, rows: Sequence[Record], form: Form, less: float = 0.0) -> Contrast:
    """What each run says of an exponent, less a number."""
    values = curve.values(rows)
    problem = curve.refusal(values) or _shapeless(curve, values)
    against, what = f"{less:g}", f"exponent ({form})" if form != "power" else "exponent"
    if problem is None:
        weight = weights(values) if curve.is_effect else None
        each = pseudo(values, exponent(curve, form, weight)) - less
        if np.isfinite(each).all():
            return as_contrast(
                curve, what, each, values.replicates, against, dropped=values.dropped,
                sizes=values.sizes,
            )  # fmt: skip
        problem = f"{curve.name} {curve.condition} has no exponent without one of its runs"
    return as_contrast(curve, what, (), (), against, dropped=values.dropped, problem=problem)


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
    if estimate is None or test.problem is not None:
        return Fitted(f"{curve.name}: {test.problem}", values.counts)
    alpha = exponent(curve, form)(values)
    low, high = estimate.low, estimate.high
    draws = drawn(curve, values, form)
    bootstrap = Drawn.of(draws.theta[:, 0], draws.df)
    numbers: dict[str, float | int | str | None] = {
        "form": form,
        "exponent": alpha,
        "exponent_of_runs": estimate.effect + less,
        "exponent_low": None if low is None else low + less,
        "exponent_high": None if high is None else high + less,
        **bootstrap.numbers,
        **values.counts,
    }
    if curve.is_effect:
        held = _continued(values)
        fit = lack_of_fit(values)
        numbers |= fit.numbers if fit else {}
    else:
        error = held_out(form, values.points(), DELTA).error
        told = "cannot be told" if error is None else f"{100 * error:.2g} % of the {curve.metric}"
        held = Fitted(told, {"held_out_error": error})
    span = ""
    if low is not None and high is not None:
        span = f" by the fit to all points ({estimate.effect + less:.3g} by the mean over runs, "
        span += f"95 %: {low + less:.3g} to {high + less:.3g}, {bootstrap.words})"
    return Fitted(
        f"exponent {alpha:.3g}{span} of {curve.name} {curve.condition}, {values.extent}, "
        f"held-out error {held.words}",
        {**numbers, **held.numbers},
    )


def _continued(values: Values) -> Fitted:
    """How the law of an effect at the other sizes continues to the largest: as shares of the
    effect at the smallest size and of that at the largest, and what the law says there."""
    means = values.y.mean(0)
    out = largest(Points.of(values.sizes, np.ones(len(values.sizes))))
    alpha, scale = effect_law(means[None, ~out], values.sizes[~out], weights(values)[~out])
    said = scale[0] * values.sizes[out] ** -alpha[0]
    off = float(np.abs(said - means[out]).mean())
    first, last = abs(float(means[0])), float(np.abs(means[out]).mean())
    told = np.isfinite(off)
    numbers = {
        "held_out_error": off / first if told and first else None,
        "held_out_error_there": off / last if told and last else None,
    }
    if not told or not first:
        return Fitted("cannot be told", numbers)
    there = f"{100 * off / last:.3g} % of that" if last else "without a share of that, which is 0,"
    places = ", ".join(
        f"{law:+.3g} where {mean:+.3g} was measured at {size:g}"
        for size, law, mean in zip(values.sizes[out], said, means[out])
    )
    return Fitted(
        f"{100 * off / first:.2g} % of the effect at the smallest size and {there} at the largest "
        f"(the law of the other sizes says {places})",
        numbers,
    )


def as_finding(test: Contrast, family: Family, better: str, margin: float = 0.0) -> Finding:
    reading = Reading(test.metric, better, margin, "difference")  # type: ignore[arg-type]
    return Finding(reading, test, family.estimate(test), family.p_holm(test))


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


def union(curves: Sequence[Curve]) -> tuple[set[str], set[str]]:
    metrics, factors = zip(*(curve.named() for curve in curves))
    return set().union(*metrics), set().union(*factors)
