"""Claims of a published reference decided anew, in a repository of its own."""

import hashlib
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.claims.claim import Claim
from harness.claims.paired import PairedEffect
from harness.cli import main
from harness.problem import Problem
from harness.records import atomic
from harness.records.files import read_jsonl, write_jsonl
from harness.records.publish import Manifest, publish, read_manifest
from harness.records.turn import alone
from harness.run import code, explain, ledger, redecide, reference, verify
from harness.run.anew import Anew
from harness.studies.scenes_t2i import GENEVAL, STUDY

SOURCE = Path(__file__).resolve().parents[3] / "results" / "v1" / "cpu" / STUDY.name
PLACE = Path("results", "v1", "cpu", STUDY.name)
FIRST, GUIDED, STRONG, OPEN = STUDY.claims  # the last is exploratory
BESIDE = Claim(
    id="others-captions-and-guidance",
    statement="Strong guidance raises the score under other captions.",
    source="a test",
    study=STUDY.name,
    rule=PairedEffect(
        (GENEVAL,), {"arm": "shuffled", "guidance": 4.0}, {"arm": "shuffled", "guidance": 2.0}
    ),
    regime="here",
    confirmatory=False,
)  # its variance is large: pooled with the others, it takes the word of GUIDED
PACKAGE = """
import json
from pathlib import Path
class Said:
    def __init__(self, given): self.given = given
    def config(self): return self.given
class Study:
    claims = [Said(one) for one in json.loads((Path(__file__).parent / "claims.json").read_text())]
STUDIES = {"scenes_t2i": Study}
"""


class Known(dict[str, Any]):
    """Studies as the table gives them."""

    def entry(self, name: str) -> str:
        return str(self[name])


def _git(repo: Path, *arguments: str) -> str:
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(repo), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _commit(repo: Path) -> str:
    _git(repo, "add", "-A")
    _git(repo, "commit", "-q", "--allow-empty", "-m", "next")
    return _git(repo, "rev-parse", "HEAD")


class Repository:
    """A repository whose code states some claims, and their published reference."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        self.path, self.patch, self.folder = path, patch, path / PLACE
        _git(path, "init", "-q")
        for package in ("harness/studies", "harness", "theory"):
            (path / package).mkdir(parents=True, exist_ok=True)
            (path / package / "__init__.py").touch()
        (path / "harness" / "studies" / "__init__.py").write_text(PACKAGE)
        (path / ".gitignore").write_text("/build/\n__pycache__/\n")
        shutil.copytree(SOURCE, path / "build" / "cpu" / STUDY.name)

    def state(self, *claims: Claim) -> str:
        """Commit code that states these claims."""
        study = Known({STUDY.name: replace(STUDY, claims=claims)})
        for module in (redecide, reference, verify, ledger, explain):
            self.patch.setattr(module, "STUDIES", study)
        given = json.dumps([claim.config() for claim in claims])
        (self.path / "harness" / "studies" / "claims.json").write_text(given)
        return _commit(self.path)

    def publish(self, *claims: Claim) -> Manifest:
        self.state(*claims)
        lines = reference.read(self.path / "build", "cpu", STUDY.name).claims
        where = ("cpu", self.path / "build", self.path / "results", self.path)
        made = publish(STUDY.name, *where, claims=lines, lock="lock")
        _commit(self.path)
        return made

    def decide(self) -> Anew:
        (found,) = redecide.redecide([STUDY.name], "cpu", self.path / "results", self.path)
        return found

    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "MANIFEST.json").read_text())
        return found

    def changelog(self) -> list[str]:
        return (self.path / "results" / "CHANGELOG.md").read_text().splitlines()[2:]

    def files(self) -> dict[str, str]:
        """Every file of the results and its hash."""
        files = [path for path in (self.path / "results").rglob("*") if path.is_file()]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    return Repository(tmp_path, monkeypatch)


def test_only_the_claims_are_replaced_and_the_changelog_tells_what_moved(repo: Repository) -> None:
    old = repo.publish(*STUDY.claims)
    before, files = repo.manifest(), repo.files()
    stamps = {name: (repo.folder / name).stat() for name in old.sha256}
    commit = repo.state(*STUDY.claims, BESIDE)
    assert len(verify.verify(repo.folder).moved) == 1
    found = repo.decide()
    after = repo.manifest()
    assert {k: v for k, v in after.items() if k != "claims"} == {
        k: v for k, v in before.items() if k != "claims"
    }
    assert set(after["claims"]) - set(before["claims"]) == {BESIDE.id}
    assert {name: files[name] for name in old.sha256} == {
        name: repo.files()[name] for name in old.sha256
    }
    for name, stamp in stamps.items():
        now = (repo.folder / name).stat()
        assert (now.st_ino, now.st_mtime_ns) == (stamp.st_ino, stamp.st_mtime_ns)
    moved = f"words that moved: {GUIDED.id} MECHANISM SEEN → NOT RESOLVED HERE"
    line, published = repo.changelog()
    assert re.fullmatch(
        rf"- \d{{4}}-\d\d-\d\d cpu/{STUDY.name} at {commit[:12]}: claims decided anew on "
        rf"`{old.sha256['records.jsonl'][:16]}`, now `[0-9a-f]{{16}}`: 1 new, 0 changed, 0 gone; "
        rf"intervals alone that moved: {FIRST.id}; {moved}",
        line,
    )
    assert "nothing → " in published
    assert moved in str(found)
    assert f"new {BESIDE.id}: equivalent here" in str(found)


def test_afterwards_all_that_reads_it_finds_the_rules_of_today(repo: Repository) -> None:
    made_at = repo.publish(*STUDY.claims).commit
    other = replace(OPEN, rule=replace(OPEN.rule, quantifier="some"))  # type: ignore[type-var]
    repo.state(FIRST, GUIDED, STRONG, other)
    results = repo.path / "results"

    def marks() -> list[bool]:
        return [entry.changed for entry in ledger.ledger(results, "cpu", ()).others]

    assert marks() == [False, False, False, True]
    repo.decide()
    assert marks() == [False] * 4
    held = verify.verify(repo.folder)
    assert (held.wrong, held.moved, held.verdicts) == ((), (), 4)
    place = explain.find(OPEN.id, "cpu", repo.path / "no build", results)
    assert f"published at {made_at}" in explain.explain(place, results)
    assert made_at != _git(repo.path, "rev-parse", "HEAD")


def test_the_same_rules_change_nothing(repo: Repository) -> None:
    repo.publish(*STUDY.claims)
    claims = repo.manifest()["claims"]
    claims[FIRST.id]["effect"] *= 1 + 1e-12  # as another processor rounds
    (repo.folder / "MANIFEST.json").write_text(json.dumps({**repo.manifest(), "claims": claims}))
    (repo.path / "untracked.py").touch()  # nothing is to be written: no clean commit is asked
    before = repo.files()
    assert str(repo.decide()) == f"cpu/{STUDY.name}: 4 claims are as they were published"
    assert repo.files() == before
    (repo.path / "untracked.py").unlink()
    _git(repo.path, "checkout", "-q", "--", str(PLACE))
    repo.state(*STUDY.claims, BESIDE)
    repo.decide()
    before = repo.files()
    _commit(repo.path)
    assert repo.decide().claims == repo.manifest()["claims"]
    assert repo.files() == before


def test_it_is_refused_without_a_clean_commit_and_without_a_reference(repo: Repository) -> None:
    repo.state(*STUDY.claims)
    with pytest.raises(Problem, match="none"):
        repo.decide()
    repo.publish(*STUDY.claims)
    repo.state(*STUDY.claims, BESIDE)
    before = repo.files()
    (repo.path / "untracked.py").touch()
    with pytest.raises(Problem, match=r"deciding anew from a clean commit.*untracked.py"):
        repo.decide()
    assert repo.files() == before
    (repo.path / "untracked.py").unlink()
    repo.decide()
    repo.state(*STUDY.claims)
    _git(repo.path, "reset", "-q", "--soft", "HEAD~1")
    with pytest.raises(Problem, match="uncommitted changes"):
        repo.decide()
    rows = repo.folder / "records.jsonl"
    rows.write_text(rows.read_text().replace('"value":', '"value":1', 1))
    with pytest.raises(Problem, match="sha256"):
        repo.decide()


def test_no_study_is_written_where_one_is_refused(repo: Repository) -> None:
    repo.publish(*STUDY.claims)
    repo.state(*STUDY.claims, BESIDE)
    before = repo.files()
    for other in ("scenes", "captions"):  # no study, and one without a reference
        with pytest.raises((Problem, KeyError)):
            redecide.redecide([STUDY.name, other], "cpu", repo.path / "results", repo.path)
    assert repo.files() == before


def test_git_knows_whether_a_claim_that_is_gone_was_confirmatory(repo: Repository) -> None:
    repo.publish(*STUDY.claims)
    repo.state(FIRST, GUIDED, STRONG)
    assert repo.decide().gone == [OPEN.id]
    _commit(repo.path)
    repo.state(FIRST, GUIDED)
    before = repo.files()
    with pytest.raises(Problem, match=f"{STRONG.id} was published as confirmatory and is gone"):
        repo.decide()
    assert repo.files() == before
    repo.state(FIRST, GUIDED, STRONG, BESIDE)
    repo.decide()  # at a commit that the manifest does not name, and the changelog does
    for _ in range(2):
        _commit(repo.path)
    repo.state(FIRST, GUIDED, STRONG)
    assert repo.decide().gone == [BESIDE.id]


def test_what_git_cannot_prove_counts_as_confirmatory(repo: Repository) -> None:
    repo.publish(*STUDY.claims)
    claims = repo.manifest()["claims"]
    claims[OPEN.id]["rule"] = "0" * 64
    (repo.folder / "MANIFEST.json").write_text(json.dumps({**repo.manifest(), "claims": claims}))
    repo.state(FIRST, GUIDED, STRONG)
    with pytest.raises(Problem, match=f"{OPEN.id} was published, for all that git can tell, as"):
        repo.decide()


def test_no_claim_gains_a_word_by_another_that_leaves_the_family(repo: Repository) -> None:
    path = repo.path / "build" / "cpu" / STUDY.name / "records.jsonl"
    guided = {"arm": "model", "guidance": 2.0}
    write_jsonl(
        path,
        [
            replace(row, value=row.value + 0.01)
            if row.metric == "geneval" and dict(row.params) == guided and row.value is not None
            else row
            for row in read_jsonl(path)
        ],
    )
    weak = replace(BESIDE, confirmatory=True)
    published = repo.publish(*STUDY.claims, weak)
    assert published.claims[GUIDED.id]["word"] == "not resolved here"
    repo.state(*STUDY.claims, BESIDE)
    with pytest.raises(Problem, match=f"{GUIDED.id} moves, NOT RESOLVED HERE → MECHANISM SEEN"):
        repo.decide()
    repo.state(FIRST, GUIDED, replace(STRONG, confirmatory=False), OPEN, weak)
    repo.decide()  # here no word of another moves
    assert f"exploratory now: {STRONG.id}; no word moved" in repo.changelog()[0]


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
    assert _git(repo.path, "status", "--porcelain") == ""
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
        _git(repo.path, "checkout", "-q", "--", "results")
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    assert process.exitcode == 0
    assert states == sorted(states)
    assert set(states) == {(False, False), (True, False), (True, True)}


def test_a_line_that_came_to_nothing_goes_when_its_rules_have_gone(repo: Repository) -> None:
    repo.publish(*STUDY.claims)
    before = repo.files()
    repo.state(*STUDY.claims, BESIDE)
    repo.decide()
    _git(repo.path, "checkout", "-q", "--", str(PLACE))
    assert len(repo.changelog()) == 2
    repo.state(*STUDY.claims)
    repo.decide()
    assert repo.files() == before


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


def test_the_command_prints_what_moved(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(code, "ROOT", repo.path)
    repo.publish(*STUDY.claims)
    repo.state(*STUDY.claims, BESIDE)
    assert main(["decide", STUDY.name]) == 0
    assert f"{GUIDED.id} MECHANISM SEEN → NOT RESOLVED HERE" in capsys.readouterr().out
    _commit(repo.path)
    repo.state(*STUDY.claims, replace(BESIDE, confirmatory=True))
    assert main(["decide", STUDY.name]) == 2
    told = capsys.readouterr().err
    assert f"{BESIDE.id} was published as exploratory and is confirmatory now" in told
    assert "make it exploratory, or run the study again and publish it" in told
