"""The points of a scaling law: sizes, losses, and the runs that they come from.

A size is a distinct row of the variables. Points of one run are not independent, so a run is what
an interval resamples. Too few sizes are refused here: a floor and an exponent trade against each
other, and without five sizes over a decade the points do not tell them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from harness.problem import Problem

SIZES = 5
DECADE = 10.0
FAR = 10.0  # times the largest size, beyond which a prediction is flagged
TOGETHER = 1e-3  # spread of one variable about the line through the other, of their own spread


@final
@dataclass(frozen=True)
class Points:
    """Sizes ``x [n, v]`` > 0, losses ``y [n]`` > 0, the run of each point, the variables' names."""

    x: np.ndarray
    y: np.ndarray
    run: np.ndarray
    names: tuple[str, ...]
    loss: str = "loss"
    sizes: np.ndarray = field(init=False, repr=False)  # [n], the number of each point's size

    def __post_init__(self) -> None:
        for name, column in (*zip(self.names, self.x.T), (self.loss, self.y)):
            bad = np.flatnonzero(~(np.isfinite(column) & (column > 0)))
            if len(bad):
                raise Problem(
                    f"a logarithm of {name}",
                    f"{column[bad[0]]} in row {bad[0]}",
                    "give finite numbers above 0 (a loss less its floor can be neither)",
                )
        if not 1 <= self.x.shape[1] <= 2:
            raise Problem("a scaling law", f"{self.x.shape[1]} variables", "give one or two")
        found = np.unique(self.x, axis=0, return_inverse=True)[1].reshape(-1)
        object.__setattr__(self, "sizes", found)

    @classmethod
    def of(
        cls,
        x: np.ndarray,
        y: np.ndarray,
        run: Sequence[object] | None = None,
        names: Sequence[str] = (),
        loss: str = "loss",
    ) -> "Points":
        """From arrays ``[n]`` or ``[n, v]``; without runs every point is one of its own."""
        x = np.asarray(x, float)
        x = x[:, None] if x.ndim == 1 else x
        labels = range(len(x)) if run is None else run
        known = {label: i for i, label in enumerate(dict.fromkeys(labels))}
        index = np.array([known[label] for label in labels], int)
        shown = tuple(names) or ("N", "D")[: x.shape[1]]
        return cls(x, np.asarray(y, float), index, shown, loss)

    def part(self, chosen: np.ndarray) -> "Points":
        """The points of a mask ``[n]``."""
        return Points(self.x[chosen], self.y[chosen], self.run[chosen], self.names, self.loss)

    def require(self) -> None:
        """Refuse points that no scaling law can be fitted to."""
        for name, column in zip(self.names, self.x.T):
            levels, span = len(np.unique(column)), column.max() / column.min()
            if levels < SIZES:
                fix = f"measure at {SIZES} or more values of {name}"
                raise Problem(f"a fit over {name}", f"{levels} distinct sizes", fix)
            if span < DECADE * (1 - 1e-9):
                fix = f"measure {name} over a factor of {DECADE:g} or more"
                raise Problem(f"a fit over {name}", f"sizes within a factor of {span:.3g}", fix)
        if self.x.shape[1] == 2:
            z = np.log(self.x) - np.log(self.x).mean(0)
            if np.linalg.svd(z / z.std(0), compute_uv=False)[1] < TOGETHER * np.sqrt(len(z)):
                one, other = self.names
                raise Problem(
                    f"an exponent of {one} and one of {other}",
                    f"a {other} that follows from {one} by a power law at every point",
                    f"vary {other} at one {one}, or fit over {one} alone",
                )

    def place(self, at: Sequence[float]) -> np.ndarray:
        """A size ``[v]`` to predict at; ``Problem`` for what is none."""
        shown = ",".join(f"{v:g}" for v in at)
        if len(at) != len(self.names):
            fix = f"give {','.join(self.names)}"
            raise Problem("a prediction", f"{len(at)} values at {shown}", fix)
        if not all(np.isfinite(v) and v > 0 for v in at):
            raise Problem("a prediction", f"the size {shown}", "give finite numbers above 0")
        return np.array(at, float)

    def reach(self, at: np.ndarray) -> float:
        """How many times beyond the sizes a place ``[v]`` lies, in its farthest variable; 1 within.

        A law continued below the smallest size is as far from what was measured.
        """
        beyond = np.maximum(at / self.x.max(0), self.x.min(0) / at)
        return float(max(1.0, beyond.max()))
