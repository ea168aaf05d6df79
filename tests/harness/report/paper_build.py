"""A build of some studies as the paper reads it, made up; and its documents, taken apart."""

import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typst
from PIL import Image

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


def numbers(folder: Path) -> dict[str, Any]:
    given: dict[str, Any] = json.loads((folder / "paper" / "numbers.json").read_text())
    return given


def shown(folder: Path, selector: str, text: str = "supplement.typ") -> list[Any]:
    """The elements of a compiled document that a selector finds."""
    main = folder / "paper" / text
    given = typst.query(str(main), selector, root=str(main.parent), ignore_system_fonts=True)
    found: list[Any] = json.loads(given)
    return found


def ink(folder: Path, text: str) -> list[np.ndarray]:
    """The pages as pictures, True where something is printed: one pixel a millimetre."""
    main = folder / "paper" / text
    pages = typst.compile(
        str(main), root=str(main.parent), format="png", ppi=25.4, ignore_system_fonts=True
    )
    return [np.asarray(Image.open(io.BytesIO(page)).convert("L")) < 250 for page in pages]


def check_margins(pages: list[np.ndarray]) -> None:
    """The margins of A4 stay white, the header and the footer aside."""
    for number, page in enumerate(pages, 1):
        assert page.shape == (297, 210)
        assert not page[:, :15].any(), number
        assert not page[:, 195:].any(), number
        assert not page[289:].any(), number
        assert not page[278:282, 20:190].any(), number  # between the text and the footer
