"""The ledger: every claim at its system, with the word that was published of it and no other."""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.claims.claim import Claim, lines_of
from harness.claims.decide import decide_all
from harness.claims.systems import FILE, System, read
from harness.claims.verdict import EVERY_WORD
from harness.cli import main
from harness.problem import Problem
from harness.records.publish import Manifest, rule_digest, verdict_line
from harness.run import ledger as module
from harness.run.ledger import END, START, Ledger, chosen, detail, ledger, markdown, overview, put
from harness.studies import STUDIES

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "results"
OF_NONE = {"metric_sensitivity", "metric_sensitivity_cifar", "scenes_detector", "scenes_t2i"}
"""Studies of metrics, of the detector and of guidance: their claims are of no system."""


def claim(name: str, source: str, study: str = "s", **changed: Any) -> Claim:
    first = STUDIES["scenes_t2i"].claims[0]
    return replace(first, id=name, source=source, study=study, **changed)


def system(name: str, **given: Any) -> System:
    row: dict[str, Any] = {
        "id": name, "name": name.title(), "group": "Core", "authors": "A", "year": 2025,
        "title": "T", "where": "w", "statement": "S.", "kind": ("law",), "check": "C.",
        "place": f"systems.toml:1 ({name})",
    }  # fmt: skip
    return System(**{**row, **given})


CLAIMS = {
    "s": (claim("a", "One (A)"), claim("b", "derived here"), claim("c", "Two (B), like One (A)")),
    "t": (claim("d", "One (A)", "t"), claim("e", "derived here", "t")),
}
SYSTEMS = (
    system("one", sources=("One (",), related=("s",)),
    system("two", sources=("Two (",), unchecked="Large sizes.", group="Theory and samplers"),
    system("three", unchecked="It takes a lot."),
)


@pytest.fixture
def studies(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {name: SimpleNamespace(claims=claims) for name, claims in CLAIMS.items()}
    monkeypatch.setattr(module, "STUDIES", held)


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Path]:
    """Write a manifest of a study at ``cpu`` that holds these claims with these words."""

    def write(study: str, *lines: tuple[Claim, str]) -> Path:
        kept = {
            one.id: {
                "rule": rule_digest(one.config()), "word": word,
                "effect": -0.5, "low": -1.0, "high": None, "unit": "nats",
            }
            for one, word in lines
        }  # fmt: skip
        folder = tmp_path / "v1" / "cpu" / study
        folder.mkdir(parents=True)
        manifest = Manifest(study, "cpu", "1.0.0", "c", {}, 1, None, "l", [], None, kept)
        (folder / "MANIFEST.json").write_text(json.dumps(asdict(manifest)))
        return tmp_path

    return write


def words(held: Ledger) -> dict[str, dict[str, str]]:
    """The word of each claim, by system; those of none under an empty name."""
    found = {
        one.system.id: {each.claim.id: each.word for each in one.entries} for one in held.systems
    }
    return {**found, "": {each.claim.id: each.word for each in held.others}}


@pytest.mark.usefixtures("studies")
def test_a_claim_is_of_the_system_of_its_source_else_of_its_study_else_of_none(
    publish: Callable[..., Path],
) -> None:
    a, b, c = CLAIMS["s"]
    held = ledger(publish("s", (a, "supported"), (b, "void"), (c, "not resolved")), "cpu", SYSTEMS)
    assert words(held) == {
        "one": {"a": "supported", "b": "void", "d": "not published"},
        "two": {"c": "not resolved"},
        "three": {},
        "": {"e": "not published"},
    }
    own = {each.claim.id: each.own for one in held.systems for each in one.entries}
    assert own == {"a": True, "b": False, "c": True, "d": True}


@pytest.mark.usefixtures("studies")
def test_a_word_is_that_of_the_claim_in_its_own_study(publish: Callable[..., Path]) -> None:
    """A claim of another study with the same id, and one that is no claim any more, say nothing."""
    stranger = claim("zz", "One (A)", "t")
    results = publish("t", (replace(CLAIMS["s"][0], study="t"), "void"), (stranger, "void"))
    found = words(ledger(results, "cpu", SYSTEMS))
    assert set(found["one"].values()) == {"not published"}
    assert "zz" not in json.dumps(found)


@pytest.mark.usefixtures("studies")
@pytest.mark.parametrize(
    ("before", "changed"),
    [
        ({}, False),
        ({"statement": "Other words."}, False),
        ({"source": "One (A), section 2"}, False),
        ({"confirmatory": False}, True),
        ({"regime": "paper"}, True),
        ({"rule": STUDIES["scenes_t2i"].claims[1].rule}, True),
    ],
    ids=str,
)
def test_a_claim_whose_rule_changed_since_is_marked_and_keeps_its_word(
    publish: Callable[..., Path], before: dict[str, Any], changed: bool
) -> None:
    a = CLAIMS["s"][0]
    assert a.confirmatory
    assert a.regime == "here"
    held = ledger(publish("s", (replace(a, **before), "supported")), "cpu", SYSTEMS)
    (entry, *_) = held.systems[0].entries
    assert (entry.word, entry.changed) == ("supported", changed)
    assert ("(rule changed since)" in str(entry)) == changed
    assert ("rule changed since: 1" in overview(held)) == changed
    assert ("Of 1 claim, the rule has changed since." in _flat(markdown(held))) == changed


def test_the_digest_of_a_claim_is_that_of_its_published_line() -> None:
    claims = STUDIES["restart_laws"].claims
    for one, line in zip(claims, lines_of(claims, decide_all(claims, []))):
        again = json.loads(json.dumps(line))  # as a publication has it
        assert verdict_line(again)["rule"] == rule_digest(one.config())


@pytest.mark.usefixtures("studies")
def test_an_entry_is_told_with_its_effect_and_interval(publish: Callable[..., Path]) -> None:
    a, b, _ = CLAIMS["s"]
    held = ledger(publish("s", (a, "supported"), (b, "void")), "cpu", SYSTEMS)
    assert [str(each) for each in held.systems[0].entries] == [
        "a: supported -0.5 nats",
        "~ b: void -0.5 nats",
        "d: not published",
    ]
    line = {**held.systems[0].entries[0].line, "high": 0.25}  # type: ignore[dict-item]
    assert str(replace(held.systems[0].entries[0], line=line)) == (
        "a: supported -0.5 [-1, 0.25] nats"
    )


@pytest.mark.usefixtures("studies")
@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"sources": ("Three (",)}, r"begins with 'Three \('.*got none"),
        ({"sources": ("ne (",)}, r"begins with 'ne \('"),  # in the middle of a source
        ({"related": ("u",)}, "no study 'u'.*the studies are s, t"),
        ({"unchecked": ""}, "none, and no reason"),
    ],
    ids=str,
)
def test_a_row_that_fits_no_claims_is_refused_by_its_place(
    publish: Callable[..., Path], row: dict[str, Any], named: str
) -> None:
    results = publish("s", (CLAIMS["s"][0], "void"))
    third = replace(SYSTEMS[2], **row)
    with pytest.raises(Problem, match=named) as caught:
        ledger(results, "cpu", (*SYSTEMS[:2], third))
    assert "systems.toml:1 (three)" in str(caught.value)


def test_a_scale_without_a_publication_is_answered_with_those_that_have_one(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no scale"):
        ledger(tmp_path, "cpu")
    with pytest.raises(Problem, match=r"cpu, gpu"):
        ledger(RESULTS, "published")


@pytest.mark.usefixtures("studies")
def test_filters_keep_what_was_asked_for(publish: Callable[..., Path]) -> None:
    a, b, c = CLAIMS["s"]
    e = CLAIMS["t"][1]
    publish("t", (e, "void"))
    held = ledger(publish("s", (a, "void"), (b, "supported"), (c, "void")), "cpu", SYSTEMS)
    assert words(chosen(held, "three, one")) == {
        "one": {"a": "void", "b": "supported", "d": "not published"}, "three": {}, "": {},
    }  # fmt: skip
    assert words(chosen(held, None, "void")) == {
        "one": {"a": "void"}, "two": {"c": "void"}, "": {"e": "void"},
    }  # fmt: skip
    assert words(chosen(held, "one", "not published")) == {"one": {"d": "not published"}, "": {}}
    assert words(chosen(held, None, "equivalent")) == {"": {}}
    assert "no claim with that verdict is published at cpu" in detail(
        chosen(held, None, "equivalent")
    )
    with pytest.raises(Problem, match=r"'tow'.*did you mean 'two'.*are one, two, three"):
        chosen(held, "one,tow")
    with pytest.raises(Problem, match=r"'suported'.*did you mean 'supported'.*not published"):
        chosen(held, None, "suported")


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
    flat = _flat(text)
    assert (
        "3 systems: 1 with verdicts published at cpu, 1 whose claims wait for that, 1 not" in flat
    )
    assert "4 claims: 1 void, 3 not published. Of no system" in flat
    assert "guidance): 1 claim more, 1 not published." in flat


def _flat(text: str) -> str:
    return " ".join(text.split())


def table(text: str) -> tuple[list[str], dict[str, dict[str, int]]]:
    """A table of Markdown: its columns, and the numbers of each line by column."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    header, _, *body = rows
    return header[1:], {
        name: {column: int(cell or 0) for column, cell in zip(header[1:], cells)}
        for name, *cells in body
    }


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
    flat = _flat(text)
    assert "3 of the 4 are what a paper states" in flat
    assert "guidance): 1 claim more, 1 not published." in flat
    assert "wait" not in flat


@pytest.mark.usefixtures("studies")
def test_the_table_says_how_many_systems_wait_to_be_published(publish: Callable[..., Path]) -> None:
    text = markdown(ledger(publish("t", (CLAIMS["t"][1], "void")), "cpu", SYSTEMS))
    assert table(text)[1]["**all**"]["not yet checked"] == 3
    assert "Of the systems not yet checked, 2 have claims that wait to be" in _flat(text)


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


# What is published


@pytest.fixture(scope="module")
def held() -> Ledger:
    return ledger(RESULTS, "cpu")


def test_every_study_is_of_a_system_or_named_as_of_none(held: Ledger) -> None:
    """A new study stands under ``related`` of its system in systems.toml, or in OF_NONE here."""
    related = {name for one in held.systems for name in one.system.related}
    claimed = {name for name in STUDIES if STUDIES[name].claims}
    assert related | OF_NONE == claimed
    assert {each.claim.study for each in held.others} == OF_NONE


def test_every_claim_is_counted_once(held: Ledger) -> None:
    found = [each.claim.id for one in held.systems for each in one.entries]
    found += [each.claim.id for each in held.others]
    assert sorted(found) == sorted(each.id for name in STUDIES for each in STUDIES[name].claims)


def test_a_claim_is_of_one_system_whichever_way_it_is_looked_for(held: Ledger) -> None:
    """Counted again from the file of systems, the claims and the manifests as they lie there."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["system"]
    for row, one in zip(rows, held.systems, strict=True):
        every = [each for name in STUDIES for each in STUDIES[name].claims]
        starts = tuple(row.get("sources", ["\0"]))
        own = {each.id for each in every if each.source.startswith(starts)}
        foreign = tuple(s for other in rows for s in other.get("sources", []))
        near = {
            each.id
            for each in every
            if each.study in row.get("related", []) and not each.source.startswith(foreign)
        }
        assert {each.claim.id for each in one.entries} == own | near
        assert {each.claim.id for each in one.entries if each.own} == own


def brute(group: str | None) -> tuple[int, int, Counter[str]]:
    """Systems, those without a verdict, and the words of a group, from the files alone."""
    word = {}
    for path in (RESULTS / "v1" / "cpu").glob("*/MANIFEST.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        word.update({(path.parent.name, key): v["word"] for key, v in manifest["claims"].items()})
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["system"]
    of: dict[str, list[str]] = {row["id"]: [] for row in rows}
    for name in STUDIES:
        for each in STUDIES[name].claims:
            home = [r for r in rows if any(map(each.source.startswith, r.get("sources", [])))]
            home = home or [r for r in rows if name in r.get("related", [])]
            for row in home:
                of[row["id"]].append(word.get((name, each.id), "not published"))
    members = [row["id"] for row in rows if group in (None, row["group"])]
    none = sum(set(of[name]) <= {"not published"} for name in members)
    return len(members), none, Counter(text for name in members for text in of[name])


def test_the_numbers_of_the_readme_are_those_of_the_manifests_counted_another_way() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, lines = table(text.split(START)[1].split(END)[0])
    assert len(lines) == 7
    for name, line in lines.items():
        systems, none, counts = brute(None if name == "**all**" else name)
        assert (line.pop("systems"), line.pop("not yet checked")) == (systems, none), MEND
        assert line.pop("claims") == sum(counts.values()), MEND
        assert +Counter(line) == counts, MEND


MEND = "README.md is out of date; this mends it: .venv/bin/patina ledger --into README.md"


def test_the_readme_is_up_to_date(held: Ledger) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.split(START)[1].split(END)[0] == f"\n{markdown(held)}\n", MEND


def test_every_published_word_is_a_word(held: Ledger) -> None:
    found = {each.word for one in held.systems for each in one.entries}
    assert found <= {*EVERY_WORD, "not published"}


Told = Callable[..., str]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """What the command says with some options: on standard error where it is to fail."""

    def run(*options: str, status: int = 0) -> str:
        assert main(["ledger", "--results", str(RESULTS), *options]) == status
        out, err = capsys.readouterr()
        return err if status else out

    return run


def test_the_command_prints_every_system_some_and_their_table(told: Told) -> None:
    text = told()
    for one in read():
        assert len(re.findall(rf"^  {re.escape(one.id)} ", text, re.MULTILINE)) == 1
    none = [one for one in read() if not (one.sources or one.related)]
    assert len(re.findall(r"^  \S+ +not checked: ", text, re.MULTILINE)) == len(none)
    some = told("--system", "restart,mar")
    assert re.findall(r"^(\S+): ", some, re.MULTILINE) == ["mar", "restart"]
    assert all(f" {each.id}: " in some for each in STUDIES["restart_laws"].claims)
    void = told("--verdict", "void").split("patina explain")[0]
    listed = re.findall(r"^    (?:~ )?[a-z0-9.-]+: (.*)$", void, re.MULTILINE)
    assert listed
    assert all(line.startswith("void") for line in listed)
    assert table(told("--markdown"))[1]["**all**"]["systems"] == 52


def test_the_command_writes_its_table_into_a_file(told: Told, tmp_path: Path) -> None:
    path = tmp_path / "R.md"
    path.write_text(f"{START}\n{END}\n")
    assert told("--into", str(path)) == f"{path}: written\n"
    assert path.read_text() == f"{START}\n{told('--markdown')}{END}\n"
    assert told("--into", str(path)) == f"{path}: is up to date\n"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--system", "restat"], "did you mean 'restart'"),
        (["--verdict", "suported"], "did you mean 'supported'"),
        (["--scale", "published"], "cpu, gpu"),
        (["--markdown", "--system", "mar"], "leave out --system"),
        (["--into", "none.md", "--verdict", "void"], "leave out --system"),
        (["--into", "none.md"], "No such file"),
    ],
    ids=" ".join,
)
def test_the_command_answers_what_it_cannot_do_with_what_it_can(
    told: Told, options: list[str], named: str
) -> None:
    assert named in told(*options, status=2)


def test_reading_the_ledger_loads_neither_torch_nor_pandas() -> None:
    code = (
        "import sys; from pathlib import Path; from harness.run.ledger import ledger, markdown\n"
        "markdown(ledger(Path('results'), 'cpu'))\n"
        "sys.exit(bool({'torch', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
