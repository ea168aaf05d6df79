"""The laws behind painters: where the Gaussian closed form holds, and what can be skipped.

(a) the share of the score that a Gaussian leaves unexplained, by noise, with its rates; (b) the
error of a teleport to noise sigma, of the state there and of the sample, with its expansion;
(c) the error of the sample when the first 30 % of EDM's steps are skipped, by the distance of the
modes; (d) the noise at which features are half decided; (e) what a perturbation does, VP; (f) the
share of variance that a teleport of low rank loses.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results

MODES, SKEWED = "two modes", "skewed modes"


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(5.6)
    panels = figure.subplots(2, 3).ravel()
    groups = results.ordered(("law", "noise", "sigma", "t", "variance", "rank"))
    _explained(panels[0], _of(groups, law="explained_variance"))
    teleports = _of(groups, law="teleport")
    _teleport(panels[1], _of(teleports, skip="a noise level"))
    _skipped(panels[2], _of(teleports, skip="30 % of steps"))
    _half_way(panels[3], _of(groups, law="half_way"))
    _perturbation(panels[4], _of(groups, law="perturbation", schedule="vp"))
    _truncation(panels[5], _of(groups, law="truncation"))
    return figure


def _of(groups: Sequence[Group], **factors: Any) -> list[Group]:
    return [g for g in groups if all(g.params.get(name) == at for name, at in factors.items())]


def _curve(groups: Sequence[Group], x: str, metric: str) -> tuple[list[float], list[float]]:
    """A factor and a metric above 0 of cells, in the order of the factor."""
    found = [(g.params.get(x), value(g, metric)) for g in groups]
    kept = sorted((float(a), b) for a, b in found if isinstance(a, int | float) and b)
    return [a for a, _ in kept], [b for _, b in kept]


def _explained(axes: Axes, groups: Sequence[Group]) -> None:
    for data, look in zip((MODES, SKEWED, "beta(2,5)", "three points"), style.LOOKS):
        x, y = _curve(_of(groups, data=data), "noise", "unexplained")
        axes.plot(x, y, **look.line_kwargs(), label=data)
    axes.set(xscale="log", yscale="log", ylim=(1e-15, 3), xlabel="noise σ / data sd",
             ylabel="unexplained share of the score")  # fmt: skip
    guide = np.array([3.0, 16.0])
    for slope, height, text in ((-6, 2e-2, (8.5, 3e-4)), (-8, 1e-5, (3.4, 1e-8))):
        axes.plot(guide, height * (guide / 3) ** slope, color=style.GREY, linewidth=0.8)
        axes.text(*text, f"σ$^{{{slope}}}$", fontsize=style.small(), color="#444444")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left", labelspacing=0.25)
    style.panel(axes, "a", "Gaussian score")


def _teleport(axes: Axes, groups: Sequence[Group]) -> None:
    for data, look in zip((MODES, SKEWED), style.LOOKS):
        own = _of(groups, data=data)
        axes.plot(*_curve(own, "sigma", "leading"), color=look.colour, linestyle=":", linewidth=1.6)
        axes.plot(*_curve(own, "sigma", "state_error"), look.marker, color=look.colour,
                  label=f"{data}, state")  # fmt: skip
        axes.plot(*_curve(own, "sigma", "final_error"), color=look.colour, marker=look.marker,
                  fillstyle="none", linestyle=look.line, linewidth=0.9,
                  label=f"{data}, sample")  # fmt: skip
    axes.plot([], [], color=style.GREY, linestyle=":", linewidth=1.6, label="expansion")
    axes.plot([8, 8], [2e-7, 3], color=style.GREY, linewidth=0.8)  # twice the separation
    axes.set(xscale="log", yscale="log", ylim=(1e-10, 3), xlabel="teleport to noise σ",
             ylabel="rms error, modes 4 apart")  # fmt: skip
    style.log_ticks(axes, "xy")
    axes.text(8.8, 0.5, "2 × 4", fontsize=style.small(), color="#444444")
    style.legend(axes, loc="lower left", labelspacing=0.25)
    style.panel(axes, "b", "teleport")


def _skipped(axes: Axes, groups: Sequence[Group]) -> None:
    for data, look in zip((MODES, SKEWED), style.LOOKS):
        axes.plot(*_curve(_of(groups, data=data), "separation", "relative_error"),
                  **look.line_kwargs(), label=data)  # fmt: skip
    axes.axhline(0.01, color=style.GREY, linewidth=0.8)
    axes.annotate("1 %", (0.03, 0.01), xycoords=("axes fraction", "data"), xytext=(0, 3),
                  textcoords="offset points", color="#444444")  # fmt: skip
    axes.set(ylim=(5e-8, 1), xscale="log", yscale="log", xlabel="separation of the modes",
             ylabel="rms error of the sample / sd")  # fmt: skip
    widths = sorted({float(g.params["separation"] or 0) for g in groups})
    axes.set_xticks(widths, [f"{w:g}" for w in widths])
    axes.minorticks_off()
    style.log_ticks(axes, "y")
    style.legend(axes, loc="lower right")
    style.panel(axes, "c", "30 % of steps skipped")


def _half_way(axes: Axes, groups: Sequence[Group]) -> None:
    gaussian = _of(groups, shape="normal")
    axes.plot(*_curve(gaussian, "variance", "printed"), color=style.BLACK, label="√(3 λ)")
    axes.plot(*_curve(gaussian, "variance", "exact"), "o", color=style.BLACK, label="normal")
    modes = _of(groups, shape="two modes")
    ranks = sorted({float(g.params["rank"] or 0) for g in modes})
    for rank, look in zip(ranks, style.LOOKS[1:]):
        axes.plot(*_curve(_of(modes, rank=rank), "variance", "exact"), **look.line_kwargs(),
                  label=f"two modes, rank {rank:.2g}")  # fmt: skip
    axes.set(xscale="log", yscale="log", ylim=(0.02, 500), xlabel="variance λ of the feature",
             ylabel="noise at which half decided")  # fmt: skip
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="upper left", labelspacing=0.25)
    style.panel(axes, "d", "order of features")


def _perturbation(axes: Axes, groups: Sequence[Group]) -> None:
    kinds = (
        ("normal", 0.25, None, "normal, λ = 0.25"),
        ("normal", 4.0, None, "normal, λ = 4"),
        ("two modes", 4.0, 0.8413, "two modes, rank 0.84"),
        ("two modes", 4.0, 0.5, "two modes, rank 0.5"),
    )
    for (shape, variance, rank, name), look in zip(kinds, style.LOOKS):
        own = _of(groups, shape=shape, variance=variance)
        own = own if rank is None else _of(own, rank=rank)
        axes.plot(*_curve(own, "t", "exact"), **look.line_kwargs(), label=name)
    axes.set(yscale="log", ylim=(0.1, 5e5), xlabel="time t of the perturbation (VP)",
             ylabel="change of x₀ by change of xₜ")  # fmt: skip
    style.log_ticks(axes, "y")
    style.legend(axes, loc="upper left", labelspacing=0.25)
    style.panel(axes, "e", "early and late perturbations")


def _truncation(axes: Axes, groups: Sequence[Group]) -> None:
    ranks = sorted({int(g.params["rank"] or 0) for g in groups})
    for rank, look in zip(ranks, style.LOOKS):
        x, y = _curve(_of(groups, rank=rank), "sigma", "lost")
        if x:
            axes.plot(x, y, **look.line_kwargs(), label=f"rank {rank}")
    axes.axhline(0.01, color=style.GREY, linewidth=0.8)
    axes.annotate("1 %", (0.9, 0.01), xycoords=("axes fraction", "data"), xytext=(0, 3),
                  textcoords="offset points", color="#444444")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="teleport to noise σ",
             ylabel="variance lost, 64 features")  # fmt: skip
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left")
    style.panel(axes, "f", "covariance of low rank")
