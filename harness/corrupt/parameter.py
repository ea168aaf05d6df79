"""A parameter of a corruption: refused where it is not a number or not in its range."""

import math
from typing import Any

from harness.cell import Part
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


def is_number(value: Any) -> bool:
    """Whether a parameter is a finite number; a truth value and a text are none."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


def require_share(asked: str, name: str, share: Any) -> None:
    """Refuse a parameter that is not a number in [0, 1). Raises ``Problem``."""
    number = isinstance(share, int | float) and not isinstance(share, bool)
    if not number or not 0 <= share < 1:
        got = f"{name}={share!r}, {'a share outside [0, 1)' if number else 'no number'}"
        raise Problem(asked, got, f"give 0 <= {name} < 1")


def require_flag(asked: str, name: str, flag: Any) -> None:
    """Refuse a parameter that is neither True nor False. Raises ``Problem``."""
    if not isinstance(flag, bool):
        raise Problem(asked, f"{name}={flag!r}", "give True or False")


def require_part(asked: str, given: Any) -> None:
    """Refuse what is no part of a table. Raises ``Problem``."""
    if not isinstance(given, Part):
        name = given if isinstance(given, str) else "name"
        raise Problem(f"{asked} {given!r}", "no part of a table", f'give part("{name}", ...)')
