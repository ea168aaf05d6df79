"""Spectra as a drawing for a page: panel by panel, the power and how far it lies from real images.

Above: the power of each ring in dB over its frequency in cycles per pixel, both logarithmic, of
the real held-out images as a thick line and of the samples of each arm. Below: how many dB each
lies above the held-out images. Both axes end ``REACH`` dB beyond real images at most. Bands are
+-2 standard errors over images. A panel has its own key. Lines differ in colour, dash and mark;
colours are classes, so that a page gives those of its scheme. For those who do not see it, the
drawing names its panels and lines; its numbers stand in the table beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple, final

import numpy as np

from harness.report.layouts import layout
from harness.report.results import Results
from harness.report.sheet import Part
from harness.report.spectra import Array, Spectrum
from harness.report.spectrum_cells import cells, table
from harness.report.spectrum_panels import PANELS, Panel, panels

WIDTH, ACROSS = 720.0, 3
LEFT, RIGHT, GAP = 36.0, 8.0, 8.0  # of a panel: to its axis, to the next, between its two axes
TITLE, HIGH, LOW, FOOT, LINE = 18.0, 130.0, 90.0, 30.0, 13.0
REACH = 15.0  # dB
LETTER = 5.6  # units that a letter takes, of a text of 10
DASHES = ("", "6 2", "1.5 1.5", "6 2 1.5 2", "9 2", "3 2", "2 4")
MARKS = (
    "m-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0z", "m-2.4-2.4h4.8v4.8h-4.8z",
    "m0-3.2l3.2 3.2l-3.2 3.2l-3.2-3.2z", "m0-3l3 5.2h-6z", "m0 3l3-5.2h-6z",
    "m-2.4-2.4l4.8 4.8m0-4.8l-4.8 4.8", "m0-3v6m-3-3h6",
)  # fmt: skip
TICKS = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2)


class _Axis(NamedTuple):
    """From values to places: a value at either end, and where the ends lie."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.start + (self.end - self.start) * (inside - self.low) / (self.high - self.low)


@final
@dataclass(frozen=True, eq=False)
class Spectra:
    """The spectra of a study: drawn, "" where no cell has one; the same as numbers; and how many
    panels are not drawn."""

    svg: str
    table: Part
    more: int


def spectra(results: Results) -> Spectra | None:
    """The spectra of a study; None where none of its samples are left."""
    found, notes = cells(results)
    if not found and not notes:
        return None
    every = panels(found, layout(results.study).rows)
    svg = drawn(every[:PANELS]) if every else ""
    return Spectra(svg, table(found, notes), max(0, len(every) - PANELS))


def drawn(shown: Sequence[Panel]) -> str:
    """Some panels, at least one: an ``<svg>`` element for each row of them, which a page of paper
    holds."""
    wide = WIDTH / ACROSS
    power, ratio = _ranges(shown)
    parts: list[str] = []
    for first in range(0, len(shown), ACROSS):
        row = shown[first : first + ACROSS]
        high = TITLE + HIGH + GAP + LOW + FOOT + LINE * max(map(_key_lines, row)) + 12
        label = escape(_spoken(row), quote=True)
        parts.append(f'<svg class="spectra" viewBox="0 0 {WIDTH:g} {high:g}" ')
        parts.append(f'role="img" aria-label="{label}">')
        for at, panel in enumerate(row):
            parts += _panel(panel, at * wide, power, ratio)
        parts.append("</svg>")
    return "".join(parts)


def _spoken(shown: Sequence[Panel]) -> str:
    told = [
        f"{panel.title + ': ' if panel.title else ''}{', '.join(c.label for c in panel.curves)}"
        for panel in shown
    ]
    return f"Power spectra of samples beside real images. {'; '.join(told)}."


def _ranges(shown: Sequence[Panel]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ends of the axes of power and of differences, the same for all panels."""
    lowest, highest, reach = [], [], 1.0
    for panel in shown:
        real = panel.real.held_out.rings
        others = [panel.real.others.rings, *(curve.spectrum for curve in panel.curves)]
        every = np.concatenate([one.decibels for one in (real, *others)])
        lowest.append(max(every.min(), real.decibels.min() - REACH))
        highest.append(min(every.max(), real.decibels.max() + REACH))
        reach = max(reach, *(float(np.abs(o.above(real)[0]).max()) for o in others))
    most = min(REACH, 1.1 * reach)
    return (float(min(lowest)) - 1, float(max(highest)) + 1), (-most, most)


def _panel(
    panel: Panel, left: float, power: tuple[float, float], ratio: tuple[float, float]
) -> list[str]:
    real = panel.real.held_out.rings
    start, end = left + LEFT, left + WIDTH / ACROSS - RIGHT
    across = _Axis(
        math.log2(real.frequency[0]) - 0.1, math.log2(real.frequency[-1]) + 0.1, start, end
    )
    upper = _Axis(*power, TITLE + HIGH, TITLE)
    above = TITLE + HIGH + GAP
    lower = _Axis(*ratio, above + LOW, above)
    parts = [_text(start, 12, _short(panel.title, end - start), "title")]
    for axis, unit in ((upper, "power, dB"), (lower, "above real, dB")):
        parts += _frame(axis, across, left, unit)
    parts += _below(across, lower.start)
    parts.append(f'<path class="zero" d="M{start:g} {lower.at(0):.1f}H{end:g}"/>')
    lines: list[tuple[Spectrum, int | str]] = [(panel.real.others.rings, "other")]
    lines += [(curve.spectrum, curve.look) for curve in panel.curves]
    parts += _curve(real.frequency, real.decibels, real.decibels_error, across, upper, "real")
    for one, look in lines:
        parts += _curve(one.frequency, one.decibels, one.decibels_error, across, upper, look)
        parts += _curve(one.frequency, *one.above(real), across, lower, look)
    return [*parts, *_key(panel, start, lower.start + FOOT + 6)]


def _frame(vertical: _Axis, across: _Axis, left: float, unit: str) -> list[str]:
    """An axis with its ticks and its name."""
    parts = [f'<path class="axis" d="M{across.start:g} {vertical.end:g}V{vertical.start:g}"/>']
    span = vertical.high - vertical.low
    step = next(s for s in (0.5, 1, 2, 5, 10, 20, 50, 100) if span / s <= 5)
    for k in range(math.ceil(vertical.low / step), math.floor(vertical.high / step) + 1):
        y = vertical.at(k * step)
        parts.append(f'<path class="grid" d="M{across.start:g} {y:.1f}H{across.end:g}"/>')
        text = f"{k * step:g}".replace("-", "−")
        parts.append(_text(across.start - 3, y + 3.5, text, "tick end"))
    x, y = left + 9, (vertical.start + vertical.end) / 2
    turned = f'transform="rotate(-90 {x:g} {y:g})"'
    return [*parts, f'<text class="middle" x="{x:g}" y="{y:g}" {turned}>{unit}</text>']


def _below(across: _Axis, y: float) -> list[str]:
    """The axis of frequency."""
    parts = [f'<path class="axis" d="M{across.start:g} {y:g}H{across.end:g}"/>']
    for tick in TICKS:
        place = math.log2(tick)
        if across.low <= place <= across.high:
            x = across.at(place)
            parts.append(f'<path class="axis" d="M{x:.1f} {y:g}v3"/>')
            parts.append(_text(x, y + 13, f"1/{1 / tick:g}", "tick middle"))
    middle = (across.start + across.end) / 2
    return [*parts, _text(middle, y + 26, "cycles per pixel", "middle")]


def _curve(
    frequency: Array, value: Array, error: Array, across: _Axis, up: _Axis, look: int | str
) -> list[str]:
    """A line with its band, and marks where it is one of several; each begins at another point."""
    x = [across.at(f) for f in np.log2(frequency)]
    low, high = ([up.at(v) for v in value + sign * 2 * error] for sign in (-1, 1))
    middle = [up.at(v) for v in value]
    band = [*zip(x, high), *reversed([*zip(x, low)])]
    name = f"c{look}" if isinstance(look, int) else look
    parts = [
        f'<path class="band {name}" d="{_path(band)}z"/>',
        f'<path class="line {name}"{_dash(look)} d="{_path([*zip(x, middle)])}"/>',
    ]
    if isinstance(look, int):
        step = max(2, len(x) // 6)
        marks = "".join(
            f"M{a:.1f} {b:.1f}{MARKS[look]}" for a, b in list(zip(x, middle))[look % step :: step]
        )
        parts.append(f'<path class="mark {name}" d="{marks}"/>')
    return parts


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _dash(look: int | str) -> str:
    dash = DASHES[look] if isinstance(look, int) else ""
    return f' stroke-dasharray="{dash}"' if dash else ""


def _names(panel: Panel) -> list[tuple[int | str, str]]:
    """What the key of a panel names."""
    real: list[tuple[int | str, str]] = [("real", "real, held out"), ("other", "real, the others")]
    return [*real, *((curve.look, curve.label) for curve in panel.curves)]


def _columns(panel: Panel) -> int:
    room = (WIDTH / ACROSS - LEFT - RIGHT) / 2 - 26
    return 2 if all(len(name) * LETTER <= room for _, name in _names(panel)) else 1


def _key_lines(panel: Panel) -> int:
    return math.ceil(len(_names(panel)) / _columns(panel))


def _key(panel: Panel, left: float, top: float) -> list[str]:
    """The key below a panel, in two columns where its names are short."""
    parts, columns = [], _columns(panel)
    room = (WIDTH / ACROSS - LEFT - RIGHT) / columns
    for at, (look, name) in enumerate(_names(panel)):
        x, y = left + at % columns * room, top + at // columns * LINE + 5
        kind = f"c{look}" if isinstance(look, int) else look
        parts.append(f'<path class="line {kind}"{_dash(look)} d="M{x:.1f} {y:.1f}h20"/>')
        if isinstance(look, int):
            parts.append(f'<path class="mark {kind}" d="M{x + 10:.1f} {y:.1f}{MARKS[look]}"/>')
        parts.append(_text(x + 24, y + 3.5, _short(name, room - 26), ""))
    return parts


def _short(text: str, room: float) -> str:
    """A text that fits, its end cut off where it is too long."""
    letters = int(room / LETTER)
    return text if len(text) <= letters else text[: letters - 1] + "…"


def _text(x: float, y: float, text: str, kind: str) -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
