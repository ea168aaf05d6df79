"""Claims of a published reference decided anew: what is written, what stays, and what is told."""

import json
import re
from dataclasses import replace

import pytest

from harness.cli import main
from harness.problem import Problem
from harness.records.files import read_jsonl, write_jsonl
from harness.run import code, explain, ledger, redecide, verify
from harness.studies.scenes_t2i import STUDY

from .repositories import BESIDE, FIRST, GUIDED, OPEN, OTHER, PLACE, STRONG, Repository, commit, git


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
    assert made_at != git(repo.path, "rev-parse", "HEAD")


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
    git(repo.path, "checkout", "-q", "--", str(PLACE))
    repo.state(*STUDY.claims, BESIDE)
    repo.decide()
    before = repo.files()
    commit(repo.path)
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
    git(repo.path, "reset", "-q", "--soft", "HEAD~1")
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
    for other, told in (("scenes", "no row of that name"), (OTHER, f"{OTHER} at cpu .*none")):
        with pytest.raises(Problem, match=told):
            redecide.redecide([STUDY.name, other], "cpu", repo.path / "results", repo.path)
    assert repo.files() == before


def test_git_knows_whether_a_claim_that_is_gone_was_confirmatory(repo: Repository) -> None:
    repo.publish(*STUDY.claims)
    repo.state(FIRST, GUIDED, STRONG)
    assert repo.decide().gone == [OPEN.id]
    commit(repo.path)
    repo.state(FIRST, GUIDED)
    before = repo.files()
    with pytest.raises(Problem, match=f"{STRONG.id} was published as confirmatory and is gone"):
        repo.decide()
    assert repo.files() == before
    repo.state(FIRST, GUIDED, STRONG, BESIDE)
    repo.decide()  # at a commit that the manifest does not name, and the changelog does
    for _ in range(2):
        commit(repo.path)
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
    assert f"demoted to exploratory: {STRONG.id}; no word moved" in repo.changelog()[0]


def test_a_line_that_came_to_nothing_goes_when_its_rules_have_gone(repo: Repository) -> None:
    repo.publish(*STUDY.claims)
    before = repo.files()
    repo.state(*STUDY.claims, BESIDE)
    repo.decide()
    git(repo.path, "checkout", "-q", "--", str(PLACE))
    assert len(repo.changelog()) == 2
    repo.state(*STUDY.claims)
    repo.decide()
    assert repo.files() == before


def test_the_command_prints_what_moved(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(code, "ROOT", repo.path)
    repo.publish(*STUDY.claims)
    repo.state(*STUDY.claims, BESIDE)
    assert main(["decide", STUDY.name]) == 0
    assert f"{GUIDED.id} MECHANISM SEEN → NOT RESOLVED HERE" in capsys.readouterr().out
    commit(repo.path)
    repo.state(*STUDY.claims, replace(BESIDE, confirmatory=True))
    assert main(["decide", STUDY.name]) == 2
    told = capsys.readouterr().err
    assert f"{BESIDE.id} was published as exploratory and is confirmatory now" in told
    assert "make it exploratory, or run the study again and publish it" in told
