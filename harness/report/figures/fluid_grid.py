"""Token models by size: the held-out loss, the distance to the data, the alignment with captions.

(a) the loss of diffusion heads, (b) of cross-entropy, of images by the number of parameters: two
panels, for they have no common unit, and in each panel a line falls for itself, since orders are
means of other things. Arms of five sizes have the power law fitted to them, with a floor where that
is nearer by AICc, and dotted that of all sizes but the largest; others a line through their marks.
(c) the Fréchet distance of samples to the data; in grey that of images which were only made tokens
and back, for patches (which lose nothing) and for codes. (d) the GenEval score on scenes, with the
score of true scenes after coding. Equal updates all; where an arm was trained for as many
operations as a diffusion head, its mark is hollow and aside. Colour is the arm; marker and line are
the order. (e) and (f) what the laws of (a) and (b) leave; hollow, at the largest size, what the law
of the others leaves. Bars: 95 % t intervals over n replicates; one that reaches to 0 has no end on
a logarithm, and an arrow head.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from harness.claims.curve import Curve
from harness.claims.power import critical
from harness.report import style
from harness.report.figures import fitted, heads
from harness.report.number import span
from harness.report.results import Group, Results
from harness.report.words import words
from harness.studies.fluid_grid_cells import (
    CONTINUOUS,
    DISCRETE,
    EVEN,
    GRID,
    IMAGES,
    MASKED,
    OPERATIONS,
    QUANTISED,
    RANDOM,
    RASTER,
    SCENES,
    SQUARED,
    UPDATES,
)
from harness.studies.fluid_grid_orders import LOSSES, at, of

COLOURS = {
    CONTINUOUS: style.BLUE,
    DISCRETE: style.VERMILION,
    QUANTISED: style.GREEN,
    SQUARED: style.BLACK,
}
ORDERS = {
    RASTER: ("s", style.DASHES[1]),
    RANDOM: ("^", style.DASHES[2]),
    MASKED: ("o", "-"),
    EVEN: ("D", style.DASHES[3]),
}
SPREAD = 1.06  # marks of two arms at one size stand so much apart, as a ratio
Laws = Mapping[str, Mapping[str, fitted.Law | None]]  # by arm and order
CEILINGS = {CONTINUOUS: "-", DISCRETE: "--"}


def draw(results: Results) -> Figure:
    """Six panels over parameters."""
    groups = results.ordered(("parameters",))
    figure = style.figure(7.2)
    panels = figure.subplots(3, 2, height_ratios=(1, 1, 0.75))
    (a, b), (c, d), rest = panels
    laws = {
        arm: {order: fitted.law_of(results, curve) for order, curve in curves(arm).items()}
        for arm in LOSSES
    }
    _lines(a, groups, IMAGES, LOSSES[CONTINUOUS], (CONTINUOUS, QUANTISED), laws)
    _lines(b, groups, IMAGES, LOSSES[DISCRETE], (DISCRETE,), laws)
    _lines(c, groups, IMAGES, "fd_random_conv", tuple(COLOURS))
    _lines(d, groups, SCENES, "geneval", tuple(COLOURS))
    _ceilings(d, groups, SCENES, "ceiling_geneval")
    lowest = _ceilings(c, groups, IMAGES, "ceiling_fd_random_conv")
    titles = ("loss, diffusion heads", "loss, cross-entropy", "distance to the data", "scenes")
    labels = ("held-out loss", "held-out loss (nats a token)", "FD, random conv", "GenEval score")
    for axes, arm, letter, panel in zip(rest, LOSSES, "ef", "ab"):
        looks = {order: style.Look(COLOURS[arm], *ORDERS[order]) for order in laws[arm]}
        fitted.left(axes, [(law, looks[order]) for order, law in laws[arm].items()])
        axes.set_xlabel("parameters")
        style.panel(axes, letter, f"what the laws of ({panel}) leave")
    for letter, axes, title, label in zip("abcd", panels.flat, titles, labels):
        axes.set(xscale="log", xlabel="parameters", ylabel=label)
        if axes is not d:
            axes.set_yscale("log")
        if axes is c and lowest:
            c.set_ylim(bottom=min(lowest / 2.5, c.get_ylim()[0]))
        style.log_ticks(axes, "x" if axes is d else "xy")
        style.panel(axes, letter, title)
    d.set_ylim(-0.04, 1.06)
    _one_size(d, {float(g.params["parameters"] or 1) for g in groups if g.values("geneval")})
    counts = sorted({float(group.replicates) for group in groups})
    figure.legend(
        handles=_handles(), loc="outside lower center", ncols=4, handlelength=2.6,
        columnspacing=1.2, title=f"n = {span(counts)}" if counts else None,
    )  # fmt: skip
    return figure


def curves(arm: str) -> dict[str, Curve]:
    """The losses of an arm that a claim says a law of, by order."""
    return {
        order: Curve(LOSSES[arm], "parameters", of(arm, order), where=at(order=order))
        for one, order in GRID
        if one == arm
    }


def _one_size(axes: Axes, sizes: set[float]) -> None:
    """Where all models have one size, its tick alone, in the midst of the marks beside it."""
    if len(sizes) == 1:
        (size,) = sizes
        axes.set_xlim(size / 2, 2 * size)
        axes.set_xticks([size], [f"{size:,.0f}"])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("parameters (one size, marks side by side)")


def _handles() -> list[Line2D]:
    made = [Line2D([], [], color=c, label=words(arm), linewidth=2.5) for arm, c in COLOURS.items()]
    made += [
        Line2D([], [], color=style.GREY, marker=marker, linestyle=line, label=words(order))
        for order, (marker, line) in ORDERS.items()
    ]
    made.append(
        Line2D([], [], color=style.GREY, marker="o", fillstyle="none", linestyle="",
               label="equal operations")
    )  # fmt: skip
    return made


def interval(group: Group, metric: str) -> tuple[float, float] | None:
    """The mean of a metric and half of its 95 % interval, 0 of one replicate; None without any."""
    values = np.array(list(group.values(metric).values()))
    n = len(values)
    if not n:
        return None
    half = critical(n - 1.0) * float(values.std(ddof=1)) / n**0.5 if n > 1 else 0.0
    return float(values.mean()), half


def _lines(
    axes: Axes,
    groups: Sequence[Group],
    data: str,
    metric: str,
    arms: Sequence[str],
    laws: Laws | None = None,
) -> None:
    """A law or a line for each arm in each order, hollow marks for equal operations."""
    there = {
        (g.params.get("arm"), g.params.get("order"))
        for g in groups
        if g.params.get("data") == data and g.values(metric)
    }
    every = [(arm, order) for arm in arms for order in ORDERS if (arm, order) in there]
    for number, (arm, order) in enumerate(every):
        marker, line = ORDERS[order]
        aside = SPREAD ** (number - (len(every) - 1) / 2) if metric == "geneval" else 1.0
        how: dict[str, Any] = {"color": COLOURS[arm], "marker": marker, "elinewidth": 0.8}
        for budget in (UPDATES, OPERATIONS):
            where = {"data": data, "arm": arm, "order": order, "budget": budget}
            points = []
            for group in groups:
                found = interval(group, metric)
                if found and all(group.params.get(name) == level for name, level in where.items()):
                    points.append((float(group.params["parameters"] or 1) * aside, *found))
            if not points:
                continue
            x, y, half = (np.array(each) for each in zip(*points))
            if budget == OPERATIONS:  # beside the full ones, and in front of what crosses there
                how |= {"fillstyle": "none", "zorder": 4}
                x = x * SPREAD**2
            low = np.minimum(half, 0.9 * np.abs(y))  # a logarithm has no 0
            law = (laws or {}).get(arm, {}).get(order) if budget == UPDATES else None
            drawn = "" if budget == OPERATIONS or law is not None else line
            axes.errorbar(x, y, np.stack([low, half]), linestyle=drawn, **how)
            if axes.get_yscale() == "log" or metric != "geneval":
                heads.below(axes, x[low < half], (y - low)[low < half], COLOURS[arm])
            if law is not None:
                fitted.lines(axes, law, style.Look(COLOURS[arm], marker, line))


def _ceilings(axes: Axes, groups: Sequence[Group], data: str, metric: str) -> float | None:
    """Level lines of what tokens alone leave of images, named on their far sides; the lowest."""
    levels = {}
    for arm in CEILINGS:
        found = [
            value
            for group in groups
            if (group.params.get("data"), group.params.get("arm")) == (data, arm)
            for value in group.values(metric).values()
        ]
        if found:
            levels[arm] = float(np.mean(found))
    highest = max(levels, key=lambda arm: levels[arm], default=None)
    for arm, level in levels.items():
        axes.axhline(level, color=style.GREY, linestyle=CEILINGS[arm], linewidth=1, zorder=0)
        axes.annotate(
            "patches" if arm == CONTINUOUS else "codes", (0.02, level),
            xycoords=("axes fraction", "data"), ha="left",
            va="bottom" if arm == highest else "top", color=style.GREY,
        )  # fmt: skip
    return min(levels.values(), default=None)
