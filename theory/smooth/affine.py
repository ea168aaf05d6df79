"""The interpolation standard deviation of an affine sampler, ``x = A z + b``.

Affine samplers are those of Gaussian data: the probability flow of N(m, S) maps z to
``m + S^1/2 z``, and a sampler of any number of deterministic steps with the exact score is affine.

*The statement at test.* Such a map has one Jacobian everywhere: along any direction the proportion
between a change of the noise and that of the image is a constant. It is as smooth as a sampler can
be, and a measure of smoothness should give it 0.

**On a line it does** (derived here). All distances are ``|A (z_1 - z_0)| / n``: ISTD = 0 for every
A and b, however stretched, and also for the collapsed sampler A = 0.

**On an arc it does not** (derived here). The images lie on the ellipse ``A B e(phi)``, e = (cos,
sin), B = (b_1, b_2) the basis of the arc (``theory.smooth.interpolation``). With the step delta =
theta / n, ``e(phi + delta) - e(phi) = 2 sin(delta/2) n(phi + delta/2)``, n = (-sin, cos), so that
with M = B'A'AB, phi_i = (i + 1/2) delta, and r (cos psi, sin psi) = ((M22 - M11)/2, -M12),

    d_i = 2 sin(delta/2) sqrt(tr(M)/2 + r cos(2 phi_i - psi)).

The d_i are equal if and only if r = 0, that is M = c^2 I. *Proof.* A cosine takes a value at most
twice within less than a period. The angles 2 phi_i span 2 (n - 1) delta < 2 theta <= 2 pi, so that
for n >= 3 not all values agree unless r = 0. (For n = 2 symmetric ends agree as well.)

For noises of equal length b_1, b_2 are orthogonal and of that length, and the condition reads
``A'A = c^2 I on their plane``. For noises of unequal length it fails for A = I too: *a sampler that
does nothing has a positive ISTD on an arc between unequal noises*, and what vanishes instead is
that of the A which undoes the ellipse. Standard normal noises in d dimensions differ in length by a
relative 1/sqrt(d), so that this floor is never 0 on real noises.

*Bound.* sqrt(M's eigenvalues l1 <= l2) enclose d_i / (2 sin(delta/2)), and the standard deviation
of numbers in an interval is at most half its length (Popoviciu 1935):

    ISTD <= sin(delta/2) (sqrt(l2) - sqrt(l1)) sqrt(n / (n - ddof)).

``d_i`` less their value at r = 0 is calculated as a fraction without cancellation; r below 1e-14 of
the trace counts as 0.
"""

import math
from typing import Any, ClassVar, final

import numpy as np

from theory.law import Law, Params, Value
from theory.parameter import points, same_dimension, vector
from theory.smooth.interpolation import (
    INTERPOLATION,
    SAMPLING,
    SMOOTH,
    Array,
    arc,
    check,
    deviation,
)

ROUND = 1e-14


def affine_distances(
    jacobian: Array, start: Array, end: Array, interpolation: str = "lerp", images: int = 11
) -> tuple[float, Array]:
    """The distances of neighbours under x = A z + b, A [k, d]: a common part, and the rest [n].

    The common part is the root mean square of the ellipse's speed for an arc; the rest is exactly 0
    on a line, and on an arc whose images lie on a circle.
    """
    n = images - 1
    if interpolation == "lerp":
        return float(np.linalg.norm(jacobian @ (end - start))) / n, np.zeros(n)
    angle, basis = arc(start, end)
    mapped = jacobian @ basis  # [k, 2]
    (m11, m12), (_, m22) = mapped.T @ mapped
    half = (m11 + m22) / 2
    uneven = math.hypot((m22 - m11) / 2, m12)
    chord = 2 * math.sin(angle / n / 2)
    if uneven <= ROUND * half:
        return chord * math.sqrt(half), np.zeros(n)
    middle = (np.arange(n) + 0.5) * angle / n
    wave = (m22 - m11) / 2 * np.cos(2 * middle) - m12 * np.sin(2 * middle)
    lowest = max(half - uneven, 0.0)
    speed = np.sqrt(np.maximum(half + wave, lowest))
    return chord * math.sqrt(half), chord * wave / (speed + math.sqrt(half))


def half_range(jacobian: Array, start: Array, end: Array, images: int, ddof: int) -> float:
    """Popoviciu's bound of the ISTD on an arc."""
    angle, basis = arc(start, end)
    axes = np.linalg.svd(jacobian @ basis, compute_uv=False)  # [1] or [2], falling
    low = float(axes[1]) if len(axes) > 1 else 0.0
    n = images - 1
    return math.sin(angle / n / 2) * (float(axes[0]) - low) * math.sqrt(n / (n - ddof))


@final
class AffineDeviation(Law):
    """ISTD of x = A z + b; parameters jacobian, start, end, interpolation, images, ddof."""

    name = "smooth.istd_affine"
    statement = "a sampler with one Jacobian everywhere is smooth: ISTD = 0"
    source = f"{SMOOTH}, the ISTD, for an affine sampler"
    unit = "units of the data"
    parameters: ClassVar = {
        "jacobian": points("A, one row a pixel"),
        "start": vector("noise at the start of the path"),
        "end": vector("noise at its end"),
        "interpolation": INTERPOLATION,
        **SAMPLING,
    }
    example: ClassVar = {
        "jacobian": [[2.0, 0.0], [0.0, 0.5]],
        "start": [1.0, 0.0],
        "end": [0.0, 1.0],
        "interpolation": "slerp",
    }

    def _read(self, params: Params) -> tuple[Any, ...]:
        jacobian, start, end, interpolation, images, ddof = self.read(params)
        same_dimension(self.name, jacobian=jacobian, start=start, end=end)
        check(self.name, start, end, images, ddof)
        if interpolation == "slerp":
            arc(start, end)
        return jacobian, start, end, interpolation, images, ddof

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        *sampler, ddof = self._read(params)
        return Value(deviation(affine_distances(*sampler)[1], ddof))

    def printed(self, params: Params) -> Value | None:
        self._read(params)
        return Value(0.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """``half_range``: the bound. ``relative``: the ISTD by the mean distance."""
        jacobian, start, end, interpolation, images, ddof = self._read(params)
        common, rest = affine_distances(jacobian, start, end, interpolation, images)
        mean = common + float(rest.mean())
        bound = 0.0
        if rest.any():
            bound = half_range(jacobian, start, end, images, ddof)
        values = {"half_range": Value(bound)}
        if mean > 0:
            values["relative"] = Value(deviation(rest, ddof) / mean, unit="1")
        return values

    def void(self, params: Params) -> bool:
        self._read(params)
        return False
