"""The laws behind Slight Corruption: where corrupted conditions help, and by which formula.

(a) the gain in transport cost, as a share of the clean cost, against gamma sqrt(n): it changes its
sign; dashed, for one class, the gain that the printed lemma would give; (b) the entropy gain
against gamma, for which the printed lemma has a factor d that the true gain has not; (c) the slope
of the gain at gamma = 0 against 1/n, and what the printed lemma gives; (d) the printed lower bound
of that slope over the slope: above 1 it fails; (e) label flips, which raise the entropy of a class
and its transport cost alike.
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

GAINS = ((1, 50), (8, 50), (16, 100), (64, 200))
LEMMA = (8, 50)
SLOPES = (1, 8, 64)
RATIOS = (1, 4, 8, 16, 64, 256)


def draw(results: Results) -> Figure:
    """Five panels."""
    figure = style.figure(5.2)
    grid = figure.add_gridspec(2, 6)
    groups = results.ordered(("law", "d", "n", "norm", "gamma", "eta"))
    _gain(figure.add_subplot(grid[0, 0:3]), groups)
    _entropy(figure.add_subplot(grid[0, 3:6]), groups)
    _slope(figure.add_subplot(grid[1, 0:2]), groups)
    _bound(figure.add_subplot(grid[1, 2:4]), groups)
    _flips(figure.add_subplot(grid[1, 4:6]), groups)
    return figure


def _of(groups: Sequence[Group], **params: str | int | float) -> list[Group]:
    """The cells with these levels of their factors."""
    return [g for g in groups if all(g.params.get(name) == at for name, at in params.items())]


def _series(
    groups: Sequence[Group], x: str, metric: str, by: str = ""
) -> tuple[np.ndarray, np.ndarray]:
    """A factor [k] and a metric [k], over the metric ``by`` where one is named."""
    found = []
    for group in groups:
        at, number = group.params.get(x), value(group, metric)
        unit = value(group, by) if by else 1.0
        if isinstance(at, int | float) and number is not None and unit:
            found.append((float(at), number / unit))
    found.sort()
    return np.array([a for a, _ in found]), np.array([b for _, b in found])


def _gain(axes: Axes, groups: Sequence[Group]) -> None:
    for (d, n), look in zip(GAINS, style.LOOKS):
        law = "w2_gain_line" if d == 1 else "w2_gain"
        own = _of(groups, law=law, d=d, n=n, norm=1.0)
        axes.plot(
            *_series(own, "gamma_root_n", "exact", "clean"), color=look.colour, marker=look.marker,
            label=f"d = {d}, n = {n}",
        )  # fmt: skip
        if (d, n) == LEMMA:
            axes.plot(
                *_series(own, "gamma_root_n", "printed_lemma", "clean"), color=look.colour,
                linestyle=style.DASHES[1], linewidth=0.9, label=f"d = {d}, printed lemma",
            )  # fmt: skip
    axes.axhline(0, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", xlim=(0.13, 17), ylim=(-0.15, 0.125), xlabel="γ √n",
             ylabel="gain in W2² / clean W2²")  # fmt: skip
    heads.leaving(axes)
    style.log_ticks(axes, "x")
    style.legend(axes, loc="lower left")
    style.panel(axes, "a", "corrupted conditions, |μ| = 1")


def _entropy(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, law="entropy_gain")
    dimensions = sorted({int(g.params.get("d") or 0) for g in own} - {0})
    for d, look in zip(dimensions[1:], style.LOOKS[1:]):
        axes.plot(
            *_series(_of(own, d=d), "gamma", "printed"), color=look.colour, marker=look.marker,
            linestyle=style.DASHES[1], label=f"printed, d = {d}",
        )  # fmt: skip
    for d in dimensions:  # one curve
        axes.plot(
            *_series(_of(own, d=d), "gamma", "exact"), "o-", color=style.BLACK, linewidth=1.0,
            label=f"exact, d = {', '.join(map(str, dimensions))}" if d == dimensions[0] else None,
        )  # fmt: skip
    guide = np.array([0.035, 0.2])
    axes.plot(guide, 0.16 * guide**2, color=style.GREY, linewidth=0.8)
    axes.text(0.1, 5e-4, "slope 2", fontsize=style.small(), color="#444444")
    axes.set(xscale="log", yscale="log", ylim=(1e-4, 2e3), xlabel="γ", ylabel="entropy gain (nats)")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower right")
    style.panel(axes, "b", "covariance I, |μ| = 1")


def _slope(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, law="w2_slope", norm=1.0)
    for d, look in zip(SLOPES, style.LOOKS):
        x, y = _series(_of(own, d=d), "n", "exact")
        axes.plot(1 / x, y, color=look.colour, marker=look.marker, label=f"d = {d}")
        x, y = _series(_of(own, d=d), "n", "printed_lemma")
        axes.plot(1 / x, y, color=look.colour, linestyle=style.DASHES[1], linewidth=0.8)
    axes.plot([], [], color=style.GREY, linestyle=style.DASHES[1], linewidth=0.8,
              label="printed lemma")  # fmt: skip
    axes.set(xscale="log", yscale="log", ylim=(2e-6, 100), xlabel="1 / n",
             ylabel="slope of the gain in γ²")  # fmt: skip
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower right")
    style.panel(axes, "c", "slope at γ = 0, |μ| = 1")


def _bound(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, law="w2_slope", norm=1.0)
    for d, look in zip(RATIOS, style.LOOKS):
        axes.plot(*_series(_of(own, d=d), "n", "printed/exact"), **look.line_kwargs(), label=f"{d}")
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", ylim=(0.6, 1.08), xlabel="samples n", ylabel="printed bound / slope")
    heads.leaving(axes)
    style.log_ticks(axes, "x")
    style.legend(axes, loc="lower right", title="d", ncols=2)
    style.panel(axes, "d", "bound; fails above 1")


def _flips(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, law="label_flips")
    keys = dict.fromkeys(
        tuple(g.params.get(name) for name in ("d", "classes", "separation", "n")) for g in own
    )
    for (d, classes, separation, n), look in zip(keys, style.LOOKS):
        found = [
            g for g in own
            if (g.params.get("d"), g.params.get("separation"), g.params.get("n"))
            == (d, separation, n)
        ]  # fmt: skip
        for metric, face, line in (("exact", "full", "-"), ("entropy_gain", "none", ":")):
            rows = [
                (float(g.params.get("eta") or 0), row.value, row.standard_error or 0.0)
                for g in found
                for row in g.of(metric)
                if row.value is not None
            ]
            if rows:
                x, y, error = zip(*sorted(rows))
                axes.errorbar(
                    x, y, error, color=look.colour, marker=look.marker, linestyle=line,
                    fillstyle=face, linewidth=0.9,
                    label=f"K = {classes}, n = {n}, a = {separation:g}" if face == "full" else None,
                )  # fmt: skip
    axes.axhline(0, color=style.GREY, linewidth=0.8)
    axes.set(xlabel="share of flipped labels η", ylabel="gain", xlim=(0, 0.215), ylim=(-0.15, 0.5))
    for name, face, line in (("gain in W2²", "full", "-"), ("entropy gain (nats)", "none", ":")):
        axes.plot([], [], "o", color=style.GREY, linestyle=line, fillstyle=face, label=name)
    style.legend(axes, loc="upper left", labelspacing=0.2)
    style.panel(axes, "e", "label flips")
