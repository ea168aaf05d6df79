"""Atomic files: the old bytes or the new ones, whatever happens in between."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from harness.problem import Problem
from harness.records import atomic

ROOT = Path(__file__).parents[3]


def _run(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True
    )


def test_a_file_is_replaced_whole_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    atomic.write_json(path, {"b": 1.5, "a": [None, "é"]})
    assert path.read_bytes() == b'{"a":[null,"\\u00e9"],"b":1.5}\n'
    atomic.write_json_lines(path, [{"b": 1, "a": 2}, 3])
    assert path.read_bytes() == b'{"a":2,"b":1}\n3\n'
    atomic.write_text(path, "σ\n")
    assert path.read_bytes() == "σ\n".encode()
    assert os.listdir(path.parent) == ["b.json"]


def test_a_new_file_has_the_rights_of_a_plain_one(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    atomic.write_bytes(tmp_path / "atomic", b"")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "atomic")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_what_the_disk_refuses_is_a_problem_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    path = tmp_path / "f"
    path.write_text("old")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(atomic.os, call, refuse)
    with pytest.raises(Problem, match=os.strerror(code)):
        atomic.write_text(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


def test_an_interrupt_passes_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_text("old")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        atomic.write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


def test_a_write_that_the_system_cuts_short_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    code = (
        "import resource, sys\n"
        "from harness.records.atomic import write_bytes\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_bytes(sys.argv[1], b'x' * 5000)\n"
    )
    done = _run(code, path)
    assert "Problem: asked for writing" in done.stderr
    assert "ulimit -f" in done.stderr
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


def test_a_process_killed_before_the_rename_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    code = (
        "import os, signal, sys\n"
        "from harness.records import atomic\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "atomic.write_text(sys.argv[1], 'new')\n"
    )
    assert _run(code, path).returncode == -signal.SIGKILL
    assert path.read_text() == "old"


def test_nan_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    with pytest.raises(ValueError, match="JSON"):
        atomic.write_json(path, {"a": float("nan")})
    assert path.read_text() == "old"


def test_a_folder_in_the_way_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="directory"):
        atomic.write_text(tmp_path / "f", "new")
    with pytest.raises(Problem):
        atomic.write_text(tmp_path / "file" / "f", "new")
    assert sorted(os.listdir(tmp_path)) == ["f", "file"]


def test_the_module_loads_no_array_library() -> None:
    heavy = "{'numpy', 'scipy', 'torch', 'pandas'}"
    code = f"import sys, harness.records.atomic; print({heavy} & set(sys.modules))"
    assert _run(code, Path(".")).stdout.strip() == "set()"
