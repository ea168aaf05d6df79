"""A sheet as CSV, Markdown and LaTeX: the same content, whatever the texts contain."""

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report.sheet import Part, Sheet, csv_text, latex, markdown, tex

HOSTILE = r'50% of $x_1$ & {y}~^ \input{/etc/passwd} #1 <b>|"'


def sheet(text: str, value: float = 0.1) -> Sheet:
    row = {"name": text, "value": value, "missing": None, "ok": True}
    part = Part("means", f"of {text}", ("name", "value"), 1, ((text, "0.1"),), (row,), (text,))
    return Sheet("study", "Title", (part,))


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00")), st.floats(-1e9, 1e9))
def test_the_csv_reads_back_as_it_was(text: str, value: float) -> None:
    (row,) = read(csv_text(sheet(text, value)))
    assert row == {"name": text, "value": repr(value), "missing": "", "ok": "true"}
    assert float(row["value"]) == value


def test_parts_share_one_csv_with_their_name() -> None:
    one = sheet("a").parts[0]
    two = Part("effects", "", ("x",), 1, (), ({"effect": 2, "value": 3.0},))
    rows = read(csv_text(Sheet("study", "Title", (one, two))))
    assert [row["part"] for row in rows] == ["means", "effects"]
    assert (rows[0]["effect"], rows[1]["effect"], rows[1]["name"]) == ("", "2", "")
    assert [float(row["value"]) for row in rows] == [0.1, 3.0]


def test_latex_leaves_no_character_that_it_would_obey() -> None:
    found = tex(HOSTILE)
    assert found == (
        r"50\% of \$x\_1\$ \& \{y\}\textasciitilde{}\textasciicircum{} "
        r"\textbackslash{}input\{/etc/passwd\} \#1 "
        r"\textless{}b\textgreater{}\textbar{}\char34{}"
    )
    assert tex("[x]") == "{[}x]"
    assert tex("1.2×10⁻³ ± σ−1") == (
        r"1.2$\times$10\textsuperscript{$-$}\textsuperscript{3} $\pm$ $\sigma$$-$1"
    )
    assert tex("two\n\nparagraphs") == "two paragraphs"


def test_latex_is_one_booktabs_table_a_part_with_aligned_rows() -> None:
    text = latex(sheet(HOSTILE))
    for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\begin{table}", r"\end{table}"):
        assert text.count(rule) == 1
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [1, 1]
    assert text.isascii()


def test_a_long_head_stands_on_two_lines_in_latex() -> None:
    part = Part("p", "", ("arm", "held-out loss (nats)\u00a0↓"), 1, (("a", "1"),), ())
    text = latex(Sheet("s", "t", (part,)))
    assert r"arm & \shortstack[r]{held-out loss\\(nats) $\downarrow$} \\" in text


@pytest.mark.parametrize(
    ("firsts", "breaks"),
    [("aab", (False, False, True)), ("abc", (False, False, False)), ("aa", (False, False))],
)
def test_groups_break_where_the_first_label_changes(firsts: str, breaks: tuple[bool, ...]) -> None:
    body = tuple((first, str(i), "1") for i, first in enumerate(firsts))
    assert Part("p", "", ("x", "y", "z"), 2, body, ()).breaks == breaks


def test_markdown_rows_have_as_many_cells_as_the_head() -> None:
    lines = [line for line in markdown(sheet(HOSTILE)).splitlines() if line.startswith("|")]
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in lines] == [3, 3, 3]
    assert r"\<b\>" in lines[2]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="asked for 2 columns in means; got 1"):
        Part("means", "", ("a", "b"), 1, (("x",),), ())
