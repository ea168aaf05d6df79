"""An interval over draws of whole runs, of which some have no number.

A curve of some draws may follow no law: it has no exponent. Such a draw counts as beyond either end
of the others, in turn, so that the interval takes in half of them on each side. Where an end of the
interval falls among them it is open: nothing was measured there, and no number is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from harness.scaling.bootstrap import Replicates


@final
@dataclass(frozen=True)
class Drawn:
    """low, high: the ends of the 95 % interval, null where open; without: of ``count`` draws."""

    low: float | None
    high: float | None
    without: int
    count: int

    @classmethod
    def of(cls, values: np.ndarray, df: int) -> "Drawn":
        """Of what draws ``[B]`` come to, NaN where one has no number; df: of the runs."""
        lost = ~np.isfinite(values)
        whole = values.copy()
        whole[lost] = np.resize([-np.inf, np.inf], int(lost.sum()))
        with np.errstate(invalid="ignore"):
            ends = Replicates(whole[:, None], int((~lost).sum()), df).interval(whole)
        low, high = (end if np.isfinite(end) else None for end in ends)
        return cls(low, high, int(lost.sum()), len(values))

    @property
    def numbers(self) -> Mapping[str, float | int | str | None]:
        """As plain data; null at an open end."""
        plain = {"bootstrap_low": self.low, "bootstrap_high": self.high}
        return {**plain, "draws_without": self.without} if self.without else plain

    @property
    def words(self) -> str:
        low, high = ("open" if end is None else f"{end:.3g}" for end in (self.low, self.high))
        lost = f" ({self.without} of {self.count} draws had none)" if self.without else ""
        return f"bootstrap of runs {low} to {high}{lost}"
