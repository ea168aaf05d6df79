"""From cells to records: a shard leaves rows and runs, a study joins those of its shards."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.cell import Cell
from harness.problem import Problem
from harness.records.atomic import write_json_lines
from harness.records.files import read_json_lines, read_jsonl, write_jsonl
from harness.records.record import READABLE, SCHEMA_VERSION, Record
from harness.run.asked import in_cell
from harness.run.plan import Plan, build_folder
from harness.run.progress import Progress
from harness.run.shard import finished, follow, provenance, run_cell

CACHE = Path("build") / "cache"
FIRST = READABLE[0]


def records(study: str, cell: Cell, rows: Iterable[dict[str, Any]]) -> list[Record]:
    """The rows that a stage left, as records of a study."""
    return [Record(study=study, cell_id=cell.cell_id, params=cell.labels(), **row) for row in rows]


def run_shard(study: str, shard: str, scale: str, cells_per_job: int | None, cores: int) -> None:
    """Run one shard; write its rows and its runs beside each other.

    Under torchrun every process calls this: the first does so, the others train with it.
    """
    plan = Plan.read(scale, study, cells_per_job)
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        _lead(plan, study, shard, cores)
        return
    from harness.train import processes  # it needs torch, and a law does not

    with processes.together(plan.sizes.device):
        if processes.rank() > 0:
            follow(plan.shard(study, shard), plan.sizes.device)
        else:
            _lead(plan, study, shard, cores)
            processes.tell(processes.END)


def _lead(plan: Plan, study: str, shard: str, cores: int) -> None:
    """Run the cells of a shard and write what they leave."""
    device = plan.sizes.device
    progress = Progress(study, plan.cells(study), lambda cell: finished(CACHE, cell, device), cores)
    rows: list[Record] = []
    runs: list[dict[str, Any]] = []
    for cell in plan.shard(study, shard):
        try:
            rows += records(study, cell, run_cell(cell, CACHE, device, progress))
        except Problem as error:
            raise in_cell(error, study, cell) from error
        runs.append({"schema_version": SCHEMA_VERSION, **provenance(cell, CACHE, device)})
        progress.finish(cell)
    folder = build_folder(plan.scale) / study / "shards"
    folder.mkdir(parents=True, exist_ok=True)
    write_json_lines(folder / f"{shard}.runs.jsonl", runs)
    write_jsonl(folder / f"{shard}.jsonl", rows)


def collect(folder: Path, rows: list[Path], runs: list[Path]) -> None:
    """Join shards into ``records.jsonl`` and ``runs.jsonl``, in an order of the rows' own.

    Each line says its schema version; a run of before runs had one is of the first.
    """
    write_jsonl(folder / "records.jsonl", [row for path in rows for row in read_jsonl(path)])
    lines = [{"schema_version": FIRST, **line} for path in runs for line in read_json_lines(path)]
    write_json_lines(folder / "runs.jsonl", sorted(lines, key=lambda line: line["cell_id"]))
