"""The command line: what a user mistypes is answered in one line."""

from pathlib import Path

import pytest

from harness.cli import main
from harness.records.files import write_jsonl
from harness.records.record import Record, measured


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["run", "--scale", "huge"], "the known scales are cpu, gpu, gpu_jpeg75, published, smoke"),
        (["run", "--scale", "../config/smoke"], "the known scales are"),
        (["run", "--scale", "published"], "patina plan --scale published"),
        (["run", "--studies", "ambient_blurr"], "did you mean 'ambient_blur'"),
        (["run", "--studies", ","], "the known ones are"),
        (["run", "--scale", "smoke", "--cores", "0"], "1 or more, or all"),
        (["run", "--cells-per-job", "-1"], "give 1 or more"),
        (["plan", "--only", "arm=gate"], "write FACTOR=VALUE; factors are "),
        (["data", "photo"], "did you mean 'photos'"),
        (["data", "photos", "--set", "side"], "write KEY=VALUE"),
        (["data", "photos", "--set", "side=["], "no YAML scalar"),
        (["data", "photos", "--set", "colour=3"], "channels"),
        (["where", "--scale", "huge"], "the known scales are"),
        (["claims", "--scale", "gpu"], "run `make` first"),
        (["compare", "nowhere.jsonl", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
    ids=" ".join,
)
def test_a_wrong_request_is_answered_in_one_line(
    arguments: list[str],
    answer: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("patina: asked for ")
    assert answer in error
    assert error.count("\n") == 1


def test_a_dry_run_prints_the_bill_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for scale, unit in (("cpu", "core-minutes"), ("gpu", "GPU-minutes"), ("published", "FFHQ-64")):
        assert main(["run", "--scale", scale, "--studies", "ambient_blur", "--dry-run"]) == 0
        said = capsys.readouterr().out
        assert unit in said
        assert main(["plan", "--scale", scale, "--studies", "ambient_blur"]) == 0
        assert capsys.readouterr().out == said
    assert not list(tmp_path.iterdir())


def row(value: float, study: str = "laws") -> Record:
    return measured(value, study=study, cell_id="c", params={}, metric="m", unit="1", tier="exact")


def test_compare_tells_a_moved_exact_row_by_its_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("old", 1.0), ("same", 1.0), ("new", 1.0 + 1e-6)):
        (tmp_path / name / "laws").mkdir(parents=True)
        write_jsonl(tmp_path / name / "laws" / "records.jsonl", [row(value)])
    old, same, new = (str(tmp_path / name) for name in ("old", "same", "new"))
    assert main(["compare", "--exact", old, same]) == 0
    assert main(["compare", "--exact", old, new]) == 1
    assert main(["compare", f"{old}/laws", f"{new}/laws/records.jsonl"]) == 1


def test_compare_of_nothing_is_no_agreement(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 2
