"""The parameters of laws: what each means, what it may be, and how it is read.

A parameter is plain JSON: a number, a text, a list, a list of lists. It is read into what the law
calculates with (a float, an int, a text, an array, a density), and refused with what was got and
what to give. The functions below name the kinds; each takes what the parameter means and, where
the law has a usual value, that value.

    PARAMETERS = {"gamma": nonnegative("corruption strength"), "mu": vector("class mean")}
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from theory.density import density

Array = npt.NDArray[np.float64]


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED = _Required()


@final
@dataclass(frozen=True)
class Parameter:
    """One parameter: what it means, its kind in words, how it is read, and its usual value."""

    meaning: str
    kind: str
    convert: Callable[[Any], Any]
    default: Any = REQUIRED

    def __str__(self) -> str:
        usual = "" if self.default is REQUIRED else f"; usually {self.default}"
        return f"{self.meaning} ({self.kind}{usual})"


def _number(value: Any, kind: str, allowed: Callable[[float], bool]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"got {type(value).__name__}; give {kind}")
    if not (math.isfinite(value) and allowed(value)):
        raise ValueError(f"got {value}; give {kind}")
    return float(value)


def _scalar(
    meaning: str, kind: str, allowed: Callable[[float], bool], default: Any = REQUIRED
) -> Parameter:
    return Parameter(meaning, kind, lambda value: _number(value, kind, allowed), default)


def real(meaning: str, default: Any = REQUIRED) -> Parameter:
    """Any finite number."""
    return _scalar(meaning, "a finite number", lambda x: True, default)


def positive(meaning: str, default: Any = REQUIRED) -> Parameter:
    """A finite number above 0."""
    return _scalar(meaning, "a number above 0", lambda x: x > 0, default)


def nonnegative(meaning: str, default: Any = REQUIRED) -> Parameter:
    """A finite number, 0 or more."""
    return _scalar(meaning, "a number of 0 or more", lambda x: x >= 0, default)


def share(meaning: str, default: Any = REQUIRED) -> Parameter:
    """A number from 0 to 1, both allowed."""
    return _scalar(meaning, "a number from 0 to 1", lambda x: 0 <= x <= 1, default)


def inside(meaning: str, low: float, high: float, default: Any = REQUIRED) -> Parameter:
    """A number strictly between two."""
    kind = f"a number above {low:g} and below {high:g}"
    return _scalar(meaning, kind, lambda x: low < x < high, default)


def integer(meaning: str, least: int = 1, default: Any = REQUIRED) -> Parameter:
    """A whole number, ``least`` or more."""
    kind = f"a whole number of {least} or more"

    def convert(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"got {value!r}; give {kind}")
        return value

    return Parameter(meaning, kind, convert, default)


def choice(meaning: str, options: Sequence[str], default: Any = REQUIRED) -> Parameter:
    """One of a few words."""
    kind = f"one of {', '.join(options)}"

    def convert(value: Any) -> str:
        if value not in options:
            raise ValueError(f"got {value!r}; give {kind}")
        return str(value)

    return Parameter(meaning, kind, convert, default)


def line(meaning: str, default: Any = REQUIRED) -> Parameter:
    """A density on the line, as ``theory.density`` writes it."""
    kind = "a density such as 'beta(2,5)'"

    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError(f"got a density that is no text; give {kind}")
        return density(value)

    return Parameter(meaning, kind, convert, default)


def _array(value: Any, kind: str) -> Array:
    if any(isinstance(item, bool) for item in np.asarray(value, object).ravel()):
        raise ValueError(f"got {value!r}; give {kind}")
    try:
        found = np.asarray(value, float)
    except (TypeError, ValueError):
        raise ValueError(f"got {value!r}; give {kind}") from None
    if not np.isfinite(found).all():
        raise ValueError(f"got a number that is not finite; give {kind}")
    return found


def vector(meaning: str, default: Any = REQUIRED, *, above: float = -math.inf) -> Parameter:
    """A list of one number or more, read as an array [d]; a single number is a list of one."""
    kind = "a list of numbers" + ("" if above == -math.inf else f" above {above:g}")

    def convert(value: Any) -> Array:
        found = np.atleast_1d(_array(value, kind))
        if found.ndim != 1 or not found.size or not (found > above).all():
            raise ValueError(f"got {value!r}; give {kind}")
        return found

    return Parameter(meaning, kind, convert, default)


def points(meaning: str, default: Any = REQUIRED) -> Parameter:
    """A list of points of equal dimension, read as an array [k, d]; numbers are points on the
    line."""
    kind = "a list of points, each a list of numbers of one length"

    def convert(value: Any) -> Array:
        found = _array(value, kind)
        found = found.reshape(-1, 1) if found.ndim < 2 else found
        if found.ndim != 2 or not found.size:
            raise ValueError(f"got {value!r}; give {kind}")
        return found

    return Parameter(meaning, kind, convert, default)


def weights(meaning: str, default: Any = REQUIRED) -> Parameter:
    """A list of positive numbers that sum to 1, read as an array [k]."""
    kind = "a list of positive numbers that sum to 1"

    def convert(value: Any) -> Array:
        found = np.atleast_1d(_array(value, kind))
        if found.ndim != 1 or not (found > 0).all() or abs(found.sum() - 1) > 1e-9:
            raise ValueError(f"got {value!r}; give {kind}")
        return found

    return Parameter(meaning, kind, convert, default)


def covariance(meaning: str, default: Any = REQUIRED, *, singular: bool = False) -> Parameter:
    """A covariance as an array [d, d]: a list of variances, or a symmetric matrix.

    singular: whether a variance of 0 is allowed.
    """
    kind = "a list of variances, or a symmetric positive " + (
        "semidefinite matrix" if singular else "definite matrix"
    )

    def convert(value: Any) -> Array:
        found = np.atleast_1d(_array(value, kind))
        matrix = np.diag(found) if found.ndim == 1 else found
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
            raise ValueError(f"got an array of shape {found.shape}; give {kind}")
        size = float(np.abs(matrix).max())
        if np.abs(matrix - matrix.T).max() > 1e-12 * size:
            raise ValueError(f"got a matrix that is not symmetric; give {kind}")
        matrix = (matrix + matrix.T) / 2
        eigenvalues = np.linalg.eigvalsh(matrix)
        least = float(eigenvalues[0])
        if least < -1e-12 * size or (not singular and least <= 0):
            raise ValueError(f"got a smallest eigenvalue of {least:.6g}; give {kind}")
        if not singular and least <= 1e-14 * size:
            raise ValueError(
                "got a matrix that is singular to rounding, its smallest eigenvalue "
                f"{least / float(eigenvalues[-1]):.3g} of the largest; give {kind}"
            )
        return matrix

    return Parameter(meaning, kind, convert, default)


def same_dimension(law: str, **arrays: Array) -> int:
    """The dimension d that arrays [.., d] share, or a ValueError that names those of each."""
    sizes = {name: found.shape[-1] for name, found in arrays.items()}
    if len(set(sizes.values())) != 1:
        got = ", ".join(f"{name} of {size}" for name, size in sizes.items())
        raise ValueError(f"asked for the law {law}; got dimensions {got}; give one dimension")
    return next(iter(sizes.values()))
