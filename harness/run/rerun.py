"""Making a number again, in a folder of its own, and comparing it: ``patina rerun PLACE``.

The cells of a place (``harness.run.explain``) are run by the code at hand with nothing made before,
whatever the build's cache holds, and each row that the place names is held against the one that was
kept: the same to the last bit, the same to 1e-9 relative, or another. On one machine, lock and
code every row is the same to the last bit. An exact row may always differ by 1e-9; a tolerance row
may where code, lock, processor or versions are others than those that made it. Another processor
rounds otherwise, and a trained number then agrees in distribution only, which ``patina compare``
judges over a study.
"""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.cell import Cell
from harness.problem import Problem
from harness.records.record import Record
from harness.run.bill import bills
from harness.run.explain import Place
from harness.run.key import stage_keys
from harness.run.machine import machine
from harness.run.progress import Progress, clock
from harness.run.shard import finished, run_cell
from harness.scale import read_sizes
from harness.studies import STUDIES

EXACT = 1e-9
MACHINE = ("processor", "accelerator", "python", "torch", "numpy")
Number = tuple[str, int | None, str]


@final
@dataclass(frozen=True)
class Again:
    """What came out. same: to the last bit. close: exact rows to 1e-9, and near: tolerance rows to
    1e-9 of cells that were made elsewhere. others: kept and new."""

    same: int
    close: int
    near: int
    others: tuple[tuple[Record, Record | None], ...]

    @property
    def exact(self) -> bool:
        """Whether no row is another."""
        return not self.others


def cells_of(place: Place) -> list[Cell]:
    """The study's cells that the place's rows are of; a ``Problem`` for one that it has no more."""
    sizes = read_sizes(place.scale)
    known = {cell.cell_id: cell for cell in STUDIES[place.study].cells(sizes)}
    if lost := [cell for cell in place.cells if cell not in known]:
        commits = {
            stage.get("commit", "")
            for stage in place.runs.get(lost[0], {}).get("stages", {}).values()
        }
        fix = f"check out the code that made it: git checkout {' or '.join(sorted(commits))}"
        raise Problem(f"the cell {lost[0]} of {place.study} again", "no such cell any more", fix)
    return [known[cell] for cell in place.cells]


def forecast(place: Place, cells: list[Cell]) -> str:
    """What it will take, and whether the code is still that which made the rows."""
    seconds = sum(sum(each["seconds"].values()) for each in bills(cells))
    text = f"{len(cells)} cells, about {clock(seconds)} on one core"
    by_code, by_machine = code_moved(place, cells), machine_moved(place, cells)
    if by_code:
        text += f"; {len(by_code)} of them were made by other code or another lock than is at hand"
    if by_machine:
        text += f"; {len(by_machine)} on another processor or with other versions"
    return text


def code_moved(place: Place, cells: list[Cell]) -> set[str]:
    """The cells whose stages have other keys today: other code, or another lock."""
    device = read_sizes(place.scale).device
    return {
        cell.cell_id
        for cell in cells
        if {name: stage["key"] for name, stage in _stages(place, cell).items()}
        != stage_keys(cell, device)
    }


def machine_moved(place: Place, cells: list[Cell]) -> set[str]:
    """The cells with a stage that was made on another processor or card, or with another Python,
    torch or numpy, than are at hand."""
    here = machine(read_sizes(place.scale).device)
    return {
        cell.cell_id
        for cell in cells
        if any(
            stage[name] != here[name]
            for stage in _stages(place, cell).values()
            for name in MACHINE
            if name in stage
        )
    }


def _stages(place: Place, cell: Cell) -> dict[str, dict[str, Any]]:
    return dict(place.runs.get(cell.cell_id, {}).get("stages", {}))


def rerun(place: Place, cells: list[Cell], folder: Path) -> Again:
    """Run the cells with the cache ``folder``, which holds nothing yet, and compare the rows."""
    device = read_sizes(place.scale).device

    def is_done(cell: Cell) -> bool:
        return finished(folder, cell, device)

    progress = Progress(place.study, cells, is_done, 1)
    made: dict[Number, Record] = {}
    for cell in cells:
        for row in run_cell(cell, folder, device, progress):
            record = Record(study=place.study, cell_id=cell.cell_id, params=cell.labels(), **row)
            made[number(record)] = record
        progress.finish(cell)
    elsewhere = code_moved(place, cells) | machine_moved(place, cells)
    return compare(place.rows, made.get, elsewhere)


def compare(
    rows: tuple[Record, ...],
    made: Callable[[Number], Record | None],
    elsewhere: Collection[str] = (),
) -> Again:
    """Hold each row against the one of its key that was made again. elsewhere: the cells that were
    made by other code, or on another machine."""
    same, close, near, others = 0, 0, 0, []
    for row in rows:
        new = made(number(row))
        if new is not None and _said(new) == _said(row):
            same += 1
        elif new is not None and row.tier == "exact" and _close(row, new):
            close += 1
        elif new is not None and row.cell_id in elsewhere and _close(row, new):
            near += 1
        else:
            others.append((row, new))
    return Again(same, close, near, tuple(others))


def number(row: Record) -> Number:
    """Which number a row is: of a cell, whatever its factors are called today."""
    return row.cell_id, row.replicate, row.metric


def _said(row: Record) -> dict[str, Any]:
    return {name: value for name, value in row.config().items() if name != "params"}


def _close(row: Record, new: Record) -> bool:
    """Whether value and standard error agree to 1e-9, and all else is the same."""
    return all(
        name in ("value", "standard_error")
        and None not in (one, other)
        and math.isclose(one, other, rel_tol=EXACT, abs_tol=1e-300)
        for name, (one, other) in _differing(row, new).items()
    )


def _differing(row: Record, new: Record) -> dict[str, tuple[Any, Any]]:
    """What two rows of one key say otherwise, field by field."""
    kept, now = _said(row), _said(new)
    return {
        name: (kept.get(name), now.get(name))
        for name in dict.fromkeys((*kept, *now))
        if kept.get(name) != now.get(name)
    }


def _parted(row: Record, new: Record) -> str:
    """The fields in which two rows differ, both ways, and how far where these are numbers."""
    told = []
    for name, (one, other) in _differing(row, new).items():
        text = f"{name} {one!r}, now {other!r}"
        if isinstance(one, float) and isinstance(other, float) and one:
            text += f" ({abs(other - one) / abs(one):.1e} relative)"
        told.append(text)
    return "; ".join(told)


def told(again: Again) -> str:
    """What came out, for a person; at most twelve of the rows that are others."""
    total = again.same + again.close + again.near + len(again.others)
    lines = [f"{again.same} of {total} rows are the same to the last bit"]
    if again.close:
        lines.append(f"{again.close} exact rows agree to 1e-9")
    if again.near:
        lines.append(
            f"{again.near} tolerance rows agree to 1e-9, which is enough where other code, lock, "
            "processor or versions made them"
        )
    for row, new in again.others[:12]:
        found = f"value {row.value!r}, now no such row" if new is None else _parted(row, new)
        lines.append(f"  {row.metric} of {row.cell_id} replicate {row.replicate}: {found}")
    if len(again.others) > 12:
        lines.append(f"  and {len(again.others) - 12} more")
    return "\n".join(lines)
