"""A build of some studies as the paper reads it, made up."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.cell import Cell
from harness.records.atomic import write_json, write_json_lines
from harness.records.files import write_jsonl
from harness.report.paper import drawn, section
from harness.run.verdicts import decide
from harness.scale import read_sizes
from harness.studies import STUDIES

from .made_up import records_of

FIGURE = '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="100pt"/>'
SIGMA_MIN = math.exp(-1.2)  # the median of the noise levels of training
MADE = {
    "commit": "0123456789ab",
    "processor": "a processor",
    "accelerator": "",
    "system": "Linux",
    **dict.fromkeys(("python", "torch", "numpy", "patina"), "1"),
}


def build(folder: Path, studies: Sequence[str]) -> Path:
    """Records, runs, figures and verdicts of some studies in ``folder``."""
    sizes = read_sizes("smoke")
    for study in studies:
        cells = STUDIES[study].cells(sizes)
        if section(study) == "laws":  # made from its records alone, whatever they are
            cells = cells[:: max(1, len(cells) // 50)]
        write_jsonl(folder / study / "records.jsonl", records_of(study, cells))
        write_json_lines(folder / study / "runs.jsonl", [_run(cell) for cell in cells])
        if drawn(study):
            (folder / "figures").mkdir(exist_ok=True)
            (folder / "figures" / f"{study}.svg").write_text(FIGURE)
        for cell in cells:
            if cell.labels().get("arm") == "gated":
                kept = folder.parent / "cache" / "train" / cell.cell_id / "training.json"
                write_json(kept, {"sigma_min": [SIGMA_MIN]})
    if studies:
        records = [folder / study / "records.jsonl" for study in studies]
        decide(folder.name, records, folder / "claims.jsonl")
    return folder


def _run(cell: Cell) -> dict[str, Any]:
    stages = {stage.name: {**MADE, "key": cell.cell_id} for stage in cell.stages}
    plain = {"params": cell.labels(), "replicates": cell.replicates, "config": cell.config()}
    return {"cell_id": cell.cell_id, **plain, "stages": stages}
