"""What is no annotation: a parameter, or the levels that came of it, out of their range."""

import math
from typing import Any

from harness.problem import Problem

TOP = (
    80.0  # the highest noise level of the samplers (Karras et al. 2022): no level above it is used
)


def require_level(name: str, level: float) -> None:
    """Refuse a noise level below 0 or above the noise grid; ``name`` says whose. Raises Problem."""
    if not 0 <= level <= TOP:
        fix = f"give a level from 0 to {TOP:g}, the top of the noise grid, or None for never"
        raise Problem(name, repr(level), fix)


def require_threshold(name: str, threshold: float) -> None:
    """Refuse a threshold on a probability of clean outside (0, 1/2]. Raises Problem.

    The probability that a classifier of balanced kinds gives to imperfect images rises to 1/2.
    """
    if not 0 < threshold <= 0.5:
        raise Problem(
            name, repr(threshold), "give a threshold above 0, at most 0.5; for example 0.45"
        )


def require_share(name: str, share: float) -> None:
    """Refuse a share outside (0, 1]. Raises Problem."""
    if not 0 < share <= 1:
        raise Problem(name, repr(share), "give a share above 0, at most 1")


def require_count(name: str, count: int) -> None:
    """Refuse what is not a whole number of at least 1. Raises Problem."""
    if (
        isinstance(count, bool)
        or not isinstance(count, int)
        or not math.isfinite(count)
        or count < 1
    ):
        raise Problem(name, repr(count), "give a whole number of at least 1")


def require_levels(asked: str, levels: Any, count: int | None = None) -> None:
    """Refuse what is no array of levels, one pair for each of ``count`` images. Raises Problem.

    A level is a number from 0 to the top of the noise grid, or inf for never.
    """
    import numpy as np

    fix = f"give numbers from 0 to {TOP:g}, the top of the noise grid, or inf for never, as [n, 2]"
    if not isinstance(levels, np.ndarray):
        raise Problem(asked, type(levels).__name__, fix)
    if levels.ndim != 2 or levels.shape[1] != 2 or not np.issubdtype(levels.dtype, np.floating):
        raise Problem(asked, f"{levels.dtype} of the shape {levels.shape}", fix)
    if count is not None and len(levels) != count:
        raise Problem(asked, f"{len(levels)} pairs for {count} images", "give a pair an image")
    known = (levels >= 0) & ((levels <= TOP) | np.isinf(levels))  # NaN is not at least 0
    wrong = np.flatnonzero(~known.all(1))
    if len(wrong):
        raise Problem(asked, f"{levels[wrong[0]].tolist()} for image {wrong[0]}", fix)
