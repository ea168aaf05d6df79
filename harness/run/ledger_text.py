"""The ledger as it is told: a line a system, every claim of some, a table for the README."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.claims.systems import GROUPS
from harness.claims.verdict import EVERY_WORD
from harness.problem import Problem
from harness.records.atomic import write_text
from harness.run.ledger import CHANGED, OF_OTHERS, UNPUBLISHED, Entry, Held, Ledger

WIDTH = 100
START, END = "<!-- ledger -->", "<!-- /ledger -->"
WAY = [
    "patina ledger --system ID       one system: its statement, its check and every claim",
    "patina ledger --verdict WORD    every claim with that verdict",
    "patina explain CLAIM            its statement, rule, rows, runs, and how to make it again",
]


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


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


def _some(count: int, more: str = "") -> str:
    return f"{count} claim{'' if count == 1 else 's'}{more}"


def _counts(words: Mapping[str, int]) -> str:
    order = (*EVERY_WORD, UNPUBLISHED)
    return ", ".join(f"{words[word]} {word}" for word in order if words.get(word))


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
