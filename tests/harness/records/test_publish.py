"""Publishing a reference, in a repository of its own."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from harness.problem import Problem
from harness.records import atomic
from harness.records.files import write_jsonl
from harness.records.publish import Manifest, publish, published
from harness.records.record import Record, measured


def _git(repo: Path, *arguments: str) -> str:
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(repo), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _rows(values: list[float], study: str = "blur") -> list[Record]:
    return [
        measured(
            value,
            study=study,
            cell_id=f"{cell:04}",
            params={"cell": cell},
            metric="loss",
            unit="",
            tier="exact",
        )
        for cell, value in enumerate(values)
    ]


def _build(repo: Path, values: list[float], study: str = "blur") -> None:
    folder = repo / "build" / "smoke" / study
    write_jsonl(folder / "records.jsonl", _rows(values, study))
    atomic.write_json_lines(folder / "runs.jsonl", [{"cell_id": "0000", "machine": "m"}])


def _publish(repo: Path, study: str = "blur") -> Manifest:
    return publish(study, "smoke", repo / "build", repo / "results", repo)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with one commit, which ignores its build."""
    _git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("/build/\n")
    (tmp_path / "code.py").write_text("x = 1\n")
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def _commit(repo: Path) -> None:
    _git(repo, "add", "-A")
    _git(repo, "commit", "-q", "-m", "next")


def test_the_reference_is_the_build_with_its_manifest(repo: Path) -> None:
    _build(repo, [1.0, 2.0])
    manifest = _publish(repo)
    folder = repo / "results" / "v1" / "smoke" / "blur"
    for name in ("records.jsonl", "runs.jsonl"):
        data = (folder / name).read_bytes()
        assert data == (repo / "build" / "smoke" / "blur" / name).read_bytes()
        assert manifest.sha256[name] == hashlib.sha256(data).hexdigest()
    stored = json.loads((folder / "MANIFEST.json").read_text())
    assert stored["commit"] == _git(repo, "rev-parse", "HEAD")
    assert (stored["rows"], stored["previous"], stored["schema_version"]) == (2, None, "1.0.0")
    assert published(repo / "results", "smoke", "blur") == _rows([1.0, 2.0])
    changelog = (repo / "results" / "CHANGELOG.md").read_text()
    assert "nothing → `" + manifest.sha256["records.jsonl"][:16] in changelog
    assert "2 rows added, 0 removed, 0 changed" in changelog


def test_a_new_reference_names_the_old_one_and_the_effect(repo: Path) -> None:
    _build(repo, [1.0, 2.0, 3.0])
    first = _publish(repo)
    _commit(repo)
    _build(repo, [1.0, 2.5])
    second = _publish(repo)
    assert second.previous == first.sha256
    lines = (repo / "results" / "CHANGELOG.md").read_text().splitlines()
    assert lines[0].startswith("# ")
    assert first.sha256["records.jsonl"][:16] in lines[2]
    assert second.sha256["records.jsonl"][:16] in lines[2]
    assert "0 rows added, 1 removed, 1 changed" in lines[2]
    assert "3 rows added" in lines[3]


def test_the_same_bytes_change_nothing(repo: Path) -> None:
    _build(repo, [1.0])
    first = _publish(repo)
    _commit(repo)
    assert _publish(repo) == first
    assert _git(repo, "status", "--porcelain") == ""


def test_uncommitted_code_is_refused_and_nothing_is_written(repo: Path) -> None:
    _build(repo, [1.0])
    for name in ("code.py", "new file.py"):
        before = (repo / name).read_text() if (repo / name).exists() else None
        (repo / name).write_text("x = 2\n")
        with pytest.raises(Problem, match=f"uncommitted changes: {name}"):
            _publish(repo)
        (repo / name).unlink()
        if before is not None:
            (repo / name).write_text(before)
    assert not (repo / "results").exists()


def test_two_studies_are_published_in_a_row_but_none_twice_uncommitted(repo: Path) -> None:
    _build(repo, [1.0])
    _build(repo, [1.0], "flips")
    _publish(repo)
    _publish(repo, "flips")
    assert len((repo / "results" / "CHANGELOG.md").read_text().splitlines()) == 4
    _build(repo, [2.0])
    with pytest.raises(Problem, match="results/v1/smoke/blur"):
        _publish(repo)


def test_a_folder_without_a_commit_is_refused(tmp_path: Path) -> None:
    _build(tmp_path, [1.0])
    with pytest.raises(Problem, match="not a git repository"):
        _publish(tmp_path)
    _git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("/build/\n")
    with pytest.raises(Problem, match="uncommitted"):
        _publish(tmp_path)
    (tmp_path / ".gitignore").write_text("*\n")
    with pytest.raises(Problem, match="commit"):
        _publish(tmp_path)


def test_bad_records_leave_the_reference(repo: Path) -> None:
    _build(repo, [1.0])
    _publish(repo)
    _commit(repo)
    source = repo / "build" / "smoke" / "blur" / "records.jsonl"
    for text, named in [
        ("", "no rows"),
        ("{}\n", r"records.jsonl:1"),
        (_rows([1.0], "flips")[0].json() + "\n", "rows of flips"),
    ]:
        source.write_text(text)
        with pytest.raises(Problem, match=named):
            _publish(repo)
    source.unlink()
    with pytest.raises(Problem, match="No such file"):
        _publish(repo)
    assert published(repo / "results", "smoke", "blur") == _rows([1.0])


@pytest.mark.parametrize("refused", [1, 2, 3, 4])
def test_a_disk_that_fills_up_leaves_the_reference(
    repo: Path, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    _build(repo, [1.0])
    _publish(repo)
    _commit(repo)
    _build(repo, [2.0])
    atomic.write_json_lines(repo / "build" / "smoke" / "blur" / "runs.jsonl", [{"machine": "n"}])
    calls, real = [], atomic.os.replace

    def replace(*paths: str) -> None:
        calls.append(paths)
        if len(calls) == refused:
            raise OSError(28, "No space left on device")
        real(*paths)

    monkeypatch.setattr(atomic.os, "replace", replace)
    with pytest.raises(Problem, match="No space left"):
        _publish(repo)
    monkeypatch.undo()
    assert _git(repo, "status", "--porcelain") == ""
    assert published(repo / "results", "smoke", "blur") == _rows([1.0])


def test_an_edited_or_torn_reference_is_noticed(repo: Path) -> None:
    _build(repo, [1.0])
    with pytest.raises(Problem, match="patina publish"):
        published(repo / "results", "smoke", "blur")
    _publish(repo)
    write_jsonl(repo / "results" / "v1" / "smoke" / "blur" / "records.jsonl", _rows([9.0]))
    with pytest.raises(Problem, match="sha256"):
        published(repo / "results", "smoke", "blur")
