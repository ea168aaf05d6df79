"""The laws of the diffusion classifier: decisions, confidence, and the variance of its estimate.

(a) The error rate by that of Bayes, less 1, for normal classes of two variances around one mean,
uniform t (linear schedule), against the dimension. (b) The same for variances 1 and 4 under other
weightings: uniform t, the weights of the bound in 1000 steps and in continuous time, and the step
500 alone. (c) The log-odds of the softmax by those of the posterior, for classes of one variance:
never above 1/2 under uniform t. (d) The variance of one draw of the difference of two classes'
errors, by that of independent draws, for a point midway between the means, against half their
distance: paired times and noise (lines), and noise paired on a grid of times (open); above 1
pairing costs. (e) Which of two means the absolute error takes, by the distance and the share at
which the other is nearer: filled where it is the one that Bayes takes (dotted: both are equally
far).
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results

WEIGHTINGS = (
    ("uniform", "linear", "uniform t, linear"),
    ("uniform", "cosine", "uniform t, cosine"),
    ("ddpm", "linear", "bound, 1000 steps"),
    ("elbo", "linear", "bound, continuous"),
    ("single", "linear", "t = 500 alone"),
)
ROUNDING = 1e-9


def draw(results: Results) -> Figure:
    """Five panels."""
    figure = style.figure(5.0)
    grid = figure.add_gridspec(2, 6)
    groups = results.ordered(("law", "spread", "dimension", "variance"))
    rates = [
        g for g in groups if g.params.get("law") == "error_rate" and not g.params.get("distance")
    ]
    first = figure.add_subplot(grid[0, 0:2])
    _spreads(first, rates)
    _weightings(figure.add_subplot(grid[0, 2:4]), rates)
    _temperature(figure.add_subplot(grid[0, 4:6]), _of(groups, law="temperature", reduction="sum"))
    _pairing(figure.add_subplot(grid[1, 0:3]), _of(groups, law="pairing", place=0.0))
    _absolute(figure.add_subplot(grid[1, 3:6]), _of(groups, law="absolute_error", axes="two"))
    return figure


def _of(groups: Sequence[Group], **where: object) -> list[Group]:
    return [g for g in groups if all(g.params.get(name) == at for name, at in where.items())]


def _ratio(
    groups: Sequence[Group], x: str, above: str = "printed", below: str = "exact"
) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and the ratio of two metrics [n] of cells that have both."""
    found = [(g.params.get(x), value(g, above), value(g, below)) for g in groups]
    kept = sorted((float(a), b / c) for a, b, c in found if a is not None and b is not None and c)
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _excess(groups: Sequence[Group]) -> tuple[np.ndarray, np.ndarray]:
    """The dimension [n] and the error rate over that of Bayes less 1 [n], where it is not 0."""
    dimension, ratio = _ratio(groups, "dimension")
    kept = ratio - 1 > ROUNDING
    return dimension[kept], ratio[kept] - 1


def _excess_axes(axes: Axes) -> None:
    axes.set(xscale="log", yscale="log", xlabel="dimension d", ylabel="error rate / Bayes − 1")
    style.log_ticks(axes, "xy")


def _spreads(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, weighting="uniform", schedule="linear")
    spreads = list(dict.fromkeys(str(g.params.get("spread")) for g in own))
    for spread, look in zip(spreads, style.LOOKS):
        axes.plot(*_excess(_of(own, spread=spread)), **look.line_kwargs(), label=spread)
    axes.set_ylim(1e-7, 1e10)
    _excess_axes(axes)
    style.legend(axes, loc="upper left", title="variances", alignment="left")
    style.panel(axes, "a", "uniform t")


def _weightings(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, spread="1 and 4")
    for (weighting, schedule, name), look in zip(WEIGHTINGS, style.LOOKS):
        at = _of(own, weighting=weighting, schedule=schedule)
        dimension, excess = _excess(at)
        none = "" if len(excess) or not at else ": 0"
        axes.plot(dimension, excess, **look.line_kwargs(), label=name + none)
    axes.set_ylim(1e-9, 1e8)
    _excess_axes(axes)
    style.legend(axes, loc="upper left")
    style.panel(axes, "b", "variances 1 and 4")


def _temperature(axes: Axes, groups: Sequence[Group]) -> None:
    for (weighting, schedule, _), look in zip(WEIGHTINGS, style.LOOKS):
        at = _of(groups, weighting=weighting, schedule=schedule)
        axes.plot(*_ratio(at, "variance"), **look.line_kwargs())
    axes.axhline(0.5, color=style.GREY, linewidth=0.8, linestyle=":")
    axes.set(xscale="log", yscale="log", xlabel="variance of the classes")
    axes.set_ylabel("log-odds / those of Bayes")
    style.log_ticks(axes, "xy")
    style.panel(axes, "c", "confidence (marks of b)")


def _pairing(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, schedule="cosine")
    variances = sorted({float(g.params["variance"] or 0) for g in own})
    for variance, look in zip(variances, style.LOOKS):
        at = _of(own, variance=variance)
        axes.plot(
            *_ratio(at, "half_distance", "exact", "printed"), **look.line_kwargs(),
            label=f"variance {variance:g}",
        )  # fmt: skip
        axes.plot(
            *_ratio(at, "half_distance", "grid_paired", "grid_independent"), look.marker,
            color=look.colour, fillstyle="none",
        )  # fmt: skip
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel="half the distance of the means, deviations")
    axes.set_ylabel("variance, paired / independent")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower right")
    style.panel(axes, "d", "pairing, cosine schedule")


def _absolute(axes: Axes, groups: Sequence[Group]) -> None:
    for agrees, look, name in (
        (True, style.Look(style.BLUE, "o"), "as Bayes"),
        (False, style.Look(style.VERMILION, "X"), "the other class"),
    ):
        at = []
        for group in groups:
            printed, exact = value(group, "printed"), value(group, "exact")
            if (
                printed is not None
                and exact is not None
                and ((printed > 1) == (exact > 1)) == agrees
            ):
                at.append((float(group.params["far"] or 0), float(group.params["nearer"] or 0)))
        axes.plot(
            [a for a, _ in at], [b for _, b in at], look.marker, color=look.colour, markersize=5,
            fillstyle="full" if agrees else "none", label=name,
        )  # fmt: skip
    axes.axhline(0.5**0.5, color=style.GREY, linewidth=0.8, linestyle=":")
    axes.set(xscale="log", xlabel="distance D of the mean on an axis, deviations")
    axes.set_ylabel("a, the other mean being at a D (1, 1)")
    style.log_ticks(axes, "x")
    levels = sorted({float(b) for group in groups if (b := group.params.get("nearer"))})
    axes.set(ylim=(0.45, 1.02), yticks=levels)
    style.legend(axes, loc="upper left", ncols=2)
    style.panel(axes, "e", "absolute error")
