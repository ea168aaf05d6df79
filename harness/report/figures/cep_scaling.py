"""How the gain of corrupted conditions scales: Gaussians with their law, and digits.

(a) Gaussian classes, noise of gamma = 2/sqrt n on the code: what it takes off the W2^2 to the class
that is true, by the images of a class. The linear optimum, which is the law's own curve, the
paper's network and a trained MLP; through each the fitted A n^-alpha, and dotted 1/n from the first
point of the law. Points that are not above 0 have no place there. (b) Digits: what CEP-U and wrong
labels take off the W2 distance within classes, by the share of the images. (c) The same of CEP-U by
the width of the network. 95 % intervals over runs.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.figures.along import finish, gains, series
from harness.report.results import Results
from harness.studies.cep_scaling import CEP, on_gaussians, on_images, wrong

MODELS = {
    "exact": ("linear optimum (law)", style.Look(style.BLACK, "o", "-")),
    "linear": ("trained linear", style.Look(style.BLUE, "^", style.DASHES[1])),
    "mlp": ("trained MLP", style.Look(style.VERMILION, "s", style.DASHES[3])),
}
FAINT = 300.0  # times below the largest gain, what has no place


def draw(results: Results) -> Figure:
    """Three panels."""
    figure = style.figure(2.9)
    panels = figure.subplots(1, 3)
    _gaussians(panels[0], results)
    arms = (
        (CEP, "CEP-U, γ = 1", style.Look(style.BLUE, "o", "-")),
        (wrong(0.025), "2.5 % wrong labels", style.Look(style.GREEN, "^", style.DASHES[1])),
        (wrong(0.075), "7.5 % wrong labels", style.Look(style.VERMILION, "s", style.DASHES[3])),
    )
    for place, (arm, name, look) in enumerate(arms):
        series(panels[1], results, on_images(arm), look, name, place)
    finish(panels[1], "b", "digits, by images", "share of the images")
    for axes, side, title in ((panels[0], "left", "(a)"), (panels[1], "right", "(b), (c)")):
        style.legend(
            axes, figure, loc=f"outside lower {side}", title=title, alignment="left", ncols=2
        )
    series(panels[2], results, on_images(CEP, "width"), arms[0][2], "CEP-U, γ = 1")
    finish(panels[2], "c", "digits, by network", "width, times the study's")
    return figure


def _gaussians(axes: Axes, results: Results) -> None:
    tops = []
    for place, (model, (name, look)) in enumerate(MODELS.items()):
        series(axes, results, on_gaussians(model), look, name, place, fitted=True)
        sizes, found = gains(results, on_gaussians(model))
        tops += list(found[:, 2])
        if model == "exact" and len(sizes) and found[0, 0] > 0:
            dotted = found[0, 0] * sizes[0] / sizes
            axes.plot(sizes, dotted, ":", color=style.GREY, linewidth=1.2, label="1/n")
    axes.set(xscale="log", yscale="log", xlabel="images of a class", ylabel="gain in W2² (%)")
    top = max([t for t in tops if np.isfinite(t) and t > 0], default=1.0)
    axes.set_ylim(top / FAINT, top * 1.5)
    style.log_ticks(axes, "xy")
    style.panel(axes, "a", "Gaussians")
