"""The losses of Ambient Diffusion Omni: what the ambient target costs, and what the buffer is for.

(a) variance of the ambient target by that of the plain one, on a Gaussian mode of standard
deviation 0.5, by how far the noise lies above the annotated level: measured fits (points) and the
law (lines); dotted: the default buffer; (b) the weighted loss expected over training noise from a
gap g above the annotated level on (points), and its logarithm (lines); (c) mean squared error of
the optimum from n samples: plain, ambient with noise drawn anew at each visit, ambient with one
fixed noise a sample, at two noise levels above the annotated 0.2; (d) the largest weight that the
buffer of a cap admits, and the printed cap; (e) the share of training that corrupted samples make
up, by their annotated level, for three shares of the data (dotted).
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results

ANNOTATED = ((0.2, style.LOOKS[0]), (1.38, style.LOOKS[1]))
BUFFER = 2 / 3**0.5 - 1  # the default, by how much it lies above the annotated level
SHOWN = ((0.25, "full"), (0.8, "none"))
OPTIMA = (
    ("plain", "plain", style.LOOKS[0]),
    ("fresh", "ambient, fresh", style.LOOKS[4]),
    ("fixed", "ambient, fixed", style.LOOKS[1]),
)


def draw(results: Results) -> Figure:
    """Five panels."""
    figure = style.figure(5.0)
    grid = figure.add_gridspec(2, 6)
    groups = results.ordered(("law", "excess", "gap", "n", "cap", "share", "sigma_min"))
    places = (grid[0, 0:2], grid[0, 2:4], grid[0, 4:6], grid[1, 0:3], grid[1, 3:6])
    for panel, place in zip((_price, _divergence, _optimum, _cap, _share), places):
        panel(figure.add_subplot(place), groups)
    return figure


def _of(groups: Sequence[Group], law: str, **factors: object) -> list[Group]:
    wanted = {"law": law, **factors}
    return [g for g in groups if all(g.params.get(k) == v for k, v in wanted.items())]


def _series(groups: Sequence[Group], x: str, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and a metric [n], where the metric has a number."""
    found = [(g.params.get(x), value(g, metric)) for g in groups]
    kept = sorted((float(a), b) for a, b in found if a is not None and b is not None)
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _points(axes: Axes, groups: Sequence[Group], x: str, look: style.Look) -> None:
    """The exact values with their standard errors."""
    found = [(g.params.get(x), row) for g in groups for row in g.of("exact")]
    kept = [(float(a), row) for a, row in found if a is not None and row.value is not None]
    axes.errorbar(
        [a for a, _ in kept], [row.value or 0 for _, row in kept],
        [row.standard_error or 0 for _, row in kept], fmt=look.marker, color=look.colour, zorder=3,
    )  # fmt: skip


def _price(axes: Axes, groups: Sequence[Group]) -> None:
    for sigma_n, look in ANNOTATED:
        own = _of(groups, "variance_price", sigma_n=sigma_n)
        axes.plot(*_series(own, "excess", "printed"), color=look.colour, linestyle=look.line)
        axes.plot([], [], **look.line_kwargs(), label=f"σ$_n$ = {sigma_n:g}")
        _points(axes, own, "excess", look)
    axes.axvline(BUFFER, color=style.GREY, linewidth=0.8, linestyle=":")
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel="σ / σ$_n$ − 1", ylabel="variance ratio R")
    axes.set_ylim(0.7, 1500)
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="upper right")
    style.panel(axes, "a", "price of the target")


def _divergence(axes: Axes, groups: Sequence[Group]) -> None:
    for sigma_n, look in ANNOTATED:
        own = _of(groups, "buffer_loss", sigma_n=sigma_n)
        axes.plot(*_series(own, "gap", "printed"), color=look.colour, linestyle=look.line)
        axes.plot([], [], **look.line_kwargs(), label=f"σ$_n$ = {sigma_n:g}")
        _points(axes, own, "gap", look)
    axes.set(xscale="log", xlabel="gap g", ylabel="expected weighted loss")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    style.log_ticks(axes)
    axes.set_xticks((1e-8, 1e-6, 1e-4, 1e-2), ("10⁻⁸", "10⁻⁶", "10⁻⁴", "0.01"))
    axes.minorticks_off()
    style.legend(axes, loc="upper right")
    style.panel(axes, "b", "need for a buffer")


def _optimum(axes: Axes, groups: Sequence[Group]) -> None:
    for sigma, face in SHOWN:
        own = _of(groups, "finite_optimum", sigma=sigma)
        plain = dict(zip(*_series(own, "n", "plain")))
        for metric, name, look in OPTIMA:
            x, y = _series(own, "n", metric)
            if metric == "fresh":  # a ratio to plain
                y = np.array([ratio * plain.get(n, np.nan) for n, ratio in zip(x, y)])
            axes.plot(
                x, y, **look.line_kwargs(), fillstyle=face, label=name if face == "full" else None,
                markersize=6 if metric == "fresh" else 3.5,
            )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="corrupted samples n", ylabel="mean squared error")
    axes.set_ylim(5e-5, 5)
    style.log_ticks(axes, "xy")
    counts = sorted({int(g.params["n"] or 0) for g in _of(groups, "finite_optimum")})
    if counts:
        axes.set_xticks(counts, [str(n) for n in counts])
        axes.minorticks_off()
    title = f"filled: σ = {SHOWN[0][0]:g}, open: {SHOWN[1][0]:g}"
    style.legend(axes, loc="upper right", title=title, alignment="left")
    style.panel(axes, "c", "optimum from n samples")


def _cap(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, "buffer_cap")
    for metric, name, look in (
        ("exact", "largest weight", style.LOOKS[0]),
        ("printed", "printed cap", style.LOOKS[1]),
    ):
        axes.plot(*_series(own, "cap", metric), **look.line_kwargs(), label=name)
    axes.set(
        xscale="log", yscale="log", xlabel="s$_{max}$ of the buffer", ylabel="weight λ$_{amb}$"
    )
    style.log_ticks(axes, "xy")
    caps = sorted({float(g.params["cap"] or 0) for g in own})
    if caps:
        axes.set_xticks(caps, [f"{cap:g}" for cap in caps])
        axes.minorticks_off()
    style.legend(axes, loc="upper left")
    style.panel(axes, "d", "what the buffer caps")


def _share(axes: Axes, groups: Sequence[Group]) -> None:
    shares = sorted({float(g.params["share"] or 0) for g in _of(groups, "mixing_share")})
    for share, look in zip(reversed(shares), style.LOOKS):
        own = _of(groups, "mixing_share", share=share)
        axes.plot(
            *_series(own, "sigma_min", "exact"), **look.line_kwargs(),
            label=f"{100 * share:.0f} % of the data",
        )  # fmt: skip
        axes.axhline(share, color=look.colour, linewidth=0.8, linestyle=":")
    axes.set(xscale="log", xlabel="annotated level σ$_{min}$", ylabel="share of training")
    axes.set_ylim(0, 1)
    style.log_ticks(axes)
    style.legend(axes, loc="upper right", bbox_to_anchor=(1.0, 0.88))
    style.panel(axes, "e", "share of training")
