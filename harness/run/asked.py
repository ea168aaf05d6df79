"""What a run asks for, tried before anything is run: the parts of its cells, each built once.

A wrong parameter (a level above the noise grid, a buffer below 1, a name that a part does not have)
stops here, with the cell that asks for it, and not in the middle of a run. So does what hangs on
the data (``harness.run.suited``): a class that a dataset lacks, more samples than are drawn.
"""

from collections.abc import Iterable

from harness.annotate import ANNOTATORS
from harness.cell import Cell, Part
from harness.corrupt import CORRUPTIONS, PERTURBATIONS, RELABELLINGS
from harness.objectives import OBJECTIVES
from harness.problem import Problem
from harness.run.suited import require_suited
from harness.sample import SAMPLERS
from harness.scale import Sizes
from harness.studies import STUDIES
from harness.table import Table
from harness.tokens import ORDERS, TOKENISERS
from harness.train import CORRECTORS

TABLES = (
    ANNOTATORS, CORRECTORS, CORRUPTIONS, OBJECTIVES, ORDERS, PERTURBATIONS, RELABELLINGS, SAMPLERS,
    TOKENISERS,
)  # fmt: skip
BUILT = {table.noun for table in TABLES}  # to compare tables themselves would import their rows


def cells_of(study: str, sizes: Sizes) -> list[Cell]:
    """The cells of a study; a ``Problem`` in one of their settings names the study."""
    try:
        found: list[Cell] = STUDIES[study].cells(sizes)
    except Problem as error:
        asked = f"{error.asked} in a cell of {study}"
        raise Problem(asked, error.got, error.fix) from error
    return found


def check_parts(study: str, cells: Iterable[Cell]) -> None:
    """Build every part that needs no data, and hold what is asked against the data.

    Neither an image is drawn nor a weight. Raises ``Problem``, which names study and cell.
    """
    tried: set[str] = set()
    for cell in cells:
        for stage in cell.stages:
            parts: list[tuple[Table, Part]] = getattr(stage.params, "named_parts", list)()
            if sampler := getattr(stage.params, "sampler", None):
                parts = [*parts, (SAMPLERS, sampler)]
            try:
                for table, part in parts:
                    name = repr((table.noun, part))  # 1 and True are equal, and not alike
                    if table.noun in BUILT and name not in tried:
                        tried.add(name)
                        table.make(part)
                require_suited(stage.params)
            except Problem as error:
                raise in_cell(error, study, cell) from error


def in_cell(error: Problem, study: str, cell: Cell) -> Problem:
    """A problem with the cell that it is one of."""
    return Problem(f"{error.asked} in the cell {cell} of {study}", error.got, error.fix)
