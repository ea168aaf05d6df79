"""Some panels of a figure, laid out anew: for a column that is too narrow for all of them.

A panel is named by the letter in its title, or where there is none by its place: the first is a.
The others go, and those that stay are lettered anew; what a panel took from a neighbour (the
numbers and the name of an axis that they share) is put back; and a legend of the whole figure stays
where it tells a panel's series apart, in as many columns as have room. A group of panels (a
matplotlib ``SubFigure``) is one row of its own.
"""

import re
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase, SubFigure
from matplotlib.gridspec import GridSpec
from matplotlib.legend import Legend
from matplotlib.ticker import FixedFormatter

from harness.problem import Problem

LETTER = re.compile(r"^\((\w)\)")
LIST = 9
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def letters(made: Figure) -> dict[str, Axes]:
    """The panels of a figure by letter."""
    panels = [axes for axes in made.axes if axes.get_subplotspec() is not None]
    named = [LETTER.match(axes.get_title(loc="left")) for axes in panels]
    if all(named):
        return {found[1]: axes for found, axes in zip(named, panels) if found}
    return dict(zip(LETTERS, panels))


def keep(made: Figure, wanted: str, width: float, height: float, across: int) -> None:
    """Leave some panels alone, ``across`` in a row; inches, the height that of a row.

    A panel that lists more than ``LIST`` things beside its axis keeps the height of the figure.

    Raises ``Problem`` for a letter that no panel has, and for one that stands twice.
    """
    there = letters(made)
    if not wanted or set(wanted) - set(there) or len(set(wanted)) < len(wanted):
        raise Problem(
            f"the panels {wanted!r} of a figure",
            f"it has {''.join(there)}",
            "name each panel once, by its letter",
        )
    kept = [there[letter] for letter in wanted]
    if max(len(_listed(axes)) for axes in kept) > LIST:
        height = max(height, made.get_size_inches()[1])
    for axes in kept:
        _restore(axes, list(there.values()))
    for axes in set(made.axes) - set(kept):
        axes.remove()
    made.set_size_inches(width, height * _rows(made, kept, across))
    for letter, axes in zip(LETTERS, kept):
        bare = LETTER.sub("", axes.get_title(loc="left")).strip()
        named = LETTER.match(axes.get_title(loc="left")) is not None and len(kept) > 1
        axes.set_title(f"({letter}) {bare}" if named else bare, loc="left")
    for part in (made, *made.subfigs):
        for legend in list(part.legends):
            _refit(part, legend, kept)


def _listed(axes: Axes) -> Sequence[str]:
    """The things that are listed beside an axis, where its ticks are no numbers."""
    names = axes.yaxis.get_major_formatter()
    return names.seq if isinstance(names, FixedFormatter) else ()


def _restore(axes: Axes, panels: Sequence[Axes]) -> None:
    """Put back the numbers and names of axes that stand beside a neighbour alone."""
    if len(axes.get_shared_y_axes().get_siblings(axes)) > 1:
        axes.tick_params(axis="y", which="both", labelleft=True)
    if len(axes.get_shared_x_axes().get_siblings(axes)) > 1:
        axes.tick_params(axis="x", which="both", labelbottom=True)
    row = [other for other in panels if _row(other) == _row(axes)]
    if not axes.get_ylabel() and row and _same(row[0], axes):
        axes.set_ylabel(row[0].get_ylabel())


def _row(axes: Axes) -> tuple[int, int]:
    place = axes.get_subplotspec()
    return (id(axes.get_figure(root=False)), place.rowspan.start if place else -1)


def _same(first: Axes, axes: Axes) -> bool:
    """Whether two panels of a row have one vertical axis."""
    return first.get_ylim() == axes.get_ylim() and first.get_yscale() == axes.get_yscale()


def _rows(made: Figure, kept: Sequence[Axes], across: int) -> int:
    """Give the panels places in a new grid, in the order in which they were named; its rows."""
    rows = 0
    parts = list(dict.fromkeys(axes.get_figure(root=False) for axes in kept))
    made.subfigs[:] = [part for part in made.subfigs if part in parts]
    outer = GridSpec(len(parts), 1, figure=made)
    for at, part in enumerate(parts):
        if isinstance(part, SubFigure):
            part._subplotspec = outer[at, 0]  # type: ignore[attr-defined]  # no public way
            part.suptitle("")
        own = [axes for axes in kept if axes.get_figure(root=False) is part]
        columns = min(across, len(own))
        grid = GridSpec(-(-len(own) // columns), columns, figure=part)  # type: ignore[arg-type]
        rows += grid.nrows
        for place, axes in enumerate(own):
            axes.set_subplotspec(grid[divmod(place, columns)])
    return rows


def fit(made: Figure) -> None:
    """Break the legends of a whole figure that are wider than it."""
    made.draw_without_rendering()
    for part in (made, *made.subfigs):
        for legend in list(part.legends):
            if legend.get_window_extent().width > _room(made):
                series, title = _told(legend), legend.get_title().get_text()
                legend.remove()
                _legend(part, series | _series(made.axes, list(series)), title)


def _told(legend: Legend) -> dict[str, Any]:
    """What a legend shows, by name."""
    return dict(zip([text.get_text() for text in legend.get_texts()], legend.legend_handles))


def _room(made: Figure) -> float:
    """How wide a legend may be, in pixels."""
    return 0.98 * made.get_size_inches()[0] * made.dpi


def _refit(part: FigureBase, legend: Legend, kept: Sequence[Axes]) -> None:
    """A legend of the whole for what is left of it; whole where no panel names its series."""
    told, title = _told(legend), legend.get_title().get_text()
    legend.remove()
    own = [axes for axes in kept if axes.get_figure(root=False) is part]
    if not any(axes.get_legend_handles_labels()[1] for axes in own):
        _legend(part, told, title)
    elif left := _series(own, list(told)):
        _legend(part, left)


def _series(panels: Sequence[Axes], names: Sequence[str]) -> dict[str, Any]:
    """What the panels draw under some names, in the order of these."""
    drawn = {
        name: handle for axes in panels for handle, name in zip(*axes.get_legend_handles_labels())
    }
    return {name: drawn[name] for name in names if name in drawn}


def _legend(part: FigureBase, series: dict[str, Any], title: str = "") -> None:
    """A legend below, in as many columns as have room."""
    whole = part.get_figure(root=True)
    for columns in range(len(series), 0, -1):
        made = part.legend(
            list(series.values()), list(series), loc="outside lower center", ncols=columns,
            columnspacing=1.2, title=title or None,
        )  # fmt: skip
        if columns == 1 or not whole or made.get_window_extent().width <= _room(whole):
            return
        made.remove()
