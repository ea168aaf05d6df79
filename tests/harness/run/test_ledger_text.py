"""The ledger as it is told: by systems, by claims, and as a table that a file holds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.problem import Problem
from harness.run.ledger import chosen, ledger
from harness.run.ledger_text import END, START, detail, markdown, overview, put

from .ledgers import CLAIMS, SYSTEMS, flat, table


@pytest.mark.usefixtures("studies")
def test_a_system_is_told_with_its_paper_its_check_its_claims_and_what_is_open(
    publish: Callable[..., Path],
) -> None:
    a, b, c = CLAIMS["s"]
    held = ledger(publish("s", (a, "void"), (b, "supported"), (c, "void")), "cpu", SYSTEMS)
    one, two, three = (detail(chosen(held, name)) for name in ("one", "two", "three"))
    assert one.splitlines()[:-2] == [
        "one: One [Core]",
        "  A 2025, T",
        "  states: S.",
        "  where: w",
        "  check: (law) C.",
        "  3 claims at cpu: 1 supported, 1 void, 1 not published; "
        "derived here or of kindred papers (~): 1",
        "  s",
        "    a: void -0.5 nats",
        "    ~ b: supported -0.5 nats",
        "  t",
        "    d: not published",
    ]
    assert "  left open: Large sizes." in two
    assert "  1 claim at cpu: 1 void" in two
    assert "  not checked: It takes a lot." in three
    assert "claims at" not in three
    assert "patina explain" in one
    assert detail(chosen(held, "one"), claims_alone=True).splitlines()[:-2] == [
        *one.splitlines()[:1],
        *one.splitlines()[6:-2],
    ]


@pytest.mark.usefixtures("studies")
def test_the_overview_tells_systems_apart_that_are_decided_that_wait_and_that_are_not_checked(
    publish: Callable[..., Path],
) -> None:
    text = overview(ledger(publish("s", (CLAIMS["s"][0], "void")), "cpu", SYSTEMS))
    lines = [line.split() for line in text.splitlines()]
    assert ["one", "3", "claims:", "1", "void,", "2", "not", "published"] in lines
    assert ["two", "1", "claim:", "1", "not", "published"] in lines
    assert ["three", "not", "checked:", "It", "takes", "a", "lot."] in lines
    text = flat(text)
    assert (
        "3 systems: 1 with verdicts published at cpu, 1 whose claims wait for that, 1 not" in text
    )
    assert "4 claims: 1 void, 3 not published. Of no system" in text
    assert "guidance): 1 claim more, 1 not published." in text


@pytest.mark.usefixtures("studies")
def test_the_table_has_a_line_for_each_group_that_sums_to_the_last(
    publish: Callable[..., Path],
) -> None:
    a, _, c = CLAIMS["s"]
    text = markdown(ledger(publish("s", (a, "void"), (c, "supported")), "cpu", SYSTEMS))
    columns, lines = table(text)
    assert columns == ["systems", "not yet checked", "claims", "supported", "void", "not published"]
    assert {name: list(line.values()) for name, line in lines.items()} == {
        "Core": [2, 1, 3, 0, 1, 2],
        "Theory and samplers": [1, 0, 1, 1, 0, 0],
        "**all**": [3, 1, 4, 1, 1, 2],
    }
    text = flat(text)
    assert "3 of the 4 are what a paper states" in text
    assert "guidance): 1 claim more, 1 not published." in text
    assert "wait" not in text


@pytest.mark.usefixtures("studies")
def test_the_table_says_how_many_systems_wait_to_be_published(publish: Callable[..., Path]) -> None:
    text = markdown(ledger(publish("t", (CLAIMS["t"][1], "void")), "cpu", SYSTEMS))
    assert table(text)[1]["**all**"]["not yet checked"] == 3
    assert "Of the systems not yet checked, 2 have claims that wait to be" in flat(text)


def test_a_table_is_put_between_its_comments_and_nothing_else_moves(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"# Top\n\n{START}\nold\n{END}\n\nrest {END[:5]}\n")
    assert put("new\n\ntable", path)
    assert path.read_text() == f"# Top\n\n{START}\nnew\n\ntable\n{END}\n\nrest {END[:5]}\n"
    assert not put("new\n\ntable", path)


@pytest.mark.parametrize(
    "text",
    ["none", START, END, f"{END} {START}", f"{START}{START}{END}", f"{START}{END}{END}"],
)
def test_a_file_without_the_two_comments_stays_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "README.md"
    path.write_text(text)
    with pytest.raises(Problem, match="write each once"):
        put("table", path)
    assert path.read_text() == text
    with pytest.raises(Problem, match=r"none.md"):
        put("table", tmp_path / "none.md")
