"""The error of classifiers against the number of images, by where the images come from.

(a) real images of either half, samples at w = 1 and more of them, and samples beside real images;
(b) samples by guidance, with real images; (c) as (a), out of distribution; (d) by class, how often
samples at w = 1 are not recognised, and how fast the error of a classifier of them falls. Marks are
means over n replicates with Student's 95 % intervals; lines are power laws with the 95 % band of
runs drawn again where a law can be fitted, and dotted the law of all sizes but the largest, else
they join the marks; a number with a law is its exponent, without a floor. In (d) each mark is a
class, with a line through the standard errors; a class of which no sample was missed stands at the
left end, without a mark's face. (e) and (f) what the laws of (b) and (c) leave; hollow, at the
largest size, what the law of the others leaves. An arrow head ends an interval that reaches to 0,
which has no place on a logarithm.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from harness.claims.contrast import Arm
from harness.claims.curve import Curve, power_fit
from harness.claims.power import critical
from harness.claims.ranking import Ranking
from harness.report import style
from harness.report.figures import fitted, heads
from harness.report.figures.along import runs
from harness.report.results import Results
from harness.scaling.bootstrap import replicates
from harness.streams import numpy_generator

MAIN = "1"
GUIDANCES = ("0", "1", "3")
DRAWS = 300
EDGE = 4.0  # times below the least share that is missed, where an axis of them ends
ASIDE = 1.03  # from one series to the next, so that intervals do not hide each other
SOURCES: dict[str, style.Look] = {
    "real": style.Look(style.BLACK, "o", style.DASHES[0]),
    "seen": style.Look(style.GREY, "X", style.DASHES[2]),
    "synthetic": style.Look(style.BLUE, "s", style.DASHES[1]),
    "both": style.Look(style.VERMILION, "^", style.DASHES[3]),
    "both, seen": style.Look(style.ORANGE, "v", (0, (7, 2))),
}
NAMES = {
    "real": "real",
    "seen": "real, seen by the model",
    "synthetic": "samples",
    "both": "real and all samples",
    "both, seen": "real and all that was seen",
}
FITTED = ("real", "synthetic")
BY_GUIDANCE = {
    "0": style.Look(style.GREEN, "D", style.DASHES[2]),
    "1": SOURCES["synthetic"],
    "3": style.Look(style.PURPLE, "P", style.DASHES[3]),
}


def arm(name: str, guidance: str = MAIN) -> Arm:
    """An arm, of samples at a guidance."""
    own = name in ("synthetic", "more", "both")
    return {"arm": name, "guidance": guidance} if own else {"arm": name}


def points(results: Results, who: Arm, metric: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of images ``[m]``, means ``[m]`` and half intervals ``[m]`` over replicates."""
    found = fitted.values_of(results, _curve(who, metric))
    k = len(found.y)
    if found.problem is not None or k == 0:
        return np.empty(0), np.empty(0), np.empty(0)
    spread = found.y.std(0, ddof=1) / k**0.5 * critical(k - 1.0) if k > 1 else 0 * found.y[0]
    return found.sizes, found.y.mean(0), spread


def draw(results: Results) -> Figure:
    """Six panels, and the sources below."""
    figure = style.figure(7.2)
    panels = figure.subplots(3, 2, height_ratios=(1, 1, 0.75)).ravel()
    for axes, letter, metric, title in (
        (panels[0], "a", "error", "in distribution"),
        (panels[2], "c", "error_out", "out of distribution"),
    ):
        for place, (name, look) in enumerate(SOURCES.items()):
            _series(axes, results, arm(name), metric, look, place, name in FITTED)
        beyond = style.Look(style.BLUE, "s", style.DASHES[2])
        _series(axes, results, arm("more"), metric, beyond, 2, False, hollow=True)
        _finish(axes, letter, f"{title}, w = {MAIN}", _words(metric))
    axes = panels[1]
    _series(axes, results, arm("real"), "error", SOURCES["real"], 0, True, "real")
    for place, guidance in enumerate(GUIDANCES, 1):
        look = BY_GUIDANCE[guidance]
        who = arm("synthetic", guidance)
        _series(axes, results, who, "error", look, place, True, f"samples, w = {guidance}")
    _finish(axes, "b", "samples by guidance", _words("error"))
    style.legend(axes, loc="lower left", title="exponent, no floor", labelspacing=0.3)
    _classes(panels[3], results)
    inside = [(arm("real"), SOURCES["real"])]
    inside += [(arm("synthetic", w), look) for w, look in BY_GUIDANCE.items()]
    outside = [(arm(name), SOURCES[name]) for name in FITTED]
    for axes, letter, panel, metric, series in (
        (panels[4], "e", "b", "error", inside),
        (panels[5], "f", "c", "error_out", outside),
    ):
        laws = [(_law(results, who, metric), look) for who, look in series]
        fitted.left(axes, laws)
        axes.set_xlabel("images or samples")
        style.panel(axes, letter, f"what the laws of ({panel}) leave")
    handles = [Line2D([], [], **look.line_kwargs()) for look in SOURCES.values()]
    figure.legend(handles, list(NAMES.values()), loc="outside lower center", ncols=5,
                  columnspacing=1.0, handlelength=2.0,
                  title=runs(results, _curve(arm("real"), "error")) or None)  # fmt: skip
    return figure


def _curve(who: Arm, metric: str) -> Curve:
    return Curve(metric, "count", who)


def _law(results: Results, who: Arm, metric: str) -> fitted.Law | None:
    return fitted.law_of(results, _curve(who, metric), "power")


def _words(metric: str) -> str:
    return {"error": "error", "error_out": "error, mean of corruptions"}[metric]


def _series(
    axes: Axes,
    results: Results,
    who: Arm,
    metric: str,
    look: style.Look,
    place: int,
    has_law: bool,
    name: str = "",
    hollow: bool = False,
) -> None:
    """Marks of one arm, and its law or a line through them."""
    curve = _curve(who, metric)
    sizes, middle, half = points(results, who, metric)
    if not len(sizes):
        return
    x, own = sizes * ASIDE**place, fitted.values_of(results, curve)
    found = _law(results, who, metric) if has_law else None
    floor = np.maximum(middle - half, middle / 20)  # an interval to 0 has no end on a logarithm
    axes.vlines(x, floor, middle + half, color=look.colour, linewidth=0.9)
    cut = floor > middle - half
    heads.below(axes, x[cut], floor[cut], look.colour)
    line = look.line if found is None else "none"
    face = "white" if hollow else look.colour
    axes.plot(x, middle, look.marker, color=look.colour, markerfacecolor=face, linestyle=line,
              linewidth=0.9)  # fmt: skip
    if found is None:
        return
    law, at = power_fit(own, "power"), np.geomspace(sizes[0], sizes[-1], 60)
    generator = numpy_generator("figures", 0, f"{curve.name} {curve.condition}")
    drawn = replicates(law, own.points(), generator, DRAWS)
    ends = np.array([drawn.interval(each) for each in law.predict(at[:, None], drawn.theta).T])
    axes.fill_between(at, *ends.T, color=look.colour, alpha=0.15, linewidth=0)
    said = f"{name}: {law.parameters['alpha']:.2f}" if name else None
    fitted.lines(axes, found, look, name=said)


def _finish(axes: Axes, letter: str, title: str, y: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel="images or samples", ylabel=y)
    style.log_ticks(axes, "xy")
    style.panel(axes, letter, title)


def _classes(axes: Axes, results: Results) -> None:
    """Recognisability and rate of each class, of samples and of as many real images."""
    rule = Ranking("recognisability", "error", "count", arm("synthetic"))
    names = rule.classes(results.records)
    found = rule.by_class(results.records)
    real = Ranking("recognisability", "error", "count", arm("synthetic"), "real")
    beside = real.by_class(results.records)
    for (scores, rates), look, label in (
        (_both(beside, 1), SOURCES["real"], "real"),
        (_both(found, 0), SOURCES["synthetic"], "samples"),
    ):
        if not len(scores):
            continue
        x, y = 1 - scores.mean(0), rates.mean(0)
        k = len(scores)
        wide, high = (each.std(0, ddof=1) / k**0.5 if k > 1 else 0 * x for each in (scores, rates))
        x, wide, never, cut = missed(x, wide)
        for some, face in ((~never, look.colour), (never, "white")):
            if some.any():
                axes.errorbar(
                    x[some], y[some], high[some], wide[:, some], color=look.colour,
                    marker=look.marker, markerfacecolor=face, linestyle="none", elinewidth=0.8,
                    label=label if face == look.colour or never.all() else None,
                )  # fmt: skip
        heads.left(axes, (x - wide[0])[cut], y[cut], look.colour)
        if label == "samples":
            # Classes crowd at one side: their names go right and left in turn, from below.
            for place, one in enumerate(np.argsort(y)):
                side = -1 if place % 2 else 1
                axes.annotate(
                    names[one],
                    (x[one], y[one]),
                    xytext=(3 * side, 2),
                    textcoords="offset points",
                    ha="left" if side > 0 else "right",
                    fontsize=style.small(),
                    color=look.colour,
                    weight="bold",
                    path_effects=[withStroke(linewidth=2, foreground="white")],
                )
    axes.set(xscale="log", ylabel="rate at which its error falls")
    axes.set_xlabel("share of its samples that is not recognised")
    style.log_ticks(axes)
    style.panel(axes, "d", f"classes, w = {MAIN}")
    style.legend(axes, loc="best")


def missed(
    x: np.ndarray, wide: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Shares missed ``[C]`` as a logarithm can show them, their errors ``[2, C]``, which are 0, and
    whose error is cut because it reaches to 0, bool ``[C]``: both end at the left end."""
    never = x <= 0
    end = (float(x[~never].min()) if not never.all() else 0.01) / EDGE
    place = np.where(never, end, x)
    room = np.where(never, 0.0, x - end)
    return place, np.stack([np.minimum(wide, room), wide]), never, wide > room


def _both(
    found: tuple[np.ndarray, tuple[np.ndarray, ...]], side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Scores ``[k, C]`` and the rates of one arm ``[k, C]``; both empty where there are none."""
    scores, rates = found
    return (scores, rates[side]) if len(rates) > side else (np.empty((0, 0)), np.empty((0, 0)))
