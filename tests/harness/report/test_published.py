"""Published numbers are whole, belong to studies that exist, and stand in their study's table."""

import math

import pytest

from harness.problem import Problem
from harness.report import published as module
from harness.report.layouts import layout
from harness.report.published import COLUMNS, published, rows
from harness.report.results import Results
from harness.studies import STUDIES


def test_every_number_is_finite_and_says_who_prints_it_where() -> None:
    for row in rows():
        assert math.isfinite(float(row["value"]))
        assert row["study"] in STUDIES
        assert row["interval"] == "none given" or row["interval"].startswith("± ")
    keys = [tuple(row[name] for name in COLUMNS[:4]) for row in rows()]
    assert len(set(keys)) == len(keys)


def test_every_study_with_numbers_shows_them() -> None:
    assert {row["study"] for row in rows()} == {
        study for study in STUDIES if "published" in layout(study).parts
    }


def test_what_a_corrupted_condition_gained_stands_beside_what_it_was_held_against() -> None:
    """A gain is of two numbers: in the sweep of conditions no arm stands without its clean one."""
    arms: dict[tuple[str, str], list[str]] = {}
    for row in rows():
        if row["study"] == "cep_scaling":
            arms.setdefault((row["condition"], row["metric"]), []).append(row["arm"])
    assert len(arms) >= 8
    assert all(found[0] == "clean" and len(found) == 2 for found in arms.values())


def test_a_table_has_its_own_study_alone() -> None:
    part = published(Results("ambient_jpeg", "smoke", []), layout("ambient_jpeg"))
    assert len(part.body) == len(part.tidy) == len(part.cells) == 7
    assert ("CIFAR-10 quality 18", "classifier", "FID", "6.43", "none given") in [
        row[:5] for row in part.body
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [("a,b,c,d,1,none given,,x", "fill in"), ("a,b,c,d,many,none given,s,x", "'many'")],
)
def test_a_row_that_is_not_whole_is_named(tmp_path, monkeypatch, line: str, message: str) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "published.csv"
    file.write_text(",".join(COLUMNS) + "\n" + line + "\n")
    monkeypatch.setattr(module, "FILE", file)
    with pytest.raises(Problem, match=rf"published.csv:2.*{message}"):
        rows.__wrapped__()
