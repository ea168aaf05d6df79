"""The bridge from laws to trained networks: excess risk over noise, its split, and the level.

Above, one panel a pair of laws, 100 clean samples: the excess risk of each arm at each noise level
in squared units of the images (the table has its integral over all levels, in nats), trained
(marks, with the 95 % t interval over replicates) and of the optimum of the same samples (dashed);
what infinitely many samples would leave (dotted); in grey the law at large noise, and its level
where it has one. Below, the split of two arms, the network's (marks) and the optimum's (dashed),
with the mean squared distance of the network from the optimum; on grey ground the network has the
smaller risk, and its paired difference to the optimum's a 95 % interval below 0. Last, the risk of
all samples as equals over that of the clean ones, with the noise in units of the law's level, a
factor of two about it dotted: three numbers of clean samples fall together where the level grows as
the law says.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from harness.claims.power import critical
from harness.data.gaussian_mixture import law
from harness.metrics.excess_risk import FACTOR, NAMES, SIGMAS
from harness.metrics.mixture_risk import Setting
from harness.report import style
from harness.report.results import Group, Results
from harness.report.words import words
from harness.studies.gmm_bridge import CLEAN, COUNTS, IMPERFECT, MAIN, TIMES

FAINT = 3.0  # of the clean law's deviation: below so many the law at large noise is not drawn
DASHED, DOTTED = style.DASHES[1], style.DASHES[2]
PARTS = {
    "bias": style.Look(style.BLACK, "o"),
    "variance": style.Look(style.BLUE, "s"),
    "trainings": style.Look(style.ORANGE, "^"),
}
DEPARTURE = style.Look(style.VERMILION, "", style.DASHES[3])
GROUND = "#e4e4e4"
TITLES = {"matched": "means agree", "shifted": "means differ"}


def draw(results: Results) -> Figure:
    """Two panels above, three below."""
    groups = results.groups
    figure = style.figure(5.0)
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(2.7, 2.3))[:, 0]
    panels = above.subplots(1, 2, sharey=True)
    for letter, axes, pair in zip("ab", panels, IMPERFECT):
        _risks(axes, groups, pair)
        style.panel(axes, letter, f"{TITLES[pair]}, {MAIN} clean samples")
    panels[0].set_ylabel("excess risk (squared units)")
    _limits(panels)
    style.legend(
        panels[0], above, loc="outside lower center", ncols=7, handlelength=2, columnspacing=1.2
    )
    row = below.subplots(1, 3)
    for letter, axes, arm in zip("cd", row, ("clean", "all")):
        _split(axes, groups, arm)
        style.panel(axes, letter, f"split of “{words(arm)}”, means agree")
    row[0].set_ylabel("part of the risk")
    _limits(row[:2])
    _levels(row[2], groups)
    style.panel(row[2], "e", "all over clean")
    marks, names = row[1].get_legend_handles_labels()
    marks += [Line2D([], [], color=style.GREY, linestyle=DASHED), Patch(color=GROUND)]
    names += ["of the optimum", "network better than that"]
    below.legend(
        marks, names, loc="outside lower center", ncols=6, handlelength=1.8, columnspacing=0.9
    )
    return figure


def _of(groups: Sequence[Group], **factors: object) -> Group | None:
    """The cell with these factors; those that it has not do not matter."""
    for group in groups:
        if all(group.params.get(name, value) == value for name, value in factors.items()):
            return group
    return None


def curve(group: Group | None, part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise levels [S], the mean of a part of the risk, and the half width of its 95 % interval."""
    found = []
    for name, sigma in zip(NAMES, SIGMAS):
        values = np.array(list(group.values(f"{part}/{name}").values()) if group else [])
        if n := len(values):
            half = critical(n - 1.0) * float(values.std(ddof=1)) / n**0.5 if n > 1 else 0.0
            found.append((sigma, float(values.mean()), half))
    sigma, middle, half = np.array(found).reshape(-1, 3).T
    return sigma, middle, half


def _line(axes: Axes, group: Group | None, part: str, look: style.Look, **how: Any) -> None:
    """A curve where it is above 0; with a look's marker also the band of its interval."""
    sigma, middle, half = curve(group, part)
    shown = np.where(middle > 0, middle, np.nan)
    axes.plot(sigma, shown, **{**look.line_kwargs(), **how})
    if "marker" not in how and len(sigma):
        low = np.maximum(middle - half, 0.03 * np.abs(middle))  # a logarithm has no 0
        axes.fill_between(sigma, low, middle + half, color=look.colour, alpha=0.18, linewidth=0)


def _risks(axes: Axes, groups: Sequence[Group], pair: str) -> None:
    setting = Setting(law(**CLEAN), law(**IMPERFECT[pair]), MAIN, TIMES * MAIN)
    _law(axes, setting)
    for arm in ("clean", "all", "gated", "oracle"):
        look, where = style.ARMS[arm], {"arm": arm, "n1": MAIN}
        if arm in ("all", "gated"):
            where |= {"pair": pair}
        solid = style.Look(look.colour, look.marker)
        trained = _of(groups, network="mlp", **where)
        if trained is None:
            continue
        _line(axes, trained, "excess", solid, label=words(arm))
        best = _of(groups, network="optimum", **where)
        if arm != "oracle":
            _line(axes, best, "excess", look, marker="", linestyle=DASHED)
        if arm == "all":
            exact = _of(groups, network="population", **where)
            _line(axes, exact, "excess", look, marker="", linestyle=DOTTED)
    for name, line in (("optimum", DASHED), ("infinite samples", DOTTED)):
        axes.plot([], [], color=style.GREY, linestyle=line, label=name)
    axes.plot([], [], color=style.GREY, linewidth=2.5, alpha=0.45, label="law at large noise")
    axes.set(xscale="log", yscale="log", xlabel="noise σ")


def _law(axes: Axes, setting: Setting) -> None:
    """The two curves of the law at large noise, and the level where they cross."""
    least = FAINT * float(setting.p.covariance[0, 0]) ** 0.5
    sigma = np.geomspace(min(least, setting.level or least), SIGMAS[-1], 60)
    how: dict[str, Any] = {"color": style.GREY, "linewidth": 2.5, "alpha": 0.45, "zorder": 0}
    axes.plot(sigma, np.full(60, setting.clean_risk), **how)
    axes.plot(sigma, setting.risk(sigma), **how)
    if setting.level is not None:
        axes.axvline(setting.level, color=style.GREY, linewidth=0.8)
        axes.annotate("law's level", (setting.level, 0), xycoords=("data", "axes fraction"),
                      xytext=(3, 3), textcoords="offset points", color=style.GREY)  # fmt: skip


def _limits(panels: Sequence[Axes]) -> None:
    """The range of the curves, on one scale, with the empty places of a logarithm left out."""
    lines = [line for axes in panels for line in axes.get_lines() if len(line.get_xdata()) > 2]  # type: ignore[arg-type]
    values = np.concatenate([np.ones(1), *(np.asarray(line.get_ydata(), float) for line in lines)])
    values = values[np.isfinite(values) & (values > 0)][1:]
    for axes in panels:
        if len(values):
            axes.set_ylim(max(values.min(), 1e-7) / 1.5, 1.6 * values.max())
        style.log_ticks(axes, "xy")


def _split(axes: Axes, groups: Sequence[Group], arm: str) -> None:
    where = {"arm": arm, "n1": MAIN, "pair": "matched"}
    trained, best = (_of(groups, network=name, **where) for name in ("mlp", "optimum"))
    for part, look in PARTS.items():
        _line(axes, trained, part, look, label=words(part))
        if part != "trainings":
            _line(axes, best, part, look, marker="", linestyle=DASHED)
    _line(axes, trained, "departure", DEPARTURE, marker="", label=words("departure"))
    axes.set(xscale="log", yscale="log", xlabel="noise σ")
    for left, right in _runs(np.array(SIGMAS), better(trained, best)):
        axes.axvspan(left, right, color=GROUND, linewidth=0, zorder=0)


def better(trained: Group | None, best: Group | None) -> np.ndarray:
    """Where the network's risk is below that of the optimum, resolved in pairs: bool [S]."""
    found = np.zeros(len(SIGMAS), bool)
    for at, name in enumerate(NAMES):
        own, other = (each.values(f"excess/{name}") if each else {} for each in (trained, best))
        pairs = np.array([own[k] - other[k] for k in own if k in other])
        if (n := len(pairs)) > 1:
            half = critical(n - 1.0) * pairs.std(ddof=1) / n**0.5
            found[at] = pairs.mean() + half < 0
    return found


def _runs(sigma: np.ndarray, there: np.ndarray) -> list[tuple[float, float]]:
    """The stretches of a logarithmic grid [S] where something holds, to half a step beyond."""
    step = (sigma[1] / sigma[0]) ** 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[0], there.astype(int), [0]])))
    return [(sigma[a] / step, sigma[b - 1] * step) for a, b in edges.reshape(-1, 2)]


def _levels(axes: Axes, groups: Sequence[Group]) -> None:
    for n1, look in zip(COUNTS, style.LOOKS):
        level = Setting(law(**CLEAN), law(**IMPERFECT["matched"]), n1, TIMES * n1).level
        for network in ("mlp", "optimum"):
            both = (
                _of(groups, arm=arm, n1=n1, network=network, pair="matched")
                for arm in ("all", "clean")
            )
            (sigma, mixed, _), (_, clean, _) = (curve(group, "excess") for group in both)
            if len(mixed) != len(clean) or level is None:
                continue
            how: dict[str, Any] = {"marker": look.marker, "label": f"{n1} clean"}
            how = {"linestyle": DASHED} if network == "optimum" else how
            axes.plot(sigma / level, mixed / clean, color=look.colour, **how)
    for factor in (1 / FACTOR, FACTOR):
        axes.axvline(factor, color=style.GREY, linewidth=0.8, linestyle=DOTTED)
    axes.axhline(1, color=style.BLACK, linewidth=0.6)
    axes.set(xscale="log", yscale="log", xlabel="noise / law's level")
    style.log_ticks(axes, "xy")
    style.legend(axes, loc="upper right", handlelength=1.6)
