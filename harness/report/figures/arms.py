"""What each arm gains over the one that it is held against, condition by condition.

One panel a metric, one line a condition; a dot for each arm, or for each level of another factor
that the layout names, with its 95 % interval over the replicates, of which n is stated. Where the
axis ends in ↓, left of the line is an improvement. Ratios lie by their logarithm, so that twice and
half are equally far, and read as a change in per cent. A small arrow head stands where an interval
goes on beyond the axis, and a large one in the place of a dot that lies beyond it.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from harness.records.record import Plain
from harness.report import style
from harness.report.effect import Effect, every_effect
from harness.report.figures import ticks
from harness.report.layout import Layout
from harness.report.layouts import layout
from harness.report.means import ARROWS
from harness.report.number import span
from harness.report.results import Results
from harness.report.setup import levels_of
from harness.report.words import level, shared_levels, words

FOLDED = 0.29  # inches, of a line whose name stands on two
SPREAD = 0.62  # of a line, over which its arms are spread
TALLEST = 9.0  # inches, what a page holds
LIMIT = 3.0  # an interval reaches no further than so many times the largest effect
CROWD, FEW = 20, 1 / 8  # effects of a panel, of which a few are cut off that flatten the others
USUAL, FAR = 1.5, 2.0  # of the upper quartile of what they reach: the axis, and what ends it there
ACROSS, BESIDE = 70, 38  # characters that names of panels share, and that a line's name has
WITHOUT = {  # arms that have no level of a factor, by nature
    "annotator": ("all", "oracle"),
    "pool": ("oracle",),
}


def draw(results: Results) -> Figure:
    """Panels that share their conditions."""
    shown = layout(results.study)
    found = [e for e in every_effect(results, shown) if e.effect is not None]
    without = [factor for factor in WITHOUT if _lacked(factor, found, shown)]
    shared = shared_levels([g.params for g in results.groups], shown.rows)
    levels = _levels(results, found, shown)
    places = [_line(e, levels[e.group.cell_id], shown, without, shared) for e in found]
    names = [*dict.fromkeys(_series(e, shown) for e in found)]
    looks = style.looks(names)
    lines = {
        line: [n for n in names if any(_series(e, shown) == n for e in _at(line, places, found))]
        for line in dict.fromkeys(places)
    }
    most = max(map(len, lines.values()), default=1)
    readings = shown.against.readings if shown.against else ()
    names_of_lines = [_listed(line, shown) for line in lines]
    folded = any("\n" in name for name in names_of_lines)
    high = max(0.17 + 0.07 * most, FOLDED if folded else 0.0)  # of a line
    figure = style.figure(min(TALLEST, 0.95 + max(3, len(lines)) * high))
    panels = figure.subplots(1, max(1, len(readings)), sharey=True, squeeze=False)[0]
    drawn: list[list[tuple[float, Effect, style.Look]]] = []
    units = results.units()
    for axes, (metric, scale) in zip(panels, readings):
        drawn.append([])
        for e, place in zip(found, places):
            if e.metric == metric:
                own, name = lines[place], _series(e, shown)
                off = SPREAD / most * (own.index(name) - (len(own) - 1) / 2)
                drawn[-1].append((list(lines).index(place) + off, e, looks[name]))
                _mark(axes, *drawn[-1][-1])
        axes.axvline(0, color=style.BLACK, linewidth=0.6)
        _limits(axes, [e for _, e, _ in drawn[-1]])
        what = "%" if scale == "log_ratio" else units.get(metric, "1").replace("1", "difference")
        name = _broken(words(metric), ACROSS // len(panels))
        axes.set_xlabel(f"{name}\n({what}){ARROWS[results.better().get(metric)]}")
        axes.tick_params(axis="y", length=0)
        for y in range(1, len(lines)):
            axes.axhline(y - 0.5, color="#e4e4e4", linewidth=0.4)
    panels[0].set_yticks(range(len(lines)), names_of_lines)
    panels[0].set_ylim(max(len(lines), 1) - 0.5, -0.5)
    marks = [
        Line2D([], [], marker=look.marker, color=look.colour, linewidth=1)
        for look in looks.values()
    ]
    figure.legend(
        marks, [words(name) for name in looks], loc="outside upper left", ncols=6,
        title=_title(found, shown), alignment="left",
    )  # fmt: skip
    _finish(figure, list(zip(panels, (scale for _, scale in readings), drawn)))
    return figure


def _finish(
    figure: Figure, panels: Sequence[tuple[Axes, str, Sequence[tuple[float, Effect, style.Look]]]]
) -> None:
    """Ticks for the room that the layout leaves to the panels, and arrow heads at their ends."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    for axes, scale, effects in panels:
        ticks.place(axes, scale == "log_ratio")
        for y, e, look in effects:
            _cut(axes, y, e, look)


def _title(found: Sequence[Effect], shown: Layout) -> str:
    """What the marks are, over how many replicates, and on which scale."""
    baseline = words(shown.against.baseline) if shown.against else ""
    by = "" if shown.series == "arm" else f" by {words(shown.series)}"
    counts = sorted({e.n for e in found})
    n = f", n = {span(list(map(float, counts)))}" if counts else ""
    logs = ("log_ratio" in {e.scale for e in found}) * "; % on a log scale"
    return f"change against {baseline}{by}, with 95 % intervals{n}{logs}:"


def _series(e: Effect, shown: Layout) -> str:
    """The level that colour and marker tell."""
    value = e.group.params.get(shown.series)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _at(line: str, places: Sequence[str], found: Sequence[Effect]) -> list[Effect]:
    """The effects of one line."""
    return [e for e, place in zip(found, places) if place == line]


def _levels(
    results: Results, found: Sequence[Effect], shown: Layout
) -> dict[str, Mapping[str, Plain]]:
    """The factors of each cell; what its configuration alone tells, only where cells differ in it:
    what all share is in the caption."""
    whole = {e.group.cell_id: levels_of(results, e.group) for e in found}
    apart = {
        name for name in shown.rows if len({own[name] for own in whole.values() if name in own}) > 1
    }
    return {
        e.group.cell_id: {
            name: value
            for name, value in whole[e.group.cell_id].items()
            if name in e.group.params or name in apart
        }
        for e in found
    }


def _line(
    e: Effect,
    own: Mapping[str, Plain],
    shown: Layout,
    without: Sequence[str],
    shared: Collection[object],
) -> str:
    """What stands beside a line: every factor but the one of the series."""
    levels = []
    for name in shown.rows:
        value = own.get(name)
        if value is None and name in without:
            levels.append(f"no {words(name)}")
        elif value is not None and name != shown.series:
            levels.append(level(name, value, shared))
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


def _listed(line: str, shown: Layout) -> str:
    """The name of a line, broken after a comma where it is long, with what it lacks below."""
    whole = ", ".join(level.replace(" ", "\u00a0") for level in line.split(", "))
    lacks = [f"({where})" for of, where in shown.elsewhere if of == line]
    return "\n".join([_broken(whole, BESIDE).replace("\u00a0", " "), *lacks])


def _mark(axes: Axes, y: float, e: Effect, look: style.Look) -> None:
    middle, low, high = e.effect, e.low, e.high
    if low is not None and high is not None and math.isfinite(high):
        axes.plot([low, high], [y, y], color=look.colour, linewidth=1)
    if middle is not None:
        axes.plot(middle, y, look.marker, color=look.colour, markersize=4)


def _limits(axes: Axes, found: Sequence[Effect]) -> None:
    """Cut off intervals of few replicates, and effects far from all others, that would flatten
    these."""
    middles = [abs(e.effect or 0.0) for e in found]
    largest = max(middles, default=0.0)
    most = LIMIT * largest
    if len(found) >= CROWD:
        reach = sorted(max(map(abs, (e.effect or 0.0, *_ends(e)))) for e in found)
        usual = USUAL * reach[3 * len(reach) // 4]
        few = sum(x > usual for x in middles) <= FEW * len(middles)
        most = min(most, usual) if few and largest > FAR * usual else most
    if most > 0:
        low, high = axes.get_xlim()
        axes.set_xlim(max(low, -most), min(high, most))


def _ends(e: Effect) -> tuple[float, ...]:
    """The ends of an interval; none where it has none."""
    low, high = e.low, e.high
    if low is None or high is None or not math.isfinite(high):
        return ()
    return low, high


def _cut(axes: Axes, y: float, e: Effect, look: style.Look) -> None:
    """An arrow head at each end of the axis beyond which an interval goes on; a larger one where
    the effect itself lies beyond."""
    left, right = axes.get_xlim()
    reach = (e.effect or 0.0, *_ends(e))
    for at, marker, side in ((left, "<", -1), (right, ">", 1)):
        if any(side * x > side * at for x in reach):
            size = 5.5 if side * reach[0] > side * at else 3.5
            axes.plot(at, y, marker, color=look.colour, markersize=size, clip_on=False, zorder=3)
