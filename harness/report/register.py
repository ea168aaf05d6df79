"""The ledger on the page: each claim with what a reader filters it by, and the 52 systems.

Words, effects and hashes of rules as published are those of the manifests in
``results/v1/<scale>/``. A claim whose rule is not the one of the published verdict is marked. The
systems stand as ``patina ledger`` tells them, at the scale of the report where its verdicts are
published, else at ``cpu``; the numbers of the scale ``smoke`` mean nothing, and are never told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.claims.systems import KINDS, System
from harness.claims.systems import read as read_systems
from harness.claims.verdict import EVERY_WORD
from harness.problem import Problem
from harness.records.publish import VERSION, read_manifest, rule_digest
from harness.report.verdicts import Decided
from harness.run.ledger import CHANGED, UNPUBLISHED, Entry, Held, ledger, owners
from harness.run.verdicts import interval
from harness.studies import STUDIES

DEFAULT = "cpu"  # whose verdicts stand in for a scale that has none
STATES = {
    "published": "verdicts published",
    "waiting": "claims wait to be published",
    "unchecked": "not checked yet",
}


@final
@dataclass(frozen=True)
class Filed:
    """A claim of the report with its place in the ledger.

    system, name: whose claim it is, "" where it is of none. published: the word that was published
    at this scale, "" where none was. changed: whether its rule is not the published one's.
    """

    one: Decided
    system: str
    name: str
    published: str
    changed: bool

    @property
    def mark(self) -> str:
        """What a reader must know of the published verdict; "" where it is the one shown."""
        if self.changed:
            return f"{CHANGED} it was published (as: {self.published})"
        word = self.one.verdict["word"]
        return f"published as: {self.published}" if self.published not in ("", word) else ""


@final
@dataclass(frozen=True)
class Told:
    """A claim of a system: its id, the published word with its effect, and whether the report has
    it."""

    claim: str
    word: str
    effect: str
    changed: bool
    here: bool


@final
@dataclass(frozen=True)
class Row:
    """A system, its state (a key of ``STATES``) and its claims."""

    system: System
    state: str
    counts: str
    claims: tuple[Told, ...]

    @property
    def said(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def kinds(self) -> str:
        """How it is checked, in words."""
        return "; ".join(KINDS[kind] for kind in self.system.kind)


@final
@dataclass(frozen=True)
class Systems:
    """Every system, and the scale whose published verdicts are told; "" where none is."""

    scale: str
    rows: tuple[Row, ...]


def filed(claims: Sequence[Decided], results: Path, scale: str) -> list[Filed]:
    """The claims of a report, in its order, each with its place in the ledger."""
    every = {claim.id: claim for name in STUDIES for claim in STUDIES[name].claims}
    systems = {one.id: one.name for one in read_systems()}
    owner = owners(every.values(), read_systems())
    kept: dict[str, Mapping[str, Any]] = {}
    found = []
    for one in claims:
        name, study = str(one.claim["id"]), str(one.claim["study"])
        if study not in kept:
            kept[study] = _published(results / VERSION / scale / study)
        line = kept[study].get(name)
        system = owner.get(name, "")
        found.append(
            Filed(
                one=one,
                system=system,
                name=systems.get(system, ""),
                published="" if line is None else str(line["word"]),
                changed=line is not None and line["rule"] != rule_digest(one.claim),
            )
        )
    return found


def _published(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """The claims that a reference was published with; none where there is no reference."""
    return read_manifest(folder).claims if (folder / "MANIFEST.json").is_file() else {}


def systems(results: Path, scale: str, shown: Iterable[str]) -> Systems:
    """The systems with their published verdicts; shown: the ids of the claims in the report."""
    here = set(shown)
    for told in (scale, DEFAULT):
        if told != "smoke" and any((results / VERSION / told).glob("*/MANIFEST.json")):
            held = ledger(results, told)
            return Systems(told, tuple(_row(one, here) for one in held.systems))
    return Systems("", tuple(_row(one, here) for one in _unpublished()))


def _unpublished() -> list[Held]:
    """The systems with their claims where nothing is published."""
    every = read_systems()
    claims = [claim for name in STUDIES for claim in STUDIES[name].claims]
    owner = owners(claims, every)
    return [
        Held(one, tuple(Entry(claim) for claim in claims if owner.get(claim.id) == one.id))
        for one in every
    ]


def _row(held: Held, here: set[str]) -> Row:
    state = "published" if held.decided else "waiting" if held.entries else "unchecked"
    counted = held.words
    return Row(
        system=held.system,
        state=state,
        counts=", ".join(
            f"{counted[word]} {word}" for word in (*EVERY_WORD, UNPUBLISHED) if counted[word]
        ),
        claims=tuple(
            Told(
                claim=entry.claim.id,
                word=entry.word,
                effect="" if entry.line is None else interval(dict(entry.line)),
                changed=entry.changed,
                here=entry.claim.id in here,
            )
            for entry in held.entries
        ),
    )


def published_digest(results: Path, scale: str) -> str:
    """A digest of what the report tells of published results: it changes with a manifest."""
    import hashlib

    found = hashlib.sha256()
    for told in sorted({scale, DEFAULT}):
        for path in sorted((results / VERSION / told).glob("*/MANIFEST.json")):
            try:
                found.update(str(path.relative_to(results)).encode() + path.read_bytes())
            except OSError as error:
                got = error.strerror or str(error)
                raise Problem(f"the manifest {path}", got, "restore it from git") from error
    return found.hexdigest()[:16]
