"""A shard: some cells of a study in one process, each stage looked up before it is run.

A finished stage is a folder ``build/cache/<stage>/<key>/`` with a ``done.json``. It is made in a
folder beside it and renamed when complete, so a killed job leaves nothing that looks finished, and
two runs at once leave one result. A cell that raises becomes rows of status ``failed`` and is not
cached; what stops a run whatever the cell (a wrong name, a full disk) stops it. Of several
processes (``harness.train.processes``) the first runs the shard, the others follow its trainings.
"""

import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harness.cell import Cell, Stage, Upstream
from harness.problem import Problem
from harness.records.atomic import FULL, whole_folder, write_json
from harness.run import SEEN_AS, STAGES
from harness.run.key import stage_keys
from harness.run.machine import machine
from harness.run.progress import Progress


def whole(folder: Path) -> bool:
    """Whether a stage's folder is finished and its files are as long as they were left."""
    try:
        done = json.loads((folder / "done.json").read_text("utf-8"))
        sizes = done.get("files", {})
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def finished(cache: Path, cell: Cell, device: str) -> bool:
    """Whether the last stage of a cell is in the cache."""
    key = list(stage_keys(cell, device).values())[-1]
    return (cache / cell.stages[-1].name / key / "done.json").is_file()


def _disk_is_full(error: Exception, folder: Path) -> bool:
    """Whether an error is that of a full disk, also where a library says so in its own words."""
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return "No space left" in str(error) or shutil.disk_usage(folder).free < 1 << 20


def run_cell(cell: Cell, cache: Path, device: str, progress: Progress) -> list[dict[str, Any]]:
    """Run what is missing of a cell; give the rows that its stages left, or failed ones.

    A stage sees those before it by name, the last one of a name that is repeated, and by what else
    ``SEEN_AS`` calls them.
    """
    upstream: dict[str, Upstream] = {}
    rows: list[dict[str, Any]] = []
    for (name, key), stage in zip(stage_keys(cell, device).items(), cell.stages):
        folder = cache / stage.name / key
        if not whole(folder):
            try:
                _run_stage(cell, stage, key, folder, upstream, device, progress.of(cell, name))
            except (Problem, MemoryError):
                raise
            except Exception as error:
                if stage.name == "train" and _several():
                    raise  # the others wait in the middle of it
                if _disk_is_full(error, cache):
                    raise Problem(
                        f"room for {folder}", str(error), "free some space and run it again"
                    ) from error
                traceback.print_exc(file=sys.stderr)
                return _failed(cell, name, error)
        made = Upstream(stage.params, folder)
        upstream |= dict.fromkeys((stage.name, SEEN_AS.get(stage.name, stage.name)), made)
        if (folder / "measurements.json").is_file():
            rows += json.loads((folder / "measurements.json").read_text("utf-8"))
    return rows


def _run_stage(
    cell: Cell,
    stage: Stage,
    key: str,
    folder: Path,
    upstream: dict[str, Upstream],
    device: str,
    progress: Callable[[float], None],
) -> None:
    """Make one stage in a folder of its own, then give it its name."""
    started, worked = time.time(), time.process_time()
    with whole_folder(folder) as work:
        if stage.name == "train" and _several():
            from harness.train import processes

            processes.tell(cell.cell_id)
        STAGES[stage.name](stage.params, cell.replicates, upstream, work, device, progress)
        done = {
            "stage": stage.name,
            "key": key,
            "cell_id": cell.cell_id,
            "seconds": round(time.time() - started, 3),
            "core_seconds": round(time.process_time() - worked, 3),
            "files": {p.name: p.stat().st_size for p in sorted(work.iterdir()) if p.is_file()},
            "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            **machine(device),
        }
        write_json(work / "done.json", done)


def _several() -> bool:
    """Whether torchrun has started more than this process; asked before torch is imported."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def follow(cells: list[Cell], device: str) -> None:
    """Train with process 0 whatever it trains of some cells, until it has no more; keep nothing."""
    from harness.train import processes

    by_id = {cell.cell_id: cell for cell in cells}
    while (cell_id := processes.told()) != processes.END:
        cell = by_id[cell_id]
        params = next(stage.params for stage in cell.stages if stage.name == "train")
        with TemporaryDirectory() as out:
            STAGES["train"](params, cell.replicates, {}, Path(out), device, lambda share: None)


def _failed(cell: Cell, stage: str, error: Exception) -> list[dict[str, Any]]:
    """A row for each replicate of a cell that could not be run."""
    reason = f"{stage}: {type(error).__name__}: {error}"
    return [
        {
            "replicate": replicate,
            "metric": "cell",
            "value": None,
            "standard_error": None,
            "unit": "1",
            "higher_is_better": None,
            "n": None,
            "status": "failed",
            "reason": reason,
            "tier": "tolerance",
        }
        for replicate in range(cell.replicates)
    ]


def provenance(cell: Cell, cache: Path, device: str) -> dict[str, Any]:
    """The row of ``runs.jsonl``: the whole configuration, and how each stage was made."""
    stages = {}
    for (name, key), stage in zip(stage_keys(cell, device).items(), cell.stages):
        done = cache / stage.name / key / "done.json"
        stages[name] = json.loads(done.read_text("utf-8")) if done.is_file() else {"key": key}
    return {
        "cell_id": cell.cell_id,
        "params": cell.labels(),
        "replicates": cell.replicates,
        "config": cell.config(),
        "stages": stages,
    }
