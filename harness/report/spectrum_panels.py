"""Which spectra stand in one panel: arms that differ in nothing but what the lines tell apart.

Cells that share every factor but the arm stand together; one that lacks a factor that others have,
such as the clean arm among those of several blurs, stands beside all of them. Where that makes more
than ``PANELS``, the lines tell further factors apart while no panel gets more than ``LINES`` of
them. Panels beyond are counted; their cells stand in the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from harness.cell import canonical
from harness.report.spectra import Spectrum
from harness.report.spectrum_cells import Cell, Real
from harness.report.words import level, shared_levels

PANELS, LINES = 12, 7
Key = tuple[object, ...]


@final
@dataclass(frozen=True, eq=False)
class Curve:
    """The spectrum of a cell; look: by which of ``LINES`` looks it is told apart."""

    label: str
    spectrum: Spectrum
    look: int


@final
@dataclass(frozen=True, eq=False)
class Panel:
    """Spectra on one pair of axes; title: the levels that its cells share."""

    title: str
    real: Real
    curves: tuple[Curve, ...]


def panels(cells: Sequence[Cell], factors: Sequence[str]) -> list[Panel]:
    """The panels of some cells, in their order; those after the first ``PANELS`` too."""
    params = [cell.kept.group.params for cell in cells]
    known = [name for name in factors if any(name in own for own in params)]
    known = known or sorted({name for own in params for name in own})
    lines = _lines(cells, known)
    groups = _grouped(cells, known, lines)
    shared = shared_levels(params, known)
    titled = [
        name for name in known if name not in lines and len({o.get(name) for o in params}) > 1
    ]

    def said(cell: Cell, names: Sequence[str]) -> str:
        own = cell.kept.group.params
        return ", ".join(level(n, own[n], shared) for n in names if own.get(n) is not None)

    labels = list(dict.fromkeys(said(cell, lines) for group in groups for cell in group))
    several = len({cell.real.held_out.name for cell in cells}) > 1
    found = []
    for group in groups:
        title = max((said(cell, titled) for cell in group), key=len)
        if several and not title:
            title = group[0].real.held_out.name
        parts = [group[i : i + LINES] for i in range(0, len(group), LINES)]
        for at, part in enumerate(parts):
            of = f" ({at + 1} of {len(parts)})" if len(parts) > 1 else ""
            own = labels if len(labels) <= LINES else [said(cell, lines) for cell in part]
            curves = [
                Curve(said(cell, lines), cell.samples.rings, own.index(said(cell, lines)))
                for cell in part
            ]
            found.append(Panel(title + of, group[0].real, tuple(curves)))
    return found


def _lines(cells: Sequence[Cell], factors: Sequence[str]) -> list[str]:
    """The factors that the lines of a panel tell apart, in the order of all of them."""
    chosen = ["arm"] if "arm" in factors else list(factors[-1:])
    while len(now := _grouped(cells, factors, chosen)) > PANELS:
        for name in reversed(factors):
            if name in chosen:
                continue
            wider = [factor for factor in factors if factor in (*chosen, name)]
            groups = _grouped(cells, factors, wider)
            if len(groups) < len(now) and max(map(len, groups)) <= LINES:
                chosen = wider
                break
        else:
            break
    return chosen


def _grouped(
    cells: Sequence[Cell], factors: Sequence[str], lines: Sequence[str]
) -> list[list[Cell]]:
    """The cells that share their data and every factor but those of the lines."""
    fixed = [name for name in factors if name not in lines]

    def key(cell: Cell) -> Key:
        own = cell.kept.group.params
        return (canonical(dict(cell.kept.dataset)), *(own.get(name) for name in fixed))

    keys = list(dict.fromkeys(map(key, cells)))
    fullest = [one for one in keys if not any(_within(one, other) for other in keys)]
    return [[c for c in cells if key(c) == one or _within(key(c), one)] for one in fullest]


def _within(one: Key, other: Key) -> bool:
    """Whether a key says the same as another but less."""
    return one != other and all(a is None or a == b for a, b in zip(one, other))
