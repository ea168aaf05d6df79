"""Forms side by side: parameters with intervals, AICc, and the error beyond the sizes seen.

AICc asks which form is nearest to the points, held-out error which one continues; both are shown,
AICc marks the form, and where the other disagrees a note says so. AICc takes the points for
independent, so it is too sure where runs have several points. A fit that did not come to an end, or
that lies beyond the grid of its starts with nothing to hold it there, is marked and not chosen.

There is no interval where it would say more than the points: where it is narrower than the rounding
of the losses (``harness.scaling.rounding``), and from runs where these differ so much less than the
law misses their means that they are near copies of each other, or the form is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from harness.scaling import profile
from harness.scaling.bootstrap import COUNT, Replicates, groups, replicates
from harness.scaling.fit import Fit, fit, suited
from harness.scaling.held_out import HeldOut, held_out
from harness.scaling.huber import DELTA
from harness.scaling.level import level, require_change
from harness.scaling.points import FAR, Points
from harness.scaling.rounding import deviations
from harness.streams import numpy_generator

MISSED = 10.0  # times what runs of one size differ by: farther from their means, no law is
LINE = (-np.inf, np.inf)
Interval = tuple[float | None, float | None]  # None for an end that the points do not set


@final
@dataclass(frozen=True)
class Row:
    """One form on the points."""

    fit: Fit
    held_out: HeldOut
    replicates: Replicates
    bootstrap: tuple[Interval | None, ...]  # of each parameter, in the units of the points
    profile: tuple[Interval | None, ...]  # None where rounding, or a form that misses, is wider
    at_bound: tuple[str, ...]  # parameters at an end of their grid or beyond, and not held there
    apart: float  # how far the law is from the means of runs, over what runs differ by; 0 of none

    @property
    def sound(self) -> bool:
        """Whether the fit came to an end, in the range of its grid or held by the points."""
        return self.fit.done and not self.at_bound

    @property
    def open(self) -> tuple[str, ...]:
        """The exponents, not at a bound, that the likelihood leaves without an end."""
        form = self.fit.form
        return tuple(
            name
            for name, logged, ends in zip(form.parameters, form.logged, self.profile)
            if not logged and ends and None in ends and name not in self.at_bound
        )

    @property
    def misses(self) -> bool:
        """Whether the runs say nothing of how far off the law is."""
        return self.apart > MISSED

    @property
    def state(self) -> str:
        """The same in few words; empty where all is well."""
        found = [] if self.fit.done else ["did not come to an end"]
        found += [f"{', '.join(self.at_bound)} open, at a bound"] if self.at_bound else []
        found += [f"{', '.join(self.open)} open"] if self.open else []
        return ", ".join(found + ["misses the means of runs"] * self.misses)

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
    level: float | None = None  # AICc of one loss at every size

    @property
    def chosen(self) -> str:
        """The sound form of the least AICc; of the least held-out error where AICc has too few
        points. Where none is sound, the one that is shown for want of a better."""
        return min(self.rows, key=lambda name: (not self.rows[name].sound, *self.rank(name)))

    @property
    def marked(self) -> str | None:
        """The chosen form, if it is sound."""
        return self.chosen if self.rows[self.chosen].sound else None

    def rank(self, name: str) -> tuple[bool, float, float]:
        """Less is better, whether the form is sound or not."""
        score, error = self.rows[name].fit.aicc, self.rows[name].held_out.error
        return (score is None, score or 0.0, np.inf if error is None else error)

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
    require_change(points)
    rows = {}
    for name in names or suited(points.x.shape[1]):
        law = fit(name, points.x, points.y, delta)
        drawn = replicates(law, points, numpy_generator("fit", seed, name), count)
        rows[name] = _row(law, held_out(name, points, delta), drawn, points)
    return Comparison(points, rows, level(points, delta))


def _row(law: Fit, error: HeldOut, drawn: Replicates, points: Points) -> Row:
    least = deviations(law, points)
    apart = missed(law, points)
    likely = _within(law, points, profile.intervals(law, points))
    bounded = _at_bound(law, points, likely)
    printed = law.form.printed(drawn.theta, law.frame)
    sampled = _within(law, points, [drawn.interval(values) for values in printed.T])
    if bounded or not law.done:  # each draw stops where it begins: on a ridge without an end
        sampled = [
            (None if p[0] is None else b[0], None if p[1] is None else b[1])
            for b, p in zip(sampled, likely)
        ]

    def told(ends: Interval, i: int) -> Interval | None:
        low, high = ends
        narrow = low is not None and high is not None and high - low < 2 * least[i]
        return None if narrow else _natural(law, i, ends)

    return Row(
        law,
        error,
        drawn,
        tuple(None if apart > MISSED else told(ends, i) for i, ends in enumerate(sampled)),
        tuple(told(ends, i) for i, ends in enumerate(likely)),
        bounded,
        apart,
    )


def _within(law: Fit, points: Points, ends: Sequence[Interval]) -> list[Interval]:
    """Ends at the limits of the form, or beyond, are none."""
    found = []
    limits = law.form.limits(law.form.features(points.x, law.frame))
    for i, (low, high) in enumerate(ends):
        theta = np.tile(law.theta, (2, 1))
        theta[:, i] = [side[i] for side in limits]
        least, most = law.form.printed(theta, law.frame)[:, i] if np.isfinite(theta).all() else LINE
        bottom = None if low is None or low <= least + 1e-9 else low
        found.append((bottom, None if high is None or high >= most - 1e-9 else high))
    return found


def _at_bound(law: Fit, points: Points, ends: Sequence[Interval]) -> tuple[str, ...]:
    """The parameters at an end of their grid, or beyond with an interval that is open there."""
    features = law.form.features(points.x, law.frame)
    low, high = law.form.searched(features)
    least, most = law.form.limits(features)
    out = []
    for i, (theta, (down, up)) in enumerate(zip(law.theta, ends)):
        beneath = theta <= low[i] and (down is None or theta <= least[i])
        above = theta >= high[i] and (up is None or theta >= most[i])
        out += [law.form.parameters[i]] if beneath or above else []
    return tuple(out)


def missed(law: Fit, points: Points) -> float:
    """How far the law is from the means of replicates, over what these differ by; 0 without them.

    Both are root mean squares of ln loss, over their degrees of freedom.
    """
    between, within, means, spare = 0.0, 0.0, 0, 0
    for group in groups(points):
        if len(group) > 1:
            off = law.residuals[np.array(group)]  # [k, points of a run]
            middle = off.mean(0)
            between += float((middle**2).sum())
            within += float(((off - middle) ** 2).sum())
            means, spare = means + len(middle), spare + off.size - len(middle)
    if not spare:
        return 0.0
    differ = np.sqrt(within / spare)
    return float(np.sqrt(between / max(1, means - len(law.theta))) / max(differ, 1e-300))


def _natural(law: Fit, i: int, ends: Interval) -> Interval:
    """Ends in the units of the points: what was the logarithm of a positive number no longer is."""
    if not law.form.logged[i]:
        return ends
    low, high = ends
    with np.errstate(over="ignore"):
        top = None if high is None else float(np.exp(high))
    return (0.0 if low is None else float(np.exp(low)), None if top == np.inf else top)
