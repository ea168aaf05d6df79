"""The marks of data of a drawn figure: which lie outside the panel that they belong to.

A mark of data is a point with a marker, a bar, a dot of a scatter, or an interval: a segment of a
collection whose places are those of the axes. What is a line alone is none: a law, or a level, may
leave its panel. Marks beyond an end of their axes are allowed where an arrow head of their colour
on that end says that they go on.
"""

from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

SLACK = 1.0  # pixels
SIDES = {"left": "<", "right": ">", "bottom": "v", "top": "^"}
Places = np.ndarray  # [m, 2], pixels


def outside(figure: Figure) -> list[str]:
    """The panels with marks outside, and how many places; draws the figure."""
    figure.canvas.draw()
    found = []
    for axes in figure.axes:
        told = set(_heads(axes))
        count = sum(_beyond(axes, places, colour, told) for places, colour in _marks(axes))
        if count:
            found.append(f"{count} in {axes.get_title(loc='left') or figure.axes.index(axes)}")
    return found


def _beyond(axes: Axes, places: Places, colour: str, told: set[tuple[str, str]]) -> int:
    """How many places lie beyond an end that has no head of their colour."""
    known = places[~np.isnan(places).any(1)]
    return sum(
        int(beyond.sum())
        for side, beyond in _sides(axes, known).items()
        if (SIDES[side], colour) not in told
    )


def _sides(axes: Axes, places: Places) -> dict[str, np.ndarray]:
    x, y = places.T
    box = axes.bbox
    return {
        "left": x < box.x0 - SLACK,
        "right": x > box.x1 + SLACK,
        "bottom": y < box.y0 - SLACK,
        "top": y > box.y1 + SLACK,
    }


def _heads(axes: Axes) -> Iterator[tuple[str, str]]:
    """The arrow heads on the ends of axes, each with its colour."""
    box = axes.bbox
    ends = {"<": (0, box.x0), ">": (0, box.x1), "v": (1, box.y0), "^": (1, box.y1)}
    for line in axes.lines:
        head = str(line.get_marker())
        if head in ends and _of_data(axes, line):
            side, end = ends[head]
            if (np.abs(_shown(axes, line.get_xydata())[:, side] - end) <= SLACK).all():
                yield head, to_hex(line.get_color())


def _marks(axes: Axes) -> Iterator[tuple[Places, str]]:
    """The places of the marks of data of some axes, in pixels, with their colours."""
    for line in axes.lines:
        if _of_data(axes, line) and line.get_visible() and _has_marker(line):
            every = line.get_markevery()
            places = np.asarray(line.get_xydata())
            drawn = places[:: every or 1] if every is None or isinstance(every, int) else places
            yield _shown(axes, drawn), to_hex(line.get_color())
    for one in axes.collections:
        colours = one.get_edgecolor()
        colour = to_hex(colours[0]) if len(colours) else ""
        if isinstance(one, LineCollection) and _of_data(axes, one):
            for segment in one.get_segments():
                yield _shown(axes, segment), colour
        elif isinstance(one, PathCollection) and one.get_offset_transform() == axes.transData:
            yield _shown(axes, one.get_offsets()), colour
    for patch in axes.patches:
        if isinstance(patch, Rectangle) and patch.get_data_transform() == axes.transData:
            yield _shown(axes, patch.get_corners()), to_hex(patch.get_facecolor())


def _has_marker(line: Line2D) -> bool:
    return line.get_marker() not in ("None", "none", "", " ", None)


def _of_data(axes: Axes, one: Artist | Collection) -> bool:
    """Whether the places of something are those of the axes, and no share of the panel."""
    return one.get_transform() == axes.transData


def _shown(axes: Axes, places: object) -> Places:
    """Places of data in pixels; NaN where they have none, such as 0 on a logarithm."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.ma.filled(np.ma.asarray(places, float), np.nan).reshape(-1, 2)
        shown = np.asarray(axes.transData.transform(found))
    if axes.get_xscale() == "log":
        shown[found[:, 0] <= 0] = -np.inf
    if axes.get_yscale() == "log":
        shown[found[:, 1] <= 0] = -np.inf
    return shown
