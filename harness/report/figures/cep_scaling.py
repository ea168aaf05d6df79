"""How the gain of corrupted conditions scales: Gaussians with their law, and digits.

(a) Gaussian classes, noise of gamma = 2/sqrt n on the code: what it takes off the W2^2 to the class
that is true, by the images of a class. The linear optimum, which is the law's own curve, the
paper's network and a trained MLP; through each the fitted A n^-alpha, dotted in its colour that of
all sizes but the largest, and grey 1/n from the first point of the law. The axis is logarithmic
beyond ±.1 % and even within, so that gains below 0 have a place. (b) What these laws leave, in
standard errors of a mean; hollow, at the largest size, what the law of the others leaves. (c)
Digits: what CEP-U and wrong labels take off the W2 distance within classes, by the share of the
images. (d) The same of CEP-U by the width of the network. 95 % intervals over runs, n of them.
"""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from harness.report import style
from harness.report.figures import fitted
from harness.report.figures.along import finish, gains, runs, series
from harness.report.results import Results
from harness.studies.cep_scaling import CEP, on_gaussians, on_images, wrong

MODELS = {
    "exact": ("linear optimum (law)", style.Look(style.BLACK, "o", "-")),
    "linear": ("trained linear", style.Look(style.BLUE, "^", style.DASHES[1])),
    "mlp": ("trained MLP", style.Look(style.VERMILION, "s", style.DASHES[3])),
}
EVEN = 0.1  # per cent, within which the axis of gains is no logarithm


def draw(results: Results) -> Figure:
    """Four panels."""
    figure = style.figure(4.6)
    a, b, c, d = figure.subplots(2, 2).ravel()
    _gaussians(a, results)
    fitted.left(b, [(fitted.law_of(results, on_gaussians(m)), MODELS[m][1]) for m in MODELS], True)
    b.set_xlabel("images of a class")
    style.panel(b, "b", "what the laws of (a) leave")
    arms = (
        (CEP, "CEP-U, γ = 1", style.Look(style.BLUE, "o", "-")),
        (wrong(0.025), "2.5 % wrong labels", style.Look(style.GREEN, "^", style.DASHES[1])),
        (wrong(0.075), "7.5 % wrong labels", style.Look(style.VERMILION, "s", style.DASHES[3])),
    )
    for place, (arm, name, look) in enumerate(arms):
        series(c, results, on_images(arm), look, name, place)
    series(d, results, on_images(CEP, "width"), arms[0][2], "CEP-U, γ = 1")
    shares = runs(results, *(on_images(arm) for arm, _, _ in arms))
    widths = runs(results, on_images(CEP, "width"))
    for axes, letter, n, title, x in (
        (c, "c", shares, "digits, by images", "share of the images"),
        (d, "d", widths, "digits, by network", "width, times the study's"),
    ):
        finish(axes, letter, ", ".join(filter(None, (title, n))), x, "gain in W2 (%)")
    for axes, side, title in ((a, "left", "(a), (b)"), (c, "right", "(c), (d)")):
        style.legend(
            axes, figure, loc=f"outside lower {side}", title=title, alignment="left", ncols=2
        )
    return figure


def _gaussians(axes: Axes, results: Results) -> None:
    axes.axhline(0, color=style.BLACK, linewidth=0.6)
    reach = [EVEN]
    for place, (model, (name, look)) in enumerate(MODELS.items()):
        curve = on_gaussians(model)
        named = ", ".join(filter(None, (name, runs(results, curve))))
        series(axes, results, curve, look, named, place, fitted=True)
        sizes, found = gains(results, curve)
        reach += list(np.abs(found[np.isfinite(found)]))
        if model == "exact" and len(sizes) and found[0, 0] > 0:
            dotted = found[0, 0] * sizes[0] / sizes
            axes.plot(sizes, dotted, color=style.GREY, linewidth=2.2, alpha=0.5, label="1/n")
    axes.set(xscale="log", xlabel="images of a class", ylabel="gain in W2² (%)")
    axes.set_yscale("symlog", linthresh=EVEN, linscale=0.5)
    decades = [10.0**k for k in range(round(math.log10(EVEN)), math.ceil(math.log10(max(reach))))]
    axes.set_yticks([*(-x for x in reversed(decades)), 0.0, *decades])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    axes.yaxis.set_minor_locator(NullLocator())
    _room(axes)
    style.log_ticks(axes)
    style.panel(axes, "a", "Gaussians")


def _room(axes: Axes) -> None:
    """Ends of the axis that hold every mark and interval, and no tick beyond them."""
    ends = axes.dataLim.intervaly
    low, high = (float(end) for end in ends)
    if np.isfinite(ends).all() and low < high:
        axes.set_ylim(min(1.3 * low, 0.7 * low), max(1.3 * high, 0.7 * high))
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= high])
