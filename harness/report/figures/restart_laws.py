"""The laws behind Restart sampling: what restarts take off an error, and what they add.

(a) contraction on Gaussian data, exact and by the bounds; (b) two points, where the bound of
Theorem 4 is attained for small t_min; (c) the whole error with a score that is off by a constant:
monotone or U-shaped in the number of restarts, by the direction of the bias; (d), (e) the whole and
the additional error at equal calls of the network, exact score, Heun steps; (f) the additional
error by its printed bound.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results

SPAN, TOY = "0.05 to 1", "1 to 1.5"
SAMPLERS = (
    ("ode", None, "ODE", style.Look(style.BLACK, "o", style.DASHES[0])),
    ("sde", None, "SDE", style.Look(style.VERMILION, "s", style.DASHES[1])),
    ("restart", 1, "Restart, K = 1", style.Look(style.SKY, "^", style.DASHES[3])),
    ("restart", 2, "K = 2", style.Look(style.BLUE, "D", style.DASHES[3])),
    ("restart", 5, "K = 5", style.Look(style.GREEN, "v", style.DASHES[3])),
)


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(5.6)
    panels = figure.subplots(2, 3).ravel()
    groups = results.ordered(("law", "restarts", "calls", "spread"))
    _contraction(panels[0], _of(groups, law="contraction", spread=1.0, interval=SPAN))
    _two_points(panels[1], _of(groups, law="two_points", process="restart", ball="the points"))
    _sweep(panels[2], _of(groups, law="biased_score", process="restart"))
    sampler = _of(groups, law="sampler", solver="edm", interval=SPAN)
    _calls(panels[3], sampler, "exact", "d", "error at equal calls")
    _calls(panels[4], sampler, "additional", "e", "its additional part")
    _score(panels[5], _of(groups, law="biased_score", case="score only"))
    return figure


def _of(groups: Sequence[Group], **factors: Any) -> list[Group]:
    return [g for g in groups if all(g.params.get(name) == at for name, at in factors.items())]


def _curve(groups: Sequence[Group], x: str, metric: str) -> tuple[list[float], list[float]]:
    """A factor and a metric above 0 of cells, in the order of the factor."""
    found = [(g.params.get(x), value(g, metric)) for g in groups]
    kept = sorted((float(a), b) for a, b in found if isinstance(a, int | float) and b)
    return [a for a, _ in kept], [b for _, b in kept]


def _contraction(axes: Axes, groups: Sequence[Group]) -> None:
    for metric, name, look in (
        ("ode", "ODE", style.Look(style.BLACK, "o", style.DASHES[0])),
        ("sde", "SDE", style.Look(style.VERMILION, "s", style.DASHES[1])),
        ("exact", "Restart", style.Look(style.BLUE, "D", style.DASHES[0])),
        ("log_sobolev", "log-Sobolev bound", style.Look(style.GREEN, "^", style.DASHES[2])),
        ("printed", "Lemma 1, 4 σ ball", style.Look(style.PURPLE, "x", (0, (1, 3)))),
    ):
        axes.plot(*_curve(groups, "restarts", metric), **look.line_kwargs(), label=name)
    axes.set(xscale="log", yscale="log", xlabel="restarts K", ylabel="total variation")
    axes.set_ylim(2e-5, 0.6)
    axes.set_xticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    axes.minorticks_off()
    style.legend(axes, loc="lower left", labelspacing=0.25)
    style.panel(axes, "a", "contraction, N(0, 1)")


def _two_points(axes: Axes, groups: Sequence[Group]) -> None:
    shown = (("0.002 to 0.3", 0), ("0.002 to 1", 1), ("0.002 to 2", 2), (TOY, 3))
    for interval, at in shown:
        own, look = _of(groups, interval=interval), style.LOOKS[at]
        axes.plot(*_curve(own, "restarts", "printed"), color=look.colour, linestyle=look.line)
        axes.plot(*_curve(own, "restarts", "exact"), look.marker, color=look.colour, label=interval)
    axes.set(xscale="log", yscale="log", xlabel="restarts K", ylabel="W1, from one mode only")
    axes.set_ylim(2e-5, 3)
    axes.set_xticks([1, 2, 3, 5, 10], ["1", "2", "3", "5", "10"])
    axes.minorticks_off()
    title = "lines: bound, B = 2"
    style.legend(axes, loc="lower left", title=title, alignment="left",
                 labelspacing=0.25)  # fmt: skip
    style.panel(axes, "b", "two points ±1")


def _sweep(axes: Axes, groups: Sequence[Group]) -> None:
    for case, look in zip(("same sign", "right angle", "opposite sign"), style.LOOKS):
        axes.plot(*_curve(_of(groups, case=case), "restarts", "exact"), **look.line_kwargs(),
                  label=case)  # fmt: skip
    axes.plot(*_curve(_of(groups, case="same sign"), "restarts", "printed"), color=style.GREY,
              linestyle=":", label="Theorem 4")  # fmt: skip
    axes.set(xlabel="restarts K", ylabel="W1, start off by 1", yscale="log")
    axes.set_xscale("symlog", linthresh=1, linscale=0.5)
    axes.set_ylim(3e-5, 200)
    axes.set_xlim(-0.2, 60)
    axes.set_xticks([0, 1, 2, 5, 10, 20, 50], ["0", "1", "2", "5", "10", "20", "50"])
    axes.minorticks_off()
    style.legend(axes, loc="lower left", labelspacing=0.25, title="bias against error",
                 alignment="left")  # fmt: skip
    style.panel(axes, "c", "sweet spots")


def _calls(axes: Axes, groups: Sequence[Group], metric: str, letter: str, title: str) -> None:
    for process, restarts, name, look in SAMPLERS:
        own = [g for g in _of(groups, process=process) if g.params.get("restarts") == restarts]
        axes.plot(*_curve(own, "calls", metric), **look.line_kwargs(), label=name)
    axes.set(xscale="log", yscale="log", xlabel="calls of the network", ylabel="W1")
    calls = sorted({int(g.params["calls"] or 0) for g in groups})
    axes.set_xticks(calls, [str(n) for n in calls])
    axes.minorticks_off()
    style.log_ticks(axes, "y")
    if metric == "exact":
        axes.set_ylim(0.05, 1)
        style.log_ticks(axes, "y")
        style.legend(axes, loc="lower left", labelspacing=0.25, ncols=2, columnspacing=0.8,
                     handlelength=1.8)  # fmt: skip
    style.panel(axes, letter, title)


def _score(axes: Axes, groups: Sequence[Group]) -> None:
    """The additional error by its printed bound, which is above 1 where the bound fails."""
    for process, name, look in (
        ("ode", "ODE", SAMPLERS[0][3]),
        ("sde", "SDE", SAMPLERS[1][3]),
        ("restart", "Restart, K = 1", SAMPLERS[2][3]),
    ):
        own = _of(groups, process=process)
        x, exact = _curve(own, "spread", "additional")
        _, bound = _curve(own, "spread", "score_term")
        if len(exact) == len(bound):
            ratios = [a / b for a, b in zip(exact, bound)]
            axes.plot(x, ratios, **look.line_kwargs(), label=name)
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", xlabel="standard deviation of the data", ylim=(0, 2.5),
             ylabel="additional error / its bound")  # fmt: skip
    style.log_ticks(axes, "x")
    axes.annotate("the bound fails", (0.45, 1), xycoords=("axes fraction", "data"),
                  xytext=(0, 4), textcoords="offset points", color="#444444")  # fmt: skip
    style.legend(axes, loc="upper left", labelspacing=0.25)
    style.panel(axes, "f", "a score off by a constant")
