"""Deciding anew, refused by the disk, killed, or not alone: nothing is lost, nothing told twice."""

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from harness.problem import Problem
from harness.records import atomic
from harness.records.publish import read_manifest
from harness.records.turn import alone
from harness.run import redecide, verify
from harness.studies.scenes_t2i import STUDY

from .repositories import BESIDE, Repository, git


@pytest.mark.parametrize("refused", [1, 2])
def test_a_disk_that_fills_up_leaves_the_reference(repo: Repository, refused: int) -> None:
    repo.publish(*STUDY.claims)
    repo.state(*STUDY.claims, BESIDE)
    before = repo.files()
    calls, real = [], atomic.os.replace

    def fill(*paths: str) -> None:
        calls.append(paths)
        if len(calls) == refused:
            raise OSError(28, "No space left on device")
        real(*paths)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic.os, "replace", fill)
        with pytest.raises(Problem, match="No space left"):
            repo.decide()
    assert repo.files() == before
    assert git(repo.path, "status", "--porcelain") == ""
    repo.decide()
    assert verify.verify(repo.folder).wrong == ()


CALLS = ("open", "fsync", "replace", "close")


def _killed(repo: Repository, call: int) -> None:
    """Decide, and be killed outright before a certain one of the calls that touch the disk."""
    left, clean = [call], redecide.clean_commit

    def dying(real: Any) -> Any:
        def touch(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)

        return touch

    def armed(*given: Any) -> Any:
        found = clean(*given)  # git is left to end
        for name in CALLS:
            setattr(os, name, dying(getattr(os, name)))
        return found

    redecide.clean_commit = armed  # type: ignore[assignment]
    repo.decide()


def test_whatever_is_killed_is_seen_and_completed_by_the_same_command(repo: Repository) -> None:
    old = repo.publish(*STUDY.claims)
    repo.state(*STUDY.claims, BESIDE)
    context = multiprocessing.get_context("fork")
    states = []
    for call in range(1, 60):
        process = context.Process(target=_killed, args=(repo, call))
        process.start()
        process.join()
        manifest = read_manifest(repo.folder)
        told, new = len(repo.changelog()) == 2, len(manifest.claims) == 5
        assert (manifest.claims == old.claims) != new
        states.append((told, new))
        wrong = [text for text in verify.verify(repo.folder).wrong if "is no part of" not in text]
        again = f"patina decide {STUDY.name} --scale cpu"
        assert [again in text for text in wrong] == ([True] if told and not new else [])
        repo.decide()
        assert verify.verify(repo.folder).wrong == ()
        assert ["decided anew" in line for line in repo.changelog()] == [True, False]
        assert len(repo.manifest()["claims"]) == 5
        assert sorted(repo.files()) == sorted(["CHANGELOG.md", "MANIFEST.json", *old.sha256])
        git(repo.path, "checkout", "-q", "--", "results")
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    assert process.exitcode == 0
    assert states == sorted(states)
    assert set(states) == {(False, False), (True, False), (True, True)}


def test_two_at_once_write_one_line(repo: Repository) -> None:
    repo.publish(*STUDY.claims)
    repo.state(*STUDY.claims, BESIDE)
    before = repo.files()
    with ThreadPoolExecutor(2) as pool:
        with alone(repo.path / "results"):
            both = [pool.submit(repo.decide) for _ in range(2)]
            assert not wait(both, timeout=0.5).done
            assert repo.files() == before
        found = sorted(len(one.result().new) for one in both)
    assert found == [0, 1]
    assert len(repo.changelog()) == 2
