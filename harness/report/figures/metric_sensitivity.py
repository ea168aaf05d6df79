"""What each metric sees: every reading under every damage, as shades of multiples of its floor.

One panel a dataset, one row a reading, one narrow column a severity, grouped by kind. A white field
is a damage that leaves the reading below ``MARGIN`` floors; a cross is a reading that gave no
number. The shades rise in lightness alone as well, so that a grey copy reads the same.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from harness.claims.sensitivity import MARGIN
from harness.report import style
from harness.report.floors import SPREADS, Line, datasets, kinds, lines, short
from harness.report.layouts import layout
from harness.report.results import Results
from harness.report.words import words

MOST = 300.0  # multiples from which on all are one shade


def draw(results: Results) -> Figure:
    """One panel a dataset."""
    shown = layout(results.study)
    columns = kinds(results, shown.order)
    found = lines(results)
    places = datasets(results)
    rows = max((sum(line.dataset == place for line in found) for place in places), default=1)
    figure = style.figure(1.5 + 0.15 * rows)
    panels = figure.subplots(1, len(places), sharey=True, squeeze=False)[0]
    image = None
    for letter, axes, place in zip("abcdef", panels, places):
        image = _panel(axes, [line for line in found if line.dataset == place], columns)
        style.panel(axes, letter, words(place))
    if image is not None:
        bar = figure.colorbar(
            image, ax=list(panels), location="bottom", shrink=0.5, aspect=40, pad=0.02
        )
        bar.set_ticks([MARGIN, 3, 10, 30, 100, MOST], labels=["1.5", "3", "10", "30", "100", "300"])
        bar.ax.tick_params(which="minor", length=0)
        bar.set_label(
            "multiple of the distance of two clean halves (of the spread, for readings with *)"
        )
    return figure


def _panel(axes: Axes, found: list[Line], columns: dict[str, list[float]]) -> AxesImage:
    """The shades of one dataset; what it gives is for the colour bar."""
    flat = [(kind, severity) for kind, values in columns.items() for severity in values]
    values = np.full((len(found), len(flat)), np.nan)
    for y, line in enumerate(found):
        for x, (kind, severity) in enumerate(flat):
            value = line.mean(kind, severity)
            if value is None:
                if kind in line.multiples or not line.multiples or (kind, severity) in line.lost:
                    axes.plot(x, y, "x", color=style.GREY, markersize=2.5, markeredgewidth=0.5)
                continue
            # A spread on the scale of floors: shades begin where a reading counts as moved.
            values[y, x] = value if line.has_floor else value * MARGIN / SPREADS
    if not found:  # every cell failed
        values = np.full((1, max(len(flat), 1)), np.nan)
    shades = np.ma.masked_where(~(values >= MARGIN), np.minimum(values, MOST))
    image = axes.imshow(
        shades, cmap="viridis_r", norm=LogNorm(MARGIN, MOST), aspect="auto", interpolation="none"
    )
    names = [words(short(line.metric, line.dataset)) + "*" * (not line.has_floor) for line in found]
    axes.set_yticks(range(len(found)), names)
    start, middles = 0, []
    for values_of in columns.values():
        middles.append(start + (len(values_of) - 1) / 2)
        start += len(values_of)
        axes.axvline(start - 0.5, color=style.BLACK, linewidth=0.5)
    for y in range(1, len(found)):
        axes.axhline(y - 0.5, color="#dddddd", linewidth=0.3, zorder=0)
    axes.set_xticks(
        middles, [words(kind) for kind in columns], rotation=60, ha="right", rotation_mode="anchor"
    )
    axes.tick_params(length=0, labelsize=7)
    axes.set_xlabel("damage, severity rising to the right")
    for side in axes.spines.values():
        side.set_visible(True)
    return image
