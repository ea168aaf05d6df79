"""The laws behind self-consuming loops.

(a) the factor by which a generation contracts against the theorem's bound, which says nothing from
1 on, where the loop is as stable as before; (b) the stationary error of a loop with 50 real samples
by that of the real samples alone; (c) the spread of a fully synthetic loop: its mean, and dotted
what a typical loop has; (d) loops without further real data; (e) correctors that pull to a wrong
place, by the stationary error; (f) the released toy experiment, and dashed what an ideal corrector
would do. Open markers are simulated.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results

FULL = "full"
SHOWN = (0.0, 0.3, 1.0)  # strengths of the contraction
STRENGTHS = (0.0, 0.1, 0.3, 1.0, FULL)
REAL = 50
SIZES = (5, 10, 50, 100)
TYPICAL = (5, 50)  # those of 10 and 100 lie on the means of 5 and 50
TOY = (0.0, 0.03, 0.1, 0.3, 1.0, 5.0)
Points = list[tuple[float, float, float]]


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(6.9)
    axes = figure.subplots(3, 2)
    laws: dict[str, list[Group]] = {}
    for group in results.ordered(("law", "lambda", "generations", "gamma")):
        laws.setdefault(str(group.params.get("law")), []).append(group)
    _contraction(axes[0, 0], laws.get("contraction", []))
    _stationary(axes[0, 1], laws.get("stationary_error", []))
    _collapse(axes[1, 0], laws.get("collapse", []))
    _synthetic(axes[1, 1], laws.get("synthetic_only", []))
    _biased(axes[2, 0], laws.get("stationary_error", []), laws.get("biased_corrector", []))
    _toy(axes[2, 1], laws.get("toy", []))
    return figure


def _at(groups: Sequence[Group], **factors: object) -> list[Group]:
    """The cells at some levels."""
    return [g for g in groups if all(g.params.get(name) == at for name, at in factors.items())]


def _curve(groups: Sequence[Group], x: str, metric: str, scale: float = 1.0) -> Points:
    """(factor, metric, standard error) of the cells that have both, times ``scale``."""
    found = []
    for group in groups:
        at = group.params.get(x)
        row = next((row for row in group.of(metric) if row.value is not None), None)
        if isinstance(at, int | float) and row is not None and row.value is not None:
            error = (row.standard_error or 0.0) * scale
            found.append((float(at), row.value * scale, error))
    return sorted(found)


def _line(axes: Axes, points: Points, look: style.Look, label: str = "", **other: Any) -> None:
    """A line with markers; ``other`` overrides the look."""
    kwargs: dict[str, Any] = {**look.line_kwargs(), "label": label or None, **other}
    axes.plot([x for x, *_ in points], [y for _, y, _ in points], **kwargs)


def _measured(axes: Axes, points: Points, look: style.Look) -> None:
    """Open markers with an error bar of one standard error."""
    if points:
        x, y, error = zip(*points)
        axes.errorbar(
            x, y, error, linestyle="none", marker=look.marker, color=look.colour,
            markerfacecolor="white", markersize=5, linewidth=0.8, zorder=3,
        )  # fmt: skip


def _key(axes: Axes, look: style.Look, label: str, **other: Any) -> None:
    """An entry of the legend: a line with the open marker of what is measured on it."""
    kwargs: dict[str, Any] = {
        **look.line_kwargs(),
        "markerfacecolor": "white",
        "markersize": 5,
        **other,
    }
    axes.plot([], [], label=label, **kwargs)


def _real_samples(axes: Axes, error: float) -> None:
    """The line of the real samples alone."""
    axes.axhline(error, color=style.BLACK, linewidth=1.0, linestyle=(0, (1, 1)),
                 label="real samples alone")  # fmt: skip


def _gamma(gamma: object) -> str:
    return "γ = ∞" if gamma == FULL else f"γ = {gamma:g}"


def _contraction(axes: Axes, groups: Sequence[Group]) -> None:
    for gamma, look in zip(SHOWN, style.LOOKS):
        own = _at(groups, gamma=gamma)
        _line(axes, _curve(own, "lambda", "exact"), look, _gamma(gamma), linestyle="-", markevery=3)
        bound = [point for point in _curve(own, "lambda", "printed") if point[1] < 4]
        _line(axes, bound, look, linestyle=style.DASHES[1], marker="")
        for edge in dict.fromkeys(value(group, "printed_threshold") for group in own):
            if edge is not None:
                axes.plot([edge], [1], look.marker, color=look.colour, markerfacecolor="white",
                          markersize=5, zorder=4)  # fmt: skip
    axes.axhspan(1, 4, color=style.GREY, alpha=0.18, linewidth=0)
    axes.text(1.2, 1.8, "bound void", fontsize=style.small(), color="#444444")
    axes.plot([], [], color=style.BLACK, linestyle="-", label="exact")
    axes.plot([], [], color=style.BLACK, linestyle=style.DASHES[1], label="theorem's bound")
    axes.plot([], [], "o", color=style.BLACK, markerfacecolor="white", label="its largest λ")
    axes.set(xscale="log", yscale="log", ylim=(0.012, 4), ylabel="factor of a generation")
    axes.set_xlabel("synthetic samples for one real, λ")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower right", labelspacing=0.25)
    style.panel(axes, "a", "contraction, exact and as printed")


def _stationary(axes: Axes, groups: Sequence[Group]) -> None:
    groups = _at(groups, n=REAL)
    for gamma, look in zip(STRENGTHS, style.LOOKS):
        own = _at(groups, gamma=gamma)
        _line(axes, _curve(own, "lambda", "exact", REAL), look, marker="")
        _key(axes, look, _gamma(gamma))
        _measured(axes, _curve(own, "lambda", "simulated", REAL), look)
    _real_samples(axes, 1.0)
    axes.set(xscale="log", yscale="log", ylim=(0.1, 2.6), ylabel="stationary error, n E m²")
    axes.set_xlabel("synthetic samples for one real, λ")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left", labelspacing=0.25)
    style.panel(axes, "b", f"is the loop worth it? n = {REAL}")


def _collapse(axes: Axes, groups: Sequence[Group]) -> None:
    groups = _at(groups, estimator="unbiased")
    for n, look in zip(SIZES, style.LOOKS):
        own = _at(groups, n=n)
        _line(axes, _curve(own, "generations", "exact"), look, marker="", linestyle="-")
        _key(axes, look, f"n = {n}", linestyle="-")
        if n in TYPICAL:
            typical = _curve(own, "generations", "typical")
            _line(axes, typical, look, marker="", linestyle=":", linewidth=1.3)
        _measured(axes, _curve(own, "generations", "simulated"), look)
    axes.plot([], [], color=style.BLACK, linestyle="-", label="mean E σ")
    axes.plot([], [], color=style.BLACK, linestyle=":", label="typical, n = 5, 50")
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.annotate("√(E σ²), for ever", (1, 1), xycoords=("axes fraction", "data"), xytext=(0, 2),
                  textcoords="offset points", ha="right", fontsize=style.small(),
                  color="#444444")  # fmt: skip
    axes.set(xscale="log", yscale="log", ylim=(1e-3, 2), xlabel="generation t", ylabel="spread σ")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left", labelspacing=0.25)
    style.panel(axes, "c", "collapse of a fully synthetic loop")


def _synthetic(axes: Axes, groups: Sequence[Group]) -> None:
    strengths = (0.0, 0.1, 1.0)
    for regime, line in (("replace", "-"), ("accumulate", style.DASHES[1])):
        for gamma, look in zip(strengths, style.LOOKS):
            own = _at(groups, regime=regime, gamma=gamma)
            points = _curve(own, "generations", "exact", REAL)
            _line(axes, points, look, marker="", linestyle=line)
            if regime == "replace":
                _key(axes, look, _gamma(gamma), linestyle="none")
            _measured(axes, _curve(own, "generations", "simulated", REAL), look)
        axes.plot([], [], color=style.BLACK, linestyle=line, label=f"{regime}d")
    _real_samples(axes, 1.0)
    axes.set(xscale="log", yscale="log", ylim=(2e-4, 700), xlabel="generation t")
    axes.set_ylabel("error, n E m²")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left", ncols=2, labelspacing=0.25)
    style.panel(axes, "d", "no further real data")


def _biased(axes: Axes, clean: Sequence[Group], biased: Sequence[Group]) -> None:
    """The stationary error against gamma, infinity at the end, for lambda = 1."""
    levels = (0.1, 0.3, 1.0, 5.0, FULL)
    series = [("no bias", _at(clean, n=REAL, **{"lambda": 1.0}), "exact", "simulated")]
    series += [
        (f"bias {bias:g}", _at(biased, bias=bias, spread=1.0, **{"lambda": 1.0}), "error",
         "simulated")
        for bias in (0.1, 0.3, 1.0)
    ]  # fmt: skip
    for (name, groups, metric, simulated), look in zip(series, style.LOOKS):
        curves: list[Points] = []
        for what in (metric, simulated):
            points: Points = []
            for place, gamma in enumerate(levels):
                for row in [row for g in _at(groups, gamma=gamma) for row in g.of(what)]:
                    if row.value is not None:
                        error = (row.standard_error or 0.0) * REAL
                        points.append((float(place), row.value * REAL, error))
            curves.append(points)
        _line(axes, curves[0], look, marker="")
        _key(axes, look, name)
        _measured(axes, curves[1], look)
    _real_samples(axes, 1.0)
    axes.set(yscale="log", xlabel="strength of correction γ", ylabel="stationary error, n E m²")
    axes.set_xticks(range(len(levels)), ["∞" if at == FULL else f"{at:g}" for at in levels])
    axes.set_ylim(0.3, 90)
    style.log_ticks(axes, "y")
    style.legend(axes, loc="upper left", labelspacing=0.25, ncols=2)
    style.panel(axes, "e", f"biased correctors, λ = 1, n = {REAL}")


def _toy(axes: Axes, groups: Sequence[Group]) -> None:
    groups = _at(groups, corrector="released")
    for gamma, look in zip(TOY, style.LOOKS):
        own = _at(groups, gamma=gamma)
        points = _curve(own, "generations", "exact")
        if points:
            x, y, error = zip(*points)
            axes.errorbar(x, y, error, color=look.colour, marker=look.marker, label=_gamma(gamma))
        ideal = _curve(own, "generations", "idealised")
        _line(axes, ideal, look, marker="", linestyle=style.DASHES[1], linewidth=0.9)
    alone = [at for group in groups if (at := value(group, "real_only")) is not None]
    if alone:
        _real_samples(axes, sum(alone) / len(alone))
    axes.plot([], [], color=style.BLACK, linestyle="-", label="released")
    axes.plot([], [], color=style.BLACK, linestyle=style.DASHES[1], label="ideal")
    axes.set(xscale="log", yscale="log", xlabel="generation", ylabel="W2 to the truth")
    axes.set_ylim(0.0015, 1.2)
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower left", ncols=2, labelspacing=0.25)
    style.panel(axes, "f", "the toy experiment as released")
