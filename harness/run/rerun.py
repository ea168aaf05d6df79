"""Making a number again, in a folder of its own, and comparing it: ``patina rerun PLACE``.

The cells of a place (``harness.run.explain``) are run by the code at hand with nothing made before,
whatever the build's cache holds, and each row that the place names is held against the one that was
kept: the same to the last bit, the same to the tolerance of its tier (1e-9 relative for exact
rows), or another. On one machine, lock and commit every row is the same to the last bit; another
processor rounds otherwise, and a trained number then agrees in distribution only, which
``patina compare`` judges over a study.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.cell import Cell
from harness.problem import Problem
from harness.records.record import Record
from harness.run.bill import bills
from harness.run.explain import Place
from harness.run.key import stage_keys
from harness.run.progress import Progress, clock
from harness.run.shard import finished, run_cell
from harness.scale import read_sizes
from harness.studies import STUDIES

EXACT = 1e-9
Number = tuple[str, int | None, str]


@final
@dataclass(frozen=True)
class Again:
    """What came out. same: to the last bit. close: exact rows to 1e-9. others: kept and new."""

    same: int
    close: int
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
    device = read_sizes(place.scale).device
    seconds = sum(sum(each["seconds"].values()) for each in bills(cells))
    text = f"{len(cells)} cells, about {clock(seconds)} on one core"
    other = [
        cell.cell_id
        for cell in cells
        if {name: stage["key"] for name, stage in place.runs[cell.cell_id]["stages"].items()}
        != stage_keys(cell, device)
    ]
    if other:
        text += f"; {len(other)} of them were made by other code or another lock than is at hand"
    return text


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
    return compare(place.rows, made.get)


def compare(rows: tuple[Record, ...], made: Callable[[Number], Record | None]) -> Again:
    """Hold each row against the one of its key that was made again."""
    same, close, others = 0, 0, []
    for row in rows:
        new = made(number(row))
        if new is not None and _said(new) == _said(row):
            same += 1
        elif new is not None and row.tier == "exact" and _close(row, new):
            close += 1
        else:
            others.append((row, new))
    return Again(same, close, tuple(others))


def number(row: Record) -> Number:
    """Which number a row is: of a cell, whatever its factors are called today."""
    return row.cell_id, row.replicate, row.metric


def _said(row: Record) -> dict[str, Any]:
    return {name: value for name, value in row.config().items() if name != "params"}


def _close(row: Record, new: Record) -> bool:
    if row.value is None or new.value is None or row.status != new.status:
        return False
    return math.isclose(row.value, new.value, rel_tol=EXACT, abs_tol=1e-300)


def told(again: Again) -> str:
    """What came out, for a person; at most twelve of the rows that are others."""
    total = again.same + again.close + len(again.others)
    lines = [f"{again.same} of {total} rows are the same to the last bit"]
    if again.close:
        lines.append(f"{again.close} exact rows agree to 1e-9")
    for row, new in again.others[:12]:
        found = "no such row" if new is None else repr(new.value) if new.ok else new.reason
        lines.append(
            f"  {row.metric} of {row.cell_id} replicate {row.replicate}: {row.value!r}, now {found}"
        )
    if len(again.others) > 12:
        lines.append(f"  and {len(again.others) - 12} more")
    return "\n".join(lines)
