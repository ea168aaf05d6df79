"""The stage ``gaussian_loop``: a loop of Gaussians on the line, many at once, beside its laws.

The model is N(m, v) fitted by maximum likelihood, the data are N(0, 1), the corrector replaces a
sample with probability gamma / (1 + gamma) by a draw of N(bias, 1): ``theory.loops.finite_loop``
has the recursion, the proof and what the theorem prints. A trajectory is one real set with all
generations after it; rows are means over ``chains`` of them, with their standard errors. Two
loops are simulated with one set of draws, from N(0, 1) and from ``far``, a model off by its mean
and variance; one from the fit to real samples has draws of its own. For each generation t, and for
the last one without ``/t``:

    error, error_exact      E m^2 of the loop from the fit, simulated and exact
    error_real_only         that of the n real samples alone, 1 / n
    error_at_most           3 / 2 of it, what a loop without correction stays below: gamma = 0 alone
    variance, variance_exact
    error_added             error_exact over that of the loop without correction, less 1: gamma > 0
    error_saved             1 less error_exact over that of a fixed set: fresh alone
    gap, gap_exact          the mean distance of the loops from ``far`` and from N(0, 1), a^t of it
    gap_printed, gap_void   what the theorem prints, and whether it says nothing (then no number)
    speed_up                the gap of loops without correction, of draws of their own, over this
    speed_up_promised       (1 + gamma)^t
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cell import Upstream, canonical, part, plain
from harness.problem import Problem
from harness.streams import numpy_generator
from harness.theorem import row
from harness.train.self_consuming import Loop

if TYPE_CHECKING:
    from theory.law import Value

VARIANCE, LENGTH = "variances", "deviations"  # of the data
UNITS = {
    "error": VARIANCE,
    "error_exact": VARIANCE,
    "error_real_only": VARIANCE,
    "error_at_most": VARIANCE,
    "variance": VARIANCE,
    "variance_exact": VARIANCE,
    "error_added": "share of the error",
    "error_saved": "share of the error",
    "gap": LENGTH,
    "gap_exact": LENGTH,
    "gap_printed": LENGTH,
    "gap_void": "1",
    "speed_up": "1",
    "speed_up_promised": "1",
}
SCORES = tuple(UNITS)


@dataclass(frozen=True)
class GaussianLoop:
    """Parameters of the stage: n real samples, so many generations, and the loop.

    The corrector of the loop is the oracle's, moved by ``bias``; ``far``: mean and variance.
    Raises ``Problem`` for no samples or generations, and for a loop without real data.
    """

    n: int
    generations: int
    ratio: float
    gamma: float | str = 0.0
    real: str = "fixed"
    bias: float = 0.0
    far: tuple[float, float] = (1.0, 2.0)
    chains: int = 2000

    def __post_init__(self) -> None:
        loop_of(self)
        for name, least in (("n", 2), ("generations", 1), ("chains", 2)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                fix = f"give a whole number from {least}"
                raise Problem("a loop of Gaussians", f"{name}={value!r}", fix)
        if self.real == "none":
            fix = "use fixed or fresh; loops.synthetic_only is the law of it"
            raise Problem("a loop of Gaussians", "no real samples", fix)
        if self.bias and self.gamma == 0:
            raise Problem(f"a bias of {self.bias}", "no correction", "give a gamma above 0")
        mean, variance = self.far
        if not (math.isfinite(mean) and mean != 0 and math.isfinite(variance) and variance > 0):
            fix = "give a mean other than 0 and a variance above 0"
            raise Problem(f"a first model of mean {mean} and variance {variance}", "none", fix)

    def entries(self) -> list[str]:
        return []


def loop_of(asked: GaussianLoop) -> Loop:
    """The loop; its corrector is named for what a loop refuses, and draws from a law instead."""
    corrector = None if asked.gamma == 0 else part("oracle")
    return Loop(asked.ratio, asked.gamma, corrector, asked.real)


def simulate(
    asked: GaussianLoop,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Leave ``measurements.json`` in the folder ``out``."""
    found = readings(asked)
    rows: list[dict[str, Any]] = []
    for t, values in enumerate(found):
        rows += [_row(f"{name}/{t}", value, asked) for name, value in values.items()]
    rows += [_row(name, value, asked) for name, value in found[-1].items()]
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False), "utf-8")


def _row(name: str, value: "Value", asked: GaussianLoop) -> dict[str, Any]:
    error = value.standard_error
    return row(
        None,
        name,
        value.value,
        UNITS[name.partition("/")[0]],
        standard_error=error,
        n=None if error is None else asked.chains,
        tier="exact" if error is None else "tolerance",
    )


def readings(asked: GaussianLoop) -> list[dict[str, "Value"]]:
    """What stands in the rows of each generation, from 0 on."""
    from theory.law import Value
    from theory.loops import finite_loop, stationary_error
    from theory.loops.stationary_error import mean_of

    fresh, gamma = asked.real == "fresh", loop_of(asked).strength
    far, sign = abs(asked.far[0]), math.copysign(1.0, asked.far[0])
    loop = stationary_error.loop_of(asked.n, asked.ratio, gamma)
    if loop.synthetic == 0:
        got, fix = f"{asked.n} real ones", "give a larger lambda, or more"
        raise Problem(f"{asked.ratio} synthetic samples for each real one", got, fix)
    rng = numpy_generator(canonical(plain(asked)), 0, "gaussian loop")
    common = (asked.generations, asked.chains, rng)
    own = finite_loop.paths(loop, *common, asked.bias, fresh)
    both = list(finite_loop.paths(loop, *common, asked.bias, fresh, (asked.far, (0.0, 1.0))))
    bare = loop._replace(gamma=0.0)
    others = list(finite_loop.paths(bare, *common, 0.0, fresh, (asked.far, (0.0, 1.0))))
    exact = finite_loop.expected(loop, asked.generations, asked.bias, fresh)
    uncorrected = finite_loop.expected(bare, asked.generations, fresh=fresh)
    fixed = finite_loop.expected(loop, asked.generations, asked.bias)
    found = []
    for t, (m, v) in enumerate(own):
        gap, plain_gap = (
            mean_of(sign * (each[t][0][0] - each[t][0][1])) for each in (both, others)
        )
        printed = finite_loop.promised(loop, t)
        values = {
            "error": mean_of(m[0] ** 2),
            "error_exact": Value(exact[t].error),
            "error_real_only": Value(1 / asked.n),
            "variance": mean_of(v[0]),
            "variance_exact": Value(exact[t].variance),
            "gap": gap,
            "gap_exact": Value(far * finite_loop.forgetting(loop, t)),
            "gap_void": Value(float(printed is None)),
        }
        if gamma == 0:
            values["error_at_most"] = Value(1.5 / asked.n)
        else:
            values["error_added"] = Value(exact[t].error / uncorrected[t].error - 1)
        if fresh:
            values["error_saved"] = Value(1 - exact[t].error / fixed[t].error)
        if printed is not None:
            values["gap_printed"] = Value(far * printed)
        if 0 < gamma < math.inf:
            ratio = plain_gap.value / gap.value
            errors = [(each.standard_error or 0.0) / each.value for each in (gap, plain_gap)]
            values["speed_up"] = Value(ratio, ratio * math.hypot(*errors))
            values["speed_up_promised"] = Value((1 + gamma) ** t)
        found.append(values)
    return found
