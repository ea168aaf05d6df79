"""The laws of CTRL: what three guidances draw, and what goes wrong with start, modes and reward.

(a), (b) mean and variance of what is drawn against the power gamma, on a Gaussian prior: the
optimal pull, classifier guidance times gamma, and the classifier at the denoised sample (plug-in).
Classifier guidance meets the optimum at gamma = 1 alone, the plug-in nowhere. (c) The bias of the
optimal drift started from N(0, 1): of order exp(-2T) in the mean and exp(-4T) in the variance. (d)
The pull under a prior of two modes at ±2 towards a control at 1.1 (dotted), at one time. (e) What a
biased classifier says of its samples (dashed) and what is true of them (solid), against gamma:
beyond a bias the truth has a maximum (star).
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results

PRIOR, LONG = "standard", 8.0
GUIDANCES = (
    ("soft", "optimal", style.Look(style.BLACK, "o", style.DASHES[0])),
    ("classifier", "classifier × γ", style.Look(style.BLUE, "s", style.DASHES[1])),
    ("plug_in", "plug-in", style.Look(style.VERMILION, "^", style.DASHES[3])),
)
TIME, GAMMA, CONTROL = 0.5, 3.0, 1.1


def draw(results: Results) -> Figure:
    """Five panels."""
    figure = style.figure(5.0)
    grid = figure.add_gridspec(2, 6)
    groups = results.ordered(("law", "gamma", "horizon", "x"))
    guided = [
        group
        for group in _of(groups, law="guided_law", start="tilted", prior=PRIOR)
        if group.params.get("horizon") == LONG
    ]
    for letter, moment, at in (("a", "mean", grid[0, 0:2]), ("b", "variance", grid[0, 2:4])):
        axes = figure.add_subplot(at)
        _moment(axes, _of(guided, moment=moment), moment)
        style.panel(axes, letter, f"{moment} drawn")
    _start(figure.add_subplot(grid[0, 4:6]), groups)
    _pull(figure.add_subplot(grid[1, 0:3]), groups)
    _reward(figure.add_subplot(grid[1, 3:6]), groups)
    return figure


def _of(groups: Sequence[Group], **where: object) -> list[Group]:
    return [g for g in groups if all(g.params.get(name) == at for name, at in where.items())]


def _series(groups: Sequence[Group], x: str, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and a metric [n] of cells, where the metric has a number."""
    found = [(group.params.get(x), value(group, metric)) for group in groups]
    kept = sorted((float(a), float(b)) for a, b in found if a is not None and b is not None)
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _moment(axes: Axes, groups: Sequence[Group], moment: str) -> None:
    for guidance, name, look in GUIDANCES:
        own = _of(groups, guidance=guidance)
        axes.plot(*_series(own, "gamma", "exact"), **look.line_kwargs(), label=name)
    low = 0.3 if moment == "variance" else 0.0  # above the legend
    axes.axvline(1, low, color=style.GREY, linewidth=0.8, linestyle=":")
    axes.set(xscale="log", xlabel="power γ", ylabel=f"{moment} of the samples")
    if moment == "variance":
        axes.set_yscale("log")
        style.log_ticks(axes, "y")
        style.legend(axes, loc="lower left")
    style.log_ticks(axes, "x")


def _start(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, law="start_bias", prior=PRIOR, gamma=1.0)
    for moment, look in zip(("mean", "variance"), style.LOOKS):
        at = _of(own, moment=moment)
        axes.plot(*_series(at, "horizon", "exact"), **look.line_kwargs(), label=moment)
    axes.set(yscale="log", xlabel="horizon T", ylabel="bias of the samples")
    for text, height in (("~ exp(−2T)", 0.72), ("~ exp(−4T)", 0.44)):
        axes.text(
            0.64, height, text, transform=axes.transAxes, fontsize=style.small(), color="#444444"
        )
    style.log_ticks(axes, "y")
    style.legend(axes, loc="lower left")
    style.panel(axes, "c", "start from N(0, 1), γ = 1")


def _pull(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, law="mixture_pull", t=TIME)
    for gamma, face in ((1.0, "full"), (GAMMA, "none")):
        for guidance, name, look in GUIDANCES:
            stored = "plug_in" if guidance == "soft" else guidance
            if (guidance, gamma) in (("classifier", 1.0), ("plug_in", GAMMA)):
                continue  # the same as the optimal pull, and one that leaves the panel
            at = _of(own, gamma=gamma, guidance=stored)
            x, slope = _series(at, "x", "exact" if guidance == "soft" else "printed")
            signed = np.where(x < CONTROL, slope, -slope)  # to the right
            axes.plot(
                x, signed, **look.line_kwargs(), fillstyle=face, markevery=2,
                label=f"{name}, γ = {gamma:g}",
            )  # fmt: skip
    axes.axhline(0, color=style.GREY, linewidth=0.8)
    axes.axvline(CONTROL, ymax=0.72, color=style.GREY, linewidth=0.8, linestyle=":")
    axes.set(xlabel=f"x at time {TIME:g}", ylabel="pull to the right, nats per unit")
    axes.set_ylim(top=axes.get_ylim()[1] * 1.35)
    style.legend(axes, loc="upper right", ncols=2)
    style.panel(axes, "d", "two modes")


def _reward(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, law="over_optimisation")
    shifts = sorted({float(g.params["shift"] or 0) for g in own})
    for shift, look in zip(shifts, style.LOOKS):
        at = _of(own, shift=shift)
        gamma, true = _series(at, "gamma", "exact")
        axes.plot(
            gamma, true, color=look.colour, marker=look.marker, label=f"bias {shift:g}", markevery=2
        )
        if shift:
            axes.plot(
                *_series(at, "gamma", "printed"), color=look.colour, linestyle=(0, (4, 2)),
                linewidth=0.9, marker=look.marker, fillstyle="none", markevery=(1, 2),
            )  # fmt: skip
        if len(true) and 0 < int(np.argmax(true)) < len(true) - 1:
            best = int(np.argmax(true))
            axes.plot(gamma[best], true[best], "*", color=look.colour, markersize=8, zorder=4)
    axes.set(xscale="log", xlabel="power γ", ylabel="log p(y|x) of the samples, nats")
    style.log_ticks(axes, "x")
    style.legend(axes, loc="lower right", title="solid: true, dashed: learned")
    style.panel(axes, "e", "reward over-optimisation")
