"""What each arm gains over the one that it is held against, condition by condition.

One panel a metric, one line a condition; a dot for each arm, or for each level of another factor
that the layout names, with its 95 % interval over replicates. Where the axis ends in ↓, left of the
line is an improvement.
"""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from harness.report import style
from harness.report.effect import Effect, every_effect
from harness.report.layout import Layout
from harness.report.layouts import layout
from harness.report.means import ARROWS
from harness.report.results import Results
from harness.report.words import words

SPREAD = 0.62  # of a line, over which its arms are spread
TALLEST = 9.0  # inches, what a page holds
LIMIT = 3.0  # an interval reaches no further than so many times the largest effect


def draw(results: Results) -> Figure:
    """Panels that share their conditions."""
    shown = layout(results.study)
    found = [e for e in every_effect(results, shown) if e.effect is not None]
    lines = list(dict.fromkeys(_line(e, shown) for e in found))
    names = [*dict.fromkeys(_series(e, shown) for e in found)]
    looks = {
        name: style.ARMS.get(name, style.LOOKS[i % len(style.LOOKS)])
        for i, name in enumerate(names)
    }
    readings = shown.against.readings if shown.against else ()
    figure = style.figure(min(TALLEST, 0.85 + max(3, len(lines)) * (0.16 + 0.07 * len(names))))
    panels = figure.subplots(1, max(1, len(readings)), sharey=True, squeeze=False)[0]
    for axes, (metric, scale) in zip(panels, readings):
        here = [e for e in found if e.metric == metric]
        for e in here:
            off = SPREAD * ((names.index(_series(e, shown)) + 0.5) / len(names) - 0.5)
            _mark(axes, lines.index(_line(e, shown)) + off, e, looks[_series(e, shown)])
        _limits(axes, here)
        axes.axvline(0, color=style.BLACK, linewidth=0.6)
        what = "(%)" if scale == "log_ratio" else "(difference)"
        axes.set_xlabel(f"{words(metric)}\n{what}{ARROWS[results.better().get(metric)]}")
        axes.xaxis.set_major_locator(MaxNLocator(3))
        axes.tick_params(axis="y", length=0)
        for y in range(1, len(lines)):
            axes.axhline(y - 0.5, color="#e4e4e4", linewidth=0.4)
    panels[0].set_yticks(range(len(lines)), lines)
    panels[0].set_ylim(max(len(lines), 1) - 0.5, -0.5)
    baseline = shown.against.baseline if shown.against else ""
    marks = [
        Line2D([], [], marker=look.marker, color=look.colour, linewidth=1)
        for look in looks.values()
    ]
    title = f"against {words(baseline)}, with 95 % intervals:"
    figure.legend(
        marks, [words(name) for name in looks], loc="outside upper left", ncols=6, title=title,
        alignment="left",
    )  # fmt: skip
    return figure


def _series(e: Effect, shown: Layout) -> str:
    """The level that colour and marker tell."""
    return str(e.group.params.get(shown.series))


def _line(e: Effect, shown: Layout) -> str:
    """What stands beside a line: every factor but the one of the series."""
    levels = (e.group.params.get(name) for name in shown.rows if name != shown.series)
    return ", ".join(words(level) for level in levels if level is not None)


def _mark(axes: Axes, y: float, e: Effect, look: style.Look) -> None:
    middle, low, high = (e.shown(x) for x in (e.effect, e.low, e.high))
    if low is not None and high is not None and math.isfinite(high):
        axes.plot([low, high], [y, y], color=look.colour, linewidth=1)
    if middle is not None:
        axes.plot(middle, y, look.marker, color=look.colour, markersize=4)


def _limits(axes: Axes, found: Sequence[Effect]) -> None:
    """Cut off intervals of few replicates that would flatten all others."""
    middles = [abs(e.shown(e.effect) or 0.0) for e in found]
    most = LIMIT * max(middles, default=0.0)
    if most > 0:
        low, high = axes.get_xlim()
        axes.set_xlim(max(low, -most), min(high, most))
