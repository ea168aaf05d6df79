r"""Boxes: how far two of them overlap, and where one is, seen from the other.

A box is (x0, y0, x1, y1) in pixels, x to the right and y down. The overlap counts one pixel more on
each side, as if corners were pixels and not edges:

.. math::  \mathrm{IoU}(a, b) = |a \cap b| / (|a| + |b| - |a \cap b|), \quad
           |a| = \max(x_1 - x_0 + 1, 0) \max(y_1 - y_0 + 1, 0)

Where a is, seen from b. With :math:`o` the offset of a's centre from b's and :math:`s_a, s_b` the
sizes of the boxes, per axis,

.. math::  r = \mathrm{sign}(o) \max(|o| - 0.1 (s_a + s_b), 0), \quad d = r / \lVert o \rVert.

If both :math:`|r| < 0.001` pixels there is no relation. Else a is left of b if
:math:`d_x < -0.5`, right of it if :math:`d_x > 0.5`, above it if :math:`d_y < -0.5`, below it if
:math:`d_y > 0.5`; near a diagonal two of these hold.

Source: the published code of Ghosh, Hajishirzi and Schmidt, GenEval, NeurIPS 2023. Ours: two
relations are named in the order of ``POSITIONS`` (published: in that of a set, which changes from
run to run).
"""

import math
from collections.abc import Sequence

from harness.geneval.vocabulary import POSITIONS

Box = Sequence[float]
LEAST_OFFSET = 1e-3  # pixels
LEAST_SHARE = 0.5  # of the offset's length


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, with one pixel added to each side."""

    def area(x0: float, y0: float, x1: float, y1: float) -> float:
        return max(x1 - x0 + 1, 0) * max(y1 - y0 + 1, 0)

    both = area(*map(max, a[:2], b[:2]), *map(min, a[2:], b[2:]))
    return both / (area(*a) + area(*b) - both)


def relations(a: Box, b: Box, margin: float = 0.1) -> tuple[str, ...]:
    """Where box a is, seen from box b: none, one or two of ``POSITIONS``, in their order."""
    offset = [(a[i] + a[i + 2] - b[i] - b[i + 2]) / 2 for i in (0, 1)]
    sizes = [a[i + 2] - a[i] + b[i + 2] - b[i] for i in (0, 1)]
    x, y = (math.copysign(max(abs(o) - margin * s, 0), o) for o, s in zip(offset, sizes))
    if abs(x) < LEAST_OFFSET and abs(y) < LEAST_OFFSET:
        return ()
    least = LEAST_SHARE * math.hypot(*offset)
    holds = (x < -least, x > least, y < -least, y > least)
    return tuple(name for name, is_so in zip(POSITIONS, holds) if is_so)
