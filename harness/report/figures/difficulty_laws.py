"""The laws of denoising task difficulty: which time steps are hard, and for which data.

(a) to (c) The relative entropy of neighbouring time steps by its largest value, under the linear
and the cosine schedule and at one beta for all steps: the paper has it fall from the first step on,
which is so in (c), whatever the data. (d) Its share in each of 20 clusters of time steps, linear
schedule: the curriculum trains from the last cluster to the first, in the right order where the
curve falls. (e) The second step by the first, for one direction, against its variance; below 1 it
falls, left of the dotted lines. (f) The iterations that a linear denoiser of image-like data takes
at one time step to a thousandth of its first loss, by what it predicts, and its condition number.
An arrow head on an end of a panel says that a series goes on beyond it.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.figures import heads
from harness.report.results import Group, Results

LOOKS = {
    "image-like": style.LOOKS[0],
    "fine detail": style.LOOKS[1],
    "separated": style.LOOKS[2],
    "wide": style.LOOKS[3],
    "two modes": style.LOOKS[4],
}
NAMES = {"separated": "N(3, 1)", "wide": "N(0, 4)"}
SCHEDULES = (
    ("linear", "linear schedule"),
    ("cosine", "cosine schedule"),
    ("constant", "one beta at all steps"),
)


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(4.9)
    panels = figure.subplots(2, 3)
    groups = results.ordered(("law", "t", "cluster", "variance"))
    for letter, (schedule, name), axes in zip("abc", SCHEDULES, panels[0]):
        _divergence(axes, _of(groups, schedule=schedule))
        style.panel(axes, letter, name)
    panels[0, 0].set_ylabel(r"KL($p_{t-1}$‖$p_t$) / largest")
    style.legend(panels[0, 0], loc="lower left", labelspacing=0.2)
    _clusters(panels[1, 0], _of(groups, law="cluster_share", schedule="linear"))
    _first_fall(panels[1, 1], _of(groups, law="first_fall"))
    _iterations(panels[1, 2], _of(groups, data="image-like", schedule="linear"))
    return figure


def _of(groups: Sequence[Group], **where: object) -> list[Group]:
    return [g for g in groups if all(g.params.get(name) == at for name, at in where.items())]


def _series(
    groups: Sequence[Group], x: str, metric: str = "exact"
) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and a metric [n] of cells, where the metric has a number above 0."""
    found = [(group.params.get(x), value(group, metric)) for group in groups]
    kept = sorted((float(a), float(b)) for a, b in found if a is not None and b)
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _divergence(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, law="divergence") + _of(groups, law="mixture_divergence")
    for data, look in LOOKS.items():
        x, y = _series(_of(own, data=data), "t")
        if len(y):
            axes.plot(
                x, y / y.max(), **look.line_kwargs(), markevery=3, label=NAMES.get(data, data)
            )
            axes.plot(x[y.argmax()], 1, look.marker, color=look.colour, markersize=6, clip_on=False)
    axes.set(xscale="log", yscale="log", ylim=(1e-6, 2), xlabel="time step t")
    heads.leaving(axes)
    style.log_ticks(axes, "xy")


def _clusters(axes: Axes, groups: Sequence[Group]) -> None:
    for data, look in LOOKS.items():
        x, y = _series(_of(groups, data=data), "cluster")
        if len(y):
            axes.plot(x, y, **look.line_kwargs(), label=NAMES.get(data, data))
    axes.set(yscale="log", ylim=(1e-6, 2), xlabel="cluster, the last trained first")
    heads.leaving(axes)
    axes.set_xticks([1, 5, 10, 15, 20])
    axes.set_ylabel("share of all change")
    style.log_ticks(axes, "y")
    style.panel(axes, "d", "curriculum, linear")


def _first_fall(axes: Axes, groups: Sequence[Group]) -> None:
    for schedule, look in zip(("linear", "cosine"), style.LOOKS):
        own = _of(groups, schedule=schedule)
        axes.plot(*_series(own, "variance"), **look.line_kwargs(), markevery=2, label=schedule)
        thresholds = _series(own, "variance", "threshold")[1]
        if len(thresholds):
            axes.axvline(thresholds[0], color=look.colour, linewidth=0.9, linestyle=":")
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", xlabel="variance of the direction", ylabel="second step / first")
    style.log_ticks(axes, "x")
    axes.set_xticks([1e-6, 1e-4, 1e-2, 1, 100])
    style.legend(axes, loc="lower right")
    style.panel(axes, "e", "the first two steps")


def _iterations(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, law="iterations", error="relative")
    for prediction, look in zip(("eps", "x0"), style.LOOKS):
        at = _of(own, prediction=prediction)
        axes.plot(*_series(at, "t"), **look.line_kwargs(), label=f"iterations, {prediction}")
    kappa = style.Look(style.BLACK, "^", style.DASHES[2])
    at = _of(groups, law="condition_number")
    axes.plot(*_series(at, "t"), **kappa.line_kwargs(), label="condition number")
    axes.set(xscale="log", yscale="log", xlabel="time step t", ylabel="number")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left")
    style.panel(axes, "f", "convergence, linear")
