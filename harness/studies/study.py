"""A study: one table of the report, the cells behind it, and the claims that it can decide."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass

from harness.cell import Cell
from harness.claims.claim import Claim
from harness.problem import Problem
from harness.scale import Sizes
from harness.studies import STUDIES


@dataclass(frozen=True)
class Study:
    """A named table of cells.

    ``cells`` gives the grid at a scale. ``core_minutes`` states what the study costs on one core at
    each scale where that was measured. ``cells_per_job`` cells share a job, so that a job of tiny
    cells pays for its imports once. A study that is not ``default`` runs under ``STUDIES=all`` or
    by its name. ``asks`` names an environment variable without which it cannot run: unset, it is
    no part of ``all``, and its name is refused.
    """

    name: str
    title: str
    question: str
    cells: Callable[[Sizes], list[Cell]]
    claims: tuple[Claim, ...] = ()
    cells_per_job: int = 1
    default: bool = True
    asks: str = ""
    core_minutes: tuple[tuple[str, float], ...] = ()

    @property
    def ready(self) -> bool:
        """Whether what it asks for is there."""
        return not self.asks or bool(os.environ.get(self.asks))

    def shards(self, sizes: Sizes, cells_per_job: int | None = None) -> list[list[Cell]]:
        """The cells in jobs of ``cells_per_job`` at most, as even as can be, in order."""
        most = cells_per_job or self.cells_per_job * sizes.pack
        cells = self.cells(sizes)
        size = math.ceil(len(cells) / math.ceil(len(cells) / most))
        seen: dict[str, Cell] = {}
        for cell in cells:
            if cell.cell_id in seen:
                raise Problem(
                    f"the cells of {self.name}",
                    f"one configuration under two names: {seen[cell.cell_id]} and {cell}",
                    "keep one of them",
                )
            seen[cell.cell_id] = cell
        return [cells[start : start + size] for start in range(0, len(cells), size)]


def chosen(names: str) -> list[str]:
    """Names of studies from ``default``, ``all``, or names with commas, in the table's order.

    Raises ``Problem`` for an unknown name, and for a study that asks for what is not there.
    """
    if names == "all":
        return [name for name in STUDIES if STUDIES[name].ready]
    if names == "default":
        return [name for name in STUDIES if STUDIES[name].default]
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if not STUDIES[name].ready:
            got = f"no {STUDIES[name].asks} in the environment"
            raise Problem(f"the study {name}", got, "set it to the folder that the study reads")
    return [name for name in STUDIES if name in wanted]
