"""Self-consuming loops, generation by generation.

Above, Gaussians of 100 samples. (a) how far loops from two first models are apart: simulated (open
marks), exact (lines), and dashed what the theorem promises, where it promises anything. (b) the
same at a lambda for which it promises nothing. (c) the error of the mean by that of the real
samples alone, exact (lines) and simulated. Below, digits at lambda = 1: (d) Fréchet distance, (e)
coverage, (f) class accuracy of each generation, loops without correction to a late one; and the
drift, the Fréchet distance of the last generation by that of the first, against the strength of
correction, for each lambda: by an oracle (g), by cluster centres (h), by those of another class
(i). Marks are means over the n replicates that the legends state, each a whole trajectory, and in
(a) to (c) over n simulated loops; bars are their standard errors.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from harness.report import style
from harness.report.number import span
from harness.report.results import Group, Results
from harness.report.words import words

FULL = "full"
NEAR, BEYOND, SHOWN = 0.25, 2.0, 1.0  # lambda with and without a promise; of the arms
TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 20.0)
STRENGTHS = (0.0, 0.1, 1.0, FULL)
ARMS = {
    "none": style.Look(style.BLACK, "o", style.DASHES[0]),
    "fresh": style.Look(style.SKY, "P", style.DASHES[1]),
    "synthetic": style.Look(style.GREY, "X", style.DASHES[2]),
    "centres": style.Look(style.GREEN, "^", style.DASHES[3]),
    "oracle": style.Look(style.BLUE, "s", style.DASHES[0]),
    "biased": style.Look(style.VERMILION, "v", style.DASHES[1]),
}
Points = tuple[np.ndarray, np.ndarray, np.ndarray]  # generations, means, standard errors


def draw(results: Results) -> Figure:
    """Three panels of Gaussians, and six of digits."""
    figure = style.figure(6.6)
    above, middle, below = figure.subplots(3, 3)
    loops = [g for g in results.groups if g.params.get("until") == "last"]
    gaussian = [g for g in loops if g.params.get("data") == "Gaussian"]
    digits = [g for g in loops if g.params.get("data") == "digits"]
    late = [g for g in results.groups if g.params.get("until") == "late"]
    for axes, letter, ratio in zip(above, "ab", (NEAR, BEYOND)):
        _gaps(axes, gaussian, ratio)
        style.panel(axes, letter, f"two loops apart, λ = {ratio:g}")
    above[0].set_ylabel("distance, deviations")
    above[0].plot([], [], color=style.BLACK, label="exact")
    above[0].plot([], [], color=style.BLACK, linestyle=style.DASHES[1], label="bound")
    above[1].annotate(
        "no bound: void", (0.05, 0.05), xycoords="axes fraction", fontsize=style.small()
    )
    _errors(above[2], gaussian)
    style.panel(above[2], "c", f"Gaussian error, λ = {SHOWN:g}")
    shown = (
        ("d", "fd_random_conv", "Fréchet distance", "FD, random conv"),
        ("e", "coverage_trained_digits", "coverage", "coverage"),
        ("f", "class_accuracy_trained_digits", "class accuracy", "share as asked"),
    )
    for axes, (letter, metric, title, label) in zip(middle, shown):
        for arm in ARMS:
            points = trail(_arm(late, arm) or _arm(digits, arm), metric)
            _line(axes, points, ARMS[arm], label=_name(arm))
        axes.set(xlabel="generation", ylabel=label)
        _generations(axes)
        style.panel(axes, letter, f"{title}, λ = {SHOWN:g}")
    if middle[0].lines:
        middle[0].set_yscale("log")
        _close(middle[0])
    for axes, letter, arm in zip(below, "ghi", ("oracle", "centres", "biased")):
        _drifts(axes, digits, arm)
        style.panel(axes, letter, f"drift, corrector {words(arm)}")
    below[0].set_ylabel("FD, last by first")
    chains = {row.n for group in gaussian for row in group.rows if row.n and row.n > 1}
    here = [len(group.asked) for group in (*digits, *late)]
    feet = (
        ("left", above[0], _counted("(a), (b)", chains)),
        ("center", middle[0], f"{_counted('(c)', chains)}; {_counted('(d) to (f)', here)}"),
        ("right", below[0], _counted("(g) to (i)", here)),
    )
    for legend, axes, title in feet:
        style.legend(
            axes, figure, loc=f"outside lower {legend}", ncols=2, columnspacing=1.0,
            title=title, alignment="left", labelspacing=0.3,
        )  # fmt: skip
    return figure


def _counted(where: str, counts: Collection[int]) -> str:
    """The panels of a legend, and how many replicates are behind a mark."""
    n = f": n = {span([float(count) for count in counts])}" if counts else ""
    return f"{where}{n}"


def _name(arm: str) -> str:
    """An arm, with the strength at which it is shown."""
    corrected = arm in ("centres", "oracle", "biased")
    return f"{words(arm)}, γ = 1" if corrected else words(arm)


def _at(groups: Sequence[Group], **factors: object) -> Group | None:
    """The first cell at some levels."""
    for group in groups:
        if all(group.params.get(name) == level for name, level in factors.items()):
            return group
    return None


def _arm(groups: Sequence[Group], arm: str) -> Group | None:
    """The cell of an arm that the panels over generations show."""
    own = _name(arm) != words(arm)
    return _at(groups, arm=arm, **{"lambda": SHOWN}, **({"gamma": 1.0} if own else {}))


def trail(group: Group | None, metric: str) -> Points:
    """A metric by generation: numbers [T], means over replicates [T], standard errors [T].

    The error of a metric with one row is that row's own.
    """
    found = []
    for row in dict.fromkeys(r.metric for r in (group.rows if group else ())):
        name, _, number = row.rpartition("/")
        if group and name == metric and number.isdigit():
            values = np.array(list(group.values(row).values()))
            own = group.of(row)[0].standard_error or 0.0
            if len(values):
                spread = values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else own
                found.append((int(number), values.mean(), spread))
    generation, middle, error = np.array(sorted(found), float).reshape(-1, 3).T
    return generation, middle, error


def drift(group: Group | None, metric: str) -> np.ndarray:
    """The last generation by the first, replicate by replicate, of those that have both [n]."""
    numbers = trail(group, metric)[0].astype(int)
    if group is None or len(numbers) < 2:
        return np.empty(0)
    first, last = (group.values(f"{metric}/{at}") for at in (numbers[0], numbers[-1]))
    return np.array([last[k] / first[k] for k in first if k in last])


def _line(axes: Axes, points: Points, look: style.Look, **how: Any) -> None:
    """Marks with bars of a standard error; nothing where there are none."""
    x, y, error = points
    if len(x):
        axes.errorbar(x, y, error, **{**look.line_kwargs(), **how})


def _generations(axes: Axes) -> None:
    """Whole numbers below, as far as a line goes."""
    ends = [max(np.asarray(line.get_xdata(), float), default=0) for line in axes.lines]
    axes.set_xticks(range(int(max(ends, default=1)) + 1))
    axes.set_xlabel("generation")


def _gaps(axes: Axes, groups: Sequence[Group], ratio: float) -> None:
    for gamma, look in zip(STRENGTHS[:3], style.LOOKS):
        where = {"arm": "oracle", "gamma": gamma} if gamma else {"arm": "none"}
        own = _at(groups, **where, **{"lambda": ratio})
        x, y, _ = trail(own, "gap_exact")
        if not len(x):
            continue
        axes.plot(x, y, color=look.colour, linestyle="-", marker="")
        mark = {"linestyle": "none", "markerfacecolor": "white", "zorder": 3}
        _line(axes, trail(own, "gap"), look, label=f"γ = {gamma:g}", **mark)
        bound = trail(own, "gap_printed")
        _line(axes, bound, look, linestyle=style.DASHES[1], marker="", linewidth=0.9)
    axes.set_yscale("log")
    style.log_ticks(axes, "y")
    _generations(axes)


def _errors(axes: Axes, groups: Sequence[Group]) -> None:
    for arm, look in ARMS.items():
        own = _arm(groups, arm)
        x, y, _ = trail(own, "error_exact")
        alone = trail(own, "error_real_only")[1]
        if not len(x):
            continue
        axes.plot(x, y / alone, color=look.colour, linestyle=look.line, marker="")
        x, y, error = trail(own, "error")
        mark = {"linestyle": "none", "markerfacecolor": "white", "zorder": 3}
        _line(axes, (x, y / alone, error / alone), look, **mark)
    axes.axhline(1, color=style.GREY, linewidth=0.8, linestyle=(0, (1, 1)))
    axes.set(yscale="log", ylabel="n E m²")
    style.log_ticks(axes, "y")
    _generations(axes)


def _drifts(axes: Axes, groups: Sequence[Group], arm: str) -> None:
    """The drift against the strength of correction, a line for each lambda."""
    levels = [group.params.get("lambda") for group in groups]
    ratios = sorted({float(level) for level in levels if isinstance(level, int | float)})
    for ratio, look in zip(ratios, style.LOOKS):
        found = []
        for at, gamma in enumerate(STRENGTHS):
            where = {"arm": arm, "gamma": gamma} if gamma else {"arm": "none"}
            values = drift(_at(groups, **where, **{"lambda": ratio}), "fd_random_conv")
            if n := len(values):
                error = values.std(ddof=1) / n**0.5 if n > 1 else 0.0
                found.append((at, values.mean(), error))
        if len(found) > 1:
            x, y, error = np.array(found, float).T
            _line(axes, (x, y, error), look, label=f"λ = {ratio:g}")
    axes.axhline(1, color=style.GREY, linewidth=0.8, linestyle=(0, (1, 1)))
    axes.set_yscale("log")
    _close(axes)
    axes.set_xticks(range(len(STRENGTHS)), ["0", "0.1", "1", "∞"])
    axes.set_xlabel("strength of correction γ")


def _close(axes: Axes) -> None:
    """Ticks of a logarithmic axis of less than a decade, three of them at least."""
    low, high = axes.get_ylim()
    style.log_ticks(axes, "y")
    if axes.lines and 0 < low < high < 10 * low:
        shown = [x for x in TICKS if low <= x <= high]
        axes.yaxis.set_major_locator(FixedLocator(shown))
        axes.yaxis.set_minor_locator(NullLocator())
