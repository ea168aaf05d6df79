"""One velocity field in five parameterisations, and where their equivalence ends in practice.

(a), (b) the error of a data and of a noise prediction by the error of the prediction from which it
is converted, measured (markers) and |D_j / D_k| (lines); (c) relative rounding errors of
conversions, with their bounds; (d) the weight that each plain loss gives to a noise level, relative
to the variational bound; (e) one step of the two samplers against the exact flow; (f) by how much
the score form of the velocity cancels near the end of a path.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.records.record import Plain
from harness.report import style
from harness.report.bounds import value
from harness.report.results import Group, Results

EPS, X0 = "ε", "x₀"
SOURCES = {
    "eps": (EPS, "vp", style.LOOKS[1]),
    "x0": (X0, "vp", style.LOOKS[0]),
    "v": ("v, vp", "vp", style.LOOKS[2]),
    "velocity": ("velocity, linear", "linear", style.LOOKS[3]),
}
WEIGHTS = (
    ("vp", "x0", f"{X0}, vp", style.LOOKS[0]),
    ("vp", "eps", f"{EPS}, vp", style.LOOKS[1]),
    ("vp", "v", "v, vp", style.LOOKS[2]),
    ("linear", "velocity", "velocity, linear", style.LOOKS[3]),
)
ROUNDED = (
    ("eps", "x0", f"{X0} from {EPS}", style.LOOKS[1]),
    ("x0", "eps", f"{EPS} from {X0}", style.LOOKS[0]),
    ("v", "x0", f"{X0} from v", style.LOOKS[2]),
)


TIGHT: dict[str, Any] = {
    "handlelength": 2.0,
    "labelspacing": 0.25,
    "alignment": "left",
}


def draw(results: Results) -> Figure:
    """Six panels."""
    figure = style.figure(4.9)
    axes = figure.subplots(2, 3)
    groups = results.ordered(("law", "path", "ratio", "time", "step"))
    for letter, column, target, name in zip("ab", axes[0], ("x0", "eps"), (X0, EPS)):
        _errors(column, groups, target)
        style.legend(column, loc="upper left" if target == "x0" else "upper right", **TIGHT)
        column.set_ylabel(f"error of {name} / error of source")
        style.panel(column, letter, f"{name} from …")
    _rounding(axes[0, 2], groups)
    _weights(axes[1, 0], groups)
    _steps(axes[1, 1], groups)
    _cancellation(axes[1, 2], groups)
    return figure


def _own(groups: Sequence[Group], **labels: Plain) -> list[Group]:
    """The cells that have these labels."""
    return [g for g in groups if all(g.params.get(k) == v for k, v in labels.items())]


def _series(
    groups: Sequence[Group], x: str, y: str | Callable[[Group], float | None]
) -> tuple[np.ndarray, np.ndarray]:
    """A factor [n] and a metric, or a function of a cell, [n], where there is a number."""
    found = [
        (group.params.get(x), value(group, y) if isinstance(y, str) else y(group))
        for group in groups
    ]
    kept = sorted(
        (float(a), float(b)) for a, b in found if isinstance(a, int | float) and b is not None
    )
    return np.array([a for a, _ in kept]), np.array([b for _, b in kept])


def _measured(group: Group) -> float | None:
    """The error of the target by that of its source."""
    own, source = value(group, "exact"), value(group, "source_error")
    return None if own is None or not source else own / source


def _dots(look: style.Look) -> dict[str, Any]:
    return {"color": look.colour, "marker": look.marker, "linestyle": ""}


def _errors(axes: Axes, groups: Sequence[Group], target: str) -> None:
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    for source, (name, path, look) in SOURCES.items():
        own = _own(groups, law="amplification", path=path, source=source, target=target)
        x, y = _series(own, "ratio", "amplification")
        axes.plot(x, y, color=look.colour, linestyle=look.line)
        axes.plot(*_series(own, "ratio", _measured), **_dots(look))
        if len(x):
            axes.plot([], [], **look.line_kwargs(), label=name)
    axes.set(xscale="log", yscale="log", ylim=(4e-3, 2e4), xlabel="noise to signal σ / α")
    style.log_ticks(axes, "xy")


def _rounding(axes: Axes, groups: Sequence[Group]) -> None:
    for precision, face in (("float16", "full"), ("float32", "none")):
        for source, target, name, look in ROUNDED:
            own = _own(groups, law="precision", source=source, target=target, precision=precision)
            axes.plot(*_series(own, "ratio", "printed"), color=look.colour, linestyle=look.line)
            axes.plot(*_series(own, "ratio", "exact"), **_dots(look), fillstyle=face)
            if face == "full" and own:
                axes.plot([], [], **look.line_kwargs(), label=name)
    axes.axhline(1, color=style.GREY, linewidth=0.8, linestyle=":")
    axes.set(
        xscale="log", yscale="log", ylim=(1e-8, 3e5),
        xlabel="noise to signal σ / α", ylabel="relative rounding error",
    )  # fmt: skip
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="upper right", title="filled: float16\nopen: float32", **TIGHT)
    style.panel(axes, "c", "rounding, vp")


def _weights(axes: Axes, groups: Sequence[Group]) -> None:
    for path, kind, name, look in WEIGHTS:
        own = _own(groups, law="loss_weight", path=path, kind=kind)
        ratio, printed = _series(own, "ratio", "printed")
        axes.plot(-2 * np.log(ratio), printed, color=look.colour, linestyle=look.line)
        ratio, exact = _series(own, "ratio", "exact")
        axes.plot(-2 * np.log(ratio), exact, **_dots(look))
        if own:
            axes.plot([], [], **look.line_kwargs(), label=name)
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(
        yscale="log", ylim=(1e-7, 1e3), xlabel="log signal to noise λ",
        ylabel="weight / variational bound",
    )  # fmt: skip
    style.log_ticks(axes, "y")
    style.legend(axes, loc="lower left", **TIGHT)
    style.panel(axes, "d", "plain loss in …")


def _steps(axes: Axes, groups: Sequence[Group]) -> None:
    kinds = (
        ("linear", "euler_error", "linear, both", style.LOOKS[3]),
        ("vp", "euler_error", "vp, Euler", style.LOOKS[1]),
        ("vp", "ddim_error", "vp, DDIM", style.LOOKS[2]),
    )
    for path, metric, name, look in kinds:
        own = _own(groups, law="euler_step", path=path)
        axes.plot(*_series(own, "step", metric), **look.line_kwargs(), label=name)
    guide = np.array([0.02, 0.06])
    axes.plot(guide, 8e-3 * (guide / 0.02) ** 2, color=style.GREY, linewidth=0.8)
    axes.text(0.021, 0.045, "slope 2", fontsize=style.small(), color="#444444")
    axes.set(
        xscale="log", yscale="log", xlabel="step in t, from t = 0.8", ylabel="error of one step"
    )
    style.log_ticks(axes, "y")
    axes.set_xticks([0.02, 0.05, 0.1, 0.2, 0.4], ["0.02", "0.05", "0.1", "0.2", "0.4"])
    axes.minorticks_off()
    style.legend(axes, loc="lower right", **TIGHT)
    style.panel(axes, "e", "one step of the flow")


def _cancellation(axes: Axes, groups: Sequence[Group]) -> None:
    for path, look in (("vp", style.LOOKS[2]), ("linear", style.LOOKS[3])):
        own = _own(groups, law="probability_flow", path=path)
        t, y = _series(own, "time", "cancellation")
        axes.plot(1 - t, y, **look.line_kwargs(), label=path)
    axes.axhline(1, color=style.GREY, linewidth=0.8)
    axes.set(xscale="log", yscale="log", xlabel="1 − t", ylabel="(|f x| + |g² score| / 2) / |u|")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="upper right")
    style.panel(axes, "f", "velocity from the score")
