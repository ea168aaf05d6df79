"""Publishing a reference, in a repository of its own."""

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from harness.problem import Problem
from harness.records import atomic, exchange
from harness.records import publish as publish_module
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


CALLS = ("open", "fsync", "replace", "rename", "close")


def _killed(repo: Path, call: int) -> None:
    """Publish, and be killed outright before a certain one of the calls that touch the disk."""
    left, clean = [call], publish_module.clean_commit

    def dying(real: Any) -> Any:
        def touch(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)

        return touch

    def armed(*given: Any) -> Any:
        found = clean(*given)  # git is left to end
        for module, names in ((os, CALLS), (exchange, ("_exchange",)), (shutil, ("rmtree",))):
            for name in names:
                setattr(module, name, dying(getattr(module, name)))
        return found

    publish_module.clean_commit = armed
    _publish(repo)


def test_a_publication_that_is_killed_leaves_the_old_reference_or_the_new(repo: Path) -> None:
    """Killed before each of its calls that open, force, rename, trade or remove, one after another;
    the same publication once more then completes it, with one line in the changelog."""
    _build(repo, [1.0])
    old = _publish(repo)
    _commit(repo)
    _build(repo, [2.0, 3.0])
    context, found = multiprocessing.get_context("fork"), []
    for call in range(1, 200):
        process = context.Process(target=_killed, args=(repo, call))
        process.start()
        process.join()
        rows = published(repo / "results", "smoke", "blur")
        assert rows in (_rows([1.0]), _rows([2.0, 3.0]))
        found.append(len(rows))
        if len(rows) == 2:
            again = _publish(repo)
            assert again.previous == old.sha256
            text = (repo / "results" / "CHANGELOG.md").read_text()
            assert text.count(again.sha256["records.jsonl"][:16]) == 1
        folder = repo / "results" / "v1" / "smoke"
        _git(repo, "checkout", "-q", "--", "results")
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    assert process.exitcode == 0
    assert len(found) > 20
    assert found == sorted(found)  # the old one up to a moment, the new one after it
    assert 1 in found
    _build(repo, [2.0, 3.0])
    _publish(repo)  # and sweeps what those that were killed have left
    assert sorted(path.name for path in folder.iterdir()) == ["blur"]


def test_a_second_publication_waits_for_the_first(repo: Path) -> None:
    _build(repo, [1.0])
    _build(repo, [1.0], "flips")
    with ThreadPoolExecutor(2) as pool:
        with publish_module.alone(repo / "results"):
            others = [pool.submit(_publish, repo, name) for name in ("blur", "flips")]
            assert not wait(others, timeout=0.3).done
            assert not (repo / "results").exists()
        assert {other.result().study for other in others} == {"blur", "flips"}
    assert len((repo / "results" / "CHANGELOG.md").read_text().splitlines()) == 4


def test_without_the_systems_exchange_two_renames_do(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _build(repo, [1.0])
    _publish(repo)
    _commit(repo)
    _build(repo, [2.0])
    monkeypatch.setattr(exchange.ctypes, "CDLL", lambda *given, **named: object())
    _publish(repo)
    assert published(repo / "results", "smoke", "blur") == _rows([2.0])
    assert [path.name for path in (repo / "results" / "v1" / "smoke").iterdir()] == ["blur"]


def test_the_manifest_holds_rules_verdicts_machines_and_core_minutes(repo: Path) -> None:
    stage = {
        "processor": "P", "accelerator": "", "python": "3", "torch": "2", "numpy": "1", "key": "k",
        "core_seconds": 90.0,
    }  # fmt: skip
    _build(repo, [1.0])
    runs = [{"cell_id": f"{i:04}", "stages": {"train": stage}} for i in range(2)]
    runs[1]["stages"] = {"train": stage, "measure": {**stage, "key": "m", "accelerator": "A"}}
    atomic.write_json_lines(repo / "build" / "smoke" / "blur" / "runs.jsonl", runs)
    verdict = {"word": "void", "effect": None, "low": None, "high": None, "unit": "", "reason": "r"}
    claim = {
        "id": "a", "statement": "s", "source": "t", "study": "blur", "regime": "here",
        "confirmatory": True, "rule": {"kind": "K", "margin": 0.1}, "verdict": verdict,
    }  # fmt: skip

    def made(**changed: Any) -> Manifest:
        return publish(
            "blur", "smoke", repo / "build", repo / "results", repo, [{**claim, **changed}], "lock"
        )

    first = made()
    assert (first.lock, first.core_minutes) == ("lock", 3.0)  # a stage that cells share, once
    assert first.machines == ["A, Python 3, torch 2, numpy 1", "P, Python 3, torch 2, numpy 1"]
    assert {k: v for k, v in first.claims["a"].items() if k != "rule"} == {
        name: verdict[name] for name in ("word", "effect", "low", "high", "unit")
    }
    _commit(repo)
    assert made(statement="other words") == first
    for changed in ({"rule": {"kind": "K", "margin": 0.2}}, {"confirmatory": False}):
        other = made(**changed)
        assert other.claims["a"]["rule"] != first.claims["a"]["rule"]
        assert other.sha256 == first.sha256
        _git(repo, "checkout", "-q", "--", "results")


def test_a_manifest_of_another_version_or_of_other_fields_is_refused(repo: Path) -> None:
    _build(repo, [1.0])
    _publish(repo)
    path = repo / "results" / "v1" / "smoke" / "blur" / "MANIFEST.json"
    whole = json.loads(path.read_text())
    for changed, named in [
        ({"schema_version": "7.0.0"}, r"'7.0.0'; the readable versions are 1.0.0"),
        ({"colour": "red"}, "colour unknown or missing"),
    ]:
        path.write_text(json.dumps({**whole, **changed}))
        with pytest.raises(Problem, match=named):
            published(repo / "results", "smoke", "blur")
