"""Files of records: one order, the same bytes, and errors that name the line."""

import random
from pathlib import Path

import pytest

from harness.problem import Problem
from harness.records import atomic
from harness.records.files import read_json_lines, read_jsonl, write_jsonl
from harness.records.record import Record, measured


def _row(arm: str = "clean", replicate: int | None = 0, metric: str = "loss") -> Record:
    return measured(
        0.1 + (replicate or 0),
        study="s",
        cell_id=f"cell-{arm}",
        params={"arm": arm, "blur": 0.4},
        replicate=replicate,
        metric=metric,
        unit="nats",
        tier="tolerance",
    )


ROWS = [
    _row(arm, replicate, metric)
    for arm in ("all", "clean")
    for replicate in (None, 0, 2, 10)
    for metric in ("fd", "loss")
]


def test_any_order_of_the_rows_gives_the_same_bytes(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a", ROWS)
    shuffled = ROWS.copy()
    random.Random(1).shuffle(shuffled)
    write_jsonl(tmp_path / "b", shuffled)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read_jsonl(tmp_path / "b") == ROWS  # ROWS stand in the order of a file
    write_jsonl(tmp_path / "c", read_jsonl(tmp_path / "a"))
    assert (tmp_path / "c").read_bytes() == (tmp_path / "a").read_bytes()
    assert b"\r" not in (tmp_path / "a").read_bytes()


def test_two_rows_for_one_number_are_refused_on_write_and_on_read(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with pytest.raises(Problem, match="two for 'loss', replicate 0"):
        write_jsonl(path, [_row(), _row()])
    assert not path.exists()
    path.write_text(2 * (_row().json() + "\n"))
    with pytest.raises(Problem, match=str(path)):
        read_jsonl(path)


def test_an_error_names_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    good = _row().json()
    for second, named in [
        ("{", "JSON"),
        ("", "an empty line"),
        ("3", "a int"),
        (good.replace("tolerance", "loose"), "known tier"),
        (good.replace('"unit"', '"unitt"'), "unknown key 'unitt'"),
        (good.replace("1.0.0", "1.1.0"), "'1.1.0'"),
    ]:
        path.write_text(f"{good}\n{second}\n")
        with pytest.raises(Problem, match=named) as caught:
            read_jsonl(path)
        assert f"{path}:2" in str(caught.value)


def test_a_file_that_is_cut_off_absent_or_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f"
    with pytest.raises(Problem, match="No such file"):
        read_jsonl(path)
    text = "".join(row.json() + "\n" for row in ROWS[:2])
    path.write_text(text[:-1])
    with pytest.raises(Problem, match=r"f:2.*cut off"):
        read_jsonl(path)
    path.write_bytes(b"\xff\n")
    with pytest.raises(Problem, match="not UTF-8"):
        read_jsonl(path)
    path.write_text("[1]\n")
    with pytest.raises(Problem, match=r"f:1"):
        read_json_lines(path)


def test_an_empty_file_holds_no_rows(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "f", [])
    assert read_jsonl(tmp_path / "f") == []


def test_a_full_disk_keeps_the_rows_that_were_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    write_jsonl(path, ROWS[:3])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(Problem, match="No space left"):
        write_jsonl(path, ROWS)
    monkeypatch.undo()
    assert read_jsonl(path) == ROWS[:3]


def test_what_is_not_a_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="a dict"):
        write_jsonl(tmp_path / "f", [_row().config()])  # type: ignore[list-item]
    assert not (tmp_path / "f").exists()
