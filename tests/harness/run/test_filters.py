"""``patina claims`` with its filters: of a paper, with a word, from a build and as published."""

import re
import shutil
from pathlib import Path

import pytest

from harness.claims.claim import read_claims
from harness.cli import main
from harness.problem import Problem
from harness.run.verdicts import check_filters, chosen, decide
from harness.studies import STUDIES

ROOT = Path(__file__).parents[3]
STUDY = "scenes_t2i"
LINES = [
    {"id": "a", "source": "Restart Sampling (Xu), section 3", "verdict": {"word": "void"}},
    {"id": "b", "source": "derived here", "verdict": {"word": "void"}},
    {"id": "c", "source": "derived here, after RESTART", "verdict": {"word": "supported"}},
    {"id": "d", "source": "asked here", "verdict": {"word": "equivalent here"}},
]


def ids(text: str) -> list[str]:
    """The claims that a listing has, in its order, with their words."""
    return re.findall(r"^(\S+): [A-Z -]+", text, re.MULTILINE)


def test_each_filter_alone_and_both_together() -> None:
    def found(paper: str | None = None, verdict: str | None = None) -> list[str]:
        return [line["id"] for line in chosen(LINES, paper, verdict)]

    assert found() == ["a", "b", "c", "d"]
    assert found("restart") == ["a", "c"]
    assert found("Xu), s") == ["a"]
    assert found(None, "void") == ["a", "b"]
    assert found("restart", "void") == ["a"]
    assert found(None, "equivalent here") == ["d"]
    assert found(None, "equivalent") == []


def test_a_text_of_no_source_and_a_word_that_is_none_are_answered_with_what_there_is() -> None:
    sources = [str(line["source"]) for line in LINES]
    check_filters(sources, "restart", "mechanism seen")
    check_filters(sources, None, None)
    with pytest.raises(Problem, match=r"has 'Restrat'; got none of 4; there are Restart Sampling"):
        check_filters(sources, "Restrat", None)
    with pytest.raises(Problem, match=r"'not supported'.*known words are supported, contradicted"):
        check_filters(sources, None, "not supported")
    with pytest.raises(Problem, match=r"did you mean 'contradicted'"):
        check_filters(sources, None, "contradict")
    with pytest.raises(Problem, match=r"name other studies"):
        check_filters([], "x", None)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build that has one study, and the folder that it stands in as the current one."""
    folder = tmp_path / "build" / "smoke"
    shutil.copytree(ROOT / "results" / "v1" / "smoke" / STUDY, folder / STUDY)
    decide("smoke", [folder / STUDY / "records.jsonl"], folder / "claims.jsonl")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize("published", [False, True], ids=["build", "from"])
def test_the_command_filters_a_build_and_what_is_published(
    build: Path, published: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["claims", "--scale", "smoke"]
    given += ["--from", str(ROOT / "results" / "v1"), "--studies", STUDY] if published else []
    lines = read_claims(build / "claims.jsonl")

    def told(*more: str, status: int = 0) -> str:
        assert main([*given, *more]) == status
        out, err = capsys.readouterr()
        return err if status else out

    every = [claim.id for claim in STUDIES[STUDY].claims]
    assert ids(told()) == every
    geneval = [c.id for c in STUDIES[STUDY].claims if "GenEval" in c.source]
    assert 0 < len(geneval) < len(every)
    assert ids(told("--paper", "geneval")) == geneval
    word = lines[0]["verdict"]["word"]
    assert ids(told("--verdict", word)) == [
        line["id"] for line in lines if line["verdict"]["word"] == word
    ]
    assert told("--paper", "geneval", "--verdict", "void") == "there is no such claim\n"
    assert "Restart" in told("--paper", "Restart", status=2)
    assert "did you mean 'void'" in told("--verdict", "voidd", status=2)
