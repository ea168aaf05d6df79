"""Seconds an image: the stage that draws, over the images of all its replicates, on one machine."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.records.record import Record
from harness.report.command import results_of
from harness.report.layout import Layout
from harness.report.layouts import layout
from harness.report.means import costs, means
from harness.report.results import Results
from harness.report.seconds import METRIC, WORDS, images, seconds_of, told
from harness.run.code import ROOT

Rows = Callable[..., list[Record]]
Read = Callable[..., Results]
SHOWN = Layout(rows=("arm",), columns=("a", "sampling_flops", "b"))


def run(cell: str, **stage: Any) -> dict[str, Any]:
    """The run of a cell of 3 replicates that drew 100 images each."""
    config = [{"stage": "train_tokens", "count": 7}, {"stage": "sample_tokens", "count": 100}]
    stages = {"sample_tokens": stage, "train_tokens": {"core_seconds": 1e9}}
    return {"cell_id": cell, "config": config, "replicates": 3, "stages": stages}


def drawn(rows: Rows, results: Read, *runs: dict[str, Any]) -> Results:
    found = []
    for metric in SHOWN.columns:
        for arm in ("x", "y"):
            found += rows(metric, [1.0, 2.0, 3.0], arm=arm)
    return results(found, runs=runs)


def test_seconds_are_of_the_stage_over_all_images(rows: Rows, results: Read) -> None:
    runs = (
        run("cell-x", core_seconds=6.0, seconds=9.0, processor="P"),
        run("cell-y", core_seconds=6.0, seconds=9.0, processor="P", accelerator="C"),
    )
    found = drawn(rows, results, *runs)
    assert images(runs[0]) == 300
    assert seconds_of(found) == pytest.approx({"cell-x": 0.02, "cell-y": 0.03})


def test_they_stand_behind_the_operations_and_name_the_machine(rows: Rows, results: Read) -> None:
    part = means(
        drawn(rows, results, run("cell-x", core_seconds=6.0, seconds=9.0, processor="P")), SHOWN
    )
    heads = [text.split("\u00a0")[0] for text in part.header]
    assert heads == ["arm", "n", "a", "operations an image drawn", WORDS, "b"]
    assert [row[4] for row in part.body] == ["0.02", "–"]
    assert [(row["arm"], row["mean"], row["unit"]) for row in part.tidy if row["metric"] == METRIC]
    (note,) = (text for text in part.notes if text.startswith("Seconds"))
    assert "of a machine, P, where operations are exact" in note
    assert "what one core worked" in note


@pytest.mark.parametrize("stage", [{}, {"seconds": None}, {"core_seconds": None, "seconds": None}])
def test_without_a_clock_there_is_no_column(rows: Rows, results: Read, stage: Any) -> None:
    part = means(drawn(rows, results, run("cell-x", **stage)), SHOWN)
    assert WORDS not in part.header
    assert not [note for note in part.notes if note.startswith("Seconds")]


def test_a_table_without_operations_has_no_seconds(rows: Rows, results: Read) -> None:
    found = drawn(rows, results, run("cell-x", core_seconds=6.0, processor="P"))
    shown = replace(SHOWN, columns=("a", "b"))
    assert len(means(found, shown).header) == 4
    assert METRIC not in {row["metric"] for row in means(found, shown).tidy}


def test_the_clock_on_the_wall_is_named_as_such(rows: Rows, results: Read) -> None:
    found = drawn(
        rows,
        results,
        run("cell-x", seconds=9.0, accelerator="C", core_seconds=3.0),
        run("cell-z", seconds=3.0, accelerator="D"),
    )
    note = told(found, found.groups)
    assert "machine, C, where" in note  # not that of a cell of another table
    assert "by the clock on the wall" in note


def test_the_published_grid_tells_the_seconds_of_every_cell() -> None:
    found = results_of("fluid_grid", "cpu", ROOT / "results" / "v1")
    part = costs(found, layout("fluid_grid"))
    assert WORDS not in means(found, layout("fluid_grid")).header
    at = part.header.index(WORDS)
    assert part.header[at - 1].startswith("operations an image drawn")
    assert all(0 < float(row[at]) < 0.1 for row in part.body)
