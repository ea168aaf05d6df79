"""Blurred photographs: where along the noise levels each arm gains, and what its samples are like.

Above, the denoising error of each arm less that of ``clean``, replicate by replicate, over the
noise level: the mean with its 95 % t interval. Below, the co-primary metrics of every arm: the
mean with its standard error, and each replicate.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.claims.power import critical
from harness.report import style
from harness.report.admitted import ARM, sigma_min
from harness.report.effect import against_of, baseline_of
from harness.report.gates import shut_for
from harness.report.layout import Layout
from harness.report.layouts import layout
from harness.report.means import ARROWS
from harness.report.results import Group, Results, mean
from harness.report.words import words

ERROR = "denoising_error/"


def draw(results: Results) -> Figure:
    """A panel for each network and blur with the curves, and one for each metric."""
    shown = layout(results.study)
    places = _places(results, shown)
    cells = results.ordered(("network", "blur", "arm"), shown.order)
    readings = against_of(results, shown).readings
    figure = style.figure(2.5 + 0.55 + 0.145 * len(cells))
    heights = (2.5, 0.55 + 0.145 * len(cells))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=heights)[:, 0]
    panels = above.subplots(1, max(1, len(places)), squeeze=False)[0]
    for letter, axes, (network, blur) in zip("abcdefgh", panels, places):
        _curves(axes, results, shown, network, blur)
        shut = ", gate shut" if shut_for(results, network) else ""
        style.panel(axes, letter, f"{words(network)}, blur {blur:g}{shut}")
    panels[0].set_ylabel("denoising error less that\nof clean (nats per e-fold of σ)")
    _shared_legend(panels)
    letter = "abcdefgh"[len(places)]
    row = below.subplots(1, len(readings), sharey=True, squeeze=False)[0]
    for axes, (metric, _) in zip(row, readings):
        _dots(axes, cells, metric)
        unit = results.units().get(metric, "")
        named = f" ({unit})" if unit not in ("", "1") else ""
        axes.set_xlabel(f"{words(metric)}{named}{ARROWS[results.better().get(metric)]}")
    title = f"({letter}) every arm: mean ± standard error, and each replicate"
    below.suptitle(title, x=0.02, ha="left", fontsize=style.RC["axes.titlesize"])
    return figure


def _places(results: Results, shown: Layout) -> list[tuple[str, float]]:
    """The networks with the blurs that they met."""
    found = {
        (str(group.params.get("network")), float(blur)): None
        for group in results.ordered(shown.rows, shown.order)
        if isinstance(blur := group.params.get("blur"), int | float)
    }
    return list(found)


def _curves(axes: Axes, results: Results, shown: Layout, network: str, blur: float) -> None:
    """The paired difference of the denoising error to the baseline, by noise level."""
    against, ends = against_of(results, shown), [np.zeros(1)]
    for group in results.ordered(shown.rows, shown.order):
        p = group.params
        if p.get("network") != network or p.get("blur", blur) != blur:
            continue
        arm = str(p.get("arm"))
        other = None if arm == against.baseline else baseline_of(results, group, against)
        if other is None:
            continue
        sigma, difference, half = paired_curve(group, other)
        most = 3 * np.abs(difference).max(initial=0)  # a band of few replicates is cut off there
        ends += [np.clip(difference + sign * half, -most, most) for sign in (-1, 1)]
        look = style.ARMS.get(arm, style.LOOKS[-1])
        axes.plot(sigma, difference, **look.line_kwargs(), markevery=4, label=words(arm))
        axes.fill_between(
            sigma, difference - half, difference + half, color=look.colour, alpha=0.18, linewidth=0
        )
        if arm == ARM and (level := sigma_min(results, group)) is not None:
            axes.axvline(level, color=look.colour, linewidth=0.8, linestyle=style.DASHES[2])
            axes.annotate(r"$\sigma_\mathrm{min}$", (level, 1), xycoords=("data", "axes fraction"),
                          xytext=(2, -1), textcoords="offset points", va="top")  # fmt: skip
    axes.axhline(0, color=style.BLACK, linewidth=0.6)
    axes.set(xscale="log", xlabel="noise σ")
    low, high = np.concatenate(ends).min(), np.concatenate(ends).max()
    if high > low:
        axes.set_ylim(low - 0.04 * (high - low), high + 0.14 * (high - low))
    style.log_ticks(axes, "x")


def paired_curve(group: Group, other: Group) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise levels [S], the mean paired difference [S] and the half width of its 95 % interval."""
    metrics = sorted(
        {row.metric for row in group.rows if row.metric.startswith(ERROR)},
        key=lambda metric: float(metric.removeprefix(ERROR)),
    )
    sigma, middle, half = [], [], []
    for metric in metrics:
        arm, baseline = group.values(metric), other.values(metric)
        values = np.array([arm[r] - baseline[r] for r in arm if r in baseline])
        if not len(values):
            continue
        sigma.append(float(metric.removeprefix(ERROR)))
        middle.append(float(values.mean()))
        n = len(values)
        half.append(critical(n - 1.0) * float(values.std(ddof=1)) / n**0.5 if n > 1 else 0.0)
    return np.array(sigma), np.array(middle), np.array(half)


def _shared_legend(panels: Sequence[Axes]) -> None:
    """One legend for all panels, in the emptiest place of the last one."""
    handles: dict[Any, Any] = {}
    for axes in panels:
        for handle, name in zip(*axes.get_legend_handles_labels()):
            handles.setdefault(name, handle)
    if handles:
        panels[-1].legend(list(handles.values()), list(handles), loc="best")


def _dots(axes: Axes, cells: Sequence[Group], metric: str) -> None:
    """One line a cell: the mean over replicates with its standard error, and the replicates."""
    for y, group in enumerate(cells):
        look = style.ARMS.get(str(group.params.get("arm")), style.LOOKS[-1])
        values = list(group.values(metric).values())
        axes.plot(values, [y] * len(values), "|", color=style.GREY, markersize=5, zorder=1)
        one = mean(group, metric)
        if one.value is not None:
            axes.errorbar(one.value, y, xerr=one.error, fmt=look.marker, color=look.colour)
    for y, (before, group) in enumerate(pairwise(cells)):
        if before.params.get("network") != group.params.get("network"):
            axes.axhline(y + 0.5, color=style.GREY, linewidth=0.6)
    axes.set_yticks(range(len(cells)), [_label(group) for group in cells])
    axes.set_ylim(len(cells) - 0.5, -0.5)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.4)
    axes.tick_params(axis="y", length=0)


def _label(group: Group) -> str:
    p = group.params
    blur = f" {p['blur']:g}" if isinstance(p.get("blur"), int | float) else ""
    return f"{words(p.get('network'))} {words(p.get('arm'))}{blur}"
