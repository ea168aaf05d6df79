"""Only what the code at hand made may become the reference."""

from pathlib import Path

import pytest

from harness.problem import Problem
from harness.records.atomic import write_json_lines
from harness.records.files import write_jsonl
from harness.records.record import measured, unmeasured
from harness.run.current import check_current
from harness.run.key import stage_keys
from harness.scale import read_sizes
from harness.studies import STUDIES

STUDY = "calibration"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build of the right cells and keys, with one row."""
    cells = STUDIES[STUDY].cells(read_sizes("smoke"))
    runs = [
        {
            "cell_id": cell.cell_id,
            "stages": {name: {"key": key} for name, key in stage_keys(cell, "cpu").items()},
        }
        for cell in cells
    ]
    write_json_lines(tmp_path / "runs.jsonl", runs)
    write_jsonl(tmp_path / "records.jsonl", [row(cells[0].cell_id)])
    return tmp_path


def row(cell_id: str):  # type: ignore[no-untyped-def]
    return measured(
        1.0, study=STUDY, cell_id=cell_id, params={}, metric="m", unit="1", tier="tolerance"
    )


def test_a_build_of_this_code_passes(build: Path) -> None:
    check_current(STUDY, "smoke", build)


def test_a_build_of_other_code_is_refused(build: Path) -> None:
    text = (build / "runs.jsonl").read_text()
    cell = STUDIES[STUDY].cells(read_sizes("smoke"))[0]
    key = stage_keys(cell, "cpu")["measure"]
    (build / "runs.jsonl").write_text(text.replace(key, "0" * len(key)))
    with pytest.raises(Problem, match="other code"):
        check_current(STUDY, "smoke", build)


def test_a_build_without_a_cell_or_with_a_strange_one_is_refused(build: Path) -> None:
    lines = (build / "runs.jsonl").read_text().splitlines(keepends=True)
    (build / "runs.jsonl").write_text(lines[0])
    with pytest.raises(Problem, match="absent"):
        check_current(STUDY, "smoke", build)
    (build / "runs.jsonl").write_text("".join([*lines, '{"cell_id":"x","stages":{}}\n']))
    with pytest.raises(Problem, match="1 cells that the study has not"):
        check_current(STUDY, "smoke", build)


def test_a_failed_cell_is_refused(build: Path) -> None:
    params = {"study": STUDY, "cell_id": "c", "params": {}, "metric": "cell", "unit": "1"}
    write_jsonl(build / "records.jsonl", [unmeasured("failed", "boom", tier="tolerance", **params)])
    with pytest.raises(Problem, match="1 cells that failed"):
        check_current(STUDY, "smoke", build)
