"""An effect changes its sign between two sizes (a rule of ``harness.claims.fitted``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from harness.claims.contrast import Contrast, contrast
from harness.claims.curve import Curve, Values
from harness.claims.family import Family
from harness.claims.fitting import as_verdict
from harness.claims.power import LEVEL, critical
from harness.claims.reading import Finding, Reading
from harness.claims.verdict import Regime, Verdict, every
from harness.problem import Problem
from harness.records.record import Record
from harness.streams import numpy_generator

DRAWS = 2000


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

    at = float(sign_change(values.y.mean(0)[None], values.sizes, before)[0])
    generator = numpy_generator("claims", 0, f"crossing {curve.name} {curve.condition}")
    each = sign_change(values.means(generator, DRAWS), values.sizes, before)
    outside = float(ndtr(-critical(max(1.0, len(values.y) - 1.0), LEVEL)))
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
        outcome = every([test.outcome for test in tests])
        values = self.curve.values(rows)
        numbers = values.counts
        head = f"{self.curve.name} {self.curve.condition}"
        if values.problem is None:
            place = crossing(self.curve, values, -1 if self.before == "lower" else 1)
            numbers |= place.numbers
            head += f", {values.extent}, {place.words}"
        head += f"; claimed between {self.low:g} and {self.high:g}"
        worst = max(
            (i for i in range(2) if outcome in ("unresolved", tests[i].outcome)),
            key=lambda i: 1.0 if tests[i].p_holm is None else tests[i].p_holm,  # type: ignore[arg-type, return-value]
        )
        return as_verdict(outcome, regime, head, tests, family, numbers, worst)
