"""The line calibrated on itself: its rates against the stated ones, and its A/A effects.

(a) false verdicts between two arms that differ in nothing; (b) planted effects that were seen, both
with exact 95 % intervals; (c) the paired A/A effects, divided by their standard deviation, against
the quantiles of a normal law: the stated rates assume that they lie on the line.
"""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.claims.calibration import Calibration
from harness.report import style
from harness.report.rates import calibrate, paired
from harness.report.results import Results
from harness.report.words import words


def draw(results: Results) -> Figure:
    """Three panels."""
    found = calibrate(results)
    figure = style.figure(2.3)
    panels = figure.subplots(1, 3, width_ratios=(1, 1, 1.25))
    false = [one for one in found if one.effect == 0]
    planted = [one for one in found if one.effect != 0]
    _rates(panels[0], false)
    style.panel(panels[0], "a", "false verdicts")
    _rates(panels[1], planted)
    style.panel(panels[1], "b", "planted effects seen")
    panels[1].set_yticklabels([])
    _quantiles(panels[2], {name: one.values for name, one in paired(results).items()})
    style.panel(panels[2], "c", "paired A/A effects")
    return figure


def _rates(axes: Axes, found: Sequence[Calibration]) -> None:
    """A dot with its interval for each metric, and a line at the stated rate."""
    for y, (one, look) in enumerate(zip(found, style.LOOKS)):
        axes.plot([100 * one.low, 100 * one.high], [y, y], color=look.colour, linestyle=look.line)
        axes.plot(100 * one.rate, y, look.marker, color=look.colour, markersize=5, clip_on=False)
    axes.set_yticks(range(len(found)), [words(one.metric) for one in found])
    few = max((one.high for one in found), default=1.0) < 0.5
    axes.set(ylim=(len(found) - 0.5, -0.75), xlabel="studies (%)")
    axes.set_xlim(0, 100 * max(one.high for one in found) * 1.1 if few else 100)
    for stated in {one.stated for one in found}:
        axes.axvline(100 * stated, color=style.GREY, linewidth=0.8)
        axes.annotate(
            f"stated {100 * stated:g} %", (100 * stated, 1), xycoords=("data", "axes fraction"),
            xytext=(3 if stated < 0.5 else -3, -1), textcoords="offset points", va="top",
            ha="left" if stated < 0.5 else "right", color="#444444",
        )  # fmt: skip


def _quantiles(axes: Axes, pairs: dict[str, tuple[float, ...]]) -> None:
    """Ordered effects in standard deviations against normal quantiles at (i - 1/2) / n."""
    from scipy.special import ndtri

    reach = 1.0
    for (metric, values), look in zip(pairs.items(), style.LOOKS):
        effects = np.sort(np.array(values))
        if len(effects) < 2 or effects.std() == 0:
            continue
        z = ndtri((np.arange(len(effects)) + 0.5) / len(effects))
        y = effects / math.sqrt(np.mean(effects**2))
        reach = max(reach, float(np.abs(z).max()), float(np.abs(y).max()))
        axes.plot(
            z, y, look.marker, color=look.colour, markersize=2.5, fillstyle="none",
            markeredgewidth=0.6, label=words(metric),
        )  # fmt: skip
    axes.plot([-reach, reach], [-reach, reach], color=style.GREY, linewidth=0.8, zorder=0)
    axes.set(xlabel="normal quantile", ylabel="effect / root mean square")
    style.legend(axes, loc="lower right", handlelength=1, labelspacing=0.3)
