"""Shards joined: every line says its schema version, in an order that no shard decides."""

from pathlib import Path

import pytest

from harness.problem import Problem
from harness.records.atomic import write_json_lines
from harness.records.files import read_json_lines, read_jsonl, write_jsonl
from harness.records.record import SCHEMA_VERSION, measured
from harness.run.collect import collect
from harness.run.verify import schema_fault


def _run(cell: str, **more: object) -> dict[str, object]:
    stages = {"law": {"key": "k"}}
    run = {"cell_id": cell, "params": {}, "replicates": 1, "config": [], "stages": stages}
    return {**run, "config": [{"stage": "law"}], **more}


def test_runs_of_shards_are_joined_by_cell_and_each_says_its_version(tmp_path: Path) -> None:
    shards = [tmp_path / name for name in ("b.runs.jsonl", "a.runs.jsonl")]
    write_json_lines(shards[0], [_run("2", schema_version=SCHEMA_VERSION)])
    write_json_lines(shards[1], [_run("3"), _run("1")])  # of before runs had a version
    row = {"study": "s", "params": {}, "metric": "m", "unit": "", "tier": "exact"}
    rows = [measured(1.0, cell_id=cell, **row) for cell in ("2", "1")]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    for order in (shards, shards[::-1]):
        collect(tmp_path, [tmp_path / "rows.jsonl"], order)
        runs = read_json_lines(tmp_path / "runs.jsonl")
        assert [run["cell_id"] for run in runs] == ["1", "2", "3"]
        assert {run["schema_version"] for run in runs} == {"1.0.0"}
        assert [schema_fault("run", run) for run in runs] == [None] * 3
    assert read_jsonl(tmp_path / "records.jsonl") == rows[::-1]
    assert schema_fault("run", _run("1", schema_version="3.1.0")) is not None
    write_json_lines(shards[0], [_run("2", schema_version="3.1.0")])
    with pytest.raises(
        Problem, match=r"b\.runs\.jsonl:1.*'3\.1\.0'.*readable versions are 1\.0\.0"
    ):
        collect(tmp_path, [tmp_path / "rows.jsonl"], shards)
