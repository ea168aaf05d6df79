"""A disk that is really full: the kernel refuses, and the reference that stood there stands, whole.

A tmpfs of 96 kB is filled where this process may mount one, as root or in a namespace of its own.
A limit on the size of files, which any process may set for itself, is refused by every kernel: one
of the two always runs, and where no tmpfs may be mounted the first test runs under the limit too.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.records.atomic import write_json_lines
from harness.records.files import write_jsonl
from harness.records.publish import publish
from harness.records.record import measured

ROOT = Path(__file__).parents[3]
SIZE = 96_000
PUBLISH = """
import hashlib, json, resource, shutil, subprocess, sys
from pathlib import Path
from harness.problem import Problem
from harness.records.publish import publish

repo, place, kind, size = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
results = repo / "results"
if kind == "tmpfs":
    options = f"size={size},nr_inodes=200"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    results = Path(shutil.copytree(results, place / "results"))
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
told = None
try:
    publish("blur", "smoke", repo / "build", results, repo)
except Problem as problem:
    told = str(problem)
files = {
    str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
    for path in results.rglob("*") if path.is_file()
}
print(json.dumps([told, files]))
"""


def _git(repo: Path, *arguments: str) -> None:
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(repo), *who, *arguments], check=True, capture_output=True)


def _build(repo: Path, count: int) -> None:
    folder = repo / "build" / "smoke" / "blur"
    rows = [
        measured(0.5, study="blur", cell_id=f"{k:06}", params={}, metric="m", unit="", tier="exact")
        for k in range(count)
    ]
    write_jsonl(folder / "records.jsonl", rows)
    write_json_lines(folder / "runs.jsonl", [{"cell_id": "000000"}])


def _may_mount(place: Path) -> list[str] | None:
    """The words before a command that may mount a tmpfs, or None where nothing may."""
    for words in (["unshare", "-m"], ["unshare", "-rm"]):
        command = [*words, "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
        try:
            if subprocess.run(command, capture_output=True).returncode == 0:
                return words
        except FileNotFoundError:
            return None
    return None


def _refused(repo: Path, place: Path, kind: str, words: list[str]) -> str:
    """Publish a build of 2,000 rows where it does not fit; what was said, once the old stands."""
    _build(repo, 5)
    publish("blur", "smoke", repo / "build", repo / "results", repo)
    _git(repo, "add", "-A")
    _git(repo, "commit", "-q", "-m", "published")
    before = {
        str(path.relative_to(repo / "results")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (repo / "results").rglob("*")
        if path.is_file()
    }
    assert len(before) == 4
    _build(repo, 2000)
    assert (repo / "build" / "smoke" / "blur" / "records.jsonl").stat().st_size > 2 * SIZE
    command = [*words, sys.executable, "-c", PUBLISH, str(repo), str(place), kind, str(SIZE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told, after = json.loads(done.stdout)
    assert told is not None, "the kernel refused nothing"
    assert after == before
    assert "records.jsonl" in told
    return told


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    (tmp_path / "disk").mkdir()
    _git(folder, "init", "-q")
    (folder / ".gitignore").write_text("/build/\n")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_full_disk_leaves_the_published_reference_whole(repo: Path) -> None:
    place = repo.parent / "disk"
    words = _may_mount(place)
    if words is None:
        assert "File too large" in _refused(repo, place, "limit", [])
    else:
        assert "No space left on device" in _refused(repo, place, "tmpfs", words)


def test_a_limit_on_files_leaves_the_published_reference_whole(repo: Path) -> None:
    told = _refused(repo, repo.parent / "disk", "limit", [])
    assert "File too large" in told
    assert "ulimit -f" in told
