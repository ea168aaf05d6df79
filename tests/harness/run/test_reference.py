"""Published records are read as a build of the same records is, and checked against their hash."""

import shutil
from pathlib import Path

import pytest

from harness.cli import main
from harness.problem import Problem
from harness.report.results import Results
from harness.run.reference import read, studies
from harness.run.verdicts import decide

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT / "results" / "v1"
STUDY = "scenes_t2i"


def test_the_verdicts_are_those_of_a_build_of_the_same_records(tmp_path: Path) -> None:
    build = tmp_path / "cpu"
    shutil.copytree(PUBLISHED / "cpu" / STUDY, build / STUDY)
    decide("cpu", [build / STUDY / "records.jsonl"], build / "claims.jsonl")
    made = Results.read(STUDY, build)
    found = read(PUBLISHED, "cpu", STUDY)
    assert found == (made.records, made.runs, made.claims)
    assert len(found.claims) == 4
    assert read(tmp_path, "cpu", STUDY) == found  # no folder of a version: no manifest is asked


def test_records_that_are_not_those_of_the_manifest_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "v1" / "cpu" / STUDY
    shutil.copytree(PUBLISHED / "cpu" / STUDY, folder)
    text = (folder / "records.jsonl").read_text()
    (folder / "records.jsonl").write_text(text.replace('"value":', '"value":1', 1))
    with pytest.raises(Problem, match="sha256"):
        read(tmp_path / "v1", "cpu", STUDY)


def test_what_is_not_there_is_answered_with_what_is(tmp_path: Path) -> None:
    assert studies(PUBLISHED, "cpu")[0] == "ambient_laws"
    with pytest.raises(Problem, match=r"scale published in .*cpu, gpu.*smoke.*results/v1"):
        studies(PUBLISHED, "published")
    with pytest.raises(Problem, match=r"none; it holds no scale"):
        studies(tmp_path, "cpu")
    with pytest.raises(Problem, match="known scales are"):
        studies(PUBLISHED, "huge")
    with pytest.raises(Problem, match=r"captions at smoke .* there are ambient_laws, "):
        read(PUBLISHED, "smoke", "captions")


def test_commands_read_them_in_a_folder_without_a_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["--from", str(PUBLISHED), "--scale", "cpu"]
    assert main(["claims", *given, "--studies", f" {STUDY},"]) == 0
    said = capsys.readouterr().out
    assert "binding-is-hardest: " in said
    assert "noise-contracts" not in said
    assert not list(tmp_path.iterdir())
    assert main(["show", STUDY, *given]) == 0
    title, question, *lines = capsys.readouterr().out.splitlines()
    assert title.startswith("Text to image on scenes")
    assert question.endswith("?")
    paths = [Path(line) for line in lines]
    assert Path("build/published/cpu/tables", f"{STUDY}.md") in paths
    assert all(path.stat().st_size for path in paths)
    assert len(paths) == 7
