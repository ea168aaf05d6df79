"""Ticks of an axis of changes: round, three or more where there is room, with labels apart.

Where the axis holds logarithms of ratios a tick is a round change in per cent, and of those that
fit the set of greatest weight is taken: weights are near 1, so that more ticks come first and
rounder ones second. Elsewhere a tick is a difference, and the finest even step that fits is taken.
Labels are as wide as the font in use sets them. An axis that has no three such ticks is widened.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from harness.report.number import signed

LEAST, MOST = 3, 7  # ticks
TRIES = ((6.0, False), (3.0, False), (3.0, True))  # points between two labels, and whether short
WIDER = (0.0, 0.1, 0.2, 0.4, 0.8)  # of the axis, by which it is widened until it has its ticks
STEPS = (1.0, 2.0, 2.5, 3.0, 4.0, 5.0)
FIRST = 100.0  # the weight of 0, which stays whatever goes
ROUND = {  # changes in per cent, from those that a reader knows best on
    1.3: (-99, -90, -50, -10, 10, 100, 900),
    1.2: (-75, -20, -5, -1, 1, 5, 25, 50, 300, 9900),
    1.1: (-80, -95, -2, 2, 20, 200, 2000),
    1.0: (-60, -40, -30, 30, 40, 75, 150, 500, 700, 1500, 3000),
    0.9: (-0.5, -0.2, -0.1, -0.02, -0.01, 0.01, 0.02, 0.1, 0.2, 0.5),
}


@final
@dataclass(frozen=True)
class Tick:
    """A tick at a place of the axis, its label, and the weight it is chosen by."""

    at: float
    label: str
    weight: float = 1.0


def place(axes: Axes, ratios: bool) -> None:
    """Set the ticks of the horizontal axis, which is laid out already; ``ratios``: it holds their
    logarithms."""
    root = axes.get_figure(root=True)
    assert root is not None
    points = axes.get_position().width * root.get_size_inches()[0] * 72
    low, high = axes.get_xlim()
    for share in WIDER:
        more = share / 2 * (high - low)
        ends = (low - more, high + more)
        found = (changes if ratios else differences)(*ends, points)
        if len(found) >= LEAST:
            break
    axes.set_xlim(ends)
    axes.set_xticks([tick.at for tick in found], [tick.label for tick in found])


def changes(low: float, high: float, points: float) -> list[Tick]:
    """Ticks of logarithms of ratios from ``low`` to ``high`` on an axis so many points long."""
    weights = {0.0: FIRST} | {float(x): weight for weight, values in ROUND.items() for x in values}
    places = sorted((math.log1p(x / 100), x, weight) for x, weight in weights.items())
    for gap, short in TRIES:
        there = [Tick(at, label(x, short), w) for at, x, w in places if low <= at <= high]
        found = heaviest(there, points / (high - low), gap)
        if len(found) >= LEAST:
            return found
    return found


def differences(low: float, high: float, points: float) -> list[Tick]:
    """Ticks of differences from ``low`` to ``high`` on an axis so many points long."""
    exponent = math.floor(math.log10(high - low))
    steps = [m * 10.0**e for e in range(exponent - 2, exponent + 1) for m in STEPS]
    found: list[Tick] = []
    for gap, short in TRIES:
        for step in steps:
            ends = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            places = [k * step for k in range(ends[0], ends[1] + 1)]
            if len(places) <= MOST:
                found = [Tick(at, label(at, short)) for at in places]
                if len(heaviest(found, points / (high - low), gap)) == len(found):
                    break
        if len(found) >= LEAST:
            return found
    return found


def heaviest(ticks: Sequence[Tick], scale: float, gap: float) -> list[Tick]:
    """Of ticks in their order those of greatest weight together that stand ``gap`` points apart.

    scale: points by unit of the axis. Each tick is given its best set that it ends, in turn.
    """
    widths = [width(tick.label) for tick in ticks]
    best: list[tuple[float, int | None]] = []
    for i, tick in enumerate(ticks):
        left = tick.at * scale - widths[i] / 2 - gap
        before = [j for j in range(i) if ticks[j].at * scale + widths[j] / 2 <= left]
        last = max(before, key=lambda j: best[j][0], default=None)
        best.append((tick.weight + (0.0 if last is None else best[last][0]), last))
    at = max(range(len(ticks)), key=lambda i: best[i][0], default=None)
    found: list[Tick] = []
    while at is not None:
        found.append(ticks[at])
        at = best[at][1]
    return found[::-1]


def width(label: str) -> float:
    """The width of a label of a tick in points, in the font in use."""
    size = FontProperties(size=matplotlib.rcParams["xtick.labelsize"])
    return float(text_to_path.get_text_width_height_descent(label, size, ismath=False)[0])


def label(value: float, short: bool = False) -> str:
    """A change with its sign, and with no more digits than it has; ``short``: without a plus, and
    without a 0 before the point."""
    value = round(value, 9)
    text = signed(value, len(f"{value:.9f}".rstrip("0").partition(".")[2]))
    if short:
        text = text.removeprefix("+")
        text = re.sub(r"^(−?)0\.", r"\1.", text)
    return text
