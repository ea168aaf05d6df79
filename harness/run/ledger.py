"""The ledger of claims: each system with its claims and their published verdicts.

The words, effects and intervals are those that the manifests of ``results/v1/<scale>/`` hold:
nothing is decided anew (``patina verify`` does that), so that reading them costs a second. A claim
belongs to the system with whose ``sources`` its own source begins (``harness.claims.systems``); a
claim of a related study that belongs to no other system is about it and is counted with it. What
is left is of no system: what a metric sees, whether the detector is right.

A claim whose rule has changed since it was published keeps its published word, and a mark.
"""

import difflib
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from harness.claims.claim import Claim
from harness.claims.systems import GROUPS, System, read
from harness.claims.verdict import EVERY_WORD
from harness.problem import Problem
from harness.records.atomic import write_text
from harness.records.publish import read_manifest, rule_digest
from harness.run.verdicts import interval
from harness.run.verify import references
from harness.studies import STUDIES

WIDTH = 100
OF_OTHERS = "~"
UNPUBLISHED = "not published"
CHANGED = "rule changed since"
START, END = "<!-- ledger -->", "<!-- /ledger -->"


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


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


def overview(held: Ledger) -> str:
    """Every system in a line or two, by group, and the totals."""
    parts = []
    for group in GROUPS:
        members = [one for one in held.systems if one.system.group == group]
        if members:
            parts += [group, *(line for one in members for line in _short(one)), ""]
    return "\n".join([*parts, *_totals(held)])


def _short(one: Held) -> list[str]:
    head = f"  {one.system.id:22}"
    if not one.entries:
        text = f"not checked: {one.system.unchecked}"
    else:
        text = f"{_some(len(one.entries))}: {_counts(one.words)}"
        if changed := sum(entry.changed for entry in one.entries):
            text += f"; {CHANGED}: {changed}"
    return _wrapped(text, head, " " * len(head))


def _some(count: int, more: str = "") -> str:
    return f"{count} claim{'' if count == 1 else 's'}{more}"


def _counts(words: Mapping[str, int]) -> str:
    order = (*EVERY_WORD, UNPUBLISHED)
    return ", ".join(f"{words[word]} {word}" for word in order if words.get(word))


def _totals(held: Ledger) -> list[str]:
    decided = sum(one.decided for one in held.systems)
    waiting = sum(bool(one.entries) and not one.decided for one in held.systems)
    none = len(held.systems) - decided - waiting
    entries = [each for one in held.systems for each in one.entries]
    text = f"{len(held.systems)} systems: {decided} with verdicts published at {held.scale}, "
    text += f"{waiting} whose claims wait for that, {none} not checked yet. "
    text += f"{_some(len(entries))}: {_counts(Counter(each.word for each in entries))}. "
    text += _rest(held)
    if changed := sum(each.changed for each in (*entries, *held.others)):
        text += f"Of {_some(changed)}, the rule has changed since."
    return [*_wrapped(text), "", *WAY]


def _rest(held: Ledger) -> str:
    """The claims of no system, in a sentence, or nothing."""
    if not held.others:
        return ""
    counts = _counts(Counter(each.word for each in held.others))
    some = _some(len(held.others), " more")
    return f"Of no system (metrics, detector, guidance): {some}, {counts}. "


WAY = [
    "patina ledger --system ID       one system: its statement, its check and every claim",
    "patina ledger --verdict WORD    every claim with that verdict",
    "patina explain CLAIM            its statement, rule, rows, runs, and how to make it again",
]


def detail(held: Ledger, claims_alone: bool = False) -> str:
    """Systems with each of their claims, then the claims of none, if there are any.

    claims_alone: without the papers and their statements.
    """
    parts = []
    for one in held.systems:
        head = f"{one.system.id}: {one.system.name} [{one.system.group}]"
        told = [] if claims_alone else _long(one, held.scale)
        parts += [head, *told, *_claims(one.entries), ""]
    if held.others:
        parts += ["Of no system", *_claims(held.others), ""]
    if not parts:
        parts = [f"no claim with that verdict is published at {held.scale}", ""]
    return "\n".join([*parts, WAY[-1]])


def _long(one: Held, scale: str) -> list[str]:
    system = one.system
    told = [
        ("", system.paper),
        ("states: ", system.statement),
        ("where: ", system.where + (f". Quoted: {system.quoted}" if system.quoted else "")),
        ("check: ", f"({', '.join(system.kind)}) {system.check}"),
        ("left open: " if one.entries else "not checked: ", system.unchecked),
    ]
    lines: list[str] = []
    for name, text in told:
        if text:
            lines += _wrapped(name + text, "  ", "    ")
    if one.entries:
        text = f"{_some(len(one.entries))} at {scale}: {_counts(one.words)}"
        if others := sum(not entry.own for entry in one.entries):
            text += f"; derived here or of kindred papers ({OF_OTHERS}): {others}"
        lines += _wrapped(text, "  ", "    ")
    return lines


def _claims(entries: Iterable[Entry]) -> list[str]:
    lines: list[str] = []
    study = ""
    for entry in entries:
        if entry.claim.study != study:
            study = entry.claim.study
            lines.append(f"  {study}")
        lines.append(f"    {entry}")
    return lines


def markdown(held: Ledger) -> str:
    """The groups with their systems and words as a table, for the README."""
    rows = [(group, [one for one in held.systems if one.system.group == group]) for group in GROUPS]
    rows = [(group, members) for group, members in rows if members]
    rows.append(("**all**", list(held.systems)))
    total = Counter(word for one in held.systems for word in one.words.elements())
    words = [word for word in (*EVERY_WORD, UNPUBLISHED) if total[word]]
    header = ["", "systems", "not yet checked", "claims", *words]
    lines = [_line(header), _line(["---", *["---:"] * (len(header) - 1)])]
    for group, members in rows:
        counts = Counter(word for one in members for word in one.words.elements())
        waiting = sum(not one.decided for one in members)
        numbers = [len(members), waiting, counts.total(), *(counts[word] for word in words)]
        lines.append(_line([group, *(str(number) if number else "" for number in numbers)]))
    entries = [each for one in held.systems for each in one.entries]
    own = sum(each.own for each in entries)
    notes = (
        f"Counted are claims by the verdict that is published at `{held.scale}`. {own} of the "
        f"{len(entries)} are what a paper states, or a reading or restriction of it; the others "
        "are about it: derived here, or of kindred papers. "
    )
    if waiting := sum(bool(one.entries) and not one.decided for one in held.systems):
        notes += (
            f"Of the systems not yet checked, {waiting} have claims that wait to be published. "
        )
    if changed := sum(each.changed for each in entries):
        notes += f"Of {_some(changed)}, the rule has changed since. "
    notes += _rest(held)
    return "\n".join([*lines, "", *_wrapped(notes)])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def put(text: str, path: Path) -> bool:
    """Write a table between the two comments of a file; whether that changed it.

    Raises ``Problem`` where the file does not have each comment once, in their order.
    """
    try:
        old = path.read_text(encoding="utf-8")
    except OSError as error:
        asked = f"the comments {START} and {END} in {path}"
        raise Problem(asked, error.strerror or str(error), "name a file that has them") from error
    head, start, rest = old.partition(START)
    _, end, tail = rest.partition(END)
    if not (start and end) or old.count(START) > 1 or old.count(END) > 1:
        got = f"{old.count(START)} and {old.count(END)} of them, or in another order"
        fix = "write each once, in this order, where the table is to stand"
        raise Problem(f"the comments {START} and {END} in {path}", got, fix)
    new = f"{head}{START}\n{text}\n{END}{tail}"
    if new != old:
        write_text(path, new)
    return new != old
