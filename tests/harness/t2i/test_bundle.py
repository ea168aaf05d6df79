"""The bundle: all or none, one run at a time, and a torn one tells."""

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.problem import Problem
from harness.records import atomic
from harness.t2i import bundle
from harness.t2i.claim import alone
from harness.t2i.judging import SCHEMA

ROOT = Path(__file__).parents[3]
Run = Callable[..., str]


def bytes_of(*suffixes: str, text: str = "x") -> dict[str, bytes]:
    return {suffix: f"{text} {suffix}".encode() for suffix in suffixes}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_summary_comes_last_whatever_the_order_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []
    original = os.replace

    def replace(old: Path, new: Path) -> None:
        if Path(new).name[0] != ".":
            named.append(Path(new).name)
        original(old, new)

    monkeypatch.setattr(os, "replace", replace)
    made = bytes_of(".json", ".sheet.png", ".jsonl", ".records.jsonl")
    written, removed = bundle.write(tmp_path / "r.jsonl", made)
    assert named == [path.name for path in written]
    assert named == ["r.jsonl", "r.records.jsonl", "r.sheet.png", "r.json"]
    assert removed == []
    assert contents(tmp_path) == {f"r{suffix}": data for suffix, data in made.items()}


def test_pictures_of_an_earlier_score_go_and_other_files_stay(tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    bundle.write(out, bytes_of(*bundle.ALL))
    (tmp_path / "r.detections.jsonl").write_text("hours of work")
    (tmp_path / "other.sheet.png").write_text("of another score")
    _, removed = bundle.write(out, bytes_of(".jsonl", ".scores.png", ".json", text="y"))
    assert [path.name for path in removed] == ["r.scores.pdf", "r.scores.svg", "r.sheet.png"]
    assert set(contents(tmp_path)) == {
        "r.jsonl", "r.scores.png", "r.json", "r.records.jsonl", "r.detections.jsonl",
        "other.sheet.png",
    }  # fmt: skip


def test_a_full_disk_leaves_all_as_it_was_and_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "r.jsonl"
    bundle.write(out, bytes_of(*bundle.ALL))
    before = contents(tmp_path)
    original = os.fsync

    def fsync(descriptor: int) -> None:
        if ".r.json." in os.readlink(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.ENOSPC, "No space left on device")
        original(descriptor)

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    with pytest.raises(Problem) as caught:
        bundle.write(out, bytes_of(".jsonl", ".json", text="y"))
    assert caught.value.asked == f"writing {tmp_path / 'r.json'}"
    assert caught.value.got == "No space left on device"
    assert contents(tmp_path) == before


def process_that_is_gone() -> int:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_what_killed_runs_left_is_swept_and_what_others_write_is_not(tmp_path: Path) -> None:
    gone, alive = process_that_is_gone(), os.getppid()
    left = [
        f".r.jsonl.{gone}-0123abcd.tmp",
        f"..r.json.{gone}-0123abcd.tmp.{gone}-89abcdef.tmp",
        f".r.sheet.png.{os.getpid()}-0123abcd.tmp",  # of an earlier process of this number
        ".r.jsonl.lock",
    ]
    kept = [
        f".r.jsonl.{alive}-0123abcd.tmp",
        f".r2.jsonl.{gone}-0123abcd.tmp",
        f".r.detections.jsonl.{gone}-0123abcd.tmp",
        f".r.jsonl.{gone}-0123abcd",
        f"a.r.jsonl.{gone}-0123abcd.tmp",
        ".r.jsonl.tmp",
    ]
    for name in (*left, *kept):
        (tmp_path / name).write_text("left")
    bundle.write(tmp_path / "r.jsonl", bytes_of(".jsonl", ".json"))
    assert set(contents(tmp_path)) == {"r.jsonl", "r.json", *kept}


def test_a_second_run_waits_for_the_first(tmp_path: Path) -> None:
    out, done = tmp_path / "r.jsonl", threading.Event()

    def second() -> None:
        bundle.write(out, bytes_of(".jsonl", ".json", text="second"))
        done.set()

    with alone(out):
        thread = threading.Thread(target=second)
        thread.start()
        assert not done.wait(0.3)
        assert not out.exists()
        with alone(tmp_path / "other.jsonl"):  # another name is free
            pass
    assert done.wait(20)
    thread.join()
    assert set(contents(tmp_path)) == {"r.jsonl", "r.json"}


def test_many_runs_at_once_leave_the_files_of_one(tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"

    def run(name: str) -> None:
        for _ in range(5):
            bundle.write(out, bytes_of(*bundle.ALL, text=name))

    threads = [threading.Thread(target=run, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = contents(tmp_path)
    assert set(found) == {f"r{suffix}" for suffix in bundle.ALL}
    assert len({data.split()[0] for data in found.values()}) == 1


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match=r"writing .*file/r\.jsonl; got file exists"):
        bundle.write(tmp_path / "file/r.jsonl", bytes_of(".jsonl", ".json"))


KILLED = """
import os, signal, sys
from harness.cli import main
original = os.replace
def replace(old, new):
    original(old, new)
    if os.path.basename(new) == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
os.replace = replace
main(["geneval", "score", sys.argv[1], "--detector", "scenes", "--out", sys.argv[2],
      "--no-pictures"])
"""


def test_a_run_killed_between_two_files_is_told_by_the_next_and_mended_by_a_new_one(
    scenes: Path, tmp_path: Path, run: Run
) -> None:
    out = tmp_path / "r.jsonl"
    given = ("score", scenes, "--detector", "scenes", "--out", out, "--no-pictures", "--quiet")
    run(*given, "--rule", "threshold=1")
    assert "another run" not in run("score", out)
    killed = [sys.executable, "-c", KILLED, str(scenes), str(out), "r.jsonl"]
    done = subprocess.run(killed, cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.glob(".r*.tmp"))
    said = run("score", out)
    assert "note: r.json is of another run than r.jsonl: the files beside these" in said
    run(*given)
    assert "another run" not in run("score", out)
    assert not list(tmp_path.glob(".r*"))


def test_what_is_not_of_the_summary_is_named(scenes: Path, tmp_path: Path, run: Run) -> None:
    out = tmp_path / "r.jsonl"
    assert bundle.torn(out, SCHEMA) == ()
    run("score", scenes, "--detector", "scenes", "--out", out, "--no-pictures", "--quiet")
    assert bundle.torn(out, SCHEMA) == ()
    records = tmp_path / "r.records.jsonl"
    whole = records.read_bytes()
    records.write_bytes(whole[:-1])
    (note,) = bundle.torn(out, SCHEMA)
    assert note.startswith("r.json is of another run than r.records.jsonl: ")
    records.unlink()
    assert "r.records.jsonl" in bundle.torn(out, SCHEMA)[0]
    records.write_bytes(whole)
    assert bundle.torn(out, "another schema") == ()
    for path in tmp_path.glob("r.*"):  # a bundle may be renamed as a whole
        path.rename(tmp_path / path.name.replace("r.", "best.", 1))
    assert bundle.torn(tmp_path / "best.jsonl", SCHEMA) == ()
    (tmp_path / "best.json").write_text("{")
    assert "it may be torn" in bundle.torn(tmp_path / "best.jsonl", SCHEMA)[0]
