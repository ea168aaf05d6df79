"""A scaling law on its points: the fit, what it leaves, and how its parameters go together.

One variable: the loss against the size with the chosen law and its 95 % band from resampled runs,
thin lines for the other forms, dotted beyond the sizes; predictions as diamonds; the residuals
beside it. Two variables: the measured loss against the law's, and the residuals against each. The
matrix holds the correlations of the parameters over the bootstrap: near ±1, two are not to be read
apart.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from harness.report import style
from harness.scaling.choice import Comparison, Prediction

BEYOND = 3.0  # times the largest size that curves go on
SYMBOLS = {"alpha": "α", "beta": "β", "kappa": "κ", "lambda": "λ", "N0": "N₀"}
DARK = 0.9  # of a correlation, from which white is read better than black
MANY = 2000  # points, from which they are drawn as an image inside the pdf and the svg
SHOWN = 20_000  # points that are drawn, of more, evenly over the sizes


def draw(found: Comparison, predictions: Sequence[Prediction] = ()) -> Figure:
    """The chosen form's panels."""
    if found.points.x.shape[1] == 1:
        figure = style.figure(3.0)
        panels = figure.subplots(1, 3, width_ratios=(1.25, 1, 0.85))
        _curves(panels[0], found, predictions)
        style.legend(panels[0], figure, loc="outside lower left", ncols=3)
    else:
        figure = style.figure(4.6)
        panels = figure.subplots(2, 2).ravel()
        _measured(panels[0], found)
    for k in range(len(found.points.names)):
        _residuals(panels[1 + k], "bc"[k], found, k)
    _matrix(panels[-1], "bcd"[len(found.points.names)], found)
    return figure


def files(found: Comparison, predictions: Sequence[Prediction] = ()) -> dict[str, bytes]:
    """The bytes of the figure as pdf, svg and png."""
    with style.applied("scaling_fit"):
        return style.saved(draw(found, predictions))


def _curves(axes: Axes, found: Comparison, predictions: Sequence[Prediction]) -> None:
    points = found.points
    low, high = points.x.min(), points.x.max()
    far = max([high * BEYOND, *(p.at[0] for p in predictions)])
    near = min([low, *(p.at[0] for p in predictions)])
    x = np.geomspace(near, far, 160)[:, None]
    within = (x[:, 0] >= low * 0.999) & (x[:, 0] <= high * 1.001)
    names = [found.chosen, *(n for n in found.rows if n != found.chosen)]
    for name, look in style.looks(names).items():
        law = found.rows[name].fit
        y, first = law.predict(x), name == found.chosen
        kind: dict[str, Any] = {"color": look.colour, "linewidth": 1.4 if first else 0.8}
        axes.plot(x[within], y[within], linestyle=look.line, label=_words(name), **kind)
        for side in (x[:, 0] < low, x[:, 0] > high):
            axes.plot(x[side], y[side], linestyle=":", **kind)
        if first:
            row = found.rows[name]
            drawn = law.predict(x, row.replicates.theta)
            ends = np.array([row.replicates.interval(column) for column in drawn.T])
            band: dict[str, Any] = {"color": look.colour, "alpha": 0.18, "linewidth": 0}
            axes.fill_between(x[:, 0], *ends.T, label="its 95 %, from runs", **band)
    some = _shown(found)
    _dots(axes, points.x[some, 0], points.y[some], style.BLACK)
    for i, p in enumerate(predictions):
        axes.plot([p.at[0]] * 2, [p.low, p.high], color=style.BLACK, linewidth=1, zorder=4)
        name = "prediction, 95 %" if i == 0 else "_"
        form: dict[str, Any] = {"markerfacecolor": "#ffffff", "markersize": 4, "linestyle": ""}
        axes.plot(p.at[0], p.value, "D", color=style.BLACK, zorder=5, label=name, **form)
    axes.set(xscale="log", yscale="log", xlabel=points.names[0], ylabel=points.loss)
    least, most = points.y.min(), points.y.max()
    for p in predictions:
        least, most = min(least, p.low), max(most, p.high)
    room = max((most / least) ** 0.12, 1 + 1e-6)
    axes.set_ylim(least / room, most * room)
    style.log_ticks(axes, "xy")
    style.panel(axes, "a", "points and laws")


def _measured(axes: Axes, found: Comparison) -> None:
    points = found.points
    law = found.rows[found.chosen].fit.predict(points.x)
    ends = [min(law.min(), points.y.min()), max(law.max(), points.y.max())]
    axes.plot(ends, ends, color=style.GREY, linewidth=0.8)
    some = _shown(found)
    _dots(axes, law[some], points.y[some], style.BLUE)
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel(f"{points.loss} of the law ({_words(found.chosen)})")
    axes.set_ylabel(f"{points.loss}, measured")
    style.log_ticks(axes, "xy")
    style.panel(axes, "a", "measured against the law")


def _residuals(axes: Axes, letter: str, found: Comparison, k: int) -> None:
    points, law = found.points, found.rows[found.chosen].fit
    per_cent = 100 * np.expm1(law.residuals)
    axes.axhline(0, color=style.BLACK, linewidth=0.6)
    some = _shown(found)
    _dots(axes, points.x[some, k], per_cent[some], style.BLUE)
    most = 1.15 * max(np.abs(per_cent).max(), 1e-6)
    axes.set(xscale="log", xlabel=points.names[k], ylabel="measured over law, less 1 (%)")
    axes.set_ylim(-most, most)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    style.log_ticks(axes)
    style.panel(axes, letter, "residuals")


def _shown(found: Comparison) -> np.ndarray:
    """Which points are drawn."""
    order = np.lexsort((found.points.y, found.points.sizes))
    return order[:: -(-len(order) // SHOWN)]


def _dots(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str) -> None:
    axes.plot(x, y, "o", color=colour, markersize=3, zorder=3, rasterized=len(x) > MANY)


def _matrix(axes: Axes, letter: str, found: Comparison) -> None:
    """Numbers on a scale from orange over white to blue."""
    row = found.rows[found.chosen]
    form, correlation = row.fit.form, row.correlation
    names = [
        ("ln " if logged else "") + SYMBOLS.get(name, name)
        for name, logged in zip(form.parameters, form.logged)
    ]
    scale = LinearSegmentedColormap.from_list("signed", [style.ORANGE, "#ffffff", style.BLUE])
    axes.imshow(correlation, cmap=scale, vmin=-1, vmax=1)
    for (i, j), value in np.ndenumerate(correlation):
        colour = "#ffffff" if value > DARK else style.BLACK
        text = f"{value:+.2f}".replace("-", "−") if i != j else "1"
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=style.small())
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    style.panel(axes, letter, "correlations")


def _words(name: str) -> str:
    return name.replace("_", " ")
