"""The roster: what a table says of a study of which a part is there."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.cell import Cell, Stage
from harness.problem import Problem
from harness.records.publish import published
from harness.records.record import Record
from harness.report import roster as module
from harness.report.caption import caption
from harness.report.excerpts import parts
from harness.report.layouts import layout
from harness.report.page import section
from harness.report.results import Results
from harness.report.roster import grid, notes, roster
from harness.report.sheet import Part
from harness.report.show import sheet_of, show
from harness.run.code import ROOT
from harness.scale import read_sizes
from harness.studies import STUDIES

from .made_up import records_of

STUDY = "ambient_jpeg"


def cells() -> list[Cell]:
    found: list[Cell] = STUDIES[STUDY].cells(read_sizes("smoke"))
    return found


def of(records: list[Record], scale: str = "smoke") -> Results:
    return Results(records[0].study, scale, records, cache=Path("none"))


def told(records: list[Record], scale: str = "smoke") -> tuple[str, ...]:
    return notes(of(records, scale), layout(STUDY))


def part(records: list[Record], name: str) -> Part:
    return next(part for part in sheet_of(of(records)).parts if part.name == name)


def column(found: Part, head: str, *where: str) -> list[str]:
    at = found.header.index(head)
    return [row[at] for row in found.body if set(where) <= set(row[: found.labels])]


def renamed(records: Sequence[Record], cell: Cell, **params: Any) -> list[Record]:
    """The rows of a cell under another identity, with some factors set otherwise."""
    return [
        replace(row, cell_id="0" * 16, params={**row.params, **params})
        if row.cell_id == cell.cell_id
        else row
        for row in records
    ]


GATED = {"arm": "gated", "corruption": "quality 15", "network": "mlp"}


def gated() -> Cell:
    return next(cell for cell in cells() if cell.labels() == GATED)


def test_a_whole_study_has_plain_counts_and_no_note() -> None:
    records = records_of(STUDY, cells())
    assert told(records) == ()
    assert set(column(part(records, "means"), "n")) == {"2"}
    assert set(column(part(records, "effects"), "pairs")) == {"2"}


def test_a_row_says_how_many_of_its_runs_are_there() -> None:
    chosen = gated()
    records = [
        row
        for row in records_of(STUDY, cells())
        if row.cell_id != chosen.cell_id or row.replicate == 0
    ]
    row = ("gated", "quality 15", "MLP")
    assert column(part(records, "means"), "n", *row) == ["1 of 2"]
    assert column(part(records, "effects"), "pairs", *row) == ["1 of 2"]
    assert column(part(records, "resolvable"), "pairs", *row) == ["1 of 2"]
    assert column(part(records, "means"), "n", "clean", "MLP") == ["2"]
    assert told(records) == (
        "n “1 of 2”: so many runs are here, of those that the study asks for.",
    )


def test_the_pairs_that_a_lost_baseline_costs_are_counted_too() -> None:
    clean = {"arm": "clean", "network": "mlp"}
    lost = next(cell for cell in cells() if cell.labels() == clean)
    records = [
        row
        for row in records_of(STUDY, cells())
        if row.cell_id != lost.cell_id or row.replicate == 1
    ]
    found = part(records, "effects")
    assert column(found, "pairs", "gated", "quality 15", "MLP") == ["1 of 2"]


def test_pairs_are_asked_of_both_cells_so_an_arm_of_few_replicates_misses_none() -> None:
    asked = STUDIES[STUDY].cells(read_sizes("cpu"))
    results = of(records_of(STUDY, asked), "cpu")
    whole = {str(cell.labels()): cell.replicates for cell in asked}
    assert (
        whole["{'arm': 'oracle', 'network': 'mlp'}"] < whole["{'arm': 'clean', 'network': 'mlp'}"]
    )
    found = next(part for part in sheet_of(results).parts if part.name == "effects")
    assert not any("of" in text for text in column(found, "pairs"))


def test_a_cell_without_a_row_is_named_below_the_means_alone() -> None:
    chosen = gated()
    records = [row for row in records_of(STUDY, cells()) if row.cell_id != chosen.cell_id]
    count = len(cells())
    note = (
        f"Of the {count} cells that this study asks for at this scale, 1 has no row here: "
        "MLP · quality 15 · gated."
    )
    assert told(records) == (note,)
    held = {one.name: one.notes for one in sheet_of(of(records)).parts}
    assert note in held["means"]
    assert sum(note in each for each in held.values()) == 1
    assert note in parts(of(records))["means"]["notes"]  # of the paper's supplement
    assert note in caption(of(records))


def test_of_many_cells_some_are_named_and_the_others_counted() -> None:
    first = cells()[0]
    records = [row for row in records_of(STUDY, cells()) if row.cell_id == first.cell_id]
    (note,) = told(records)
    missing = len(cells()) - 1
    assert f"{missing} have no row here: " in note
    assert note.count(";") == module.NAMED
    assert note.endswith(f"; and {missing - module.NAMED} more.")


def test_a_cell_that_the_grid_does_not_have_is_named_and_keeps_its_plain_count() -> None:
    records = renamed(records_of(STUDY, cells()), gated(), corruption="quality 3")
    missing, older = told(records)
    assert missing.endswith("1 has no row here: MLP · quality 15 · gated.")
    assert older == "1 cell here is not in the grid of this study today: MLP · quality 3 · gated."
    assert column(part(records, "means"), "n", "gated", "quality 3") == ["2"]


def test_a_cell_whose_configuration_has_changed_is_neither_missing_nor_unknown() -> None:
    records = renamed(records_of(STUDY, cells()), gated())
    assert told(records) == (
        "1 cell here is of another configuration than the grid has today under the same name: "
        "MLP · quality 15 · gated.",
    )


def test_more_runs_than_the_grid_asks_for_are_whole() -> None:
    chosen = gated()
    grown = [replace(c, replicates=5) if c.cell_id == chosen.cell_id else c for c in cells()]
    records = records_of(STUDY, grown)
    assert column(part(records, "means"), "n", "gated", "quality 15", "MLP") == ["5"]
    assert told(records) == ()


def test_a_scale_without_a_file_and_a_study_of_no_table_say_nothing() -> None:
    records = records_of(STUDY, cells())[:1]
    assert told(records, "elsewhere") == ()
    assert roster(of(records, "elsewhere")).runs(of(records).groups[0]) == "1"
    assert grid("no_such_study", "smoke") == []


def test_a_grid_that_cannot_be_made_here_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(sizes: object) -> list[Cell]:
        raise Problem("a folder", "none", "name one")

    monkeypatch.setattr(module, "STUDIES", {STUDY: SimpleNamespace(cells=refuse)})
    assert told(records_of(STUDY, cells())[:1]) == ()


def test_points_of_laws_that_are_missing_are_named_too() -> None:
    records = published(ROOT / "results", "smoke", "rates_laws")
    whole, gone = of(records), records[0].cell_id
    chosen = layout("rates_laws")
    assert notes(whole, chosen, counted=False) == ()
    less = of([row for row in records if row.cell_id != gone])
    (note,) = notes(less, chosen, counted=False)
    assert "1 has no row here: " in note
    assert any(note in each.notes for each in sheet_of(less).parts)


def test_a_table_without_counts_names_the_cells_with_fewer_runs() -> None:
    records = [row for row in records_of(STUDY, cells()) if row.replicate == 0]
    (note,) = notes(of(records), layout(STUDY), counted=False)
    assert note.startswith("Fewer runs are here than the study asks for: ")
    assert " (1 of 2)" in note


def test_what_another_study_has_is_said_below_the_table() -> None:
    study = "ambient_blur_more"
    records = records_of(study, STUDIES[study].cells(read_sizes("smoke")))
    assert "Headline: gated is in ambient_blur." in notes(of(records), layout(study))


def test_no_cell_of_a_grid_is_found_by_its_stages_alone() -> None:
    """The factors of a cell are labels: a cell of the grid is one by its configuration."""
    one = cells()[0]
    other = replace(one, stages=(*one.stages, Stage("measure", one.stages[-1].params)))
    assert one.labels() == other.labels()
    records = records_of(STUDY, [other, *cells()[1:]])
    (note,) = told(records)
    assert "of another configuration" in note


def test_the_report_names_what_is_missing_too(tmp_path: Path, left: Callable[..., Path]) -> None:
    chosen = gated()
    records = [row for row in records_of(STUDY, cells()) if row.cell_id != chosen.cell_id]
    folder = left(tmp_path / "smoke", records)
    show(STUDY, folder)
    found = section(Results.read(STUDY, folder), folder, ())
    means = next(part for part in found.parts if part.name == "means")
    assert told(records)[0] in means.notes
