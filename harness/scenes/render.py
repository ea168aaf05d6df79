r"""The renderer: things on black ground, each pixel lit in proportion to the part that it covers.

The value of a channel is :math:`2 \sum_k c_k a_k - 1`, with c the colour of a thing in [0, 1] and a
the covered part of the pixel: the picture behind a square aperture of one pixel, sampled once.

Coverage: along x the overlap of a pixel with the chord of a thing is exact; along y it is
integrated over the part of the pixel's row that the thing reaches, by Gauss-Legendre quadrature
with ``NODES`` nodes. That is exact for squares. Of a pixel that a sloping side crosses it is off by
at most 0.01 for triangles and 0.03 for discs; the area of a triangle is exact, that of a disc of
2.7 pixels or more off by at most 0.05 per cent (tests hold all of these).
"""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem
from harness.scenes.captions import RGB, SCENES
from harness.scenes.world import Scene, World

NODES = 4
BLOCK = 256  # scenes at a time, which stay in the processor's cache
Array = NDArray[np.float64]


def render(scenes: Sequence[Scene], world: World) -> NDArray[np.float32]:
    """Pictures of scenes, float32 ``[N, 3, S, S]`` in [-1, 1].

    Raises ``Problem`` for a thing that does not lie within the picture.
    """
    made = np.empty((len(scenes), 3, world.size, world.size), np.float32)
    for start in range(0, len(scenes), BLOCK):
        light = _light(scenes[start : start + BLOCK], world.size)  # [n, S, S, 3]
        made[start : start + BLOCK] = np.clip(2 * light - 1, -1, 1).transpose(0, 3, 1, 2)
    return made


def _light(scenes: Sequence[Scene], size: int) -> Array:
    """How much light each pixel gives, float64 ``[n, size, size, 3]`` in [0, 1]."""
    light = np.zeros((len(scenes), size, size, 3))
    for k in range(max((len(scene.things) for scene in scenes), default=0)):
        owner = np.array([i for i, scene in enumerate(scenes) if len(scene.things) > k])
        things = [scenes[i].things[k] for i in owner]
        place = np.array([(each.x, each.y, each.radius) for each in things])
        low, high = place[:, :2] - place[:, 2:], place[:, :2] + place[:, 2:]
        if not ((low >= 0) & (high <= size)).all():
            fix = f"keep every box within 0 and {size}"
            raise Problem(f"a picture of {size} pixels", "a thing that leaves it", fix)
        shape = np.array([SCENES.classes.index(each.shape) for each in things])
        color = np.array([RGB[each.color] for each in things])
        side = min(ceil(2 * place[:, 2].max()) + 1, size)  # pixels that a thing may reach
        corner = np.minimum(np.floor(low).astype(int), size - side)  # [n, 2], x and y
        seen = coverage(shape, place - np.pad(corner, ((0, 0), (0, 1))), side)
        rows = corner[:, 1, None, None] + np.arange(side)[:, None]
        columns = corner[:, 0, None, None] + np.arange(side)
        at = (owner[:, None, None], rows, columns)  # no picture twice, so that nothing is lost
        light[at] += seen[..., None] * color[:, None, None, :]
    return light


def coverage(shape: NDArray[np.int64], place: Array, side: int) -> Array:
    """The covered part of each pixel, float64 ``[T, side, side]`` in [0, 1].

    shape: index into ``SCENES.classes``, ``[T]``; place: x, y, radius, ``[T, 3]``.
    """
    x, y, radius = (column[:, None] for column in place.T)
    row = np.arange(side)
    low = np.clip(row, y - radius, y + radius)  # [T, side]
    high = np.clip(row + 1, y - radius, y + radius)
    away = np.abs(row + 0.5 - x)[:, None, :]  # of a column's middle from the thing's
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    seen = np.zeros((len(place), side, side))
    for node, weight in zip(nodes, weights):
        height = (low + high) / 2 + (high - low) / 2 * node - y  # of the chord, over the middle
        half = _half_chord(shape, height, radius)[..., None]  # [T, side, 1]
        overlap = half + 0.5 - away  # of the chord and a pixel, which is one wide
        np.minimum(overlap, np.minimum(2 * half, 1), out=overlap)
        np.maximum(overlap, 0, out=overlap)
        overlap *= (weight / 2 * (high - low))[..., None]
        seen += overlap
    return seen


def _half_chord(shape: NDArray[np.int64], height: Array, radius: Array) -> Array:
    """Half the width of things at a height below their middle, ``[T, side]``; 0 outside."""
    disc = np.sqrt(np.maximum(radius**2 - height**2, 0))
    triangle = np.maximum(radius + height, 0) / 2
    square = np.broadcast_to(radius, height.shape)
    kind = shape[:, None]
    return np.where(kind == 0, disc, np.where(kind == 1, square, triangle))
