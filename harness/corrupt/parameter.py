"""A parameter of a corruption: refused where it is not a number or not in its range."""

import math

from harness.problem import Problem


def require_positive(name: str, value: float) -> None:
    """Refuse a parameter that is not a finite number above zero.

    ``name`` is what the user wrote, with its owner: ``"sigma of gaussian_blur, in pixels"``.
    Raises ``Problem``.
    """
    if not (math.isfinite(value) and value > 0):
        raise Problem(name, repr(value), "give a finite number above 0")


def require_finite(name: str, value: float) -> None:
    """Refuse a parameter that is NaN or infinite. Raises ``Problem``."""
    if not math.isfinite(value):
        raise Problem(name, repr(value), "give a finite number")
