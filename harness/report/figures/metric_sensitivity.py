"""What each metric sees: every distance under every damage, in units of its floor.

The floor is the distance of two undamaged halves; a damage near 1 is invisible to the metric. One
small marker a replicate; where they lie apart, so do the halves. A metric whose truth is 0 can come
near it by chance: a replicate below ``LEAST`` floors is a small arrow at the edge.
"""

from matplotlib.figure import Figure

from harness.report import style
from harness.report.floors import DISTANCES, NONE, ratios
from harness.report.layout import layout, words
from harness.report.results import Results

LEAST = 0.25


def draw(results: Results) -> Figure:
    """One panel: damages down, multiples of the floor across."""
    shown = layout(results.study)
    groups = [
        group
        for group in results.ordered(shown.rows or ("damage",), shown.order)
        if group.params.get("damage") != NONE
    ]
    figure = style.figure(0.8 + 0.21 * len(groups))
    axes = figure.subplots()
    for y, group in enumerate(groups):
        if y % 2:
            axes.axhspan(y - 0.5, y + 0.5, color="#f1f1f1", zorder=0, linewidth=0)
        for i, (metric, look) in enumerate(zip(DISTANCES, style.LOOKS)):
            found = ratios(results, group, metric)
            height = y + 0.2 * (i - (len(DISTANCES) - 1) / 2)
            for marker, x in (
                (look.marker, [value for value in found if value >= LEAST]),
                ("<", [LEAST for value in found if value < LEAST]),
            ):
                axes.plot(x, [height] * len(x), marker, color=look.colour, markersize=2,
                          fillstyle="none", markeredgewidth=0.5)  # fmt: skip
            if found:
                axes.plot(sum(found) / len(found), height, look.marker, color=look.colour,
                          markersize=4.5, label=words(metric) if y == 0 else None)  # fmt: skip
    axes.axvline(1, color=style.BLACK, linewidth=0.8)
    axes.annotate("floor", (1, 1), xycoords=("data", "axes fraction"), xytext=(0, 2),
                  textcoords="offset points", ha="center")  # fmt: skip
    axes.set_yticks(range(len(groups)), [words(group.params.get("damage")) for group in groups])
    axes.set(ylim=(len(groups) - 0.5, -0.5), xscale="log", xlim=(0.9 * LEAST, None),
             xlabel="distance / distance of two undamaged halves")  # fmt: skip
    axes.tick_params(axis="y", length=0)
    style.log_ticks(axes, "x")
    style.legend(axes, figure, loc="outside upper right", ncols=4, handlelength=1)
    return figure
