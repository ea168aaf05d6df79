"""A file of records or of runs that is not as it must be, at the commands that read it: each names
the file and the line, and nothing is compared, published or called verified."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from harness.cli import main

RESULTS = Path(__file__).resolve().parents[3] / "results"
PLACE = Path("v1", "smoke", "scenes_t2i")
LINE = 3


def _without(line: str, key: str) -> str:
    row = json.loads(line)
    del row[key]
    return json.dumps(row)


BAD = {
    "no JSON": (lambda line: line[:-9], "one JSON value"),
    "an empty line": (lambda _: "", "an empty line"),
    "a missing field": (lambda line: _without(line, "unit"), "the missing key 'unit'"),
    "NaN": (lambda line: line.replace('"value":', '"value":NaN,"x":'), "NaN"),
    "a number that is none": (
        lambda line: json.dumps({**json.loads(line), "value": "nan"}),
        "a finite value",
    ),
    "a future schema": (lambda line: line.replace("1.0.0", "3.1.0"), "schema_version '3.1.0'"),
}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A copy of one reference and its changelog."""
    shutil.copytree(RESULTS / PLACE, tmp_path / PLACE)
    shutil.copy(RESULTS / "CHANGELOG.md", tmp_path)
    return tmp_path


def _rewrite(results: Path, name: str, lines: list[str]) -> Path:
    """A file with these lines, and its hash in the manifest."""
    path = results / PLACE / name
    path.write_text("".join(f"{line}\n" for line in lines))
    manifest = path.with_name("MANIFEST.json")
    plain = json.loads(manifest.read_text())
    plain["sha256"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(plain) + "\n")
    with (results / "CHANGELOG.md").open("a") as changelog:
        changelog.write(f"`{plain['sha256']['records.jsonl'][:16]}`\n")
    return path


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_line_of_records_is_named_by_compare_and_by_verify(
    results: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, named = BAD[kind]
    lines = (results / PLACE / "records.jsonl").read_text().splitlines()
    lines[LINE - 1] = spoil(lines[LINE - 1])
    path = _rewrite(results, "records.jsonl", lines)
    good = str(RESULTS / PLACE)
    for sides in ([good, str(path.parent)], [str(path), good]):
        assert main(["compare", *sides]) == 2
        told = capsys.readouterr().err
        assert f"{path}:{LINE}" in told
        assert named in told
        assert told.count("\n") == 1
    assert main(["verify", "--results", str(results)]) == 1
    told = capsys.readouterr().out
    assert f"{path}:{LINE}" in told
    assert named in told
    assert "1.0.0" in told or "schema" not in kind  # the readable versions


@pytest.mark.parametrize(
    ("version", "said"), [(None, None), ("1.0.0", None), ("3.1.0", "'3.1.0'"), (1, "version 1;")]
)
def test_runs_say_their_version_or_are_of_the_first(
    results: Path, version: object, said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (results / PLACE / "runs.jsonl").read_text().splitlines()
    if version is not None:
        lines[LINE - 1] = json.dumps({**json.loads(lines[LINE - 1]), "schema_version": version})
    path = _rewrite(results, "runs.jsonl", lines)
    compared = main(["compare", str(RESULTS / PLACE), str(path.parent)])
    told = capsys.readouterr()
    scale, study = Path(PLACE).parts[-2:]
    verified = main(["verify", "--results", str(results), "--scale", scale, "--studies", study])
    assert (compared, verified) == ((0, 0) if said is None else (2, 1))
    if said is not None:
        for text in (told.err, capsys.readouterr().out):
            assert f"{path}:{LINE}" in text
            assert said in text
            assert "the readable versions are 1.0.0" in text
