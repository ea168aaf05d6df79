"""The law that says nothing: one loss at every size. What a law must beat to be seen at all."""

import numpy as np

from harness.problem import Problem
from harness.scaling.huber import DELTA, aicc, loss
from harness.scaling.points import Points
from harness.scaling.rounding import unit


def level(points: Points, delta: float = DELTA) -> float | None:
    """AICc of the constant that leaves the least Huber sum; None for too few points.

    Its sum is convex in ln of the constant, so a search between the points finds the least.
    """
    from scipy.optimize import minimize_scalar

    wanted = np.log(points.y)
    found = minimize_scalar(
        lambda c: float(loss(c - wanted, delta).sum()),
        bounds=(wanted.min(), wanted.max()),
        method="bounded",
        options={"xatol": 1e-9 * (wanted.max() - wanted.min())},
    )
    return aicc(float(found.fun), len(wanted), 1, delta)


def require_change(points: Points) -> None:
    """Refuse losses that do not differ by more than one unit of their last digit."""
    low, high, last = points.y.min(), points.y.max(), unit(points.y)
    if high - low <= max(last * (1 + 1e-9), 1e-14 * high):
        what = f"{low:.6g} everywhere"
        if low < high:
            what = f"{low:.15g} to {high:.15g}, one step of the last digit"
        fix = "nothing falls, so these points hold no law: measure where the loss changes"
        raise Problem(
            f"a law of {points.loss} in {' and '.join(points.names)}",
            what,
            fix,
        )
