"""What a form of scaling law is: how a loss depends on sizes, and how a fit can walk in it.

A form has a vector of parameters theta in which amplitudes, floors and breaks stand as logarithms:
they are positive by that, and exponents may have either sign. theta is held in a frame that lies on
the points (sizes against their geometric mean, losses against theirs), so that a fit does not
depend on units: rescale a size or the loss, and theta does not change, only its frame does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np


@dataclass(frozen=True)
class Frame:
    """Where theta is held: ln size - ``centre``, size / ``unit``, ln loss - ``level``."""

    centre: np.ndarray  # [v]
    unit: np.ndarray  # [v]
    level: float

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray) -> "Frame":
        """The frame of sizes ``[n, v]`` and losses ``[n]``."""
        return cls(np.log(x).mean(0), x.max(0), float(np.log(y).mean()))

    def at_origin(self) -> "Frame":
        """The same with sizes against 1: each coordinate of theta is a printed parameter's own."""
        return Frame(np.zeros_like(self.centre), self.unit, self.level)


class Value(NamedTuple):
    """ln loss of B parameter vectors at n points, and its derivatives in p parameters."""

    f: np.ndarray  # [B, n]
    slope: np.ndarray  # [B, p, n]
    bend: Callable[[np.ndarray], np.ndarray]  # c [B, n] -> sum over n of c times the Hessian of f


class Form(Protocol):
    """One row of the table of forms."""

    @property
    def variables(self) -> int: ...
    @property
    def parameters(self) -> tuple[str, ...]: ...
    @property
    def logged(self) -> tuple[bool, ...]: ...
    @property
    def formula(self) -> str: ...

    def features(self, x: np.ndarray, frame: Frame) -> Any:
        """What the sizes ``[n, v]`` come to, once for all evaluations."""

    def limits(self, features: Any) -> tuple[np.ndarray, np.ndarray]:
        """The least and the greatest theta ``[p]`` that the sizes can tell anything of."""

    def searched(self, features: Any) -> tuple[np.ndarray, np.ndarray]:
        """The ends ``[p]`` of the grid that starts are from, infinite where there is none.

        A fit that lies there or beyond, and that the points do not hold on that side, is no fit.
        """

    def level(self, theta: np.ndarray, features: Any) -> np.ndarray:
        """ln loss less the frame's level, ``[B, n]``, of theta ``[B, p]``."""

    def at(self, theta: np.ndarray, features: Any) -> Value:
        """The same with derivatives."""

    def starts(self, features: Any, y: np.ndarray, delta: float, count: int) -> np.ndarray:
        """The best few ``[count or fewer, p]`` of a grid over the exponents, the rest solved."""

    def printed(self, theta: np.ndarray, frame: Frame) -> np.ndarray:
        """theta ``[..., p]`` in the units of the points, logarithms where ``logged`` says so."""

    def held(self, printed: np.ndarray, frame: Frame) -> np.ndarray:
        """The inverse of ``printed``."""
