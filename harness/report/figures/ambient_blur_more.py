"""The headline one factor away: the paired effect of each arm in each further setting.

One panel a co-primary metric, one line a setting; a dot with its 95 % interval for each arm. An
effect to the left of the line is an improvement where the axis says so (↓).
"""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from harness.report import style
from harness.report.effect import Effect, every_effect
from harness.report.layout import layout, words
from harness.report.means import ARROWS
from harness.report.results import Results

SHOWN = ("gated", "buffered")  # arms that use the blurred images behind the gate


def draw(results: Results) -> Figure:
    """Four panels that share their settings."""
    shown = layout(results.study)
    found = [e for e in every_effect(results, shown) if e.group.params.get("arm") in SHOWN]
    settings = list(dict.fromkeys(str(e.group.params.get("setting")) for e in found))
    readings = shown.against.readings if shown.against else ()
    figure = style.figure(0.75 + 0.24 * max(3, len(settings)))
    panels = figure.subplots(1, max(1, len(readings)), sharey=True, squeeze=False)[0]
    for axes, (metric, scale) in zip(panels, readings):
        for e in found:
            if e.metric == metric and e.effect is not None:
                _mark(axes, settings.index(str(e.group.params.get("setting"))), e)
        axes.axvline(0, color=style.BLACK, linewidth=0.6)
        what = "(%)" if scale == "log_ratio" else "(difference)"
        axes.set_xlabel(f"{words(metric)}\n{what}{ARROWS[results.better().get(metric)]}")
        axes.xaxis.set_major_locator(MaxNLocator(3))
        axes.grid(axis="y", color="#e4e4e4", linewidth=0.4)
        axes.tick_params(axis="y", length=0)
    panels[0].set_yticks(range(len(settings)), settings)
    panels[0].set_ylim(len(settings) - 0.5, -0.5)
    _legend(figure)
    return figure


def _mark(axes: Axes, y: int, e: Effect) -> None:
    look = style.ARMS[str(e.group.params.get("arm"))]
    middle, low, high = (e.shown(x) for x in (e.effect, e.low, e.high))
    if low is not None and high is not None and math.isfinite(high):
        axes.plot([low, high], [y, y], color=look.colour, linewidth=1)
    if middle is not None:
        axes.plot(middle, y, look.marker, color=look.colour, markersize=4.5)


def _legend(figure: Figure) -> None:
    marks = [
        Line2D([], [], marker=style.ARMS[arm].marker, color=style.ARMS[arm].colour, linewidth=1)
        for arm in SHOWN
    ]
    names = [f"{words(arm)} against clean, 95 % interval" for arm in SHOWN]
    figure.legend(marks, names, loc="outside upper left", ncols=2)
