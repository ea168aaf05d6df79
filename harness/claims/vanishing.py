r"""Where a gain vanishes along a size (a rule of ``harness.claims.fitted``).

The mean gain over runs, linear in the logarithm of the size between neighbours, vanishes at the
outermost place, toward larger or toward smaller sizes, at which it is still ``margin``. Its
interval is that of whole runs drawn, as for a ``Crossing``; an end that lies beyond the sizes is
open. Where the gain falls to 0, its change of sign, is told in the same way and decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from harness.claims.contrast import Contrast
from harness.claims.curve import Curve, Values
from harness.claims.family import Family
from harness.claims.fitting import as_contrast, as_finding, as_verdict
from harness.claims.power import LEVEL, critical
from harness.claims.reading import Reading
from harness.claims.verdict import Outcome, Regime, Verdict
from harness.problem import Problem
from harness.records.record import Record
from harness.streams import numpy_generator

DRAWS = 2000
Side = Literal["larger", "smaller"]


def outermost(gains: np.ndarray, sizes: np.ndarray, least: float, toward: Side) -> np.ndarray:
    """Where gains ``[B, m]`` last are ``least`` or more toward a side: ``[B]``.

    Toward larger sizes: +inf where they are at the last size, -inf where they are at none; toward
    smaller ones the reverse.
    """
    if toward == "smaller":
        found = outermost(gains[:, ::-1], 1 / sizes[::-1], least, "larger")
        return np.where(np.isfinite(found), 1 / found, -found)
    there = gains >= least
    m = len(sizes)
    last = m - 1 - there[:, ::-1].argmax(1)
    rows, at = np.arange(len(gains)), np.minimum(last, m - 2)
    a, b = gains[rows, at] - least, gains[rows, at + 1] - least
    share = np.where(a > b, a / np.where(a > b, a - b, 1.0), 0.0)
    z = np.log(sizes)
    found = np.exp(z[at] + np.clip(share, 0, 1) * (z[at + 1] - z[at]))
    found = np.where(there[:, -1], np.inf, found)
    return np.where(there.any(1), found, -np.inf)


@final
@dataclass(frozen=True)
class Place:
    """Where a gain vanishes, with its interval; infinite where at no size or beyond them."""

    at: float
    low: float
    high: float
    toward: Side

    def words(self, least: float) -> str:
        """What becomes of a gain of ``least`` toward the side."""
        low, high = map(self._word, (self.low, self.high))
        if np.isfinite(self.at):
            told = f"falls below {least:g} at {self.at:.3g}"
        elif self.at == self._beyond:
            told = f"stays above {least:g} to the last"
        else:
            told = f"is above {least:g} at none"
        return f"{told} (95 %: {low} to {high})"

    @property
    def _beyond(self) -> float:
        return np.inf if self.toward == "larger" else -np.inf

    def _word(self, x: float) -> str:
        if np.isfinite(x):
            return f"{x:.3g}"
        return "beyond the sizes" if x == self._beyond else "at no size"

    def numbers(self, name: str) -> dict[str, float | int | str | None]:
        """As plain data; null where infinite."""
        ends = {name: self.at, f"{name}_low": self.low, f"{name}_high": self.high}
        return {key: x if np.isfinite(x) else None for key, x in ends.items()}


def place(curve: Curve, values: Values, gains: np.ndarray, least: float, toward: Side) -> Place:
    """Where mean gains ``[k, m]`` of runs vanish, with the interval of whole runs drawn."""
    from scipy.special import ndtr

    own = Values(values.sizes, gains)
    at = float(outermost(gains.mean(0)[None], values.sizes, least, toward)[0])
    generator = numpy_generator("claims", 0, f"vanishing {curve.name} {curve.condition}")
    each = outermost(own.means(generator, DRAWS), values.sizes, least, toward)
    outside = float(ndtr(-critical(max(1.0, len(gains) - 1.0), LEVEL)))
    low, high = np.quantile(each, [outside, 1 - outside], method="nearest")
    return Place(at, float(low), float(high), toward)


@final
@dataclass(frozen=True)
class Vanishing:
    """A gain is above ``margin`` at some size and below it at the last size toward a side.

    gain: the side of 0 on which the effect is a gain.
    """

    curve: Curve
    gain: Literal["lower", "higher"]
    margin: float
    toward: Side = "larger"

    def __post_init__(self) -> None:
        Reading("gain", self.gain, self.margin)
        if not self.curve.is_effect:
            fix = "give the curve a baseline"
            raise Problem("where a gain vanishes", "a metric of one arm", fix)
        if self.toward not in ("larger", "smaller"):
            got = f"toward={self.toward!r}"
            raise Problem("where a gain vanishes", got, "use larger or smaller")

    @property
    def curves(self) -> tuple[Curve, ...]:
        return (self.curve,)

    def named(self) -> tuple[set[str], set[str]]:
        """The metrics and the factors that the rule speaks of."""
        return self.curve.named()

    def planned(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        """A test at each size, the last toward the side first: of the gain less the margin."""
        values = self.curve.values(rows)
        problem, m = values.problem, len(values.sizes)
        if problem is None and m < 2:
            problem = f"one size {self.curve.condition}, where a place needs two"
        order = range(m)[::-1] if self.toward == "larger" else range(m)
        gains = self._gains(values) - self.margin
        return tuple(
            as_contrast(
                self.curve, f"gain{at} less {self.margin:g}",
                () if problem else gains[:, i], () if problem else values.replicates, "0",
                values.unit, values.dropped, problem,
            )
            for i, at in [(i, f" at {values.sizes[i]:g}") for i in order] or [(0, "")]
        )  # fmt: skip

    def _gains(self, values: Values) -> np.ndarray:
        return -values.y if self.gain == "lower" else values.y

    def beside(self, rows: Sequence[Record]) -> tuple[Contrast, ...]:
        return ()

    def decide(self, rows: Sequence[Record], regime: Regime, family: Family) -> Verdict:
        """The verdict over the rows of the study."""
        tests = [as_finding(test, family, "higher") for test in self.planned(rows)]
        end, *others = tests
        above = [i for i, test in enumerate(others, 1) if test.direction > 0]
        outcome: Outcome = "reversed" if end.direction > 0 else "unresolved"
        if end.direction < 0 and above:
            outcome = "seen"
        values = self.curve.values(rows)
        numbers = values.counts
        head = f"{self.curve.name} {self.curve.condition}"
        main = 0
        if end.contrast.problem is None:
            gains = self._gains(values)
            gone, turned = (
                place(self.curve, values, gains, least, self.toward) for least in (self.margin, 0.0)
            )
            numbers |= gone.numbers("vanishes") | turned.numbers("changes_sign")
            means = gains.mean(0)
            head += f", {values.extent}, gain largest at {values.sizes[means.argmax()]:g} "
            head += f"({means.max():+.3g} {values.unit}".rstrip() + "); toward "
            head += f"{self.toward} sizes it {gone.words(self.margin)} and {turned.words(0.0)}"
            best = int(means.argmax())
            best = len(means) - 1 - best if self.toward == "larger" else best
            if end.direction < 0:  # what is open, or weaker, is whether it ever was above
                main = best
        return as_verdict(outcome, regime, head, tests, family, numbers, main)
