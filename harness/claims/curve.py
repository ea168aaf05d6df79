r"""Curves: a metric of an arm, or what an arm does to it, along a factor that is a size.

    Curve("denoising_loss", along="images", arm="clean")                  the metric itself
    Curve("class_w2_squared", "images", arm="noise 1", baseline="clean")  its paired effect

A run is a replicate, at all sizes: the streams of a replicate derive from the data and its number,
so that its runs at two sizes share images and noise and are no two independent runs. Whole
replicates are therefore what an interval leaves out or draws, and those that lack a size are left
out. A run that failed at any size leaves no curve: the others are no sample of what was planned.

**Exponents.** A metric is fitted by ``harness.scaling``, in logarithms, by a power law or one with
a floor. An effect can lie below 0 by chance and has no logarithm: its mean over replicates is
fitted as it stands,

.. math::  e(n) = A\,n^{-\alpha}, \qquad
           \hat\alpha = \arg\min_\alpha \min_A \sum_n (\bar e_n - A n^{-\alpha})^2 / s_n^2,

A linear, alpha over a grid that is refined by a parabola; the variance :math:`s_n^2` of a mean is
smoothed by a power law in n, since that of few replicates is not known at each size.

**Runs.** With :math:`\theta` the exponent of all k runs and :math:`\theta_{-r}` that without run r,

.. math::  \theta_r = k\,\theta - (k - 1)\,\theta_{-r}

is what run r says of it (Tukey's pseudo-value; Miller 1974, Biometrika 61:1). For a statistic that
is linear in the runs, as the slope of the mean log metric is, it is the run's own value. So an
exponent is a contrast like any other: pooled, adjusted by Holm, its interval Student's over runs.
The bootstrap of whole runs (``harness.scaling.bootstrap``) stands beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, final

import numpy as np

from harness.claims.contrast import Arm, Scale, by_replicate, contrast, label, levels, select
from harness.problem import Problem
from harness.records.record import Plain, Record
from harness.scaling.bootstrap import COUNT, Replicates, replicates
from harness.scaling.fit import Fit, fit
from harness.scaling.points import Points
from harness.streams import numpy_generator

Form = Literal["power", "power_with_floor"]
DELTA = 0.1  # log residuals beyond count in proportion: noise of replicates, not of single points
EXPONENTS = np.linspace(-2.0, 6.0, 401)  # of an effect


@final
@dataclass(frozen=True)
class Values:
    """sizes ``[m]`` ascending; y ``[k, m]``, one row a run; why there are none, else null."""

    sizes: np.ndarray
    y: np.ndarray
    replicates: tuple[int | None, ...] = ()
    unit: str = ""
    dropped: tuple[str, ...] = ()
    problem: str | None = None

    def without(self, run: int) -> "Values":
        """The same without one run."""
        kept = np.arange(len(self.y)) != run
        return Values(self.sizes, self.y[kept], unit=self.unit)

    @property
    def counts(self) -> dict[str, float | int | str | None]:
        """How many sizes and runs there are, as numbers of a verdict."""
        return {"sizes": len(self.sizes), "runs": len(self.y)}

    @property
    def extent(self) -> str:
        """The same in words, with the smallest and the largest size."""
        first, last = self.sizes[[0, -1]]
        return f"{len(self.sizes)} sizes from {first:g} to {last:g}, {len(self.y)} runs"

    def means(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """Means ``[count, m]`` of runs drawn whole, spread as means of that many new runs are."""
        k, mean = len(self.y), self.y.mean(0)
        off = (self.y - mean) * np.sqrt(k / max(1, k - 1))
        return np.asarray(mean + off[generator.integers(k, size=(count, k))].mean(1))

    def points(self, centred: bool = False) -> Points:
        """As points of a scaling law; centred: less each run's mean log deviation."""
        k, m = self.y.shape
        logs = np.log(self.y)
        if centred:
            logs = logs - (logs - logs.mean(0)).mean(1, keepdims=True)
        runs = np.repeat(np.arange(k), m)
        return Points.of(np.tile(self.sizes, k), np.exp(logs).reshape(-1), list(runs))


@final
@dataclass(frozen=True)
class Curve:
    """``metric`` of ``arm`` at every level of ``along`` at ``where``; with a ``baseline``, what
    the arm does to it, on ``scale``, paired by replicate."""

    metric: str
    along: str
    arm: Arm
    baseline: Arm = ""
    scale: Scale = "difference"
    where: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def is_effect(self) -> bool:
        return self.baseline != ""

    @property
    def name(self) -> str:
        """The curve in words."""
        against = f" against {label(self.baseline)}" if self.is_effect else ""
        return f"{self.metric} of {label(self.arm)}{against}"

    @property
    def condition(self) -> str:
        return f"along {self.along}" + (f" at {label(self.where)}" if self.where else "")

    def named(self) -> tuple[set[str], set[str]]:
        """The metric and the factors that it speaks of."""
        arms = (self.arm, self.baseline) if self.is_effect else (self.arm,)
        return {self.metric}, {*self.where, self.along, *(n for arm in arms for n in levels(arm))}

    def rows(self, rows: Sequence[Record]) -> list[Record]:
        """The rows that it is made of."""
        found = [r for r in select(rows, self.metric, self.where, self.arm) if self._has(r)]
        if self.is_effect:
            found += select(rows, self.metric, self.where, self.baseline)
        return found

    def _has(self, row: Record) -> bool:
        return self.along in row.params

    def sizes(self, rows: Sequence[Record]) -> list[float]:
        """The levels of ``along`` that its arm has; ``Problem`` for what is no size."""
        found = select(rows, self.metric, self.where, self.arm)
        at = {row.params[self.along] for row in found if self._has(row)}
        for value in at:
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                fix = "choose a factor whose levels are numbers above 0"
                raise Problem(f"a curve of {self.metric} along {self.along}", repr(value), fix)
        return sorted(at)  # type: ignore[arg-type]

    def values(self, rows: Sequence[Record]) -> Values:
        """Its values, of the replicates that have every size.

        Raises ``Problem`` where several cells answer to one size.
        """
        sizes = self.sizes(rows)
        at = np.array(sizes, float)

        def without(problem: str, dropped: tuple[str, ...] = ()) -> Values:
            return Values(at, np.empty((0, len(at))), dropped=dropped, problem=problem)

        if not sizes:
            return without(f"no rows of {self.name} {self.condition}")
        tables: list[dict[int | None, float]] = []
        unit = ""
        for size in sizes:
            where = {**self.where, self.along: size}
            if self.is_effect:
                one = contrast(rows, self.metric, self.arm, self.baseline, where, self.scale)
                if one.problem is not None:
                    return without(one.problem)
                unit = one.unit
                tables.append(dict(zip(one.replicates, one.values)))
                continue
            found = by_replicate(rows, self.metric, where, self.arm)
            lost = [row for row in found.values() if not row.ok]
            if lost:
                which = f"replicate {lost[0].replicate} {lost[0].status} ({lost[0].reason})"
                return without(f"{self.name} at {label(where)} lacks {which}")
            unit = next(iter(found.values())).unit
            tables.append({r: row.value or 0.0 for r, row in found.items()})
        every = {r for table in tables for r in table}
        shared = [r for r in tables[0] if all(r in table for table in tables)]
        dropped = tuple(
            f"replicate {r}: not at every {self.along}"
            for r in sorted(every - set(shared), key=lambda r: -1 if r is None else r)
        )
        if not shared:
            return without(f"no replicate of {self.name} has every {self.along}", dropped)
        y = np.array([[table[r] for table in tables] for r in shared])
        return Values(at, y, tuple(shared), unit, dropped)

    def refusal(self, values: Values) -> str | None:
        """Why no law can be fitted to its values; null where one can."""
        if values.problem is not None:
            return values.problem
        try:
            if self.is_effect:
                some = np.ones_like(values.sizes)
                Points.of(values.sizes, some, names=(self.along,)).require()
            else:
                n = np.tile(values.sizes, len(values.y))
                Points.of(n, values.y.reshape(-1), None, (self.along,), self.metric).require()
        except Problem as problem:
            return f"{problem.asked}: {problem.got}"
        return None


def pseudo(values: Values, statistic: Callable[[Values], float]) -> np.ndarray:
    """What each run says of a statistic, ``[k]``; of one run, its value."""
    k, whole = len(values.y), statistic(values)
    if k == 1:
        return np.array([whole])
    left = np.array([statistic(values.without(run)) for run in range(k)])
    return k * whole - (k - 1) * left


def power_fit(values: Values, form: Form) -> Fit:
    """The law of a metric."""
    points = values.points()
    return fit(form, points.x, points.y, DELTA)


def weights(values: Values) -> np.ndarray:
    """1/s² of the mean of an effect at each size ``[m]``, smoothed by a power law; 1 of one run."""
    k = len(values.y)
    variance = values.y.var(0, ddof=1) if k > 1 else np.zeros(len(values.sizes))
    if not (variance > 0).all():
        return np.ones(len(values.sizes))
    z = np.log(values.sizes)
    slope, level = np.polyfit(z, np.log(variance), 1)
    return np.exp(-(level + slope * z))


def _explained(
    means: np.ndarray, z: np.ndarray, weight: np.ndarray, alpha: np.ndarray
) -> np.ndarray:
    """The weighted square that laws of exponents ``[B or 1, G]`` explain of means ``[B, m]``."""
    if len(alpha) == 1:
        x = np.exp(-np.outer(z, alpha[0]))  # [m, G]
        return ((means * weight) @ x) ** 2 / (weight @ x**2)
    each = np.exp(-alpha[..., None] * z)  # [B, G, m]
    return ((means * weight)[:, None] * each).sum(-1) ** 2 / (weight * each**2).sum(-1)


def effect_law(
    means: np.ndarray, sizes: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """alpha and A ``[B]`` of mean effects ``[B, m]``; alpha is NaN at an end of the grid."""
    z = np.log(sizes) - np.log(sizes).mean()
    step = EXPONENTS[1] - EXPONENTS[0]
    best = _explained(means, z, weight, EXPONENTS[None]).argmax(1)
    inner = (best > 0) & (best < len(EXPONENTS) - 1)
    alpha = EXPONENTS[best]
    for width in (step, step / 20):
        before, here, after = _explained(
            means, z, weight, alpha[:, None] + width * np.array([-1.0, 0.0, 1.0])
        ).T
        bend = before - 2 * here + after
        shift = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, -1.0), 0.0)
        alpha = alpha + width * np.clip(shift, -1, 1)
    alpha = np.where(inner, alpha, np.nan)
    fitted = np.exp(-np.outer(alpha, z))  # [B, m]
    amplitude = ((means * weight * fitted).sum(1)) / ((weight * fitted**2).sum(1))
    amplitude = amplitude * np.exp(alpha * np.log(sizes).mean())
    return alpha, amplitude


def exponent(curve: Curve, form: Form, weight: np.ndarray | None = None) -> Callable:
    """The statistic: the exponent of values; of an effect with the weights given."""

    def of(values: Values) -> float:
        if not curve.is_effect:
            return power_fit(values, form).parameters["alpha"]
        used = weights(values) if weight is None else weight
        return float(effect_law(values.y.mean(0)[None], values.sizes, used)[0][0])

    return of


def drawn(curve: Curve, values: Values, form: Form, count: int = COUNT) -> Replicates:
    """Exponents ``[B, 1]`` of so many draws of whole runs; NaN of a draw that has none."""
    generator = numpy_generator("claims", 0, f"{curve.name} {curve.condition} {form}")
    k = len(values.y)
    if curve.is_effect:
        alpha = effect_law(values.means(generator, count), values.sizes, weights(values))[0]
        return Replicates(alpha[:, None], int(np.isfinite(alpha).sum()), max(1, k - 1))
    law, points = power_fit(values, form), values.points()
    found = replicates(law, points, generator, count)
    alpha = law.form.printed(found.theta, law.frame)[:, law.form.parameters.index("alpha")]
    return Replicates(alpha[:, None], found.ended, found.df)
