"""Laws on the points of a curve: the law, how it continues, and what it leaves.

Of a metric the law is the power law, with or without a floor, that is nearer by AICc, as a claim on
it chooses (``harness.claims.power_law``); of an effect it is A n^-alpha. Beside the law of all
sizes stands that of all but the largest, which are held out as in ``harness.scaling.held_out``:
drawn dotted to them, it shows how far a law can be trusted beyond its sizes. What is left is the
geometric mean of the runs over the law, less 1, in per cent; or, of an effect, which can be 0, mean
less law in standard errors of the mean.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, final

import numpy as np
from matplotlib.axes import Axes

from harness.claims.curve import DELTA, Curve, Form, Values, effect_law, power_fit, weights
from harness.claims.fitting import POWERS
from harness.claims.power import critical
from harness.problem import Problem
from harness.report import style
from harness.report.results import Results
from harness.scaling.fit import Fit, fit
from harness.scaling.held_out import largest
from harness.scaling.points import Points

ASIDE = 1.03  # from one series to the next
EVEN = 60  # places at which a law is drawn
Predict = Callable[[np.ndarray], np.ndarray]


@final
@dataclass(frozen=True)
class Law:
    """A law through a curve.

    sizes: ``[m]``; left: what the law leaves at each ``[m]``, with half of its 95 % interval
    ``[m]``; continued: the same of the law of the other sizes at those held out ``[h]``, NaN where
    they have none; out: which are held out, bool ``[m]``. whole, others: the laws, which give the
    value at sizes ``[n]``.
    """

    sizes: np.ndarray
    left: np.ndarray
    half: np.ndarray
    continued: np.ndarray
    out: np.ndarray
    whole: Predict
    others: Predict | None


def values_of(results: Results, curve: Curve) -> Values:
    """The values of a curve, out of the rows of its metric alone: studies have many others."""
    return curve.values(results.by_metric.get(curve.metric, []))


def law_of(results: Results, curve: Curve, form: Form | None = None) -> Law | None:
    """The law of a curve, of a form or the nearer one; None where none can be fitted."""
    values = values_of(results, curve)
    if curve.refusal(values) is not None:
        return None
    return _of_effect(values) if curve.is_effect else _of_metric(values, form)


def _held_out(sizes: np.ndarray) -> np.ndarray:
    return largest(Points.of(sizes, np.ones(len(sizes))))


def _of_metric(values: Values, form: Form | None) -> Law | None:
    sizes, out = values.sizes, _held_out(values.sizes)
    try:
        chosen = min((form,) if form else POWERS, key=partial(_score, values))
        whole = power_fit(values, chosen)
    except Problem:
        return None
    kept = Values(sizes[~out], values.y[:, ~out])
    try:
        others: Fit | None = power_fit(kept, chosen)
    except Problem:
        others = None
    logs = np.log(values.y)
    k, mean = len(logs), logs.mean(0)
    spread = logs.std(0, ddof=1) / k**0.5 * critical(k - 1.0) if k > 1 else 0 * mean
    left = np.exp(mean) / whole.predict(sizes[:, None])
    beyond = np.full(int(out.sum()), np.nan)
    if others is not None:
        beyond = 100 * (np.exp(mean[out]) / others.predict(sizes[out][:, None]) - 1)
    return Law(
        sizes, 100 * (left - 1), 100 * left * np.expm1(spread), beyond, out,
        _along(whole), None if others is None else _along(others),
    )  # fmt: skip


def _along(law: Fit) -> Predict:
    return lambda at: law.predict(at[:, None])


def _score(values: Values, form: Form) -> float:
    """AICc of a form, as a claim on the curve takes it: of runs less their own level."""
    points = values.points(centred=True)
    found = fit(form, points.x, points.y, DELTA).aicc
    return np.inf if found is None else found


def _of_effect(values: Values) -> Law | None:
    sizes, out, k = values.sizes, _held_out(values.sizes), len(values.y)
    mean, weight = values.y.mean(0), weights(values)
    error = values.y.std(0, ddof=1) / k**0.5 if k > 1 else np.full(len(sizes), np.nan)
    whole = _power(mean, sizes, weight)
    if whole is None:
        return None
    others = _power(mean[~out], sizes[~out], weight[~out])
    beyond = np.full(int(out.sum()), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = (mean - whole(sizes)) / error
        if others is not None:
            beyond = (mean[out] - others(sizes[out])) / error[out]
    half = np.full(len(sizes), critical(k - 1.0) if k > 1 else 0.0)
    return Law(sizes, left, half, beyond, out, whole, others)


def _power(mean: np.ndarray, sizes: np.ndarray, weight: np.ndarray) -> Predict | None:
    alpha, scale = effect_law(mean[None], sizes, weight)
    if not np.isfinite(alpha[0]):
        return None
    return lambda at: scale[0] * at ** -alpha[0]


def lines(
    axes: Axes, law: Law, look: style.Look, shown: Predict = lambda y: y, name: str | None = None
) -> None:
    """The law over its sizes, and dotted the law of the others from their largest on.

    shown: a value as the panel shows it. name: of the law in a legend."""
    at = np.geomspace(law.sizes[0], law.sizes[-1], EVEN)
    how: dict[str, Any] = {"color": look.colour, "linewidth": 1}
    axes.plot(at, shown(law.whole(at)), linestyle=look.line, label=name, **how)
    if law.others is not None:
        at = np.geomspace(law.sizes[~law.out][-1], law.sizes[-1], EVEN)
        axes.plot(at, shown(law.others(at)), color=look.colour, linestyle=":", linewidth=1.2)


def left(
    axes: Axes, laws: Sequence[tuple[Law | None, style.Look]], in_errors: bool = False
) -> None:
    """What laws leave, a series each; hollow what the laws of the other sizes leave at those held
    out. in_errors: of effects, in standard errors."""
    axes.axhline(0, color=style.BLACK, linewidth=0.6)
    for place, (law, look) in enumerate(laws):
        if law is None:
            continue
        x = law.sizes * ASIDE**place
        axes.errorbar(
            x, law.left, law.half, color=look.colour, marker=look.marker, linestyle="none",
            elinewidth=0.8,
        )  # fmt: skip
        axes.plot(
            x[law.out], law.continued, look.marker, color=look.colour, fillstyle="none",
            markersize=5.5, linestyle="none",
        )  # fmt: skip
    if all(law is None for law, _ in laws):
        axes.text(0.5, 0.6, "no law is fitted", ha="center", transform=axes.transAxes)
        axes.set(xticks=[], yticks=[])
        return
    axes.set(xscale="log", ylabel=f"left by the law ({'errors' if in_errors else '%'})")
    style.log_ticks(axes)
