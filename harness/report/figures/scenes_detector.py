"""How often the detector of scenes is wrong, by damage and severity.

One panel a damage, from none on the left to the most on the right: the share of pictures in which
it is wrong, over all tasks, with 95 % intervals of Wilson, in two worlds (24 and 32 pixels).
Filled: shapes, colours, numbers or places differ from what was drawn; open: the scorer's verdict on
the picture's own caption is wrong. The marks of one severity stand side by side. The axis is
logarithmic from 0.001 % on and linear below it, down to 0. Dashed: 0.5 %, what is asked of it on
clean pictures.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import SymmetricalLogLocator

from harness.report import style
from harness.report.detection import interval, level
from harness.report.results import Group, Results
from harness.report.words import words

PANELS = {
    "blur": "width of the blur (px)",
    "noise": "standard deviation of the noise",
    "jpeg": "quality of JPEG",
}
LINEAR, ASKED = 1e-5, 0.005
BESIDE = 0.72  # of the place of a severity, over which its marks are spread
KINDS = (("detection_error", "full", "detector"), ("verdict_error", "none", "verdict"))


def draw(results: Results) -> Figure:
    """One panel a damage."""
    figure = style.figure(2.7)
    panels = figure.subplots(1, len(PANELS), sharey=True)
    groups = results.ordered(("size", "layout", "severity"))
    damaged = [group for group in groups if group.params.get("damage") not in (None, "none")]
    worlds = list(dict.fromkeys(_world(group) for group in damaged))
    series = len(worlds) * len(KINDS)
    for letter, axes, (damage, label) in zip("abc", panels, PANELS.items()):
        shown = [g for g in groups if _world(g) in worlds]
        shown = [g for g in shown if g.params.get("damage") in ("none", damage)]
        levels = sorted({_severity(group) for group in shown})
        for number, (world, look) in enumerate(zip(worlds, style.LOOKS)):
            own = [group for group in shown if _world(group) == world]
            for kind, (metric, fill, name) in enumerate(KINDS):
                aside = BESIDE * ((len(KINDS) * number + kind + 0.5) / series - 0.5)
                _line(axes, own, levels, metric, look, fill, f"{world}: {name}", aside)
        axes.axhline(ASKED, color=style.GREY, linewidth=0.8, linestyle="--", zorder=0)
        axes.set_yscale("symlog", linthresh=LINEAR, linscale=0.6)
        axes.set(ylim=(0, 1), xlabel=label, xlim=(-0.5, max(1, len(levels)) - 0.5))
        axes.set_xticks(range(len(levels)), [_tick(damage, x) for x in levels])
        axes.yaxis.set_minor_locator(
            SymmetricalLogLocator(linthresh=LINEAR, base=10, subs=range(2, 10))
        )
        style.panel(axes, letter, words(damage))
    panels[0].set_ylabel("share of pictures that are wrong")
    decades = range(-5, 1)
    panels[0].set_yticks(
        [0.0, *(10.0**k for k in decades)], ["0", *(f"{10.0 ** (k + 2):g} %" for k in decades)]
    )
    style.legend(panels[0], on=figure, loc="outside lower center", ncols=4)
    return figure


def _world(group: Group) -> str:
    return f"{group.params.get('size')} px, {group.params.get('layout')}"


def _severity(group: Group) -> float:
    return float(group.params.get("severity") or 0)


def _tick(damage: str, severity: float) -> str:
    """A severity without the words that the axis has: "quality 25" is 25."""
    text = level(damage if severity else "none", severity)
    return text.removeprefix("quality ").removesuffix(" px")


def _line(
    axes: Axes,
    groups: list[Group],
    levels: Sequence[float],
    metric: str,
    look: style.Look,
    fill: str,
    label: str,
    aside: float,
) -> None:
    """Shares over severity with their intervals; those of the detector joined by a line.

    aside: how far a mark stands from the middle of its severity's place, which is 1 wide.
    """
    points = [
        (levels.index(_severity(group)) + aside, *interval(row))
        for group in groups
        for row in group.of(metric)[:1]
        if row.ok
    ]
    if not points:
        return
    x, share, low, high = (list(column) for column in zip(*sorted(points)))
    below = [s - each for s, each in zip(share, low)]
    above = [each - s for s, each in zip(share, high)]
    kwargs: dict[str, Any] = {**look.line_kwargs(), "fillstyle": fill, "clip_on": False}
    if fill == "none":
        kwargs["linestyle"] = "none"
    axes.errorbar(x, share, [below, above], label=label, elinewidth=0.8, **kwargs)
