"""How often the detector of scenes is wrong, by damage and severity.

One panel a damage: the share of pictures in which it is wrong, over all tasks, with 95 % intervals
of Wilson, in two worlds (24 and 32 pixels). Filled: shapes, colours, numbers or places differ from
what was drawn; open: the scorer's verdict on the picture's own caption is wrong. Severity 0 is the
clean world; a mark or an interval on the lower edge means 0; the marks of the second world are
moved a little to the right. Dashed: 0.5 %, what is asked of it on clean pictures.
"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.detection import interval
from harness.report.results import Group, Results

PANELS = (
    ("blur", "width of the blur, pixels"),
    ("noise", "standard deviation of the noise"),
    ("jpeg", "100 less the quality of JPEG"),
)
LEAST, ASKED = 1e-5, 0.005
ASIDE = 0.02  # so that the bars of two worlds do not hide each other
KINDS = (("detection_error", "full", "detector"), ("verdict_error", "none", "verdict"))


def draw(results: Results) -> Figure:
    """One panel a damage."""
    figure = style.figure(2.6)
    panels = figure.subplots(1, len(PANELS), sharey=True)
    groups = results.ordered(("size", "layout", "severity"))
    damaged = [group for group in groups if group.params.get("damage") not in (None, "none")]
    worlds = list(dict.fromkeys(_world(group) for group in damaged))
    for letter, axes, (damage, label) in zip("abc", panels, PANELS):
        for number, (world, look) in enumerate(zip(worlds, style.LOOKS)):
            own = [g for g in groups if _world(g) == world]
            own = [g for g in own if g.params.get("damage") in ("none", damage)]
            for metric, fill, kind in KINDS:
                _line(axes, own, metric, look, fill, f"{world}: {kind}", ASIDE * number)
        axes.axhline(ASKED, color=style.GREY, linewidth=0.8, linestyle="--")
        axes.set(yscale="log", ylim=(LEAST, 1), xlabel=label)
        style.panel(axes, letter, {"jpeg": "JPEG"}.get(damage, damage))
    panels[0].set_ylabel("share of pictures that are wrong")
    panels[0].set_yticks([10.0**k for k in range(-5, 1)], [f"{10.0**k:g} %" for k in range(-3, 3)])
    style.legend(panels[0], on=figure, loc="outside lower center", ncols=4)
    return figure


def _world(group: Group) -> str:
    return f"{group.params.get('size')} px, {group.params.get('layout')}"


def _line(
    axes: Axes,
    groups: list[Group],
    metric: str,
    look: style.Look,
    fill: str,
    label: str,
    aside: float,
) -> None:
    """Shares over severity with their intervals; 0 stands on the lower edge.

    aside: how far the marks stand to the right of their place, as a share of the longest severity.
    """
    points = [
        (float(group.params.get("severity") or 0), *interval(row))
        for group in groups
        for row in group.of(metric)[:1]
        if row.ok
    ]
    if not points:
        return
    x, share, low, high = (list(column) for column in zip(*sorted(points)))
    x = [each + aside * max(x) for each in x]
    shown = [max(each, LEAST) for each in share]
    below = [s - max(each, LEAST) for s, each in zip(shown, low)]
    above = [max(each, LEAST) - s for s, each in zip(shown, high)]
    kwargs: dict[str, Any] = {**look.line_kwargs(), "fillstyle": fill, "clip_on": False}
    axes.errorbar(x, shown, [below, above], label=label, elinewidth=0.8, **kwargs)
