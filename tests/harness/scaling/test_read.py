"""Points from a file: columns by name, and each fault with its line."""

from pathlib import Path

import pytest

from harness.problem import Problem
from harness.scaling.read import read

GOOD = "size,note,loss,run\n10,x,4.5,a\n\n10,y,4.4,b\n1e2,z,3.1,a\n"


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "points.csv"
    path.write_bytes(text.encode())
    return path


def test_columns_are_found_by_name_whatever_their_order(tmp_path) -> None:
    points = read(file(tmp_path, "\ufeff" + GOOD.replace("\n", "\r\n")), ["size"], "loss", "run")
    assert points.x.tolist() == [[10], [10], [100]]
    assert points.y.tolist() == [4.5, 4.4, 3.1]
    assert points.run.tolist() == [0, 1, 0]
    assert points.names == ("size",)
    assert points.loss == "loss"
    assert read(file(tmp_path, GOOD), ["size"], "loss").run.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("4.4", "0"), r"points.csv, line 4, a finite number above 0 in loss; got 0"),
        (GOOD.replace("4.4", "-2"), r"line 4, .*in loss; got -2"),
        (GOOD.replace("4.4", "nan"), r"line 4, .*in loss; got nan; .*diverged"),
        (GOOD.replace("1e2", "inf"), r"line 5, .*in size; got inf"),
        (GOOD.replace("1e2", "big"), r"line 5, a number in size; got 'big'"),
        (GOOD.replace("4.4", "1e300"), r"a number between 1e-50 and 1e\+50 in loss; got 1e300"),
        (GOOD.replace("4.4", "2e-60"), r"line 4, a number between .* in loss; got 2e-60"),
        (GOOD.replace("4.4", '"4,4"'), r"got '4,4'; write decimals with a point"),
        (GOOD.replace("1e2", '"1,000"'), r"got '1,000'; write decimals with a point, and nothing"),
        (GOOD.replace(",", ";"), r"save the file with commas between cells: here it is semicolons"),
        (GOOD.replace(",", "\t"), r"save the file with commas between cells: here it is tabs"),
        (GOOD.replace("4.5", " "), r"line 2, a number in loss; got an empty cell"),
        (GOOD.replace("x,4.5", "4.5"), r"line 2; got 3 cells under 4 names"),
        (GOOD.replace("y,4.4,b", "y,4.4,a"), r"line 4, .*run a at this size as in line 2"),
        (GOOD.replace("4.4,b", "4.4,"), r"line 4, a run in run; got an empty cell"),
        (GOOD.replace("loss", "los"), r"column loss in .*line 1; got the columns size, note, los"),
        (GOOD.replace("note", "loss"), r"column loss in .*line 1; got two of that name"),
        (GOOD.replace("y,4.4", '"y,4.4'), r"line 5; got unexpected end of data"),
        ("", "got an empty file"),
        ("size,loss,run\n", "got a line of names and no points"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_file_and_line(tmp_path, text, said) -> None:
    with pytest.raises(Problem, match=said) as raised:
        read(file(tmp_path, text), ["size"], "loss", "run")
    assert "points.csv" in str(raised.value)


def test_a_point_that_is_there_twice_is_named_without_runs_too(tmp_path) -> None:
    with pytest.raises(Problem, match=r"line 4, .*this point as in line 2; .*--run COLUMN"):
        read(file(tmp_path, GOOD.replace("4.4", "4.5")), ["size"], "loss")


def test_files_that_do_not_read_and_columns_named_twice_are_refused(tmp_path) -> None:
    with pytest.raises(Problem, match=r"none.csv; got No such file"):
        read(tmp_path / "none.csv", ["size"], "loss")
    with pytest.raises(Problem, match=r"got Is a directory"):
        read(tmp_path, ["size"], "loss")
    (tmp_path / "points.csv").write_bytes(b"size,loss\n\xff,1\n")
    with pytest.raises(Problem, match="not UTF-8"):
        read(tmp_path / "points.csv", ["size"], "loss")
    with pytest.raises(Problem, match="column size; got it twice"):
        read(file(tmp_path, GOOD), ["size", "size"], "loss")
