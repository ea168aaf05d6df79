"""The laws behind CycleDiffusion: what a code holds, and what two models share by it.

(a) the variance of codes under the exact score along the sampler, for its two choices of variance
and three of the data: standard normal codes would have 1; (b) the size of codes at step 100 for
models that believe in a variance other than the data's, 1; (c) what comes back: the error without
the last step's residual and that of DDIM inversion, where the DPM-Encoder with its residual has 0;
(d) the correlation of the images that two models on the line give one code, 1 for optimal
transport, and the share of an image that is lost on its way there and back; (e) the cost of the
coupling by that of optimal transport, in the plane, covariances turned against each other; (f) the
variance of translated images by that of the target domain, markers open for 50 steps and filled for
1000, the limit of small eta dotted.
"""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results

MODELS = (0.25, 1.0, 4.0)
ETAS = (0.0, 0.3, 1.0, 3.0)
TIME = 100
BLACK = style.Look(style.BLACK, "X", style.DASHES[2])


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(4.8)
    axes = figure.subplots(2, 3)
    groups = results.ordered(("law", "steps", "time", "eta", "ratio", "angle"))
    panels: tuple[Callable[[Axes, Sequence[Group]], None], ...] = (
        _variance, _size, _inversion, _shared, _turned, _translation,
    )  # fmt: skip
    for panel, on in zip(panels, axes.flat):
        panel(on, groups)
    return figure


def _where(groups: Sequence[Group], **wanted: str | float) -> list[Group]:
    """The cells whose factors have these levels."""
    return [g for g in groups if all(g.params.get(name) == at for name, at in wanted.items())]


def _series(groups: Sequence[Group], x: str, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and a metric [n], in the order of the factor, where there is a number."""
    found = [(group.params.get(x), value(group, metric)) for group in groups]
    kept = sorted((float(a), float(b)) for a, b in found if a is not None and b is not None)
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _decades(axes: Axes, *places: float) -> None:
    """Ticks of a logarithmic axis at few places, where each step of 1, 2 and 5 would crowd it."""
    style.log_ticks(axes)  # which gives an empty panel its limits
    axes.set_xticks(places, [f"{place:g}" for place in places])


def _variance(axes: Axes, groups: Sequence[Group]) -> None:
    own = _where(groups, law="code_variance")
    kinds = (("beta_tilde", "posterior"), ("beta", "β"))
    for (noise, name), look in zip(kinds, style.LOOKS):
        for model, fill, size in ((0.25, "full", 3.0), (4.0, "none", 6.0)):
            cells = _where(own, noise=noise, variance=model)
            axes.plot(
                *_series(cells, "time", "exact"), **look.line_kwargs(), fillstyle=fill,
                markersize=size, label=f"{name}, v = {model:g}",
            )  # fmt: skip
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", xlabel="time step, from the image", ylabel="variance of the code")
    style.log_ticks(axes)
    style.legend(axes, loc="upper right")
    style.panel(axes, "a", "codes, exact score")


def _size(axes: Axes, groups: Sequence[Group]) -> None:
    own = _where(groups, law="code_size", time=TIME)
    for model, look in zip(MODELS, style.LOOKS):
        eta, size = _series(_where(own, model=model), "eta", "exact")
        label = f"model {model:g}" + (" (exact)" if model == 1 else "")
        axes.plot(eta, np.sqrt(size), **look.line_kwargs(), label=label)
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel="noise of the sampler, η")
    axes.set_ylabel("root mean square of the code")
    style.log_ticks(axes, "y")
    _decades(axes, 0.01, 0.1, 1)
    style.legend(axes, loc="upper right")
    style.panel(axes, "b", f"codes at step {TIME}")


def _inversion(axes: Axes, groups: Sequence[Group]) -> None:
    for model, look in zip(MODELS, style.LOOKS):
        inverted = _where(groups, law="ddim_inversion", schedule="linear", model=model)
        axes.plot(
            *_series(inverted, "steps", "exact"),
            **look.line_kwargs(),
            label=f"DDIM, model {model:g}",
        )
    dropped = _where(groups, law="reconstruction", schedule="linear", model=1.0, residual="dropped")
    axes.plot(
        *_series(dropped, "steps", "exact"), **BLACK.line_kwargs(), label="encoder, no residual"
    )
    guide = np.array([100.0, 1000.0])
    axes.plot(guide, 20 / guide, color=style.GREY, linewidth=0.8)
    axes.text(330, 0.075, "slope −1", fontsize=style.small(), color="#444444")
    axes.set(
        xscale="log", yscale="log", ylim=(1e-5, 1), xlabel="steps", ylabel="error by the image"
    )
    style.log_ticks(axes, "y")
    _decades(axes, 10, 100, 1000)
    style.legend(axes, loc="lower left")
    style.panel(axes, "c", "reconstruction")


def _shared(axes: Axes, groups: Sequence[Group]) -> None:
    own = _where(groups, law="shared_code", pair="line")
    for eta, look in zip(ETAS, style.LOOKS):
        axes.plot(
            *_series(_where(own, eta=eta), "ratio", "shared"),
            **look.line_kwargs(),
            label=f"η = {eta:g}",
        )
    back = _where(groups, law="there_and_back", pair="line")
    axes.plot(*_series(back, "ratio", "share"), **BLACK.line_kwargs(), label="lost, η = 1")
    axes.set(xscale="log", ylim=(-0.04, 1.6), xlabel="ratio of the variances")
    axes.set_ylabel("correlation, or share lost")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    _decades(axes, 1, 10, 100)
    style.legend(axes, loc="upper left", ncols=2, columnspacing=0.8, handlelength=2.0)
    style.panel(axes, "d", "one code, two models")


def _turned(axes: Axes, groups: Sequence[Group]) -> None:
    own = [g for g in _where(groups, law="shared_code") if g.params.get("angle") is not None]
    top = 1.0
    for eta, look in zip(ETAS, style.LOOKS):
        cells = _where(own, eta=eta)
        angle, cost = _series(cells, "angle", "exact")
        _, least = _series(cells, "angle", "printed")
        if len(cost) == len(least):
            axes.plot(angle, cost / least, **look.line_kwargs(), label=f"η = {eta:g}")
            top = max([top, *(cost / least)])
    axes.set(xlabel="angle of the axes, degrees", ylabel="cost by optimal transport's")
    axes.set_xticks([0, 30, 60, 90])
    axes.set_ylim(0.97, 1 + 1.5 * (top - 1) + 0.02)
    style.legend(axes, loc="upper left", ncols=2)
    style.panel(axes, "e", "one code, in the plane")


def _translation(axes: Axes, groups: Sequence[Group]) -> None:
    own = _where(groups, law="translation")
    for target, look in zip((0.25, 4.0), style.LOOKS):
        for steps, fill in ((50, "none"), (1000, "full")):
            cells = _where(own, target=target, steps=steps)
            eta, found = _series(cells, "eta", "exact")
            label = f"1 to {target:g}" if fill == "full" else None
            axes.plot(eta, found / target, **look.line_kwargs(), fillstyle=fill, label=label)
        _, limits = _series(_where(own, target=target), "eta", "small_eta")
        if len(limits):
            axes.axhline(limits[0] / target, color=look.colour, linestyle=":", linewidth=0.8)
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", xlabel="noise of the sampler, η", ylabel="variance by the target's")
    _decades(axes, 0.01, 0.1, 1)
    style.legend(axes, loc="center left", title="variance", alignment="left")
    style.panel(axes, "f", "translated images")
