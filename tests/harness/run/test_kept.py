"""Comparisons of what cannot be compared, costs that are gone, and folders that are files."""

import shutil
from pathlib import Path

import pytest

from harness.cli import main
from harness.records.costs import of_builds

V1 = Path(__file__).resolve().parents[3] / "results" / "v1"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("cpu/ambient_losses", "smoke/ambient_losses", "other scales: cpu and smoke, whose cells"),
        ("smoke/scenes_t2i", "smoke/ambient_rules", "studies: scenes_t2i, and ambient_rules; name"),
    ],
)
def test_another_study_or_scale_is_refused_in_one_line(
    old: str, new: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(V1 / old), str(V1 / new)]) == 2
    told = capsys.readouterr()
    assert named in told.err
    assert told.out == ""


def test_cells_of_a_scale_alone_are_compared_by_a_path_that_names_none(tmp_path: Path) -> None:
    shutil.copytree(V1 / "smoke" / "scenes_t2i", tmp_path / "mine" / "scenes_t2i")
    assert main(["compare", str(V1 / "smoke"), str(tmp_path / "mine")]) == 1  # others are missing
    one = ["smoke/scenes_t2i", "mine/scenes_t2i"]
    assert main(["compare", str(V1 / one[0]), str(tmp_path / one[1])]) == 0


def test_a_law_with_the_same_cells_at_two_scales_is_compared(tmp_path: Path) -> None:
    shutil.copytree(V1 / "smoke" / "scenes_t2i", tmp_path / "cpu" / "scenes_t2i")
    paths = [str(V1 / "smoke" / "scenes_t2i"), str(tmp_path / "cpu" / "scenes_t2i")]
    assert main(["compare", *paths]) == 0


def test_costs_that_are_not_known_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = V1 / "smoke" / "scenes_t2i"
    new = tmp_path / "scenes_t2i"
    shutil.copytree(kept, new)
    (new / "runs.jsonl").unlink()
    assert main(["compare", str(kept), str(new)]) == 0
    assert "the new one has no runs.jsonl" in capsys.readouterr().out
    files = [kept / "records.jsonl"], [new / "records.jsonl"]
    (cost,) = of_builds(*files)
    assert cost.reference is not None
    assert cost.new is None
    (turned,) = of_builds(*files[::-1])
    assert "the reference has no runs.jsonl" in turned.what
    (new / "runs.jsonl").write_text("")
    (cost,) = of_builds(*files)
    assert "the new one has a runs.jsonl without times" in cost.what
    (whole,) = of_builds(files[0], files[0])
    assert "has" not in whole.what


@pytest.mark.parametrize("below", ["", "folder"])
@pytest.mark.parametrize("command", [["figures", "scenes_t2i"], ["latex"]])
def test_a_file_in_the_place_of_a_folder_is_named(
    tmp_path: Path, command: list[str], below: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    path.write_text("kept")
    asked = ["--from", str(V1), "--scale", "smoke", "--into", str(path / below)]
    assert main([*command, *asked]) == 2
    assert f"{path}, which is a file" in capsys.readouterr().err
    assert path.read_text() == "kept"


@pytest.mark.parametrize("formats", ["pdf,,png", "", "png,"])
def test_an_empty_name_of_a_format_is_refused(
    tmp_path: Path, formats: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--from", str(V1), "--scale", "smoke", "--into", str(tmp_path), "--format", formats]
    assert main(["figures", "scenes_t2i", *asked]) == 2
    assert "an empty name" in capsys.readouterr().err
