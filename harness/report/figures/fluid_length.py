"""Orders of a token model by the length of its training: the distance to the data, and the loss.

(a) the Fréchet distance of samples to the data, of one model with continuous tokens, by the length
as a multiple of that of ``fluid_grid``; in grey that of images which were only cut into patches and
put together. (b) its held-out loss: each line falls for itself, since the losses of two orders are
means of other things. Colour, marker and line are the order. Bars: 95 % t intervals over
replicates; one that reaches to 0 has no end on a logarithm, and an arrow head.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from harness.report import style
from harness.report.figures import heads
from harness.report.figures.fluid_grid import ORDERS, interval
from harness.report.number import span
from harness.report.results import Group, Results
from harness.report.words import words
from harness.studies.fluid_grid_cells import EVEN, MASKED, RANDOM, RASTER
from harness.studies.fluid_length import SINGLE
from harness.tokenwise.loss import loss_of

COLOURS = {
    RASTER: style.VERMILION,
    RANDOM: style.GREEN,
    MASKED: style.BLACK,
    EVEN: style.BLUE,
    SINGLE: style.PURPLE,
}
MARKS = {**ORDERS, SINGLE: ("v", "")}
SPREAD = 1.03  # marks of two orders at one length stand so much apart, as a ratio
CEILING = "ceiling_fd_random_conv"


def draw(results: Results) -> Figure:
    """Two panels over the length."""
    groups = results.ordered(("length",))
    figure = style.figure(3.0)
    a, b = figure.subplots(1, 2)
    lengths = sorted({float(g.params["length"] or 1) for g in groups})
    for letter, axes, metric, title, label in (
        ("a", a, "fd_random_conv", "distance to the data", "FD, random conv"),
        ("b", b, loss_of("diffusion"), "loss, each order's own", "held-out loss"),
    ):
        _lines(axes, groups, metric)
        axes.set(xscale="log", yscale="log", xlabel="length of training (times the grid's)")
        axes.set_ylabel(label)
        axes.xaxis.set_major_locator(FixedLocator(lengths))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xticks(lengths, [f"{length:g}" for length in lengths])
        style.log_ticks(axes, "y")
        style.panel(axes, letter, title)
    if found := [v for g in groups for v in g.values(CEILING).values()]:
        level = sum(found) / len(found)
        a.axhline(level, color=style.GREY, linewidth=1, zorder=0)
        a.set_ylim(bottom=min(level / 2.5, a.get_ylim()[0]))
        style.log_ticks(a, "y")  # anew, for the room that was added
        a.annotate("patches", (0.02, level), xycoords=("axes fraction", "data"), va="top",
                   color=style.GREY)  # fmt: skip
    counts = sorted({float(group.replicates) for group in groups})
    figure.legend(
        *a.get_legend_handles_labels(), loc="outside lower center", ncols=5, handlelength=2.6,
        title=f"n = {span(counts)}" if counts else None,
    )  # fmt: skip
    return figure


def _lines(axes: Axes, groups: list[Group], metric: str) -> None:
    """A line for each order that is there."""
    for number, (order, (marker, line)) in enumerate(MARKS.items()):
        mine = [g for g in groups if g.params.get("arm") == order]
        points = [(g.params["length"], found) for g in mine if (found := interval(g, metric))]
        if not points:
            continue
        x = [float(length or 1) * SPREAD ** (number - 2) for length, _ in points]
        y, half = zip(*(found for _, found in points))
        low = [min(h, 0.9 * v) for v, h in zip(y, half)]  # a logarithm has no 0
        axes.errorbar(
            x, y, [low, list(half)], color=COLOURS[order], marker=marker, linestyle=line,
            label=words(order), elinewidth=0.8,
        )  # fmt: skip
        cut = [i for i, (h, v) in enumerate(zip(half, y)) if h > 0.9 * v]
        at = np.array([[x[i], y[i] - low[i]] for i in cut]).reshape(-1, 2)
        heads.below(axes, at[:, 0], at[:, 1], COLOURS[order])
