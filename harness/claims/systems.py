"""The systems whose claims are decided here: papers, what they state, and how it is checked.

They stand in ``systems.toml``, one a table ``[[system]]``, with these keys:

    id, name, group        a short name for the command line, the usual one, one of GROUPS
    authors, year, title   of the paper; arxiv: its number, left out where it was not verified
    where                  section, equation or table of the statement; quoted: a number from there
    statement              what the paper states, in our words
    kind                   how it can be checked: one or more of KINDS
    check                  the check, in our words
    sources                how the ``source`` of its claims begins (``harness.claims.claim``)
    related                studies whose other claims (derived here, kindred papers) are about it
    unchecked              what of it is not checked, and what that would take

Which claims there are is known where the studies are (``harness.run.ledger``); this module holds
the file to its form.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, final

from harness.problem import Problem

FILE = Path(__file__).with_name("systems.toml")
GROUPS = (
    "Core",
    "Theory and samplers",
    "Learning from synthetic data",
    "Latents, distillation, efficiency",
    "Perception, control, failure",
    "Other modalities and teachers",
)
KINDS = {
    "law": "a theorem against its exact value",
    "study": "a trained grid",
    "protocol": "an evaluation that runs as published",
    "mechanism": "the mechanism, at another scale or in another modality",
}
HEADER = "[[system]]"


@final
@dataclass(frozen=True, kw_only=True)
class System:
    """One row of the file; ``place`` is where it stands, by file, line and id."""

    id: str
    name: str
    group: str
    authors: str
    year: int
    title: str
    arxiv: str = ""
    where: str
    quoted: str = ""
    statement: str
    kind: tuple[str, ...]
    check: str
    sources: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    unchecked: str = ""
    place: str = ""

    @property
    def paper(self) -> str:
        """The paper in one line."""
        number = f", arXiv {self.arxiv}" if self.arxiv else ""
        return f"{self.authors} {self.year}, {self.title}{number}"


def read(path: Path = FILE) -> tuple[System, ...]:
    """Every row, in the order of the file.

    Errors: a :class:`Problem` that names the row for an unknown, missing or empty key, a value of
    another kind, an id that stands twice, a source that begins like another row's, and a study
    that two rows claim.
    """
    try:
        text = path.read_text(encoding="utf-8")
        given = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"the systems in {path}", str(error), "restore the file") from error
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"a TOML file in {path}", str(error), "mend that line") from error
    rows = given.get("system")
    if set(given) != {"system"} or not isinstance(rows, list):
        got = ", ".join(sorted(given)) or "nothing"
        raise Problem(f"the systems in {path}", got, f"write each as a table {HEADER}")
    lines = [k for k, line in enumerate(text.splitlines(), 1) if line.strip() == HEADER]
    if len(lines) != len(rows):
        got = f"{len(lines)} lines {HEADER} and {len(rows)} systems"
        raise Problem(f"the systems in {path}", got, f"put each {HEADER} on a line of its own")
    found = tuple(_row(row, f"{path.name}:{line}") for row, line in zip(rows, lines))
    _alone(((one.id, one) for one in found), "the id")
    _alone(((name, one) for one in found for name in one.related), "the related study")
    _apart(found)
    return found


def _row(given: Mapping[str, Any], where: str) -> System:
    """One row as a system, or a ``Problem``."""
    name = given.get("id")
    place = f"{where} ({name})" if isinstance(name, str) and name else where
    known = {field.name: field for field in fields(System) if field.name != "place"}
    for key in given:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise Problem(
                f"a system at {place}",
                f"the unknown key {key!r}",
                f"{hint}the known ones are {', '.join(known)}",
            )
    values: dict[str, Any] = {}
    for key, field in known.items():
        if key not in given:
            if field.default is MISSING:
                raise Problem(f"a system at {place}", f"no {key}", f"give its {key}")
            continue
        values[key] = _value(key, given[key], place)
    system = System(**values, place=place)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", system.id):
        raise Problem(f"an id at {place}", repr(system.id), "use a-z, 0-9 and single hyphens")
    if system.group not in GROUPS:
        raise Problem(f"a group at {place}", repr(system.group), f"known are {'; '.join(GROUPS)}")
    for kind in system.kind:
        if kind not in KINDS:
            raise Problem(f"a kind at {place}", repr(kind), f"known are {', '.join(KINDS)}")
    if system.arxiv and not re.fullmatch(r"\d{4}\.\d{4,5}", system.arxiv):
        raise Problem(f"an arXiv number at {place}", repr(system.arxiv), "write it as 2506.10038")
    return system


def _value(key: str, value: Any, place: str) -> Any:
    """The value of a key: a year, a list of texts that differ, or a text in one line."""
    if key == "year":
        if isinstance(value, int) and 1900 < value < 2100:
            return value
        raise Problem(f"a year at {place}", repr(value), "write it as 2025")
    if key in ("kind", "sources", "related"):
        good = isinstance(value, list) and value and all(_text(item) for item in value)
        if good and len(set(value)) == len(value):
            return tuple(value)
        raise Problem(f"{key} at {place}", repr(value), "give a list of texts, each once")
    if _text(value):
        return value
    raise Problem(f"{key} at {place}", repr(value), "give a text in one line, or leave it out")


def _text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() == value != "" and "\n" not in value


def _alone(named: Iterable[tuple[str, System]], what: str) -> None:
    """Refuse a name that two rows have."""
    owners: dict[str, System] = {}
    for name, system in named:
        if name in owners:
            got = f"it stands at {owners[name].place} too"
            raise Problem(f"{what} {name!r} at {system.place}", got, "let one row have it")
        owners[name] = system


def _apart(systems: tuple[System, ...]) -> None:
    """Refuse two sources of which one begins like the other: a claim would belong to both."""
    every = [(source, one) for one in systems for source in one.sources]
    for number, (source, one) in enumerate(every):
        for other, another in every[:number]:
            if source.startswith(other) or other.startswith(source):
                raise Problem(
                    f"the source {source!r} at {one.place}",
                    f"{other!r} at {another.place} begins alike",
                    "write both so that no claim is of two",
                )
