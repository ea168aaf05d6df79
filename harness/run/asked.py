"""What a run asks for, tried before anything is run: the parts of its cells, each built once.

A wrong parameter (a level above the noise grid, a buffer below 1, a name that a part does not have)
stops here, with the cell that asks for it, and not in the middle of a run.
"""

from collections.abc import Iterable

from harness.annotate import ANNOTATORS
from harness.cell import Cell, Part
from harness.corrupt import CORRUPTIONS, PERTURBATIONS
from harness.objectives import OBJECTIVES
from harness.problem import Problem
from harness.sample import SAMPLERS
from harness.table import Table
from harness.train import CORRECTORS

BUILT = (ANNOTATORS, CORRECTORS, CORRUPTIONS, OBJECTIVES, PERTURBATIONS, SAMPLERS)


def check_parts(study: str, cells: Iterable[Cell]) -> None:
    """Build every part that needs no data. Raises ``Problem``, which names study and cell."""
    tried: set[tuple[str, Part]] = set()
    for cell in cells:
        for stage in cell.stages:
            parts: list[tuple[Table, Part]] = getattr(stage.params, "named_parts", list)()
            if sampler := getattr(stage.params, "sampler", None):
                parts = [*parts, (SAMPLERS, sampler)]
            for table, part in parts:
                if table in BUILT and (table.noun, part) not in tried:
                    tried.add((table.noun, part))
                    _build(f"the cell {cell} of {study}", table, part)


def _build(where: str, table: Table, part: Part) -> None:
    try:
        table.make(part)
    except Problem as error:
        raise Problem(f"{error.asked} in {where}", error.got, error.fix) from error
