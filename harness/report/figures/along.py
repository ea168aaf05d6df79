"""What an arm gains along a size: points with 95 % intervals over runs, and the law through them.

A gain is what an arm takes off the baseline's value, in per cent, so that above the line of 0 the
arm is better. Points are means of log-ratios over the replicates that have every size
(``harness.claims.curve``), with Student's interval; a line is the power law A n^-alpha fitted to
them, where a panel has one.
"""

import numpy as np
from matplotlib.axes import Axes

from harness.claims.curve import Curve, effect_law, weights
from harness.claims.power import critical
from harness.report import style
from harness.report.results import Results

ASIDE = 1.03  # from one series to the next, so that their intervals do not hide each other's


def gains(results: Results, curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Sizes ``[m]`` and the gain with the ends of its interval in per cent ``[m, 3]``."""
    found = curve.values(results.records)
    k = len(found.y)
    if found.problem is not None or k == 0:
        return np.empty(0), np.empty((0, 3))
    mean = found.y.mean(0)
    half = critical(k - 1.0) * found.y.std(0, ddof=1) / k**0.5 if k > 1 else 0 * mean
    ends = np.stack([mean, mean + half, mean - half], 1)
    return found.sizes, -100 * np.expm1(ends)


def law(results: Results, curve: Curve, at: np.ndarray) -> np.ndarray | None:
    """The fitted power law of the gain in per cent at sizes ``[n]``; None where there is none."""
    found = curve.values(results.records)
    if curve.refusal(found) is not None:
        return None
    alpha, scale = effect_law(found.y.mean(0)[None], found.sizes, weights(found))
    return -100 * np.expm1(scale[0] * at ** -alpha[0]) if np.isfinite(alpha[0]) else None


def series(
    axes: Axes,
    results: Results,
    curve: Curve,
    look: style.Look,
    name: str,
    place: int = 0,
    fitted: bool = False,
) -> None:
    """Points of one curve; ``place``: its number among those of the panel."""
    sizes, found = gains(results, curve)
    if not len(sizes):
        return
    x = sizes * ASIDE**place
    middle, low, high = found.T
    axes.vlines(x, low, high, color=look.colour, linewidth=0.9)
    line = "none" if fitted else look.line
    axes.plot(x, middle, look.marker, color=look.colour, linestyle=line, linewidth=0.9, label=name)
    if fitted:
        at = np.geomspace(sizes[0], sizes[-1], 60)
        drawn = law(results, curve, at)
        if drawn is not None:
            axes.plot(at, drawn, color=look.colour, linestyle=look.line, linewidth=1)


def finish(axes: Axes, letter: str, title: str, x: str, y: str = "gain (%)") -> None:
    """Axes of a panel of gains."""
    axes.axhline(0, color=style.BLACK, linewidth=0.6)
    axes.set(xscale="log", xlabel=x, ylabel=y)
    style.log_ticks(axes)
    style.panel(axes, letter, title)
