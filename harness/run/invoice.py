"""What a run would cost, before it is run: the output of ``patina plan``."""

import json
from typing import Any

from harness.cell import Cell
from harness.problem import Problem
from harness.run.asked import cells_of, check_parts
from harness.run.bill import bills
from harness.run.card import RATE, job_seconds, jobs
from harness.run.papers import listing
from harness.scale import Sizes, read_sizes
from harness.studies import STUDIES
from harness.studies.study import chosen

ESTIMATE = (
    "GPU-minutes are an estimate: for one card of the class of an H100, with "
    f"{RATE['unet'] / 1e12:.0f} TFLOP/s of a U-Net,\nand one core beside it that corrupts and "
    "measures; what is in the cache already costs nothing"
)
SHARED = (
    "by one job after the other: twelve at once (--per-card 12) made eight studies seven times "
    "faster"
)
NOT_HERE = "the papers' own settings: a bill, not a run; no small machine can run them"


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
    """A table of studies with cells, operations and what they take: core-minutes, or minutes of a
    card; or some cells, printed whole."""
    sizes = read_sizes(scale)
    names = chosen(studies)
    if only is not None:
        pages = [_picked(name, cells_of(name, sizes), only) for name in names]
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
    for name in names:
        check_parts(name, cells_of(name, sizes))
    table = _of_a_card(names, sizes) if sizes.device == "cuda" else _of_cores(names, sizes)
    return "\n".join(table if sizes.runnable else [*table, "", listing(), NOT_HERE])


def _of_cores(names: list[str], sizes: Sizes) -> list[str]:
    """The table of a scale that runs on cores of a CPU: each study alone, and all together, where
    what several of them need is made once."""
    lines = [f"{'study':22} {'cells':>6} {'runs':>6} {'operations':>12} {'core-minutes':>13}"]
    stated_in_all, counted = 0.0, []
    for name in names:
        cells = STUDIES[name].cells(sizes)
        owed = bills(cells)
        flops, minutes = sum(b["flops"] for b in owed), _minutes(owed)
        stated = dict(STUDIES[name].core_minutes).get(sizes.scale)
        if not flops and stated is not None:  # nothing to count: as measured
            minutes = stated
            stated_in_all += stated
        else:
            counted += cells
        runs = sum(cell.replicates for cell in cells)
        lines.append(f"{name:22} {len(cells):6d} {runs:6d} {flops:12.2e} {minutes:13.1f}")
    total = stated_in_all + _minutes(bills(counted))
    return [*lines, f"{'all, shared work once':22} {'':6} {'':6} {'':12} {total:13.1f}"]


def _minutes(owed: list[dict[str, Any]]) -> float:
    """Core-minutes of some bills."""
    return sum(sum(each["seconds"].values()) for each in owed) / 60


def _of_a_card(names: list[str], sizes: Sizes) -> list[str]:
    """The table of a scale that runs on one card, job after job; longest: of its jobs."""
    head = f"{'study':22} {'cells':>6} {'runs':>6} {'operations':>12} {'GPU-minutes':>13}"
    lines = [f"{head} {'jobs':>5} {'longest':>8}" if sizes.runnable else head]
    total, count = 0.0, 0
    for name in names:
        cells = STUDIES[name].cells(sizes)
        flops = sum(each["flops"] for each in bills(cells))
        spent = [job_seconds(job) for job in jobs(cells)]
        total, count = total + sum(spent) / 60, count + len(spent)
        runs = sum(cell.replicates for cell in cells)
        line = f"{name:22} {len(cells):6d} {runs:6d} {flops:12.2e} {sum(spent) / 60:13.1f}"
        lines.append(f"{line} {len(spent):5d} {max(spent) / 60:8.1f}" if sizes.runnable else line)
    last = f"{'all':22} {'':6} {'':6} {'':12} {total:13.1f}"
    if not sizes.runnable:
        return [*lines, last, ESTIMATE]
    return [*lines, f"{last} {count:5d}", ESTIMATE, SHARED]
