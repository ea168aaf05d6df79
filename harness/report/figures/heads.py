"""Arrow heads where what is drawn goes on: an interval that is cut, a series that leaves its panel.

A logarithm has no 0, so that an interval which reaches to it is cut at some place above; and some
curves fall by more decades than a panel has. A head says so, and which way.
"""

import numpy as np
from matplotlib.axes import Axes

SIZE = 3.5  # points


def below(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str) -> None:
    """Heads that point down, at the places ``[m]`` where intervals are cut at their lower end."""
    if len(x):
        axes.plot(x, y, "v", color=colour, markersize=SIZE, linestyle="none")


def left(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str) -> None:
    """Heads that point left, at the places ``[m]`` where intervals are cut at their left end."""
    if len(x):
        axes.plot(x, y, "<", color=colour, markersize=SIZE, linestyle="none")


def leaving(axes: Axes) -> None:
    """A head on the lower or upper end of the axes wherever a series with marks leaves them there.

    Call it when the limits are set. Of points beyond an end that follow each other the first has
    the head; or the last, where the series begins beyond.
    """
    low, high = axes.get_ylim()
    left_end, right_end = axes.get_xlim()
    for line in list(axes.lines):
        if line.get_transform() != axes.transData or line.get_marker() in ("None", "", " "):
            continue
        places = np.asarray(line.get_xydata(), float)
        x, y = places.T
        there = np.isfinite(places).all(1) & (x >= left_end) & (x <= right_end)
        x, y = x[there], y[there]
        for out, end, marker in ((y < low, low, "v"), (y > high, high, "^")):
            after = np.flatnonzero(out[1:] & ~out[:-1]) + 1
            before = np.flatnonzero(out[:-1] & ~out[1:])
            first = before[before < after.min()] if len(after) else before
            at = x[np.concatenate([first[:1], after])]
            if not len(at) and out.all() and len(x):
                at = x[:1]
            if len(at):
                axes.plot(
                    at, np.full(len(at), end), marker, color=line.get_color(), markersize=SIZE,
                    linestyle="none", clip_on=False,
                )  # fmt: skip
