"""Forms side by side: parameters with intervals, AICc, and the error beyond the sizes seen.

AICc asks which form is nearest to the points, held-out error which one continues; both are shown,
AICc marks the form, and where the other disagrees a note says so. AICc takes the points for
independent, so it is too sure where runs have several points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from harness.scaling import profile
from harness.scaling.bootstrap import COUNT, Replicates, replicates
from harness.scaling.fit import Fit, fit, suited
from harness.scaling.held_out import HeldOut, held_out
from harness.scaling.huber import DELTA
from harness.scaling.points import FAR, Points
from harness.streams import numpy_generator

UNSEEN = 1e-3  # a floor below so much of the least loss is none
FEW = 4  # degrees of freedom, below which an interval from runs is the range of few values
Interval = tuple[float | None, float | None]


@final
@dataclass(frozen=True)
class Row:
    """One form on the points."""

    fit: Fit
    held_out: HeldOut
    replicates: Replicates
    bootstrap: tuple[Interval, ...]  # of each parameter, in the units of the points
    profile: tuple[Interval, ...]

    @cached_property
    def correlation(self) -> np.ndarray:
        """Of the parameters over the bootstrap, logarithms where they are logged, ``[p, p]``."""
        drawn = self.fit.form.printed(self.replicates.theta, self.fit.frame)
        off = drawn - drawn.mean(0)
        size = np.sqrt((off**2).sum(0))
        size[size < 1e-12 * np.sqrt(len(off))] = np.inf  # does not vary: it goes with nothing
        found = (off / size).T @ (off / size)
        np.fill_diagonal(found, 1)
        return found


@final
@dataclass(frozen=True)
class Prediction:
    """The loss at a place, with its bootstrap interval, and how far beyond the sizes that is."""

    at: tuple[float, ...]
    value: float
    low: float
    high: float
    reach: float

    @property
    def far(self) -> bool:
        """Whether nobody should trust it."""
        return self.reach > FAR


@final
@dataclass(frozen=True)
class Comparison:
    """Every form that was fitted."""

    points: Points
    rows: dict[str, Row]

    @property
    def chosen(self) -> str:
        """The form of the least AICc; of the least held-out error where AICc has too few points."""

        def rank(name: str) -> tuple[bool, float, float]:
            score, error = self.rows[name].fit.aicc, self.rows[name].held_out.error
            return (score is None, score or 0.0, np.inf if error is None else error)

        return min(self.rows, key=rank)

    @property
    def continues(self) -> str | None:
        """The form of the least held-out error."""
        known = {n: r.held_out.error for n, r in self.rows.items() if r.held_out.error is not None}
        return min(known, key=lambda name: known[name]) if known else None

    def predict(self, name: str, at: Sequence[float]) -> Prediction:
        """The loss of a form at a place, one value a variable."""
        place = self.points.place(at)
        row = self.rows[name]
        value = float(row.fit.predict(place[None])[0])
        drawn = row.fit.predict(place[None], row.replicates.theta)[:, 0]
        low, high = row.replicates.interval(drawn)
        return Prediction(tuple(map(float, place)), value, low, high, self.points.reach(place))

    def notes(self) -> list[str]:
        """What a reader must know before believing the table."""
        found = []
        first, second = self.chosen, self.continues
        if second not in (None, first):
            found.append(f"AICc prefers {first}, held-out error {second}: the form is not settled")
        for name, row in self.rows.items():
            if row.replicates.df < FEW:
                found.append(
                    f"{name}: the runs leave {row.replicates.df} degrees of freedom, so intervals "
                    "from runs are rough (lines that share a run's name count as one)"
                )
            draws = len(row.replicates.theta)
            lost = draws - row.replicates.ended
            if not row.fit.done:
                found.append(f"{name}: the fit did not come to an end; do not use it")
            if lost:
                found.append(f"{name}: {lost} of {draws} bootstrap fits did not come to an end")
            ends = dict(zip(row.fit.form.parameters, row.profile)).get("E")
            if ends and (ends[0] or 0) < UNSEEN * self.points.y.min():
                found.append(f"{name}: these points show no floor: its interval goes down to 0")
        return found


def compare(
    points: Points,
    names: Sequence[str] | None = None,
    delta: float = DELTA,
    count: int = COUNT,
    seed: int = 0,
) -> Comparison:
    """Fit the forms named, or all of as many variables; each draws from a stream of its own.

    Raises ``Problem`` for points that no law can be fitted to, and for a form named that does not
    go with them.
    """
    points.require()
    rows = {}
    for name in names or suited(points.x.shape[1]):
        law = fit(name, points.x, points.y, delta)
        drawn = replicates(law, points, numpy_generator("fit", seed, name), count)
        values = law.form.printed(drawn.theta, law.frame)
        between = [drawn.interval(v) for v in values.T]
        rows[name] = Row(
            law,
            held_out(name, points, delta),
            drawn,
            tuple(_natural(law, i, ends) for i, ends in enumerate(between)),
            tuple(_natural(law, i, e) for i, e in enumerate(profile.intervals(law, points))),
        )
    return Comparison(points, rows)


def _natural(law: Fit, i: int, ends: Interval) -> Interval:
    """Ends in the units of the points: what was the logarithm of a positive number no longer is."""
    if not law.form.logged[i]:
        return ends
    low, high = ends
    with np.errstate(over="ignore"):
        top = None if high is None else float(np.exp(high))
    return (0.0 if low is None else float(np.exp(low)), None if top == np.inf else top)
