"""The ledger: every claim at its system, with the word that was published of it and no other."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.claims.claim import lines_of
from harness.claims.decide import decide_all
from harness.problem import Problem
from harness.records.publish import rule_digest, verdict_line
from harness.run.code import ROOT
from harness.run.ledger import Ledger, chosen, ledger
from harness.run.ledger_text import detail, markdown, overview
from harness.studies import STUDIES

from .ledgers import CLAIMS, SYSTEMS, claim, flat


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
    assert ("Of 1 claim, the rule has changed since." in flat(markdown(held))) == changed


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
        ledger(ROOT / "results", "published")


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
