"""The ledger of claims: each system with its claims and their published verdicts.

The words, effects and intervals are those that the manifests of ``results/v1/<scale>/`` hold:
nothing is decided anew (``patina verify`` does that), so that reading them costs a second. A claim
belongs to the system with whose ``sources`` its own source begins (``harness.claims.systems``); a
claim of a related study that belongs to no other system is about it and is counted with it. What
is left is of no system: what a metric sees, whether the detector is right.

A claim whose rule has changed since it was published keeps its published word, and a mark.
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.claims.claim import Claim
from harness.claims.systems import System, read
from harness.claims.verdict import EVERY_WORD
from harness.problem import Problem
from harness.records.publish import read_manifest, rule_digest
from harness.run.verdicts import interval
from harness.run.verify import references
from harness.studies import STUDIES

OF_OTHERS = "~"
UNPUBLISHED = "not published"
CHANGED = "rule changed since"


@final
@dataclass(frozen=True)
class Entry:
    """A claim and what was published of it: the line of the manifest, or null.

    changed: whether its rule is another now. own: whether its source is a system's own paper.
    """

    claim: Claim
    line: Mapping[str, Any] | None = None
    changed: bool = False
    own: bool = True

    @property
    def word(self) -> str:
        """The published word, or ``not published``."""
        return UNPUBLISHED if self.line is None else str(self.line["word"])

    def __str__(self) -> str:
        parts = ["" if self.own else OF_OTHERS, f"{self.claim.id}:", self.word]
        parts += [interval(dict(self.line))] if self.line is not None else []
        text = " ".join(part for part in parts if part)
        return f"{text} ({CHANGED})" if self.changed else text


@final
@dataclass(frozen=True)
class Held:
    """A system with the claims that are about it, in the order of their studies."""

    system: System
    entries: tuple[Entry, ...]

    @property
    def decided(self) -> bool:
        """Whether any of its claims has a published verdict."""
        return any(entry.line is not None for entry in self.entries)

    @property
    def words(self) -> Counter[str]:
        """How many claims have each word."""
        return Counter(entry.word for entry in self.entries)


@final
@dataclass(frozen=True)
class Ledger:
    """What was published at a scale: the systems, and the claims that are of none."""

    scale: str
    systems: tuple[Held, ...]
    others: tuple[Entry, ...]


def ledger(results: Path, scale: str, systems: Sequence[System] | None = None) -> Ledger:
    """The ledger of a scale; ``systems``: all by default.

    Errors: a :class:`Problem` where nothing is published at the scale, and for a system that is
    not in order (:func:`owners`).
    """
    systems = read() if systems is None else systems
    lines = {
        (folder.name, name): line
        for folder in references(results, scale)
        for name, line in read_manifest(folder).claims.items()
    }
    claims = [claim for name in STUDIES for claim in STUDIES[name].claims]
    owner = owners(claims, systems)
    own = tuple(source for one in systems for source in one.sources)
    entries = [_entry(claim, lines.get((claim.study, claim.id)), own) for claim in claims]
    return Ledger(
        scale,
        tuple(
            Held(one, tuple(each for each in entries if owner.get(each.claim.id) == one.id))
            for one in systems
        ),
        tuple(each for each in entries if each.claim.id not in owner),
    )


def _entry(claim: Claim, line: Mapping[str, Any] | None, sources: tuple[str, ...]) -> Entry:
    changed = line is not None and line["rule"] != rule_digest(claim.config())
    return Entry(claim, line, changed, claim.source.startswith(sources))


def owners(claims: Iterable[Claim], systems: Sequence[System]) -> dict[str, str]:
    """The system of each claim that has one, by their ids.

    Errors: a :class:`Problem` that names the row for a source with which no claim begins, a related
    study that is none, and a system that has neither claims nor a word on why.
    """
    found: dict[str, str] = {}
    used: set[str] = set()
    for system in systems:
        for name in system.related:
            if name not in STUDIES:
                close = difflib.get_close_matches(name, STUDIES, n=1)
                hint = f"did you mean {close[0]!r}? " if close else ""
                fix = f"{hint}the studies are {', '.join(STUDIES)}"
                raise Problem(f"related at {system.place}", f"no study {name!r}", fix)
    about = {name: system.id for system in systems for name in system.related}
    sources = [(source, system) for system in systems for source in system.sources]
    for claim in claims:
        own = [(s, system.id) for s, system in sources if claim.source.startswith(s)]
        if own:
            used.add(own[0][0])
            found[claim.id] = own[0][1]
        elif claim.study in about:
            found[claim.id] = about[claim.study]
    for source, system in sources:
        if source not in used:
            raise Problem(
                f"a claim whose source begins with {source!r}, for {system.place}",
                "none",
                "write it as the claims of harness/studies do, or leave it out",
            )
    for system in systems:
        if not system.unchecked and system.id not in found.values():
            fix = "say under `unchecked` what a check would take, or name its sources"
            raise Problem(f"the claims of the system at {system.place}", "none, and no reason", fix)
    return found


def chosen(held: Ledger, system: str | None = None, word: str | None = None) -> Ledger:
    """The ledger of some systems, names with commas, and of the claims with some word.

    With a word, systems without such a claim are left out; so are the claims of no system, unless
    every system was asked for. Raises ``Problem`` for an unknown system or word.
    """
    systems, others = held.systems, held.others
    if system is not None:
        systems, others = _named(systems, system), ()
    if word is not None:
        known = (*EVERY_WORD, UNPUBLISHED)
        if word not in known:
            close = difflib.get_close_matches(word, known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise Problem(f"the verdict {word!r}", "no such word", hint + _all("words", known))
        kept = [
            Held(one.system, tuple(each for each in one.entries if each.word == word))
            for one in systems
        ]
        systems = tuple(one for one in kept if one.entries)
        others = tuple(each for each in others if each.word == word)
    return Ledger(held.scale, systems, others)


def _named(systems: tuple[Held, ...], names: str) -> tuple[Held, ...]:
    known = {one.system.id: one for one in systems}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise Problem(f"the system {name!r}", "no such system", hint + _all("systems", known))
    return tuple(known[name] for name in known if name in wanted)


def _all(what: str, names: Iterable[str]) -> str:
    return f"the known {what} are {', '.join(names)}"
