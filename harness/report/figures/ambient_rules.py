"""The rules of Ambient Diffusion Omni: what they read, and the noise levels that they give.

(a) the mean probability of clean that the optimal classifier gives to corrupted data, for four
pairs at many noise levels, between its bounds 1/2 − TV/2 and 1/2 − TV²/2 (lines), and the reading
"it tracks TV", 1/2 − TV; (b) from which noise on N(1, 1) is accepted beside N(0, 1): by the
threshold, by TV ≤ ε as printed (the accuracy rule gives the same), and the levels of 2ε and √(2ε)
that enclose the threshold's; (c) the same for blurred Gaussian images with the spectrum of natural
ones, ε = 0.05; (d) the crop that the optimal denoiser needs on such an image, by an absolute and a
relative tolerance of 1e−3, and the paper's map; (e) from which noise on biased data of the same
mean help: measured, by the square-root law, by the crossing of the printed bounds, and by the
threshold, which does not see how many samples there are (at 25 the bounds favour the biased data at
every noise); (f) the local slope of TV in noise, by the order of the first moment in which two laws
differ.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results

SHIFT = ("normal(0,1)", "normal(1,1)")
MATCHED = ("beta(2,2)", "beta(4,4)")
EXPONENT = 2.4
PAIRS = (
    (SHIFT, "N(0, 1) | N(1, 1)"),
    (("normal(0,1)", "normal(0,0.5)"), "N(0, 1) | N(0, ¼)"),
    (MATCHED, "Beta(2, 2) | Beta(4, 4)"),
    (("beta(2,5)", "beta(5,2)"), "Beta(2, 5) | Beta(5, 2)"),
)
FLOOR = 0.05  # of panel (b); a level of 0 has no place on a logarithm
EXACT, PRINTED = style.LOOKS[0], style.LOOKS[1]
ORDERS = {1: style.LOOKS[0], 2: style.LOOKS[1], 3: style.LOOKS[2], 4: style.LOOKS[3]}


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(5.3)
    axes = figure.subplots(2, 3).ravel()
    groups = results.ordered(("law", "sigma", "epsilon", "width", "n1"))
    panels = (_classifier, _threshold, _annotation, _crop, _switch, _slope)
    for panel, own in zip(panels, axes):
        panel(own, groups)
    return figure


def _of(groups: Sequence[Group], law: str, **factors: object) -> list[Group]:
    wanted = {"law": law, **factors}
    return [g for g in groups if all(g.params.get(k) == v for k, v in wanted.items())]


def _series(groups: Sequence[Group], x: str, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and a metric [n], where the metric has a number other than 0."""
    found = [(g.params.get(x), value(g, metric)) for g in groups]
    kept = sorted((float(a), b) for a, b in found if a is not None and b)
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _classifier(axes: Axes, groups: Sequence[Group]) -> None:
    tv = np.linspace(0, 1, 201)
    axes.fill_between(tv, 0.5 - tv / 2, 0.5 - tv**2 / 2, color="#dddddd", linewidth=0)
    for bound in (0.5 - tv / 2, 0.5 - tv**2 / 2):
        axes.plot(tv, bound, color=style.BLACK, linewidth=0.8)
    axes.plot(tv[:101], 0.5 - tv[:101], color=style.GREY, linestyle=":", label="“tracks TV”")
    for ((p, q), name), look in zip(PAIRS, style.LOOKS):
        own = _of(groups, "classifier_mean", p=p, q=q)
        pairs = [(value(g, "tv"), value(g, "exact")) for g in own]
        kept = [(a, b) for a, b in pairs if a is not None and b is not None]
        axes.plot(
            [a for a, _ in kept], [b for _, b in kept], look.marker, color=look.colour, label=name
        )
    axes.set(xlabel="TV(p, q) under noise", ylabel="E$_q$[c*]", xlim=(0, 1), ylim=(0, 0.98))
    axes.set_yticks((0, 0.1, 0.2, 0.3, 0.4, 0.5))
    style.legend(axes, loc="upper right", handlelength=1.2, labelspacing=0.25)
    style.panel(axes, "a", "what the rule reads")


def _threshold(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, "threshold_rule", p=SHIFT[0], q=SHIFT[1])
    ends = [(value(g, "at_least"), value(g, "at_most"), g.params["epsilon"]) for g in own]
    known = [(float(e or 0), max(a, FLOOR), b) for a, b, e in ends if a is not None and b]
    axes.fill_between(
        [e for e, _, _ in known], [a for _, a, _ in known], [b for _, _, b in known],
        color="#dddddd", linewidth=0, label="TV ≤ √(2ε) to 2ε",
    )  # fmt: skip
    axes.plot(*_series(own, "epsilon", "printed"), **PRINTED.line_kwargs(), label="TV ≤ ε, printed")
    axes.plot(*_series(own, "epsilon", "exact"), **EXACT.line_kwargs(), label="threshold")
    axes.set(xscale="log", yscale="log", xlabel="ε", ylabel="accepted from noise σ")
    axes.set_ylim(FLOOR, 500)
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="upper right")
    style.panel(axes, "b", "N(0, 1) | N(1, 1)")


def _annotation(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, "annotation_level", exponent=EXPONENT, epsilon=0.05)
    axes.plot(*_series(own, "width", "printed"), **PRINTED.line_kwargs(), label="TV ≤ ε, printed")
    axes.plot(*_series(own, "width", "exact"), **EXACT.line_kwargs(), label="threshold")
    axes.set(xlabel="width of the blur in pixels", ylabel="accepted from noise σ")
    axes.set_ylim(0, 7)
    style.legend(axes, loc="upper left")
    style.panel(axes, "c", "blurred images, ε = 0.05")


def _crop(axes: Axes, groups: Sequence[Group]) -> None:
    for reading, look in (("absolute", style.LOOKS[0]), ("relative", style.LOOKS[2])):
        own = _of(groups, "crop_size", exponent=EXPONENT, reading=reading)
        axes.plot(*_series(own, "sigma", "exact"), **look.line_kwargs(), label=reading)
    own = _of(groups, "crop_size", exponent=EXPONENT, reading="absolute")
    axes.plot(*_series(own, "sigma", "printed"), **PRINTED.line_kwargs(), label="map, printed")
    axes.set(xscale="log", xlabel="noise σ", ylabel="crop in pixels", ylim=(0, 100))
    axes.set_yticks((0, 16, 32, 48, 64))
    style.log_ticks(axes)
    style.legend(axes, loc="upper left")
    style.panel(axes, "d", "crop for the centre pixels")


def _switch(axes: Axes, groups: Sequence[Group]) -> None:
    own = _of(groups, "switching_law", p=MATCHED[0], q=MATCHED[1])
    found = [(g, next((row for row in g.of("exact") if row.value), None)) for g in own]
    kept = [(float(g.params["n1"] or 0), row) for g, row in found if row is not None]
    axes.plot(*_series(own, "n1", "printed"), **PRINTED.line_kwargs(), label="bounds cross")
    axes.plot(
        *_series(own, "n1", "leading"), color=style.BLUE, linestyle="-", label="square-root law"
    )
    axes.errorbar(
        [x for x, _ in kept], [row.value or 0 for _, row in kept],
        [row.standard_error or 0 for _, row in kept],
        fmt="o", color=style.BLACK, label="measured", zorder=3,
    )  # fmt: skip
    rule = _of(groups, "threshold_rule", p=MATCHED[0], q=MATCHED[1], epsilon=0.01)
    for level in [value(g, "exact") for g in rule]:
        if level:
            axes.axhline(
                level, color=style.GREEN, linestyle=style.DASHES[3], label="threshold 0.49"
            )
    axes.set(xscale="log", yscale="log", xlabel="clean samples n1", ylabel="help from noise σ")
    axes.set_ylim(0.08, 2e5)
    style.log_ticks(axes, "xy")
    counts = sorted({int(g.params["n1"] or 0) for g in own})
    if counts:
        axes.set_xticks(counts, [str(n) for n in counts])
        axes.minorticks_off()
    style.legend(axes, loc="upper left")
    style.panel(axes, "e", "Beta(2, 2) | Beta(4, 4)")


def _slope(axes: Axes, groups: Sequence[Group]) -> None:
    for order, look in ORDERS.items():
        own = _of(groups, "noise_slope", order=order)
        axes.plot(*_series(own, "sigma", "exact"), **look.line_kwargs(), label=f"moment {order}")
        axes.axhline(-order, color=style.GREY, linewidth=0.6, linestyle=":")
    axes.set(xscale="log", xlabel="noise σ", ylabel="d log TV / d log σ", ylim=(-6.4, 0.2))
    axes.set_yticks((0, -1, -2, -3, -4))
    style.log_ticks(axes)
    style.legend(axes, loc="lower left", ncols=2, columnspacing=0.8, handlelength=1.8)
    style.panel(axes, "f", "first moment that differs")
