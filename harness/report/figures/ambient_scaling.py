"""How the gain of imperfect images scales: the law on the line, and four axes on images.

(a) On the line, the noise level above which all samples as equals beat the clean ones, by the
number of clean samples: the trained network and the optimum of the same samples, with 95 %
intervals over runs (jackknife of the logarithm), beside the law at large noise, which tends to the
square root (``harness.metrics.mixture_risk``). (b) The held-out loss of the two arms by the share
of clean images, with the power law fitted to each, with a floor where that is nearer by AICc; and
dotted that of all sizes but the largest. (c) to (f) What gated gains over clean-only in that loss,
by the share of clean images, by that of imperfect ones, by the width of the network and by the
length of the training. (g) The levels of (a) over the law at large noise. (h) What the laws of (b)
leave; hollow, at the largest size, what the law of the others leaves. Marks are means over n runs,
in (b) and (h) geometric, with 95 % intervals where there is a line through them. Shares are of all
images that there are: a training sees the clean ones and the imperfect ones alone.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.claims.curve import Values
from harness.claims.power import critical
from harness.claims.switching import levels
from harness.report import style
from harness.report.figures import fitted
from harness.report.figures.along import finish, runs, series
from harness.report.figures.fitted import ASIDE
from harness.report.results import Results
from harness.studies.ambient_scaling import COUNTS, curve, effect, switch
from harness.studies.gmm_bridge import level

MODELS = {
    "mlp": ("trained MLP", style.Look(style.VERMILION, "s", "-")),
    "optimum": ("optimum", style.Look(style.BLUE, "o", style.DASHES[1])),
}
FITTED = ("clean", "gated")
AXES = (
    ("clean_share", "by clean images", "clean, share of all images"),
    ("imperfect_share", "by imperfect images", "imperfect, share of all images"),
    ("width", "by network", "width, times the scale's"),
    ("length", "by training", "length, times the scale's"),
)


def draw(results: Results) -> Figure:
    """Eight panels, and the marks below."""
    figure = style.figure(6.2)
    rows = figure.add_gridspec(3, 6, height_ratios=(1, 1, 0.75))
    places = [rows[i, 2 * j : 2 * j + 2] for i in range(2) for j in range(3)]
    panels = [figure.add_subplot(place) for place in (*places, rows[2, :3], rows[2, 3:])]
    _levels(panels[0], results)
    _losses(panels[1], results)
    for letter, axes, (axis, title, x) in zip("cdef", panels[2:], AXES):
        series(axes, results, effect(axis), style.ARMS["gated"], "gated")
        named = ", ".join(filter(None, (title, runs(results, effect(axis)))))
        finish(axes, letter, named, x, "gain of gated (%)")
    _ratios(panels[6], results)
    laws = [(fitted.law_of(results, curve(arm)), style.ARMS[arm]) for arm in FITTED]
    fitted.left(panels[7], laws)
    panels[7].set_xlabel("clean, share of all images")
    style.panel(panels[7], "h", "what the laws of (b) leave")
    for axes, side, title in (
        (panels[0], "left", "(a), (g)"),
        (panels[1], "right", "(b) to (f), (h)"),
    ):
        style.legend(
            axes, figure, loc=f"outside lower {side}", title=title, alignment="left", ncols=3
        )
    return figure


def switches(results: Results, network: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of clean samples ``[m]``, and the level with the ends of its interval ``[m, 3]``."""
    rule = switch(network, 0)
    values, effects = _effects(results, network)
    if not effects.size:
        return np.empty(0), np.empty((0, 3))
    k = len(effects)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.log(levels(effects.mean(0), rule.sigmas))
        if k < 2:
            return values.sizes, np.exp(np.stack([at, at, at], 1))
        left = np.log(levels((effects.sum(0) - effects) / (k - 1), rule.sigmas))
        off = left - left.mean(0)
        half = critical(k - 1.0) * np.sqrt((k - 1) / k * (off**2).sum(0))
        return values.sizes, np.exp(np.stack([at, at - half, at + half], 1))


@lru_cache(maxsize=4)
def _effects(results: Results, network: str) -> tuple[Values, np.ndarray]:
    """What all samples as equals do at each noise, by number and run (``Switch.effects``)."""
    rule = switch(network, 0)
    rows = [row for metric in rule.readings for row in results.by_metric.get(metric, [])]
    return rule.effects(rows)


def _found(results: Results) -> Iterator[tuple[str, style.Look, np.ndarray, np.ndarray]]:
    """Of each model its name, its look, the numbers that have a level ``[m]``, and the level with
    the ends of its interval ``[3, m]``."""
    for place, (network, (name, look)) in enumerate(MODELS.items()):
        sizes, found = switches(results, network)
        fit = np.isfinite(found).all(1) & (found > 0).all(1)
        if fit.any():
            k = len(_effects(results, network)[1])
            yield f"{name}, n = {k}", look, sizes[fit] * ASIDE**place, found[fit].T


def _levels(axes: Axes, results: Results) -> None:
    for name, look, x, (middle, low, high) in _found(results):
        axes.vlines(x, low, high, color=look.colour, linewidth=0.9)
        axes.plot(x, middle, look.marker, color=look.colour, linestyle="none", label=name)
    law = np.array([level(n) for n in COUNTS])
    axes.plot(COUNTS, law, color=style.BLACK, linewidth=1, label="law at large noise")
    axes.set(xscale="log", yscale="log", xlabel="clean samples", ylabel="noise level")
    axes.set_xlim(COUNTS[0] / 1.2, COUNTS[-1] * 1.2)
    style.log_ticks(axes, "xy")
    style.panel(axes, "a", "equals win above")


def _ratios(axes: Axes, results: Results) -> None:
    """The levels over the law."""
    axes.axhline(1, color=style.BLACK, linewidth=1)
    for _, look, x, ends in _found(results):
        law = np.array([level(n) for n in x])
        middle, low, high = ends / law
        axes.vlines(x, low, high, color=look.colour, linewidth=0.9)
        axes.plot(x, middle, look.marker, color=look.colour, linestyle="none")
    axes.set(xscale="log", yscale="log", xlabel="clean samples", ylabel="level over law")
    axes.set_xlim(COUNTS[0] / 1.2, COUNTS[-1] * 1.2)
    style.log_ticks(axes, "xy")
    style.panel(axes, "g", "levels over the law of (a)")


def _losses(axes: Axes, results: Results) -> None:
    for arm in FITTED:
        look, own = style.ARMS[arm], curve(arm)
        values = fitted.values_of(results, own)
        if values.problem is not None:
            continue
        mean = np.exp(np.log(values.y).mean(0))
        axes.plot(values.sizes, mean, look.marker, color=look.colour, linestyle="none", label=arm)
        law = fitted.law_of(results, own)
        if law is not None:
            dashed = replace(look, line=style.DASHES[0] if arm == "clean" else style.DASHES[1])
            fitted.lines(axes, law, dashed)
    unit = results.units().get("denoising_loss", "nats")
    axes.set(xscale="log", yscale="log", xlabel="clean, share of all images")
    axes.set_ylabel(f"held-out loss ({unit})")
    style.log_ticks(axes, "xy")
    named = runs(results, *map(curve, FITTED))
    style.panel(axes, "b", ", ".join(filter(None, ("loss and law", named))))
