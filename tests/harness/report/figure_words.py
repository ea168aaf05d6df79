"""The words of a drawn figure: where each lies, and which lie on others or beyond the page."""

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text

SLACK = 1.0  # pixels by which boxes may meet: they hold the room above and below letters
Corners = np.ndarray  # [4, 2], pixels


def words_of(figure: Figure) -> dict[Text, Corners]:
    """The words that a drawing shows, each with the corners of its box; draws the figure."""
    figure.canvas.draw()
    ticks = {text for axis in _axes(figure) for text in _labels(axis, every=True)}
    shown = {text for axis in _axes(figure) for text in _labels(axis, every=False)}
    found = {}
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip() and (text not in ticks or text in shown):
            corners = _corners(text)
            if np.ptp(corners[:, 0]) > 0:
                found[text] = corners
    return found


def overlapping(words: dict[Text, Corners]) -> list[tuple[str, str]]:
    """The pairs of words that lie on one another."""
    return [
        (a.get_text(), b.get_text())
        for (a, one), (b, other) in combinations(words.items(), 2)
        if _meet(one, other)
    ]


def beyond(words: dict[Text, Corners], figure: Figure) -> list[str]:
    """The words that leave the page."""
    page = figure.bbox
    low, high = np.array([page.x0, page.y0]) - SLACK, np.array([page.x1, page.y1]) + SLACK
    return [
        text.get_text()
        for text, corners in words.items()
        if (corners < low).any() or (corners > high).any()
    ]


def unnamed(figure: Figure) -> list[str]:
    """The axes with numbers and without a name, be it that of a neighbour that shares their row,
    or column."""
    found = []
    for axes in figure.axes:
        for name in ("x", "y"):
            if not any(_number(text) for text in _labels(getattr(axes, f"{name}axis"), False)):
                continue
            if not any(getattr(one, f"get_{name}label")() for one in _beside(figure, axes, name)):
                found.append(f"{name} of {axes.get_title(loc='left') or figure.axes.index(axes)}")
    return found


def _beside(figure: Figure, axes: Axes, name: str) -> Iterator[Axes]:
    """The axes whose name stands for those of one: itself, and those of its row or column."""
    place = axes.get_subplotspec()
    for other in figure.axes:
        there = other.get_subplotspec()
        same = place and there and other.get_figure(root=False) is axes.get_figure(root=False)
        span = "rowspan" if name == "y" else "colspan"
        if other is axes or (same and getattr(place, span) == getattr(there, span)):
            yield other


def _number(text: Text) -> bool:
    return text.get_text().strip().lstrip("+−-").replace(".", "").isdecimal()


def _axes(figure: Figure) -> Iterator[Axis]:
    for axes in figure.axes:
        yield axes.xaxis
        yield axes.yaxis


def _labels(axis: Axis, every: bool) -> list[Text]:
    """The labels of ticks, all or those that are drawn."""
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    if not every:
        ticks = axis._update_ticks() if axis.axes.axison else []  # type: ignore[attr-defined]
    found = [label for tick in ticks for label in (tick.label1, tick.label2)]
    return found if every else [label for label in found if label.get_visible()]


def _corners(text: Text) -> Corners:
    """The corners of the box in which a text lies, turned as the text is."""
    bounds = text.get_window_extent()
    turned = text.get_rotation()
    if turned % 90 == 0:
        wide, high, angle = bounds.width, bounds.height, 0.0
    else:
        text.set_rotation(0)
        flat = text.get_window_extent()
        text.set_rotation(turned)
        wide, high, angle = flat.width, flat.height, math.radians(turned)
    middle = np.array([(bounds.x0 + bounds.x1) / 2, (bounds.y0 + bounds.y1) / 2])
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([wide, high]) / 2
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return middle + half @ turn


def _meet(one: Corners, other: Corners) -> bool:
    """Whether two rectangles share more than ``SLACK``: no side of either parts them."""
    for corners in (one, other):
        for along in (corners[1] - corners[0], corners[3] - corners[0]):
            unit = along / np.hypot(*along)
            a, b = one @ unit, other @ unit
            if min(a.max(), b.max()) - max(a.min(), b.min()) <= SLACK:
                return False
    return True
