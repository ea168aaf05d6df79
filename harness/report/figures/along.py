"""What an arm gains along a size: points with 95 % intervals over runs, and the law through them.

A gain is what an arm takes off the baseline's value, in per cent, so that above the line of 0 the
arm is better. Points are means of log-ratios over the replicates that have every size
(``harness.claims.curve``), with Student's interval; a line is the power law A n^-alpha fitted to
them, where a panel has one (``harness.report.figures.fitted``).
"""

import numpy as np
from matplotlib.axes import Axes

from harness.claims.curve import Curve
from harness.claims.power import critical
from harness.report import style
from harness.report.figures.fitted import ASIDE, law_of, lines, values_of
from harness.report.number import span
from harness.report.results import Results


def gains(results: Results, curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Sizes ``[m]`` and the gain with the ends of its interval in per cent ``[m, 3]``."""
    found = values_of(results, curve)
    k = len(found.y)
    if found.problem is not None or k == 0:
        return np.empty(0), np.empty((0, 3))
    mean = found.y.mean(0)
    half = critical(k - 1.0) * found.y.std(0, ddof=1) / k**0.5 if k > 1 else 0 * mean
    ends = np.stack([mean, mean + half, mean - half], 1)
    return found.sizes, per_cent(ends)


def per_cent(log_ratio: np.ndarray) -> np.ndarray:
    """A log-ratio against the baseline as a gain: what it takes off, in per cent."""
    return np.asarray(-100 * np.expm1(log_ratio))


def runs(results: Results, *curves: Curve) -> str:
    """Over how many runs the means of some curves are: ``n = 6``; "" of none."""
    counts = [len(values_of(results, curve).y) for curve in curves]
    found = [float(count) for count in counts if count]
    return f"n = {span(found)}" if found else ""


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
    found_law = law_of(results, curve) if fitted else None
    if found_law is not None:
        lines(axes, found_law, look, per_cent)


def finish(axes: Axes, letter: str, title: str, x: str, y: str = "gain (%)") -> None:
    """Axes of a panel of gains."""
    axes.axhline(0, color=style.BLACK, linewidth=0.6)
    axes.set(xscale="log", xlabel=x, ylabel=y)
    style.log_ticks(axes)
    style.panel(axes, letter, title)
