"""Progress: how many cells are done, what is running, how long it will take.

Every job prints a line about ten seconds apart. It counts the finished cells of all studies of the
run in the cache, so that two jobs side by side tell one story. The time to come is the estimated
cost of what is missing, corrected by how this process has kept to its own estimates so far (and
for the first minute, more or less, by the bill), over the cores that share the work.
"""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from harness.cell import Cell
from harness.run.bill import bills

INTERVAL = 10.0  # seconds between two lines
BILLED = 60.0  # core-seconds at the pace of the bill that the pace so far is averaged with


def clock(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class Progress:
    """The progress of one job within a study."""

    def __init__(
        self,
        study: str,
        cells: list[Cell],
        is_done: Callable[[Cell], bool],
        cores: int,
        stream: TextIO | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.study, self.cells, self.is_done, self.cores = study, cells, is_done, max(cores, 1)
        self.stream, self.now = stream or sys.stderr, now
        self.bills = {c.cell_id: each["seconds"] for c, each in zip(cells, bills(cells))}
        self.costs = {cell_id: sum(seconds.values()) for cell_id, seconds in self.bills.items()}
        self.done = {cell.cell_id for cell in cells if is_done(cell)}
        self.started = self.printed = now()
        self.worked = 0.0  # estimated core-seconds that this process has worked off
        self.begun: dict[str, float] = {}  # those of them that went into cells not yet done

    def of(self, cell: Cell, stage: str) -> Callable[[float], None]:
        """A function that a stage calls with the share of itself that it has done."""
        cost = self.bills[cell.cell_id].get(stage, 0.0)
        before, begun = self.worked, self.begun.get(cell.cell_id, 0.0)

        def report(share: float) -> None:
            self.worked = before + share * cost
            self.begun[cell.cell_id] = begun + share * cost
            if self.now() - self.printed >= INTERVAL:
                self.printed = self.now()
                self._print(f"{cell} {stage} {share:.0%}")

        return report

    def finish(self, cell: Cell) -> None:
        """A cell is done."""
        self.done.add(cell.cell_id)
        if self.now() - self.printed >= INTERVAL or len(self.cells) == len(self.done):
            self.printed = self.now()
            self._print(f"{cell} done")

    def _print(self, what: str) -> None:
        self.done |= {
            c.cell_id for c in self.cells if c.cell_id not in self.done and self.is_done(c)
        }
        left = sum(
            cost - self.begun.get(cell_id, 0.0)
            for cell_id, cost in self.costs.items()
            if cell_id not in self.done
        )
        elapsed = self.now() - self.started
        pace = (elapsed + BILLED) / (self.worked + BILLED)
        to_come = max(left * pace / min(self.cores, max(1, len(self.cells) - len(self.done))), 0.0)
        print(
            f"{self.study}: {len(self.done)} of {len(self.cells)} cells done, "
            f"{len(self.cells) - len(self.done)} to come, about {clock(to_come)}; {what}",
            file=self.stream,
            flush=True,
        )
