"""What a metric requires of an array: its number of axes, enough rows, and no NaN."""

import numpy as np

from harness.problem import Problem

AXES = {2: "features [N, d]", 4: "images [N, C, H, W]"}


def require(what: str, array: np.ndarray, axes: int, least: int) -> np.ndarray:
    """The array as it is, or ``Problem``: ``what`` names it, ``least`` is the fewest rows."""
    array = np.asarray(array)
    if array.ndim != axes:
        raise Problem(what, f"an array of shape {array.shape}", f"give {AXES[axes]}")
    if len(array) < least:
        raise Problem(what, f"{len(array)} of them", f"give at least {least}")
    if not np.isfinite(array).all():
        raise Problem(what, "NaN or infinite values", "see whether the network diverged")
    return array


def require_alike(what: str, a: np.ndarray, b: np.ndarray) -> None:
    """Refuse two arrays whose rows differ in shape. Raises ``Problem``."""
    if a.shape[1:] != b.shape[1:]:
        raise Problem(what, f"shapes {a.shape[1:]} and {b.shape[1:]}", "give both in one shape")
