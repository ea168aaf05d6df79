"""Claims are read in the code of an earlier commit, whatever the code at hand says."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.claims.claim import Claim
from harness.problem import Problem
from harness.records.publish import rule_digest
from harness.run.former import former
from harness.studies.scenes_t2i import STUDY

from .repositories import FIRST, OPEN, Repository, commit


def _digests(*claims: Claim) -> dict[str, str]:
    return {claim.id: rule_digest(claim.config()) for claim in claims}


def test_a_commit_says_what_its_own_code_says(repo: Repository) -> None:
    raised = replace(OPEN, confirmatory=True)
    stated = {repo.state(*claims): claims for claims in ((FIRST, OPEN), (raised,), (FIRST,))}
    (repo.path / "harness" / "studies" / "__init__.py").write_text("an edit, not committed")
    for at, claims in stated.items():
        found = former(repo.path, at, STUDY.name)
        assert {name: rule_digest(one) for name, one in found.items()} == _digests(*claims)


def test_a_commit_that_is_absent_or_does_not_answer_is_a_problem(repo: Repository) -> None:
    at = repo.state(FIRST)
    with pytest.raises(Problem, match=r"commit 000000000000; got .*not a "):
        former(repo.path, "0" * 40, STUDY.name)
    with pytest.raises(Problem, match="KeyError: 'fog'"):
        former(repo.path, at, "fog")
    (repo.path / "harness" / "studies" / "__init__.py").write_text("STUDIES = {}[0]")
    with pytest.raises(Problem, match=r"the claims at commit .* KeyError: 0"):
        former(repo.path, commit(repo.path), STUDY.name)


def test_the_code_at_hand_takes_no_part(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = repo.state(FIRST)
    folder = tmp_path / "build" / "before"
    (folder / "harness").mkdir(parents=True)
    (folder / "harness" / "__init__.py").write_text("raise SystemExit(3)")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.chdir(folder)
    assert list(former(repo.path, at, STUDY.name)) == [FIRST.id]
