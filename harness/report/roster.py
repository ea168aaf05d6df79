"""The roster: the cells that a study asks for at a scale, held against those that have rows.

The grid is the one of the code at hand. A scale that has no file, and a study whose grid cannot be
made here, have no roster, and nothing is said of them. A cell of the records that is not in the
grid is one of an older grid, or, where a cell of the grid without rows has its factors, one whose
configuration has changed since.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

from harness.cell import Cell
from harness.problem import Problem
from harness.records.record import Plain
from harness.report.layout import Layout
from harness.report.results import Group, Results
from harness.report.sheet import Part
from harness.report.words import level, shared_levels
from harness.scale import read_sizes
from harness.studies import STUDIES

NAMED = 3  # cells of which each is named; of more, the first ones and a count
COUNTED = "means"  # the part whose rows have a column n


@final
@dataclass(frozen=True)
class Roster:
    """asked: the replicates of each cell of the grid, by its id, of how many there are; absent:
    those without any row; older: cells of the records that the grid does not have; changed: those
    that it has under the same factors with another configuration."""

    asked: Mapping[str, int]
    absent: tuple[Cell, ...] = ()
    older: tuple[Group, ...] = ()
    changed: tuple[Group, ...] = ()

    def runs(self, group: Group, there: int | None = None) -> str:
        """``3 of 8``: the replicates that a cell has of those that the grid asks, or a smaller
        number of these; the number alone where it is whole, and of a cell outside the grid."""
        count = group.replicates if there is None else there
        asked = max(group.replicates, self.asked.get(group.cell_id, 0))
        return str(count) if count == asked else f"{count} of {asked}"

    def pairs(self, group: Group, other: Group) -> int:
        """How many pairs the grid asks of two cells; 0 where it does not have both."""
        return min(self.asked.get(one.cell_id, 0) for one in (group, other))


UNKNOWN = Roster({})


def grid(study: str, scale: str) -> list[Cell]:
    """The cells that a study asks for at a scale; none where that cannot be known here."""
    if study not in STUDIES:
        return []
    try:
        found: list[Cell] = STUDIES[study].cells(read_sizes(scale))
    except Problem:  # a scale without a file, or a folder of images that is not there
        return []
    return found


def roster(results: Results) -> Roster:
    """The grid of a study at the scale of its records, held against these."""
    cells = grid(results.study, results.scale)
    if not cells:
        return UNKNOWN
    asked = {cell.cell_id: cell.replicates for cell in cells}
    there = {group.cell_id for group in results.groups}
    absent = [cell for cell in cells if cell.cell_id not in there]
    older: list[Group] = []
    changed: list[Group] = []
    for group in results.groups:
        if group.cell_id in asked:
            continue
        same = [cell for cell in absent if cell.labels() == group.params]
        (changed if same else older).append(group)
        absent = [cell for cell in absent if cell not in same]
    return Roster(asked, tuple(absent), tuple(older), tuple(changed))


def noted(name: str, part: Part, results: Results, layout: Layout) -> Part:
    """A part of a study's table; below the one that stands for its cells, what differs between the
    grid and the rows."""
    stands = COUNTED if COUNTED in layout.parts else layout.parts[0]
    if name != stands:
        return part
    return replace(part, notes=(*notes(results, layout, name == COUNTED), *part.notes))


def notes(results: Results, layout: Layout, counted: bool = True) -> tuple[str, ...]:
    """What differs between the grid and the rows, a line each; counted: whether the rows of the
    table say of how many runs they are."""
    found = roster(results)
    every: list[Mapping[str, Plain]] = [cell.labels() for cell in found.absent]
    every += [group.params for group in results.groups]
    shared = shared_levels(every, layout.rows)

    def listed(cells: Iterable[Mapping[str, Plain]]) -> str:
        return _listed([_named(params, layout.rows, shared) for params in cells])

    lines = []
    if found.absent:
        names = listed(c.labels() for c in found.absent)
        has = "has" if len(found.absent) == 1 else "have"
        of = f"Of the {len(found.asked)} cells that this study asks for at this scale"
        lines.append(f"{of}, {len(found.absent)} {has} no row here: {names}.")
    partial = [g for g in results.groups if 0 < g.replicates < found.asked.get(g.cell_id, 0)]
    if partial and counted:
        so_many = found.runs(partial[0])
        lines.append(f"n “{so_many}”: so many runs are here, of those that the study asks for.")
    elif partial:
        few = [f"{_named(g.params, layout.rows, shared)} ({found.runs(g)})" for g in partial]
        lines.append(f"Fewer runs are here than the study asks for: {_listed(few)}.")
    if found.older:
        names = listed(group.params for group in found.older)
        lines.append(f"{_cells(found.older)} not in the grid of this study today: {names}.")
    if found.changed:
        names = listed(group.params for group in found.changed)
        are = f"{_cells(found.changed)} of another configuration than the grid has today"
        lines.append(f"{are} under the same name: {names}.")
    there = (f"{line[0].upper()}{line[1:]}: {where}." for line, where in layout.elsewhere)
    return (*lines, *there)


def _cells(groups: Sequence[Group]) -> str:
    return "1 cell here is" if len(groups) == 1 else f"{len(groups)} cells here are"


def _named(params: Mapping[str, Plain], rows: Sequence[str], shared: Iterable[object]) -> str:
    """A cell by its factors, first those that label the rows of the table."""
    names = [*(n for n in rows if n in params), *sorted(n for n in params if n not in rows)]
    return " · ".join(level(name, params[name], set(shared)) for name in names)


def _listed(names: Sequence[str]) -> str:
    """Some by name, then how many more."""
    more = len(names) - NAMED
    if more > 0:
        return f"{'; '.join(names[:NAMED])}; and {more} more"
    return "; ".join(names)
