"""Every metric in every cell: a dot for the mean, small ones for the replicates.

The figure of a study that asks for no other.
"""

import math

from matplotlib.figure import Figure

from harness.report import style
from harness.report.failures import place
from harness.report.layouts import layout
from harness.report.means import chosen, head
from harness.report.results import Results, mean

ACROSS = 4  # panels in a row


def draw(results: Results) -> Figure:
    """One panel a metric, one line a cell."""
    shown = layout(results.study)
    factors, metrics = chosen(results, shown)
    groups = results.ordered(factors, shown.order)
    rows = max(1, math.ceil(len(metrics) / ACROSS))
    across = min(ACROSS, max(1, len(metrics)))
    figure = style.figure(rows * (0.7 + 0.16 * len(groups)))
    panels = figure.subplots(rows, across, sharey=True, squeeze=False).ravel()
    units, better = results.units(), results.better()
    for axes, metric in zip(panels, metrics):
        for y, group in enumerate(groups):
            values = list(group.values(metric).values())
            axes.plot(values, [y] * len(values), "|", color=style.GREY, markersize=5)
            one = mean(group, metric)
            if one.value is not None:
                axes.errorbar(one.value, y, xerr=one.error, fmt="o", color=style.BLUE)
        axes.set_xlabel(head(metric, units.get(metric, ""), better.get(metric)))
        axes.set_yticks(range(len(groups)), [place(group, factors) for group in groups])
        axes.grid(axis="y", color="#dddddd", linewidth=0.4)
    for axes in panels[len(metrics) :]:
        axes.set_axis_off()
    if len(panels):
        panels[0].set_ylim(len(groups) - 0.5, -0.5)
    return figure
