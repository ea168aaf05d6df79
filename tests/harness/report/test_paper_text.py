"""The text of the paper holds no typed number: every one of them comes from a result."""

import re

import pytest

from harness.report.paper import TEXT

PROSE = ("main.typ", "laws.typ", "study.typ", "results.typ", "blocks.typ", "papers.typ")
MATH = re.compile(r"\$(?:\\[\s\S]|[^$\\])*\$")
COMMENT = re.compile(r"(?<!:)//.*")
LENGTH = re.compile(r"\b\d+(\.\d+)?(pt|em|mm|fr|%)")
CITED = re.compile(r"@[\w-]+(\[[^\]]*\])?|<[\w-]+>")


def typed_in_prose(text: str) -> list[str]:
    """Digits in a text file that are typed.

    Allowed are: whole numbers of one digit in formulas (2 sigma, n_1), the keys of citations with
    their theorem numbers, and labels. Everything else comes from a result.
    """
    text = COMMENT.sub("", text)
    found = [digits for one in MATH.findall(text) for digits in re.findall(r"\d[\d.]+", one)]
    return found + re.findall(r"\d[\d.]*", CITED.sub("", MATH.sub("", text)))


def test_no_number_is_typed() -> None:
    assert sorted(path.name for path in TEXT.glob("*.typ")) == sorted(
        [*PROSE, "numbers.typ", "style.typ", "tables.typ"]
    )
    for name in PROSE:
        assert typed_in_prose((TEXT / name).read_text()) == [], name
    for name in ("numbers.typ", "style.typ", "tables.typ"):  # code: no decimal without its unit
        code = LENGTH.sub("", COMMENT.sub("", (TEXT / name).read_text()))
        assert re.findall(r"\d+\.\d+(?!\")", code) == [], name


@pytest.mark.parametrize(
    "planted",
    ["an effect of 3 points", "a loss of 0.41 nats", "$p = 0.03$", "$n = 64$", "5% less"],
)
def test_a_typed_number_is_found(planted: str) -> None:
    text = (TEXT / "results.typ").read_text()
    assert typed_in_prose(text.replace("The metrics need not agree", planted)) != []
