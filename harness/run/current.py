"""Whether a build is what the code at hand would make: asked before it becomes the reference."""

from pathlib import Path

from harness.problem import Problem
from harness.records.files import read_json_lines, read_jsonl
from harness.run.key import stage_keys
from harness.scale import read_sizes
from harness.studies import STUDIES


def check_current(study: str, scale: str, folder: Path) -> None:
    """Refuse records of other code, of other cells, or of cells that failed.

    Every cell of the study must stand in ``runs.jsonl`` with the stage keys that it has now: the
    keys hold the configuration and the code, so a build made by other code is recognised.
    """
    sizes = read_sizes(scale)
    runs = {
        line.get("cell_id"): line.get("stages", {})
        for line in read_json_lines(folder / "runs.jsonl")
    }
    asked = f"{study} at {scale} as the reference"
    fix = f"run `make SCALE={scale} STUDIES={study}` first"
    for cell in STUDIES[study].cells(sizes):
        made = {name: stage.get("key") for name, stage in runs.pop(cell.cell_id, {}).items()}
        if made != stage_keys(cell, sizes.device):
            raise Problem(
                asked, f"a build in which {cell} is absent or was made by other code", fix
            )
    if runs:
        raise Problem(asked, f"a build with {len(runs)} cells that the study has not", fix)
    failed = sorted(
        {row.cell_id for row in read_jsonl(folder / "records.jsonl") if row.status == "failed"}
    )
    if failed:
        raise Problem(asked, f"{len(failed)} cells that failed", fix)
