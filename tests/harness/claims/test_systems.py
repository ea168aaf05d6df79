"""The table of systems: what stands in it, and that no row of another form is read."""

import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harness.claims.systems import FILE, GROUPS, HEADER, KINDS, read
from harness.problem import Problem

ROW: dict[str, Any] = {
    "id": "one",
    "name": "One",
    "group": "Core",
    "authors": "A et al.",
    "year": 2025,
    "title": "A Title",
    "arxiv": "2501.01234",
    "where": "abstract",
    "quoted": "3 %",
    "statement": "It holds.",
    "kind": ["law", "study"],
    "check": "By a law.",
    "sources": ["One ("],
    "related": ["one_laws"],
    "unchecked": "Large sizes.",
}
LEAST = ("id", "name", "group", "authors", "year", "title", "where", "statement", "kind", "check")


def toml(*rows: dict[str, Any]) -> str:
    """Rows as TOML: texts, integers, booleans and lists of texts are written as JSON has them."""
    return "# head\n\n" + "\n".join(
        "\n".join([HEADER, *(f"{key} = {json.dumps(value)}" for key, value in row.items()), ""])
        for row in rows
    )


def write(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "systems.toml"
    path.write_text(toml(*rows), encoding="utf-8")
    return path


def two(**changed: Any) -> dict[str, Any]:
    """A second row that collides with the first in what is changed alone."""
    apart = {"id": "two", "arxiv": "2501.01235", "sources": ["Two ("], "related": ["two_laws"]}
    return {**ROW, **apart, **changed}


def test_a_row_is_read_with_its_place_and_its_lists_as_tuples(tmp_path: Path) -> None:
    first, second = read(write(tmp_path, ROW, two()))
    assert {key: getattr(first, key) for key in ROW} == {
        key: tuple(value) if isinstance(value, list) else value for key, value in ROW.items()
    }
    assert first.place == "systems.toml:3 (one)"
    assert second.place == f"systems.toml:{3 + len(ROW) + 2} (two)"
    assert first.paper == "A et al. 2025, A Title, arXiv 2501.01234"


def test_what_may_be_left_out_is_empty_and_what_may_not_is_asked_for(tmp_path: Path) -> None:
    (one,) = read(write(tmp_path, {key: ROW[key] for key in LEAST}))
    assert (one.arxiv, one.quoted, one.sources, one.related, one.unchecked) == ("", "", (), (), "")
    assert one.paper == "A et al. 2025, A Title"
    for key in LEAST:
        path = write(tmp_path, {name: ROW[name] for name in LEAST if name != key})
        with pytest.raises(Problem, match=rf"systems.toml:3.*no {key}; give its {key}"):
            read(path)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"source": ["x"]}, r"unknown key 'source'; did you mean 'sources'"),
        ({"place": "x"}, "unknown key 'place'"),
        ({"name": ""}, "name at .* got ''"),
        ({"name": " One"}, "name at"),
        ({"statement": "a\nb"}, "statement at .*one line"),
        ({"quoted": 3}, "quoted at .* got 3"),
        ({"unchecked": ""}, "unchecked at"),
        ({"year": "2025"}, "year at .*'2025'"),
        ({"year": True}, "year at .*True"),
        ({"year": 25}, "year at .*25"),
        ({"kind": []}, r"kind at .*\[\]"),
        ({"kind": "law"}, "kind at .*list of texts"),
        ({"kind": ["law", "law"]}, "kind at .*each once"),
        ({"kind": ["law", "guess"]}, "'guess'; known are law, study, protocol, mechanism"),
        ({"sources": ["One (", ""]}, "sources at"),
        ({"related": [1]}, "related at"),
        ({"group": "core"}, "'core'; known are Core; Theory"),
        ({"arxiv": "2501.123"}, "2501.123.*write it as"),
        ({"arxiv": "arXiv 2501.01234"}, "write it as"),
        ({"id": "One"}, "id at .*'One'"),
        ({"id": "one--two"}, "id at"),
    ],
    ids=str,
)
def test_a_row_of_another_form_is_refused_by_its_line(
    tmp_path: Path, changed: dict[str, Any], named: str
) -> None:
    path = write(tmp_path, two(id="first"), {**ROW, **changed})
    line = 3 + len(ROW) + 2
    with pytest.raises(Problem, match=rf"(?s)systems.toml:{line}.*") as caught:
        read(path)
    assert re.search(named, str(caught.value))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"id": "one"}, "the id 'one'"),
        ({"related": ["two_laws", "one_laws"]}, "the related study 'one_laws'"),
        ({"sources": ["One (Two"]}, r"the source 'One \(Two'"),
        ({"sources": ["One"]}, "the source 'One'"),
        ({"sources": ["One ("]}, r"the source 'One \('"),
        ({"sources": ["Two (", "Two (B"]}, r"the source 'Two \(B'"),
    ],
    ids=str,
)
def test_two_rows_share_no_id_no_study_and_no_claim(
    tmp_path: Path, changed: dict[str, Any], named: str
) -> None:
    with pytest.raises(Problem, match=named) as caught:
        read(write(tmp_path, ROW, two(**changed)))
    assert "systems.toml:" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "got nothing"),
        ("x = 1\n" + toml(ROW), "got system, x"),
        ("[system]\nid = 'one'\n", r"a table \[\[system\]\]"),
        ("[[system]]\nid = \n", "line 2"),
        ("[[ system ]]\nid = 'one'\n", "0 lines"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "systems.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match=named) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"none.toml"):
        read(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Problem, match=r"bytes.toml"):
        read(tmp_path / "bytes.toml")


def test_the_52_systems_stand_under_their_six_headings_in_order() -> None:
    systems = read()
    assert len(systems) == 52
    assert [one.group for one in systems] == sorted(
        (one.group for one in systems), key=GROUPS.index
    )
    counts = Counter(one.group for one in systems)
    assert [counts[group] for group in GROUPS] == [5, 10, 6, 13, 9, 9]
    assert {kind for one in systems for kind in one.kind} == set(KINDS)


def test_every_row_is_written_as_the_others_are() -> None:
    """Sentences end; an arXiv number is one paper's, and no paper is older than its number."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))["system"]
    numbers = [row["arxiv"] for row in raw if "arxiv" in row]
    assert len(set(numbers)) == len(numbers)
    assert len({row["title"] for row in raw}) == len(raw)
    for row in raw:
        for key in ("statement", "check", "unchecked"):
            assert row.get(key, "x.").endswith("."), (row["id"], key)
        if "arxiv" in row:
            assert 0 <= row["year"] - 2000 - int(row["arxiv"][:2]) <= 2, row["id"]
