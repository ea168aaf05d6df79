"""The laws behind Smooth Diffusion: where interpolation is uneven without any fault of a model.

(a) the interpolation standard deviation (ISTD) of affine samplers, which is 0 along a line of
noises and not along an arc: a stretch between equal noises, with its bound, and the identity
between unequal ones; (b) that of the sampler without error of two modes on the line, of width 0.3,
with the bound of one jump, between noises on both sides of the middle and on one; (c) of three
modes in the plane, with that of the Gaussian of equal moments on the arc (on the line it is 0);
(d) the regulariser of the exact denoiser for data stretched in three dimensions (0 for isotropic
data); (e) the denoising loss that the regulariser costs at its optimum, limits dotted; (f) what it
costs against what it achieves, each as a share of its largest value.
An arrow head on an end of a panel says that a series goes on beyond it.
"""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.report import style
from harness.report.bounds import value
from harness.report.figures import heads
from harness.report.results import Group, Results

EXACT, BOUND, CONTROL = style.LOOKS[0], style.LOOKS[1], style.LOOKS[2]
LEVELS = (0.2, 0.5, 0.8)


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(4.7)
    axes = figure.subplots(2, 3)
    groups = results.ordered(("law", "ratio", "mode", "abar", "weight"))
    panels: tuple[Callable[[Axes, Sequence[Group]], None], ...] = (
        _affine, _line, _plane, _regulariser, _cost, _exchange,
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


def _affine(axes: Axes, groups: Sequence[Group]) -> None:
    stretched = _where(groups, law="istd_affine", sampler="stretched", interpolation="slerp")
    unequal = _where(groups, law="istd_affine", noises="unequal", interpolation="slerp")
    line = _where(groups, law="istd_affine", interpolation="lerp")
    axes.plot(
        *_series(stretched, "ratio", "half_range"),
        **BOUND.line_kwargs(),
        label="arc, stretch: bound",
    )
    axes.plot(*_series(stretched, "ratio", "exact"), **EXACT.line_kwargs(), label="arc, stretch")
    axes.plot(
        *_series(unequal, "ratio", "exact"), **CONTROL.line_kwargs(), label="arc, unequal noises"
    )
    black = style.Look(style.BLACK, "X", style.DASHES[2])
    axes.plot(*_series(line, "ratio", "exact"), **black.line_kwargs(), label="line, every sampler")
    axes.set(xscale="log", xlabel="stretch, ratio of lengths", ylabel="ISTD", ylim=(-0.02, 0.42))
    style.log_ticks(axes)
    style.legend(axes, loc="upper left")
    style.panel(axes, "a", "affine samplers")


def _line(axes: Axes, groups: Sequence[Group]) -> None:
    across = _where(groups, law="istd_monotone", ends="across")
    beside = _where(groups, law="istd_monotone", ends="one side")
    axes.plot(*_series(across, "mode", "printed"), **BOUND.line_kwargs(), label="one jump (bound)")
    axes.plot(
        *_series(across, "mode", "exact"), **EXACT.line_kwargs(), label="noises on both sides"
    )
    axes.plot(*_series(beside, "mode", "exact"), **CONTROL.line_kwargs(), label="on one side")
    axes.set(yscale="log", ylim=(1e-3, 60), xlabel="mode m, the other at −m", ylabel="ISTD")
    style.log_ticks(axes, "y")
    style.legend(axes, loc="upper left")
    style.panel(axes, "b", "two modes, on the line")


def _plane(axes: Axes, groups: Sequence[Group]) -> None:
    line = _where(groups, law="istd_flow", interpolation="lerp")
    arc = _where(groups, law="istd_flow", interpolation="slerp")
    axes.plot(*_series(line, "mode", "printed"), **BOUND.line_kwargs(), label="one jump (bound)")
    axes.plot(*_series(line, "mode", "exact"), **EXACT.line_kwargs(), label="line")
    looks = style.LOOKS[3], CONTROL
    axes.plot(*_series(arc, "mode", "exact"), **looks[0].line_kwargs(), label="arc")
    axes.plot(*_series(arc, "mode", "gaussian"), **looks[1].line_kwargs(), label="arc, Gaussian")
    axes.set(yscale="log", ylim=(1e-3, 60), xlabel="modes, from their centre")
    axes.set_ylabel("ISTD")
    style.log_ticks(axes, "y")
    style.legend(axes, loc="upper left")
    style.panel(axes, "c", "three modes, in the plane")


def _regulariser(axes: Axes, groups: Sequence[Group]) -> None:
    own = _where(groups, law="regulariser", along="level", data="stretched")
    ratios = sorted({float(g.params["ratio"] or 0) for g in own})
    for ratio, look in zip(ratios, style.LOOKS):
        axes.plot(
            *_series(_where(own, ratio=ratio), "abar", "exact"), **look.line_kwargs(),
            label=f"{ratio:g}",
        )  # fmt: skip
    axes.set(yscale="log", ylim=(1e-7, 1e2), xlabel="share of variance left, ᾱ")
    heads.leaving(axes)
    axes.set_ylabel("regulariser")
    style.log_ticks(axes, "y")
    style.legend(axes, loc="upper right", title="variances x, 1, 1/x; x =", ncols=2)
    style.panel(axes, "d", "exact denoiser")


def _costs(groups: Sequence[Group]) -> list[tuple[float, list[Group], style.Look]]:
    own = _where(groups, law="trade_off", data="stretched")
    return [(at, _where(own, abar=at), look) for at, look in zip(LEVELS, style.LOOKS)]


def _cost(axes: Axes, groups: Sequence[Group]) -> None:
    for level, own, look in _costs(groups):
        axes.plot(*_series(own, "weight", "exact"), **look.line_kwargs(), label=f"ᾱ = {level:g}")
        weights, limits = _series(own, "weight", "limit")
        axes.plot(weights, limits, color=look.colour, linestyle=":", linewidth=0.8)
    axes.set(xscale="log", yscale="log", ylim=(1e-8, 1), xlabel="weight")
    axes.set_ylabel("excess denoising loss")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="lower right")
    style.panel(axes, "e", "cost of the regulariser")


def _exchange(axes: Axes, groups: Sequence[Group]) -> None:
    for level, own, look in _costs(groups):
        shares = []
        for group in sorted(own, key=lambda g: float(g.params.get("weight") or 0)):
            parts = [
                value(group, m) for m in ("regulariser", "regulariser_without", "exact", "limit")
            ]
            left, whole, cost, limit = parts
            if left is not None and whole and cost is not None and limit:
                shares.append((1 - left / whole, cost / limit))
        x, y = np.array(shares).reshape(-1, 2).T
        axes.plot(x, y, **look.line_kwargs(), label=f"ᾱ = {level:g}")
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="regulariser, share removed")
    axes.set_ylabel("excess loss, share of limit")
    style.legend(axes, loc="upper left")
    style.panel(axes, "f", "cost and gain")
