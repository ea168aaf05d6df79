"""The laws behind Ambient Diffusion Omni: bounds against exact values, and where biased data help.

(a), (b) total variation under noise of one pair with different means and one with equal means;
(c) the rates of all pairs, which the first moment that differs sets; (d) the error of the kernel
estimate; (e) the ratio of the errors with and without biased samples, its markers filled where the
printed bounds (with the proofs' constants) say that they help.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results
from harness.report.switching import predicted, settings

PAIRS = (("beta(2,5)", "beta(5,2)", "means differ"), ("beta(2,2)", "beta(4,4)", "means agree"))
SIGMAS = (0.1, 1.0)
CLEAN = 100
BOUNDS = (
    ("exact", "exact", style.Look(style.BLACK, "o", "-")),
    ("dobrushin", "Dobrushin", style.Look(style.BLUE, "^", style.DASHES[1])),
    ("printed", "printed", style.Look(style.VERMILION, "s", style.DASHES[3])),
)


def draw(results: Results) -> Figure:
    """Five panels."""
    figure = style.figure(5.0)
    grid = figure.add_gridspec(2, 6)
    groups = results.ordered(("law", "n", "sigma"))
    tv = [group for group in groups if group.params.get("law") == "contraction_tv"]
    first = figure.add_subplot(grid[0, 0:2])
    for letter, (p, q, means), axes in zip(
        "ab", PAIRS, (first, figure.add_subplot(grid[0, 2:4], sharey=first))
    ):
        _distance(axes, [g for g in tv if (g.params.get("p"), g.params.get("q")) == (p, q)])
        style.panel(axes, letter, f"TV, {means}")
    first.set_ylabel("total variation under noise")
    _rates(figure.add_subplot(grid[0, 4:6]), tv)
    _kernel(figure.add_subplot(grid[1, 0:2]), groups)
    _switching(figure.add_subplot(grid[1, 2:6]), results)
    return figure


def _series(groups: Sequence[Group], x: str, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and a metric [n] of cells, where the metric has a number above 0."""
    found = [(group.params.get(x), value(group, metric)) for group in groups]
    kept = sorted((float(a), float(b)) for a, b in found if a is not None and b)
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _distance(axes: Axes, groups: Sequence[Group]) -> None:
    for metric, name, look in BOUNDS:
        axes.plot(*_series(groups, "sigma", metric), **look.line_kwargs(), label=name, markevery=4)
    axes.axhline(1, color=style.GREY, linewidth=0.8, linestyle=":", label="trivial")
    axes.set(xscale="log", yscale="log", ylim=(2e-6, 60), xlabel="noise σ")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left")


def _rates(axes: Axes, groups: Sequence[Group]) -> None:
    pairs = dict.fromkeys((str(g.params.get("p")), str(g.params.get("q"))) for g in groups)
    pairs = dict.fromkeys(sorted(pairs))
    for (p, q), look in zip(pairs, style.LOOKS):
        own = [g for g in groups if (g.params.get("p"), g.params.get("q")) == (p, q)]
        axes.plot(
            *_series(own, "sigma", "exact"), **look.line_kwargs(), markevery=5, label=f"{p} | {q}"
        )
    guide = np.array([2.0, 20.0])
    for slope, height, text in ((-1, 0.9, (8.0, 0.4)), (-2, 3e-4, (0.3, 6e-5))):
        axes.plot(guide, height * (guide / 2) ** slope, color=style.GREY, linewidth=0.8)
        axes.text(*text, f"slope −{-slope}", fontsize=style.small(), color="#444444")
    axes.set(xscale="log", yscale="log", ylim=(3e-11, 3), xlabel="noise σ")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left", fontsize=style.small(), handlelength=1.8, labelspacing=0.2)
    style.panel(axes, "c", "TV, exact, every pair")


def _kernel(axes: Axes, groups: Sequence[Group]) -> None:
    looks = [look for _, _, look in BOUNDS]
    kinds = (("exact", "exact"), ("expectation", "sharper"), ("printed", "printed"))
    for sigma, face in zip(SIGMAS, ("full", "none")):
        own = [
            g
            for g in groups
            if (g.params.get("law"), g.params.get("sigma")) == ("kernel_estimate", sigma)
        ]
        for (metric, name), look in zip(kinds, looks):
            axes.plot(
                *_series(own, "n", metric), **look.line_kwargs(), fillstyle=face,
                label=name if face == "full" else None,
            )  # fmt: skip
    axes.axhline(1, color=style.GREY, linewidth=0.8, linestyle=":", label="trivial")
    axes.set(xscale="log", yscale="log", ylim=(1e-5, 9), xlabel="samples n", ylabel="TV error")
    style.log_ticks(axes, "xy")
    counts = sorted({int(g.params["n"] or 0) for g in groups if g.params.get("n")})
    axes.set_xticks(counts, [str(n) for n in counts])
    title = f"filled: σ = {SIGMAS[0]:g}, open: σ = {SIGMAS[1]:g}"
    style.legend(axes, loc="lower left", title=title, alignment="left", ncols=2)
    style.panel(axes, "d", "kernel estimate")


def _switching(axes: Axes, results: Results) -> None:
    """e2 / e1 with its standard error; a filled marker where the bounds say that it is below 1."""
    found = {key: groups for key, groups in settings(results).items() if key[2] == CLEAN}
    for ((p, q, _), groups), look in zip(found.items(), style.LOOKS):
        rows = [next((row for row in g.of("exact") if row.value is not None), None) for g in groups]
        kept = [(g, row) for g, row in zip(groups, rows) if row is not None]
        x = [float(g.params["sigma"] or 0) for g, _ in kept]
        y = [float(row.value or 0) for _, row in kept]
        errors = [row.standard_error or 0.0 for _, row in kept]
        axes.errorbar(x, y, errors, color=look.colour, linestyle=look.line, linewidth=0.9, zorder=2)
        for sign, face in (("help", look.colour), ("hurt", "white"), ("unresolved", "white")):
            at = [i for i, (g, _) in enumerate(kept) if predicted(g, "printed") == sign]
            axes.plot(
                [x[i] for i in at], [y[i] for i in at], look.marker, color=look.colour,
                markerfacecolor=face, markersize=5, zorder=3,
            )  # fmt: skip
        axes.plot([], [], **look.line_kwargs(), markersize=5, fillstyle="none", label=f"{p} | {q}")
    axes.plot([], [], "o", color=style.BLACK, label="filled: bounds say help")
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    for text, offset in (("hurt", 5), ("help", -11)):
        axes.annotate(text, (1, 1), xycoords=("axes fraction", "data"), xytext=(2, offset),
                      textcoords="offset points", color="#444444")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="noise σ", ylabel="error ratio e2 / e1")
    style.log_ticks(axes, "xy")
    axes.set_ylim(top=axes.get_ylim()[1] * 2.2)
    style.legend(axes, loc="upper left", ncols=2)
    style.panel(axes, "e", f"{CLEAN} clean samples, with {9 * CLEAN} biased ones and without")
