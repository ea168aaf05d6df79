"""The laws of statistical rates and of Girsanov: what errors cost, and what bounds say they cost.

(a) The relative entropy of samples under a constant error of the score, by its square, and
Girsanov's bound, which is for the SDE. (b) What a start from N(0, I) at T costs, for N(0, 4). (c)
Total variation of two unit normals, Pinsker's bound and that of Bretagnolle and Huber. (d) A
convergence theorem (S. Chen et al. 2023) against the output's total variation in 64 dimensions, by
the number of steps; (e) another (Benton et al. 2024) against its relative entropy by the longest
step, and what no step at all gives (grey). (f) The total variation of a normal with a fitted mean,
and sqrt(d/4n) (open). (g), (h) The squared error of a kernel estimate's score and its printed rate
(open), in 1 to 3 dimensions. (i) The error of the score for data in a subspace of dimension 2, by
the ambient dimension, without and with noise off the subspace, and the rate printed for the first.
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

EXACT, OTHER, BOUND = style.LOOKS[0], style.LOOKS[2], style.LOOKS[1]


def draw(results: Results) -> Figure:
    """Nine panels."""
    figure = style.figure(6.9)
    panels = figure.subplots(3, 3).ravel()
    groups = results.ordered(("law", "horizon", "steps", "n", "t", "dimension"))
    _girsanov(panels[0], _of(groups, law="constant_error", variance=1.0))
    _start(panels[1], _of(groups, law="initialisation_kl", data="wide"))
    _pinsker(panels[2], [g for g in _of(groups, law="pinsker") if _number(g, "shift") > 0])
    _chen(panels[3], _of(groups, law="chen_bound", dimension=64))
    _benton(panels[4], _of(groups, law="benton_bound", dimension=64, data="N(2, I)"))
    _parametric(panels[5], _of(groups, law="parametric_tv"))
    _kernel(panels[6], _of(groups, law="kernel_score", along="n"), "n")
    _kernel(panels[7], _of(groups, law="kernel_score", along="t"), "t")
    _latent(panels[8], _of(groups, law="latent_dimension", latent=2))
    return figure


def _of(groups: Sequence[Group], **where: object) -> list[Group]:
    return [g for g in groups if all(g.params.get(name) == at for name, at in where.items())]


def _number(group: Group, name: str) -> float:
    found = group.params.get(name)
    return float(found) if isinstance(found, int | float) else 0.0


def _series(
    groups: Sequence[Group], x: str, metric: str = "exact"
) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and a metric [n] of cells, where the metric has a number above 0."""
    found = [(group.params.get(x), value(group, metric)) for group in groups]
    kept = sorted((float(a), float(b)) for a, b in found if a is not None and b)
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _logarithmic(axes: Axes, letter: str, title: str, x: str, y: str, legend: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel=x, ylabel=y)
    style.log_ticks(axes, "xy")
    style.legend(axes, loc=legend, labelspacing=0.2)
    style.panel(axes, letter, title)


def _girsanov(axes: Axes, groups: Sequence[Group]) -> None:
    for sampler, look in (("sde", EXACT), ("ode", OTHER)):
        x, y = _series(_of(groups, sampler=sampler), "horizon")
        axes.plot(x, y / 0.01, **look.line_kwargs(), label=sampler.upper())
    x, y = _series(_of(groups, sampler="sde"), "horizon", "printed")
    axes.plot(x, y / 0.01, **BOUND.line_kwargs(), label="Girsanov")
    _logarithmic(axes, "a", "constant score error", "time T", "KL / ε²", "upper left")


def _start(axes: Axes, groups: Sequence[Group]) -> None:
    for sampler, look in (("sde", EXACT), ("ode", OTHER)):
        axes.plot(
            *_series(_of(groups, sampler=sampler), "horizon"), **look.line_kwargs(),
            label=sampler.upper(),
        )  # fmt: skip
    printed = _series(_of(groups, sampler="sde"), "horizon", "printed")
    axes.plot(*printed, **BOUND.line_kwargs(), label=r"$e^{-2T}$ KL")
    axes.set(yscale="log", xlabel="time T", ylabel="KL, nats")
    style.log_ticks(axes, "y")
    style.legend(axes, loc="lower left", labelspacing=0.2)
    style.panel(axes, "b", "start from N(0, I)")


def _pinsker(axes: Axes, groups: Sequence[Group]) -> None:
    for metric, name, look in (
        ("exact", "exact", EXACT),
        ("printed", "Pinsker", BOUND),
        ("bretagnolle_huber", "Bretagnolle, Huber", OTHER),
    ):
        axes.plot(*_series(groups, "shift", metric), **look.line_kwargs(), label=name)
    axes.axhline(1, color=style.GREY, linewidth=0.8, linestyle=":")
    axes.set(xlabel="shift, deviations", ylabel="total variation", ylim=(0, 1.5))
    axes.set_xlim(0, 6.2)
    heads.leaving(axes)
    style.legend(axes, loc="lower right", labelspacing=0.2, handlelength=1.6)
    style.panel(axes, "c", "from nats to TV")


def _chen(axes: Axes, groups: Sequence[Group]) -> None:
    for variance, look in ((0.01, EXACT), (1.0, OTHER)):
        own = _of(groups, variance=variance)
        axes.plot(*_series(own, "steps"), **look.line_kwargs(), label=f"exact, v = {variance:g}")
        axes.plot(
            *_series(own, "steps", "printed"), **look.line_kwargs(), fillstyle="none",
            label=f"bound, v = {variance:g}",
        )  # fmt: skip
    axes.axhline(1, color=style.GREY, linewidth=0.8, linestyle=":")
    axes.set_ylim(5e-6, 3e5)
    title = "steps, total variation"
    _logarithmic(axes, "d", title, "number of steps N", "total variation", "upper right")


def _benton(axes: Axes, groups: Sequence[Group]) -> None:
    axes.plot(*_series(groups, "kappa"), **EXACT.line_kwargs(), label="exact")
    axes.plot(*_series(groups, "kappa", "printed"), **BOUND.line_kwargs(), label="bound")
    nothing = _series(groups, "kappa", "no_step")[1]
    if len(nothing):
        axes.axhline(nothing[0], color=style.GREY, linewidth=0.8, linestyle=":")
    title = "steps, relative entropy"
    _logarithmic(axes, "e", title, "longest step κ", "KL, nats", "lower right")
    axes.set_xticks([0.002, 0.01, 0.05, 0.2], ["0.002", "0.01", "0.05", "0.2"])


def _parametric(axes: Axes, groups: Sequence[Group]) -> None:
    for dimension, look in zip((1, 16, 256), style.LOOKS):
        own = _of(groups, dimension=dimension)
        axes.plot(*_series(own, "n"), **look.line_kwargs(), label=f"d = {dimension}")
        axes.plot(*_series(own, "n", "printed"), look.marker, color=look.colour, fillstyle="none")
    axes.axhline(1, color=style.GREY, linewidth=0.8, linestyle=":")
    _logarithmic(axes, "f", "fitted mean", "samples n", "total variation", "lower left")


def _kernel(axes: Axes, groups: Sequence[Group], x: str) -> None:
    for dimension, look in zip((1, 2, 3), style.LOOKS):
        own = _of(groups, dimension=dimension)
        axes.plot(*_series(own, x), **look.line_kwargs(), label=f"d = {dimension}")
        axes.plot(*_series(own, x, "printed"), look.marker, color=look.colour, fillstyle="none")
    name = {"n": "samples n", "t": "noise variance t"}[x]
    letter = {"n": "g", "t": "h"}[x]
    _logarithmic(axes, letter, f"kernel score, {name}", name, "squared error", "lower left")


def _latent(axes: Axes, groups: Sequence[Group]) -> None:
    for off, name, look in ((0.0, "no noise off it", EXACT), (0.3, "noise 0.3 off it", OTHER)):
        axes.plot(*_series(_of(groups, off=off), "ambient"), **look.line_kwargs(), label=name)
    bound = _series(_of(groups, off=0.0), "ambient", "printed")
    axes.plot(*bound, **BOUND.line_kwargs(), label="printed rate")
    axes.set_ylim(3e-3, 300)
    title, x = "data in a subspace", "ambient dimension D"
    _logarithmic(axes, "i", title, x, "squared error", "upper left")
