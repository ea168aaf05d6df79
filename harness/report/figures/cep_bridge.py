"""The bridge from the theory of corrupted conditions: six models on one axis, and flips beside.

On the axis gamma sqrt(n), gamma the deviation of the noise on each number of a class's code, every
arm against the clean arm of its own model on the same data sets, with 95 % t intervals of the
paired effects: (a) the change of the entropy of a class; (b) the gain in W2^2 to the class that is
true, as the logarithm of the clean over the noisy one, linear within 0.02 of 0 and logarithmic
beyond; (c) how much of the class's mean is kept, in numbers of its own; (d) the gain where classes
have ten times as many images. Beside them labels that are flipped once: (e) entropy, (f) gain.

The trained linear network is drawn as marks over the exact law, which it should lie on. What is
below 5e-4 nats has no place in (a) and (e). Bars are 95 % intervals over n data sets, as many as
the legend states.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from harness.claims.contrast import contrast
from harness.claims.power import critical
from harness.report import style
from harness.report.number import span
from harness.report.results import Group, Results, mean
from harness.studies.cep_bridge_cells import FEW, FLIPS, MANY, MODELS, NOISES

Array = NDArray[np.float64]

LOOKS = {
    "exact": style.Look(style.BLACK, "", "-"),
    "lemma": style.Look(style.GREY, "", style.DASHES[1]),
    "free": style.Look(style.GREEN, "", style.DASHES[3]),
    "linear": style.Look(style.BLUE, "o", "none"),
    "mlp": style.Look(style.VERMILION, "s", "-"),
    "guided": style.Look(style.PURPLE, "D", style.DASHES[2]),
}
NAMES = {
    "exact": "exact law",
    "lemma": "printed lemma",
    "free": "unrestricted optimum",
    "linear": "trained linear",
    "mlp": "trained MLP",
    "guided": "MLP, guided",
}
BESIDE = {"mlp": 0.95, "guided": 1.05}  # so that their intervals do not hide each other's
FAINT = 5e-4  # nats: what is less has no place
NEAR = 0.02  # within which the gain is drawn to a linear scale
TICKS = (-1.0, -0.3, -0.1, -0.03, 0.0, 0.03, 0.1, 0.3, 1.0)


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(4.55)
    panels = figure.subplots(2, 3).ravel()
    _curves(panels[0], results, NOISES, FEW, "class_entropy")
    _curves(panels[1], results, NOISES, FEW, "class_w2_squared")
    _kept(panels[2], results)
    _curves(panels[3], results, NOISES, MANY, "class_w2_squared")
    shares = {arm: 100 * eta for arm, eta in FLIPS.items()}
    _curves(panels[4], results, shares, FEW, "class_entropy")
    _curves(panels[5], results, shares, FEW, "class_w2_squared")
    first = ("entropy", "gain in W2²", "mean kept")
    titles = (*first, f"gain, {MANY} images", "flips: entropy", "flips: gain")
    for letter, axes, title in zip("abcdef", panels, titles):
        style.panel(axes, letter, title)
    counts = [len(group.asked) for group in results.groups]
    n = f", n = {span([float(count) for count in counts])} data sets" if counts else ""
    style.legend(
        panels[0], figure, loc="outside lower center", ncols=3, columnspacing=1.2,
        title=f"mean and 95 % interval{n}; each model has its own n (table)",
    )  # fmt: skip
    return figure


def found(results: Results, model: str, arm: str, images: int) -> Group | None:
    """The cell of a model in an arm."""
    wanted = {"network": model, "arm": arm, "images": images}
    return next((group for group in results.groups if group.params == wanted), None)


def effect(results: Results, model: str, arm: str, images: int, metric: str) -> Array | None:
    """The paired effect of an arm against clean: its mean and the half width of its interval.

    Of the entropy the rise in nats, of a W2^2 the logarithm of the clean over the other.
    """
    own, clean = (found(results, model, each, images) for each in (arm, "clean"))
    if own is None or clean is None:
        return None
    gain = metric == "class_w2_squared"
    made = contrast(
        (*own.rows, *clean.rows), metric, own.params, clean.params,
        scale="log_ratio" if gain else "difference",
    )  # fmt: skip
    if not made.values:
        return None
    values, n = np.array(made.values) * (-1 if gain else 1), len(made.values)
    half = critical(n - 1.0) * float(values.std(ddof=1)) / n**0.5 if n > 1 else 0.0
    return np.array([values.mean(), half])


def _curves(
    axes: Axes, results: Results, places: dict[str, float], images: int, metric: str
) -> None:
    """The effect of every arm in each model."""
    gain, seen = metric == "class_w2_squared", []
    for model in MODELS:
        points = [(x, effect(results, model, arm, images, metric)) for arm, x in places.items()]
        drawn = np.array([(x, *each) for x, each in points if each is not None]).reshape(-1, 3)
        if not gain:
            drawn = drawn[drawn[:, 1] > FAINT]
        if len(drawn):
            _series(axes, model, drawn)
            seen += [*(drawn[:, 1] - drawn[:, 2]), *(drawn[:, 1] + drawn[:, 2])]
    _horizontal(axes, places)
    axes.set_ylabel("ln of clean / corrupted" if gain else "change (nats)")
    if gain:
        axes.axhline(0, color=style.GREY, linewidth=0.6)
        axes.set_yscale("symlog", linthresh=NEAR, linscale=0.6)
        axes.yaxis.set_major_locator(FixedLocator(TICKS))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        low, high = min(seen, default=-1.0), max(seen, default=1.0)
        axes.set_ylim(min(1.25 * low, -NEAR), max(1.25 * high, NEAR))
    else:
        axes.set_yscale("log")
        axes.set_ylim(FAINT, 2 * max(seen, default=1.0))
        style.log_ticks(axes, "y")


def _kept(axes: Axes, results: Results) -> None:
    """How much of the mean is kept, the clean arm at the left edge."""
    left = min(NOISES.values()) / 2
    for model in MODELS:
        points = []
        for arm, x in {"clean": left, **NOISES}.items():
            group = found(results, model, arm, FEW)
            one = None if group is None else mean(group, "mean_kept")
            if one is not None and one.value is not None:
                error = (one.error or 0.0) * (critical(one.n - 1.0) if one.n > 1 else 0.0)
                points.append((x, one.value, error))
        if points:
            _series(axes, model, np.array(points))
    axes.axhline(1, color=style.GREY, linewidth=0.6)
    _horizontal(axes, NOISES)
    axes.xaxis.set_major_locator(FixedLocator([left, *NOISES.values()]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: "0" if x == left else f"{x:g}"))
    axes.set_ylabel("share of the seen mean")


def _horizontal(axes: Axes, places: dict[str, float]) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(list(places.values())))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.set_xlabel("γ √n" if places is NOISES else "flipped labels (%)")


def _series(axes: Axes, model: str, points: Array) -> None:
    """One model: points [k, 3] of x, value and half width."""
    look = LOOKS[model]
    x, y, half = points.T
    axes.errorbar(
        x * BESIDE.get(model, 1.0), y, yerr=half, label=NAMES[model], elinewidth=0.7,
        markerfacecolor="none" if model == "linear" else look.colour,
        zorder=4 if model == "linear" else 3, **look.line_kwargs(),
    )  # fmt: skip
