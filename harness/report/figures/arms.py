"""What each arm gains over the one that it is held against, condition by condition.

One panel a metric, one line a condition; a dot for each arm, or for each level of another factor
that the layout names, with its 95 % interval over replicates; an arrow head where an interval goes
on beyond the axis. Where the axis ends in ↓, left of the line is an improvement. Ratios lie by
their logarithm, so that twice and half are equally far, and read as a change in per cent.
"""

import math
from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from harness.report import style
from harness.report.effect import Effect, every_effect
from harness.report.layout import Layout
from harness.report.layouts import layout
from harness.report.means import ARROWS
from harness.report.number import plain
from harness.report.results import Results
from harness.report.words import words

SPREAD = 0.62  # of a line, over which its arms are spread
TALLEST = 9.0  # inches, what a page holds
LIMIT = 3.0  # an interval reaches no further than so many times the largest effect
FACTORS = (0.01, 0.1, 0.25, 0.5, 2.0, 4.0, 10.0, 100.0)  # ticks where ratios go beyond twice
APART = 0.3  # of an axis, the least between two ticks
ACROSS, BESIDE = 56, 34  # characters that names of panels share, and that a line's name has
WITHOUT = {"annotator": ("all", "oracle")}  # arms that have no level of a factor, by nature


def draw(results: Results) -> Figure:
    """Panels that share their conditions."""
    shown = layout(results.study)
    found = [e for e in every_effect(results, shown) if e.effect is not None]
    without = [factor for factor in WITHOUT if _lacked(factor, found, shown)]
    places = [_line(e, shown, without) for e in found]
    lines = list(dict.fromkeys(places))
    names = [*dict.fromkeys(_series(e, shown) for e in found)]
    looks = style.looks(names)
    readings = shown.against.readings if shown.against else ()
    figure = style.figure(min(TALLEST, 0.85 + max(3, len(lines)) * (0.16 + 0.07 * len(names))))
    panels = figure.subplots(1, max(1, len(readings)), sharey=True, squeeze=False)[0]
    for axes, (metric, scale) in zip(panels, readings):
        here = []
        for e, place in zip(found, places):
            if e.metric != metric:
                continue
            off = SPREAD * ((names.index(_series(e, shown)) + 0.5) / len(names) - 0.5)
            here.append((lines.index(place) + off, e, looks[_series(e, shown)]))
            _mark(axes, *here[-1])
        _limits(axes, [e for _, e, _ in here])
        for y, e, look in here:
            _cut(axes, y, e, look)
        axes.axvline(0, color=style.BLACK, linewidth=0.6)
        if scale == "log_ratio":
            _per_cent(axes)
        else:
            axes.xaxis.set_major_locator(MaxNLocator(3))
        what = "(%)" if scale == "log_ratio" else "(difference)"
        name = _broken(words(metric), ACROSS // len(panels))
        axes.set_xlabel(f"{name}\n{what}{ARROWS[results.better().get(metric)]}")
        axes.tick_params(axis="y", length=0)
        for y in range(1, len(lines)):
            axes.axhline(y - 0.5, color="#e4e4e4", linewidth=0.4)
    panels[0].set_yticks(range(len(lines)), [_listed(line) for line in lines])
    panels[0].set_ylim(max(len(lines), 1) - 0.5, -0.5)
    baseline = shown.against.baseline if shown.against else ""
    marks = [
        Line2D([], [], marker=look.marker, color=look.colour, linewidth=1)
        for look in looks.values()
    ]
    by = "" if shown.series == "arm" else f" by {words(shown.series)}"
    title = f"against {words(baseline)}, with 95 % intervals{by}:"
    figure.legend(
        marks, [words(name) for name in looks], loc="outside upper left", ncols=6, title=title,
        alignment="left",
    )  # fmt: skip
    return figure


def _series(e: Effect, shown: Layout) -> str:
    """The level that colour and marker tell."""
    return str(e.group.params.get(shown.series))


def _line(e: Effect, shown: Layout, without: Sequence[str]) -> str:
    """What stands beside a line: every factor but the one of the series."""
    levels = []
    for name in shown.rows:
        level = e.group.params.get(name)
        if level is None and name in without:
            levels.append(f"no {words(name)}")
        elif level is not None and name != shown.series:
            levels.append(words(level))
    return ", ".join(levels)


def _lacked(factor: str, found: Sequence[Effect], shown: Layout) -> bool:
    """Whether some arms have a level of a factor and those without one have none by nature.

    Elsewhere an arm without a level is one that has the study's own, which nothing needs to say.
    """
    lacking = {e.group.params.get("arm") for e in found if factor not in e.group.params}
    some = any(factor in e.group.params for e in found)
    return factor in shown.rows and some and bool(lacking) and lacking <= set(WITHOUT[factor])


def _broken(text: str, width: int) -> str:
    """Text on several lines, broken at spaces alone."""
    return fill(text, width, break_long_words=False, break_on_hyphens=False)


def _listed(line: str) -> str:
    """The name of a line, broken after a comma where it is long."""
    whole = ", ".join(level.replace(" ", "\u00a0") for level in line.split(", "))
    return _broken(whole, BESIDE).replace("\u00a0", " ")


def _mark(axes: Axes, y: float, e: Effect, look: style.Look) -> None:
    middle, low, high = e.effect, e.low, e.high
    if low is not None and high is not None and math.isfinite(high):
        axes.plot([low, high], [y, y], color=look.colour, linewidth=1)
    if middle is not None:
        axes.plot(middle, y, look.marker, color=look.colour, markersize=4)


def _limits(axes: Axes, found: Sequence[Effect]) -> None:
    """Cut off intervals of few replicates that would flatten all others."""
    middles = [abs(e.effect or 0.0) for e in found]
    most = LIMIT * max(middles, default=0.0)
    if most > 0:
        low, high = axes.get_xlim()
        axes.set_xlim(max(low, -most), min(high, most))


def _per_cent(axes: Axes) -> None:
    """Ticks of an axis of logarithms of ratios, as changes in per cent."""
    low, high = axes.get_xlim()
    if max(-low, high) <= math.log(2):
        ends = [100 * math.expm1(x) for x in (low, high)]
        found = [math.log1p(t / 100) for t in MaxNLocator(3).tick_values(*ends) if t > -100]
    else:
        found = [0.0]
        for at in sorted(map(math.log, FACTORS), key=abs, reverse=True):
            if low <= at <= high and min(abs(at - x) for x in found) > APART * (high - low):
                found.append(at)
    ticks = sorted(x for x in found if low <= x <= high)
    axes.set_xticks(ticks, [plain(round(100 * math.expm1(x), 6)) for x in ticks])


def _cut(axes: Axes, y: float, e: Effect, look: style.Look) -> None:
    """An arrow head at each end of the axis beyond which an interval goes on."""
    low, high = e.low, e.high
    if low is None or high is None or not math.isfinite(high):
        return
    left, right = axes.get_xlim()
    for at, marker, beyond in ((left, "<", low < left), (right, ">", high > right)):
        if beyond:
            axes.plot(at, y, marker, color=look.colour, markersize=3.5, clip_on=False, zorder=3)
