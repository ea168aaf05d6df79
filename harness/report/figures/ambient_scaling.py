"""How the gain of imperfect images scales: the law on the line, and four axes on images.

(a) On the line, the noise level above which all samples as equals beat the clean ones, by the
number of clean samples: the trained network and the optimum of the same samples, with 95 %
intervals over runs (jackknife of the logarithm), beside the law at large noise, which tends to the
square root (``harness.metrics.mixture_risk``). (b) The held-out loss of the two arms by the share
of clean images, with the power law with a floor fitted to each. (c) to (f) What gated gains over
clean-only in that loss, by the share of clean images, by that of imperfect ones, by the width of
the network and by the length of the training.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.claims.curve import power_fit
from harness.claims.power import critical
from harness.claims.switching import levels
from harness.problem import Problem
from harness.report import style
from harness.report.figures.along import ASIDE, finish, series
from harness.report.results import Results
from harness.studies.ambient_scaling import COUNTS, curve, effect, switch
from harness.studies.gmm_bridge import level

MODELS = {
    "mlp": ("trained MLP", style.Look(style.VERMILION, "s", "-")),
    "optimum": ("optimum", style.Look(style.BLUE, "o", style.DASHES[1])),
}
AXES = (
    ("clean_share", "by clean images", "share of images clean"),
    ("imperfect_share", "by imperfect images", "imperfect images, as a share"),
    ("width", "by network", "width, times the scale's"),
    ("length", "by training", "length, times the scale's"),
)


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(4.4)
    panels = figure.subplots(2, 3).ravel()
    _levels(panels[0], results)
    _losses(panels[1], results)
    for letter, axes, (axis, title, x) in zip("cdef", panels[2:], AXES):
        series(axes, results, effect(axis), style.ARMS["gated"], "gated")
        finish(axes, letter, title, x, "gain of gated (%)")
    return figure


def switches(results: Results, network: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of clean samples ``[m]``, and the level with the ends of its interval ``[m, 3]``."""
    rule = switch(network, 0)
    values, effects = rule.effects(results.records)
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


def _levels(axes: Axes, results: Results) -> None:
    for place, (network, (name, look)) in enumerate(MODELS.items()):
        sizes, found = switches(results, network)
        fit = np.isfinite(found).all(1) & (found > 0).all(1)
        if not fit.any():
            continue
        x, (middle, low, high) = sizes[fit] * ASIDE**place, found[fit].T
        axes.vlines(x, low, high, color=look.colour, linewidth=0.9)
        axes.plot(x, middle, look.marker, color=look.colour, linestyle="none", label=name)
    law = np.array([level(n) for n in COUNTS])
    axes.plot(COUNTS, law, color=style.BLACK, linewidth=1, label="law at large noise")
    axes.set(xscale="log", yscale="log", xlabel="clean samples", ylabel="noise level")
    axes.set_xlim(COUNTS[0] / 1.2, COUNTS[-1] * 1.2)
    style.log_ticks(axes, "xy")
    style.panel(axes, "a", "equals win above")
    style.legend(axes, loc="lower right")


def _losses(axes: Axes, results: Results) -> None:
    seen = []
    for arm in ("clean", "gated"):
        look, own = style.ARMS[arm], curve(arm)
        values = own.values(results.records)
        if values.problem is not None:
            continue
        mean = np.exp(np.log(values.y).mean(0))
        seen += list(mean)
        axes.plot(values.sizes, mean, look.marker, color=look.colour, linestyle="none", label=arm)
        if own.refusal(values) is None:
            try:
                fitted = power_fit(values, "power_with_floor")
            except Problem:
                continue
            x = np.geomspace(values.sizes[0], values.sizes[-1], 60)
            line = style.DASHES[0] if arm == "clean" else style.DASHES[1]
            axes.plot(x, fitted.predict(x[:, None]), color=look.colour, linestyle=line, linewidth=1)
    axes.set(xscale="log", yscale="log", xlabel="share of images clean", ylabel="held-out loss")
    if seen:
        axes.set_ylim(min(seen) / 1.1, max(seen) * 1.1)
    style.log_ticks(axes, "xy")
    style.panel(axes, "b", "loss and its law")
    style.legend(axes)
