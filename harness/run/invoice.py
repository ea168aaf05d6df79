"""What a run would cost, before it is run: the output of ``patina plan``."""

import json

from harness.cell import Cell
from harness.problem import Problem
from harness.run.bill import bills
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.studies.study import chosen


def _matches(cell: Cell, only: str) -> bool:
    labels = cell.labels()
    for condition in only.split(","):
        name, mark, value = condition.partition("=")
        if not mark or str(labels.get(name)) != value:
            return False
    return True


def _picked(study: str, cells: list[Cell], only: str) -> str:
    picked = [cell for cell in cells if _matches(cell, only)]
    return "\n".join(
        f"{study} {cell.cell_id} x {cell.replicates}: {cell}\n{json.dumps(cell.config(), indent=1)}"
        for cell in picked
    )


def invoice(scale: str, studies: str, only: str | None) -> str:
    """A table of studies with cells, operations and core-minutes; or some cells, printed whole."""
    sizes = read_sizes(scale)
    names = chosen(studies)
    if only is not None:
        pages = [_picked(name, STUDIES[name].cells(sizes), only) for name in names]
        found = "\n".join(page for page in pages if page)
        if not found:
            factors = sorted(
                {f for n in names for c in STUDIES[n].cells(sizes) for f in c.labels()}
            )
            raise Problem(
                f"cells with {only}",
                "none",
                f"write FACTOR=VALUE; factors are {', '.join(factors)}",
            )
        return found
    lines = [f"{'study':22} {'cells':>6} {'runs':>6} {'operations':>12} {'core-minutes':>13}"]
    total = 0.0
    for name in names:
        cells = STUDIES[name].cells(sizes)
        owed = bills(cells)
        flops = sum(b["flops"] for b in owed)
        minutes = sum(sum(b["seconds"].values()) for b in owed) / 60
        if not flops:  # nothing to count: as measured, where the study states it
            minutes = dict(STUDIES[name].core_minutes).get(scale, minutes)
        total += minutes
        runs = sum(cell.replicates for cell in cells)
        lines.append(f"{name:22} {len(cells):6d} {runs:6d} {flops:12.2e} {minutes:13.1f}")
    lines.append(f"{'all':22} {'':6} {'':6} {'':12} {total:13.1f}")
    if not sizes.runnable:
        lines.append("the papers' own settings: a bill, not a run; no small machine can run them")
    return "\n".join(lines)
