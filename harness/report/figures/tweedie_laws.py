"""The laws behind Consistent Diffusion Meets Tweedie: exactness from noisy data, and its price.

(a) the error at σ = 0.05 of a denoiser that is exact above the noise of the data and another law's
below (filled), beside the consistency residual that tells (open): two clusters taken for a normal
law, and a normal law for a fine comb. Without an anchor the errors are the same and the residual
is 0. (b) estimates of the squared residual of an exact denoiser, which is 0: the mean of K
trajectories, with its bias as lines, and the product of two, with two standard errors. (c), (d) the
residual of a perfect denoiser under a sampler, by its steps and by the gap between the levels. (e)
how an error of the anchor at σ_n = 1 grows below it, for normal data. (f) stopping at the noise of
the data with a single denoising step: W2 of its output from the data (markers), and the bound
(lines).
An arrow head on an end of a panel says that a series goes on beyond it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.records.record import Plain
from harness.report import style
from harness.report.bounds import value
from harness.report.figures import heads
from harness.report.results import Group, Results

TIGHT: dict[str, Any] = {"handlelength": 2.0, "labelspacing": 0.25}
DATA = (("pair", "two clusters", style.LOOKS[0]), ("comb", "comb", style.LOOKS[1]))
COUNTS = ((1, style.LOOKS[0]), (4, style.LOOKS[1]), (6, style.LOOKS[3]))
SAMPLERS = (
    ("euler", "Euler–Maruyama", style.LOOKS[0]),
    ("ancestral", "ancestral", style.LOOKS[1]),
    ("ddim", "DDIM, the flow", style.LOOKS[2]),
)
VARIANCES = ((1.0, style.LOOKS[0]), (0.1, style.LOOKS[1]), (0.01, style.LOOKS[2]))


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(5.0)
    axes = figure.subplots(2, 3)
    groups = results.ordered(("law", "noise", "sigma", "lower", "steps"))
    _hidden(axes[0, 0], groups)
    _estimators(axes[0, 1], groups)
    _steps(axes[0, 2], groups)
    _gaps(axes[1, 0], groups)
    _anchor(axes[1, 1], groups)
    _single(axes[1, 2], groups)
    return figure


def _own(groups: Sequence[Group], **labels: Plain) -> list[Group]:
    """The cells that have these labels."""
    return [g for g in groups if all(g.params.get(k) == v for k, v in labels.items())]


def _series(
    groups: Sequence[Group], x: str, y: str | Callable[[Group], float | None]
) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and a metric, or a function of a cell, [n], where that is above 0."""
    found = [(g.params.get(x), value(g, y) if isinstance(y, str) else y(g)) for g in groups]
    kept = sorted((float(a), float(b)) for a, b in found if isinstance(a, int | float) and b)
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _dots(look: style.Look, face: str = "full") -> dict[str, Any]:
    return {"color": look.colour, "marker": look.marker, "linestyle": "", "fillstyle": face}


def _hidden(axes: Axes, groups: Sequence[Group]) -> None:
    for data, name, look in DATA:
        own = _own(groups, law="consistency", case="anchored", data=data)
        axes.plot(*_series(own, "noise", "error"), **look.line_kwargs(), label=f"{name}: error")
        axes.plot(
            *_series(own, "noise", "residual"), **look.line_kwargs(), fillstyle="none",
            label=f"{name}: residual",
        )  # fmt: skip
    axes.set(
        xscale="log", yscale="log", ylim=(1e-9, 1), xlabel="noise of the data σ$_n$",
        ylabel="units of the data",
    )  # fmt: skip
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left", **TIGHT)
    style.panel(axes, "a", "wrong below σ$_n$")


def _estimators(axes: Axes, groups: Sequence[Group]) -> None:
    for count, look in COUNTS:
        own = _own(groups, law="average_estimator", case="exact", count=count)
        axes.plot(*_series(own, "lower", "with_bias"), color=look.colour, linestyle=look.line)
        axes.plot(*_series(own, "lower", "exact"), **_dots(look))
        if own:
            axes.plot([], [], **look.line_kwargs(), label=f"mean of {count}")
    own = _own(groups, law="product_estimator", case="exact")
    kept = [(g.params.get("lower"), row) for g in own for row in g.of("exact") if row.ok]
    look = style.LOOKS[2]
    if kept:
        axes.errorbar(
            [float(x) for x, _ in kept if isinstance(x, int | float)],
            [row.value or 0.0 for _, row in kept],
            [2 * (row.standard_error or 0.0) for _, row in kept],
            color=look.colour, marker=look.marker, linestyle="", label="product of two",
        )  # fmt: skip
    axes.axhline(0, color=style.GREY, linewidth=0.8)
    axes.set(
        ylim=(-0.03, 0.65), xlabel="level σ at the end, from σ = 1", ylabel="estimate of residual²"
    )
    heads.leaving(axes)
    style.legend(axes, loc="upper right", **TIGHT)
    style.panel(axes, "b", "estimates of a residual of 0")


def _steps(axes: Axes, groups: Sequence[Group]) -> None:
    for sampler, name, look in SAMPLERS:
        own = _own(groups, law="coarse_sampler", data="pair", sampler=sampler, lower=0.1)
        axes.plot(*_series(own, "steps", "root_mean_square"), **look.line_kwargs(), label=name)
    axes.set(
        xscale="log", yscale="log", ylim=(3e-3, 2), xlabel="steps from σ = 1 to 0.1",
        ylabel="residual, units of the data",
    )  # fmt: skip
    style.log_ticks(axes, "y")
    axes.set_xticks([1, 2, 4, 8, 16, 32], ["1", "2", "4", "8", "16", "32"])
    axes.minorticks_off()
    style.legend(axes, loc="upper left", **TIGHT)
    style.panel(axes, "c", "a sampler of few steps")


def _gaps(axes: Axes, groups: Sequence[Group]) -> None:
    for sampler, name, look in SAMPLERS:
        own = _own(groups, law="coarse_sampler", data="pair", sampler=sampler, steps=4)
        x, y = _series(own, "lower", "root_mean_square")
        axes.plot(1 - x, y, **look.line_kwargs(), label=name)
    axes.set(
        xscale="log", yscale="log", xlabel="gap in σ, from σ = 1, in 4 steps",
        ylabel="residual, units of the data",
    )  # fmt: skip
    style.log_ticks(axes, "xy")
    style.panel(axes, "d", "a sampler over small gaps")


def _anchor(axes: Axes, groups: Sequence[Group]) -> None:
    for variance, look in VARIANCES:
        own = _own(groups, law="continuation", variance=variance, anchor_error=0.01)
        axes.plot(
            *_series(own, "lower", "amplification"), **look.line_kwargs(),
            label=f"data variance {variance:g}",
        )  # fmt: skip
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(
        xscale="log", yscale="log", ylim=(2e-3, 900), xlabel="level σ, below σ$_n$ = 1",
        ylabel="error / error of the anchor",
    )  # fmt: skip
    style.log_ticks(axes, "y")
    axes.set_xticks([0.05, 0.1, 0.2, 0.5, 0.9], ["0.05", "0.1", "0.2", "0.5", "0.9"])
    axes.minorticks_off()
    style.legend(axes, loc="upper right", **TIGHT)
    style.panel(axes, "e", "anchor off by 1 %")


def _single(axes: Axes, groups: Sequence[Group]) -> None:
    for variance, look in VARIANCES:
        own = _own(groups, law="one_step_output", variance=variance)
        axes.plot(*_series(own, "sigma", "printed"), color=look.colour, linestyle=look.line)
        axes.plot(*_series(own, "sigma", "exact"), **_dots(look))
        if own:
            axes.plot([], [], **look.line_kwargs(), label=f"data variance {variance:g}")
    axes.set(
        xscale="log", yscale="log", ylim=(2e-4, 40), xlabel="noise of the data σ$_n$",
        ylabel="W2, units of the data",
    )  # fmt: skip
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="upper left", **TIGHT)
    style.panel(axes, "f", "one step from σ$_n$")
