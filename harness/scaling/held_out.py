"""How well a form continues: the largest sizes left out, and predicted from the others.

Predictions of a fit are steadier than its exponents, which is what a law is used for; so this error
stands beside every fit. Left out is a fifth of the sizes, at least one, from the top: by the size
for one variable, by the product of the sizes (the compute, up to a factor) for two.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.problem import Problem
from harness.scaling.fit import fit
from harness.scaling.huber import DELTA
from harness.scaling.points import Points

SHARE = 0.2


@final
@dataclass(frozen=True)
class HeldOut:
    """Errors of the left-out points, as shares of the loss."""

    error: float | None  # mean absolute; None where too few sizes are left for the form
    bias: float | None  # mean signed: positive where the law is above the points
    n: int  # points left out
    reach: float  # how many times larger they are than the kept sizes, by the same measure


def largest(points: Points) -> np.ndarray:
    """Which points ``[n]`` are left out."""
    rank = np.log(points.x).sum(1)
    found = np.unique(points.sizes, return_index=True)[1]
    order = np.argsort(-rank[found], kind="stable")
    count = max(1, round(SHARE * len(found)))
    return np.isin(points.sizes, points.sizes[found][order[:count]])


def held_out(name: str, points: Points, delta: float = DELTA) -> HeldOut:
    """The error of a form fitted without the largest sizes."""
    out = largest(points)
    kept, left = points.part(~out), points.part(out)
    reach = float(np.exp(np.log(left.x).sum(1).max() - np.log(kept.x).sum(1).max()))
    try:
        law = fit(name, kept.x, kept.y, delta)
    except Problem:
        return HeldOut(None, None, int(out.sum()), reach)
    off = law.predict(left.x) / left.y - 1
    return HeldOut(float(np.abs(off).mean()), float(off.mean()), int(out.sum()), reach)
