"""The text of the paper holds no typed number: every one of them comes from a result."""

import re

import pytest

from harness.report.paper import TEXT

PAPER = ("main", "method", "theory", "trained", "tokens", "practice", "outcome")
SUPPLEMENT = ("supplement", "laws", "study", "results", "blocks", "papers")
PROSE = tuple(f"{name}.typ" for name in (*PAPER, *SUPPLEMENT))
CODE = ("numbers.typ", "style.typ", "tables.typ", "findings.typ")
MATH = re.compile(r"\$(?:\\[\s\S]|[^$\\])*\$")
COMMENT = re.compile(r"(?<!:)//.*")
LENGTH = re.compile(r"\b\d+(\.\d+)?(pt|em|mm|fr|%)")
KEY = re.compile(r'"[a-z]+([-_][a-z0-9]+)+"')  # of a claim or a study
CITED = re.compile(r"@[\w-]+(\[[^\]]*\])?|<[\w-]+>")


def typed_in_prose(text: str) -> list[str]:
    """Digits in a text file that are typed.

    Allowed are: whole numbers of one digit in formulas (2 sigma, n_1), the keys of citations with
    their theorem numbers, labels, and the names of claims and studies. Everything else comes from a
    result.
    """
    text = KEY.sub("", COMMENT.sub("", text))
    found = [digits for one in MATH.findall(text) for digits in re.findall(r"\d[\d.]+", one)]
    return found + re.findall(r"\d[\d.]*", CITED.sub("", MATH.sub("", text)))


def test_no_number_is_typed() -> None:
    assert sorted(path.name for path in TEXT.glob("*.typ")) == sorted([*PROSE, *CODE])
    for name in PROSE:
        assert typed_in_prose((TEXT / name).read_text()) == [], name
    for name in CODE:  # code: no decimal without its unit
        code = LENGTH.sub("", COMMENT.sub("", (TEXT / name).read_text()))
        assert re.findall(r"\d+\.\d+(?!\")", code) == [], name


@pytest.mark.parametrize(
    "planted",
    ["an effect of 3 points", "a loss of 0.41 nats", "$p = 0.03$", "$n = 64$", "5% less"],
)
def test_a_typed_number_is_found(planted: str) -> None:
    for name, words in (("results", "The metrics need not agree"), ("main", "a waste")):
        text = (TEXT / f"{name}.typ").read_text()
        assert typed_in_prose(text.replace(words, planted)) != []


SWALLOWED = re.compile(r"#[\w.-]+\((?:[^()]|\([^()]*\))*\)(?:\[[^\]]*\])?;")


@pytest.mark.parametrize("name", PROSE)
def test_no_semicolon_is_swallowed(name: str) -> None:
    """A semicolon after an expression ends it and is not printed; in a sentence it is escaped."""
    assert SWALLOWED.findall((TEXT / name).read_text()) == []


def test_a_swallowed_semicolon_is_found() -> None:
    assert SWALLOWED.search("of them #tally(some(claims)); where one fails")
    assert not SWALLOWED.search("of them #tally(some(claims))\\; where one fails")


def test_the_sections_that_the_paper_names_are_in_the_supplement() -> None:
    files = [(TEXT / f"{name}.typ").read_text() for name in SUPPLEMENT]
    heads = {head for text in files for head in re.findall(r"^ *==? (.+?)(?: <.*>)?$", text, re.M)}
    named = [
        name
        for part in PAPER
        for name in re.findall(r"#supplement\[(.+?)\]", (TEXT / f"{part}.typ").read_text())
    ]
    assert len(named) > 4
    assert set(named) <= heads
