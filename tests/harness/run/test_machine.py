"""The commit of a stage has a mark where its code is not that of the commit, and only there."""

import subprocess
from pathlib import Path

import pytest

from harness.run import machine


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with code and a reference."""
    for name in ("harness/a.py", "results/v1/cpu/s/records.jsonl", "results/CHANGELOG.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one\n")
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    for arguments in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "one")):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    return tmp_path


def told() -> str:
    machine.commit.cache_clear()
    return machine.commit()


@pytest.fixture(autouse=True)
def forget() -> object:
    yield
    machine.commit.cache_clear()


@pytest.mark.parametrize("name", ["results/CHANGELOG.md", "results/v1/cpu/s/records.jsonl"])
def test_a_reference_that_waits_is_no_change_of_the_code(tree: Path, name: str) -> None:
    clean = told()
    assert len(clean) == 12
    (tree / name).write_text("two\n")
    assert told() == clean


def test_changed_code_is_marked(tree: Path) -> None:
    clean = told()
    (tree / "harness" / "a.py").write_text("two\n")
    assert told() == f"{clean}+"


def test_without_git_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ROOT", tmp_path / "none")
    assert told() == ""
