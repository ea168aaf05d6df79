"""A parameter of an annotator: refused where it is not a number or not in its range."""

import math

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
