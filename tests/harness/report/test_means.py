"""Means over replicates, and that no failure is lost."""

import math
from collections.abc import Callable

from harness.metrics import geneval
from harness.records.record import Record
from harness.report.layout import Layout
from harness.report.layouts import layout
from harness.report.means import means
from harness.report.results import Results
from harness.report.words import words

Rows = Callable[..., list[Record]]
Read = Callable[..., Results]


def column(part: object, row: int, name: str) -> str:
    heads = [head.replace("\u00a0", " ") for head in part.header]  # type: ignore[attr-defined]
    return part.body[row][heads.index(name)]  # type: ignore[attr-defined]


def test_a_cell_of_the_table_is_mean_and_standard_error_by_hand(rows: Rows, results: Read) -> None:
    values = [3.0, 4.0, 8.0]
    part = means(results(rows("denoising_loss", values, arm="clean", network="mlp")), Layout())
    error = math.sqrt(((3 - 5) ** 2 + (4 - 5) ** 2 + (8 - 5) ** 2) / 2 / 3)  # 1.5275
    assert column(part, 0, "held-out loss (nats) ↓") == "5.0 ± 1.5"
    assert column(part, 0, "n") == "3"
    (tidy,) = part.tidy
    assert (tidy["mean"], tidy["n"], tidy["failed"]) == (5.0, 3, 0)
    assert math.isclose(tidy["standard_error"], error)


def test_failed_rows_are_counted_with_their_reason(rows: Rows, failed: Rows, results: Read) -> None:
    found = rows("denoising_loss", [1.0, math.nan, 3.0], arm="gated")
    found += failed("train: RuntimeError: no memory", 3, arm="ambient")
    part = means(results(found), Layout(rows=("arm",), columns=("denoising_loss",)))
    texts = {row[0]: row for row in part.body}
    assert texts["gated"][1:] == ("2 of 3", "2.0 ± 1.0 (2 of 3)")
    assert texts["ambient"][1:] == ("0 of 3", "failed (3)")
    notes = " ".join(part.notes)
    assert (
        "failed: arm ambient, the whole cell, replicates 0, 1, 2 (3 rows): train: Runtime" in notes
    )
    assert (
        "diverged: arm gated, metric held-out loss, replicate 1 (1 row): the value is nan" in notes
    )
    assert {row["arm"]: (row["n"], row["failed"]) for row in part.tidy} == {
        "gated": (2, 1),
        "ambient": (0, 3),
    }


def test_a_metric_that_was_not_asked_for_is_no_failure(rows: Rows, results: Read) -> None:
    found = rows("a", [1.0, 2.0], arm="x") + rows("b", [1.0, 2.0], arm="y")
    part = means(results(found), Layout())
    assert [row[-1] for row in part.body] == ["–", "1.50 ± 0.50"]
    assert part.notes == ()


def test_rows_stand_in_the_order_of_the_layout(blur: list[Record], results: Read) -> None:
    shown = layout("ambient_blur")
    part = means(results(blur), shown)
    assert [row[:3] for row in part.body][:5] == [
        ("MLP", "–", "clean"),
        ("MLP", "–", "oracle"),
        ("MLP", "0.4", "all"),
        ("MLP", "0.4", "gated"),
        ("MLP", "0.4", "ambient"),
    ]
    assert len(part.cells) == len(part.body) == len({row.cell_id for row in blur})


def test_factors_stand_in_words_in_the_head_and_by_their_names_in_the_rows(
    rows: Rows, results: Read
) -> None:
    found = rows("denoising_loss", [1.0, 2.0], arm="clean", clean_share=0.5)
    part = means(results(found), Layout(rows=("clean_share", "arm"), columns=("denoising_loss",)))
    assert part.header[:3] == ("share clean", "arm", "n")
    assert part.tidy[0]["clean_share"] == 0.5


def test_a_derived_metric_is_defined_under_its_table(guided: list[Record], results: Read) -> None:
    (note,) = means(results(guided), layout("scenes_t2i")).notes
    easy, _, bound = note.partition("less")
    assert all(words(f"geneval/{task}") in easy for task in geneval.EASY)
    assert all(words(f"geneval/{task}") in bound for task in geneval.BOUND)


def test_a_choice_at_an_end_of_its_grid_is_counted(rows: Rows, results: Read) -> None:
    found = rows("chosen_guidance", [0.0, 0.0, 0.5, 1.0], arm="clean")
    for w in ("0", "0.5", "1"):
        found += rows(f"guidance_choice/{w}", [1.0] * 4, arm="clean")
    shown = Layout(rows=("arm",), columns=("chosen_guidance",))
    part = means(results(found), shown)
    assert part.body[0][-1].endswith("(2 of 4 at 0, 1 of 4 at 1)")
    assert len(part.notes) == 1
    within = [row for row in found if row.value != 1.0 or "/" in row.metric]
    assert "at 0" in means(results(within), shown).body[0][-1]
    inside = rows("chosen_guidance", [0.5] * 4, arm="clean")
    inside += [row for row in found if "/" in row.metric]
    part = means(results(inside), shown)
    assert (part.body[0][-1], part.notes) == ("0.5", ())
