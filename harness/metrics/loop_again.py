"""The stage ``again``: a self-consuming loop once more, by other streams: the floor of its table.

A/A: nothing differs from the loop that it repeats but the initial weights, batches, noise and
samples of every generation after the first, which the two share, as all arms do. What the readings
of the two differ by at the end is what a study of this size sees of nothing.

The generations are those of ``harness.metrics.trajectory``, run one after the other in one stage: a
generation takes its streams from its number, and here they are numbered from 100 on. Rows are those
of the loop: ``<reading>/<number>`` of each generation after the first, and the last one's under
their own names. Left beside them are its weights and its samples.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness.cell import Part, Upstream
from harness.metrics.trajectory import Generation, generate
from harness.problem import Problem
from harness.table import Table

FROM = 100  # no loop of a study has as many generations


@dataclass(frozen=True)
class Again:
    """Parameters of the stage ``again``; last: the last generation of the loop to repeat."""

    last: Generation

    def __post_init__(self) -> None:
        if self.last.loop is None or self.last.loop.real == "fresh" or self.last.number >= FROM:
            got = f"generation {self.last.number} of the loop {self.last.loop}"
            fix = f"give a loop on fixed images or none, of 1 to {FROM - 1} generations"
            raise Problem("a loop once more", got, fix)

    def named_parts(self) -> list[tuple[Table, Part]]:
        """Every part that it calls for, with the table that it is a row of."""
        return self.last.named_parts()

    def entries(self) -> list[str]:
        """The table rows that it calls for."""
        return self.last.entries()


def repeat(
    asked: Again,
    replicates: int,
    upstream: dict[str, Upstream],
    out: Path,
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Run the loop from the generation 0 before it; leave its end and all rows in ``out``.

    Raises ``Problem`` where another generation stands before it, or none.
    """
    found = upstream.get("generation")
    if found is None or found.params.number != 0:
        got = "none" if found is None else f"generation {found.params.number}"
        raise Problem("generation 0 of a loop once more", got, "put it before this stage, alone")
    count = asked.last.number
    before = Upstream(replace(asked.last, number=FROM), found.folder)
    rows: list[dict[str, Any]] = []
    with TemporaryDirectory(dir=out) as work:
        for number in range(1, count + 1):
            here = replace(asked.last, number=FROM + number)
            folder = out if number == count else Path(work, str(number))
            folder.mkdir(exist_ok=True)
            generate(
                here, replicates, {**upstream, "generation": before}, folder, device, lambda _: None
            )
            left = json.loads((folder / "measurements.json").read_text("utf-8"))
            rows += [{**row, "metric": _named(row["metric"], number)} for row in left]
            before = Upstream(here, folder)
            progress(number / count)
    end = [row for row in rows if row["metric"].endswith(f"/{count}")]
    rows += [{**row, "metric": row["metric"].removesuffix(f"/{count}")} for row in end]
    (out / "measurements.json").write_text(json.dumps(rows, indent=1, allow_nan=False), "utf-8")


def _named(metric: str, number: int) -> str:
    """The name of a reading, with the number of the generation as it counts in the loop."""
    return f"{metric.removesuffix(f'/{FROM + number}')}/{number}"
