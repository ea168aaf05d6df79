"""Paths between two noises, and how unevenly the images along them are spaced.

Images x_0 .. x_n at noises z(0), z(1/n) .. z(1) have the distances ``d_i = |x_{i+1} - x_i|``, and

    ISTD = sqrt(sum (d_i - mean d)^2 / (n - ddof)).                   Guo et al. 2024

The path is a line (LERP), z(s) = (1 - s) z_0 + s z_1, or the arc that Shoemake (1985) calls SLERP,

    z(s) = (sin((1 - s) theta) z_0 + sin(s theta) z_1) / sin theta,    theta their angle,

which is ``z(s) = cos(s theta) b_1 + sin(s theta) b_2`` with b_1 = z_0 and
b_2 = (z_1 - cos(theta) z_0) / sin(theta): an ellipse, and a circle if and only if |z_0| = |z_1|,
since ``|b_1| = |z_0|`` and ``b_1.b_2 = |z_0| (|z_1| - |z_0|) cos/sin`` and, at right angles,
|b_2| = |z_1|.

**What the ISTD can be at most** (derived here). For distances that are 0 or more with the sum L,
the length of the polygon, sum d_i^2 <= L^2, so that

    ISTD <= L sqrt((n - 1) / n) / sqrt(n - ddof),

with equality if and only if one step makes the whole way. The ratio of the two is a number from 0
(even) to 1 (one jump) without a unit. The ISTD itself has the unit of the data, and for a given
smooth path it falls as 1/n: values at different pixel scales, or numbers of images, do not compare,
and a sampler whose images differ less has a lower ISTD without being smoother.
"""

import math

import numpy as np
import numpy.typing as npt

from theory.parameter import Parameter, choice, integer

Array = npt.NDArray[np.float64]

SMOOTH = "Guo et al. 2024, Smooth Diffusion (arXiv 2312.04410)"
PATHS = ("lerp", "slerp")
INTERPOLATION = choice("path between the noises", PATHS, default="lerp")
SAMPLING: dict[str, Parameter] = {
    "images": integer("images along the path, both ends counted", least=3, default=11),
    "ddof": integer("what the standard deviation takes off its divisor", least=0, default=0),
}


def linear(start: Array, end: Array, images: int) -> Array:
    """Noises on the line from ``start`` [d] to ``end`` [d], [images, d]."""
    s = np.linspace(0.0, 1.0, images)[:, None]  # [images, 1]
    return (1 - s) * start + s * end


def arc(start: Array, end: Array) -> tuple[float, Array]:
    """The angle of two noises [d] in radians, and the basis b_1, b_2 of their arc [d, 2].

    Raises
    ------
    ValueError
        Where they are parallel, so that no arc, or no one arc, joins them.
    """
    size, other = float(np.linalg.norm(start)), float(np.linalg.norm(end))
    if size > 0 and other > 0:
        along = float(start @ end) / size  # the part of the end along the start
        across = float(np.linalg.norm(end - along * start / size))
        if across > 1e-12 * other:
            second = (end - start * (along / other)) * (other / across)
            return math.atan2(across, along), np.stack([start, second], axis=1)
    raise ValueError(
        "asked for the arc between two noises; got parallel ones; give noises at an angle, or lerp"
    )


def spherical(start: Array, end: Array, images: int) -> Array:
    """Noises on the arc from ``start`` [d] to ``end`` [d], [images, d]."""
    angle, basis = arc(start, end)
    turned = angle * np.linspace(0.0, 1.0, images)
    return np.cos(turned)[:, None] * basis[:, 0] + np.sin(turned)[:, None] * basis[:, 1]


def path(interpolation: str, start: Array, end: Array, images: int) -> Array:
    """Noises [images, d] along a path of ``PATHS``."""
    return (linear if interpolation == "lerp" else spherical)(start, end, images)


def distances(x: Array) -> Array:
    """Euclidean distances [n] of neighbours among points x [n + 1, d]."""
    return np.linalg.norm(np.diff(x, axis=0), axis=1)


def deviation(lengths: Array, ddof: int = 0) -> float:
    """The standard deviation of distances [n]; exactly 0 where all are equal."""
    return float((lengths - lengths[0]).std(ddof=ddof))


def one_jump(length: float, steps: int, ddof: int = 0) -> float:
    """The largest ISTD of a path of some length in some steps."""
    return length * math.sqrt((steps - 1) / steps) / math.sqrt(steps - ddof)


def check(law: str, start: Array, end: Array, images: int, ddof: int) -> None:
    """A ValueError where two noises [d] and a number of images have no ISTD."""
    if ddof >= images - 1:
        raise ValueError(
            f"asked for the law {law}; got ddof={ddof} for the {images - 1} distances of {images} "
            "images; give fewer, or more images"
        )
    if np.array_equal(start, end):
        raise ValueError(
            f"asked for the law {law}; got one noise twice; give two noises that differ"
        )
