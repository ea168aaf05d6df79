"""The ledger on the page: whose a claim is, what was published of it, and the systems."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.claims.claim import read_claims
from harness.claims.systems import read
from harness.records.record import Record
from harness.report.register import filed, published_digest, systems
from harness.report.verdicts import Decided, decided
from harness.run.code import ROOT
from harness.run.ledger import ledger

Build = Callable[..., Path]
RESULTS = ROOT / "results"
PLACE = Path("v1", "smoke", "ambient_laws")


@pytest.fixture
def claims(build: Build, laws: list[Record]) -> list[Decided]:
    return [decided(line) for line in read_claims(build(laws) / "claims.jsonl")]


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A copy of one published study."""
    shutil.copytree(RESULTS / PLACE, tmp_path / "results" / PLACE)
    return tmp_path / "results"


def change(reference: Path, claim: str, **line: str) -> None:
    path = reference / PLACE / "MANIFEST.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["claims"][claim].update(line)
    path.write_text(json.dumps(manifest), "utf-8")


def test_a_claim_has_its_system_and_what_was_published(
    claims: list[Decided], reference: Path
) -> None:
    found = filed(claims, reference, "smoke")
    assert [one.one for one in found] == claims
    assert {one.system for one in found} == {"ambient-omni"}
    assert {one.name for one in found} == {"Ambient Diffusion Omni"}
    assert all(one.published for one in found)
    assert not any(one.changed for one in found)


def test_a_rule_that_changed_since_is_marked(claims: list[Decided], reference: Path) -> None:
    name = claims[0].claim["id"]
    change(reference, name, rule="another", word="void")
    marks = {one.one.claim["id"]: one.mark for one in filed(claims, reference, "smoke")}
    assert marks[name] == "rule changed since it was published (as: void)"
    assert sum("rule changed" in mark for mark in marks.values()) == 1


def test_another_word_by_the_same_rule_is_told(claims: list[Decided], reference: Path) -> None:
    other = "contradicted" if claims[1].verdict["word"] == "supported" else "supported"
    change(reference, claims[1].claim["id"], word=other)
    change(reference, claims[0].claim["id"], word=claims[0].verdict["word"])
    marks = [one.mark for one in filed(claims, reference, "smoke")]
    assert marks[1] == f"published as: {other}"
    assert marks[0] == ""


def test_where_nothing_is_published_nothing_is_told(claims: list[Decided], tmp_path: Path) -> None:
    found = filed(claims, tmp_path, "smoke")
    assert not any(one.published or one.changed or one.mark for one in found)
    told = systems(tmp_path, "smoke", ())
    assert told.scale == ""
    assert len(told.rows) == len(read())
    assert not any(row.state == "published" for row in told.rows)


def test_the_systems_are_those_of_the_ledger() -> None:
    held = ledger(RESULTS, "cpu")
    some = held.systems[0].entries[0].claim.id
    told = systems(RESULTS, "smoke", [some])  # whose numbers mean nothing: cpu's are told
    assert told.scale == "cpu"
    assert [row.system.id for row in told.rows] == [one.system.id for one in held.systems]
    for row, one in zip(told.rows, held.systems):
        assert (row.state == "published") == one.decided
        assert (row.state == "unchecked") == (not one.entries)
        assert [claim.claim for claim in row.claims] == [each.claim.id for each in one.entries]
        assert [claim.word for claim in row.claims] == [each.word for each in one.entries]
        counted = sum(int(part.split()[0]) for part in row.counts.split(", ") if part)
        assert counted == len(one.entries)
    assert [claim.claim for row in told.rows for claim in row.claims if claim.here] == [some]


def test_the_digest_follows_the_manifests(reference: Path, claims: list[Decided]) -> None:
    before = published_digest(reference, "smoke")
    assert before == published_digest(reference, "smoke")
    assert before != published_digest(reference, "gpu")
    change(reference, claims[0].claim["id"], word="void")
    assert published_digest(reference, "smoke") != before
