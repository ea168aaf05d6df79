"""A number is made again and held against its row: the same, within rounding, or another."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.records.files import read_jsonl
from harness.records.record import measured
from harness.run import rerun
from harness.run.explain import find
from harness.run.rerun import (
    MACHINE,
    cells_of,
    code_moved,
    compare,
    machine_moved,
    number,
    told,
)

RESULTS = Path(__file__).resolve().parents[3] / "results"


def test_a_law_is_made_again_to_the_last_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["--results", str(RESULTS), "ambient_rules:centre_error"]
    assert main(["rerun", *asked]) == 0
    out = capsys.readouterr().out
    (count,) = re.findall(r"(\d+) cells, about", out)
    assert f"{count} of {count} rows are the same to the last bit" in out
    assert list((tmp_path / "build").iterdir()) == []  # what it was made in is gone


def test_a_number_that_was_edited_is_told_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "cpu" / "ambient_rules"
    shutil.copytree(RESULTS / "v1" / "cpu" / "ambient_rules", folder)
    rows = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]
    (first, *_) = [row for row in rows if row["metric"] == "centre_error"]
    first["value"] = 7.25
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "records.jsonl").write_text(text)
    monkeypatch.chdir(tmp_path)
    asked = ["--from", str(tmp_path), "ambient_rules:centre_error"]
    assert main(["rerun", *asked]) == 1
    assert (
        f"centre_error of {first['cell_id']} replicate None: value 7.25, now"
        in capsys.readouterr().out
    )


def test_a_cell_that_the_study_has_no_more_is_named_with_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "cpu" / "ambient_rules"
    shutil.copytree(RESULTS / "v1" / "cpu" / "ambient_rules", folder)
    cell = next(r for r in read_jsonl(folder / "records.jsonl") if r.metric == "centre_error")
    for name in ("records.jsonl", "runs.jsonl"):
        text = (folder / name).read_text().replace(cell.cell_id, "0" * 16)
        (folder / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert main(["rerun", "--from", str(tmp_path), "ambient_rules:centre_error"]) == 2
    assert "no such cell any more; check out the code that made it" in capsys.readouterr().err


def test_exact_rows_may_differ_by_rounding_and_trained_ones_may_not() -> None:
    given = {"study": "s", "cell_id": "c", "params": {}, "metric": "m", "unit": ""}
    kept = measured(1.0, tier="exact", **given)
    cases = {1.0: (1, 0, 0), 1.0 + 1e-12: (0, 1, 0), 1.0 + 1e-6: (0, 0, 1)}
    assert not compare((kept,), {number(kept): replace(kept, n=7)}.get).exact
    for value, counts in cases.items():
        new = measured(value, tier="exact", **{**given, "params": {"called": "otherwise"}})
        again = compare((kept,), {number(new): new}.get)
        assert (again.same, again.close, len(again.others)) == counts
    trained = measured(1.0, tier="tolerance", **given)
    new = measured(1.0 + 1e-12, tier="tolerance", **given)
    assert not compare((trained,), {number(new): new}.get).exact
    assert not compare((trained,), {}.get).exact


def test_a_trained_row_may_differ_by_rounding_where_it_was_made_elsewhere() -> None:
    given = {"study": "s", "cell_id": "c", "params": {}, "metric": "m", "unit": ""}
    kept = measured(1.0, tier="tolerance", standard_error=0.5, n=10**12, **given)
    cases = (
        ({"value": 1.0 + 4e-16}, True),
        ({"standard_error": 0.5 + 1e-12}, True),
        ({"value": 1.0 + 1e-6}, False),
        ({"standard_error": 0.6}, False),
        ({"standard_error": None}, False),
        ({"n": 10**12 + 1}, False),
    )
    for changed, near in cases:
        made = {number(kept): replace(kept, **changed)}.get
        for elsewhere in ({"c"}, {"another"}, ()):
            again = compare((kept,), made, elsewhere)
            assert again.near == (near and "c" in elsewhere)
            assert again.exact == (near and "c" in elsewhere)
            text = told(again)
            (name, value), old = next(iter(changed.items())), kept.config()[next(iter(changed))]
            assert (f"{name} {old!r}, now {value!r}" in text) != again.exact
            assert ("1 tolerance rows agree to 1e-9, which is enough where" in text) == again.exact


def test_other_code_and_another_machine_are_told_from_the_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = find("ambient_rules:centre_error", "smoke", Path("no build"), RESULTS)
    cells = cells_of(place)
    every = set(place.cells)
    stages = {name: place.runs[name]["stages"] for name in every}
    first = next(iter(next(iter(stages.values())).values()))
    here = {name: first[name] for name in MACHINE}
    monkeypatch.setattr(rerun, "machine", lambda device: here)
    assert machine_moved(place, cells) == set()
    for name in MACHINE:
        monkeypatch.setattr(rerun, "machine", lambda device, name=name: {**here, name: "other"})
        assert machine_moved(place, cells) == every
    keys = {name: {key: stage["key"] for key, stage in stages[name].items()} for name in every}
    monkeypatch.setattr(rerun, "stage_keys", lambda cell, device: keys[cell.cell_id])
    assert code_moved(place, cells) == set()
    keys[cells[0].cell_id] = {}
    assert code_moved(place, cells) == {cells[0].cell_id}
    assert "1 of them were made by other code" in rerun.forecast(place, cells)
