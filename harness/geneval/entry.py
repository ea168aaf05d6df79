"""Entries: the JSON objects of a file, one a line, read strictly.

Prompts, detections and results are lines of JSON. What is wrong with one is told with its file and
line, what stood there, and what would have been right; nothing is guessed and nothing is ignored.
"""

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, final

from harness.problem import Problem
from harness.records.record import plain_json

SHA256 = re.compile("[0-9a-f]{64}")
SUSPECT = re.compile(r"\\u[dD][89a-fA-F]|[eE]\+?[0-9]{3}|[0-9]{200}")


@final
@dataclass(frozen=True)
class Entry:
    """A JSON object with its place. where: file:line, and what in it, for the messages."""

    value: Mapping[str, Any]
    where: str

    @staticmethod
    def of(value: object, where: str) -> "Entry":
        """The entry of a value that must be an object; errors name ``where``."""
        if not isinstance(value, Mapping):
            raise Problem(f"an object at {where}", shown(value), "write one JSON object")
        return Entry(value, where)

    @staticmethod
    def parse(text: str, where: str) -> "Entry":
        """The entry of a text of strict JSON; errors name ``where``.

        Refused beside what is no JSON: what no file of ours could hold again, a number beyond any
        float and one half of a surrogate pair.
        """
        asked = f"one JSON value at {where}"
        try:
            entry = Entry.of(plain_json(text, where), where)
            if SUSPECT.search(text):
                json.dumps(entry.value, ensure_ascii=False, allow_nan=False).encode()
        except RecursionError as error:
            got = "lists within lists without end"
            raise Problem(asked, got, "write one JSON object") from error
        except UnicodeEncodeError as error:
            raise Problem(asked, "one half of a surrogate pair", "write the character") from error
        except ValueError as error:
            raise Problem(asked, "a number beyond any float", "mend the number") from error
        return entry

    def keys(self, needed: Collection[str], optional: Collection[str] = ()) -> None:
        """Refuse a missing key and an unknown one."""
        names = [*needed, *optional]
        for key in needed:
            if key not in self.value:
                raise Problem(f"the key {key!r} at {self.where}", "none", "add it")
        for key in self.value:
            if key not in names:
                known = ", ".join(names)
                raise Problem(
                    f"the keys {known} at {self.where}", f"unknown key {key!r}", "take it out"
                )

    def refuse(self, key: str, what: str, fix: str) -> NoReturn:
        """The problem of a key whose value is not ``what``."""
        raise Problem(f"{what} as {key!r} at {self.where}", shown(self.value[key]), fix)

    def text(self, key: str) -> str:
        """A text that is not blank."""
        value = self.value[key]
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "a text", "write a text that is not blank")
        return value

    def one_of(self, key: str, known: Collection[str] | None) -> str:
        """One of the known names; where these are None, any text."""
        value = self.text(key)
        if known is not None and value not in known:
            self.refuse(key, "a known name", f"choose from {', '.join(known)}")
        return value

    def whole(self, key: str, least: int, most: int | None = None) -> int:
        """A whole number from ``least`` to ``most``; ``true`` and 1.0 are none."""
        value = self.value[key]
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.refuse(key, f"a whole number >= {least}", "mend the number")
        if most is not None and value > most:
            self.refuse(key, f"a whole number <= {most}", "mend the number")
        return value

    def numbers(self, key: str, count: int) -> tuple[float, ...]:
        """A list of ``count`` finite numbers."""
        value = self.value[key]
        if not _are_real(value, count):
            self.refuse(key, f"{count} finite numbers", "mend the list")
        return tuple(float(number) for number in value)

    def rows(self, key: str, count: int) -> None:
        """Refuse what is not a list of lists of ``count`` finite numbers each."""
        value = self.value[key]
        if not isinstance(value, (list, tuple)) or not all(_are_real(row, count) for row in value):
            self.refuse(key, f"lists of {count} finite numbers", "mend the list")

    def number(self, key: str, low: float, high: float) -> float:
        """A finite number from ``low`` to ``high``, both allowed."""
        value = self.value[key]
        if not real(value) or not low <= value <= high:
            self.refuse(key, f"a number from {low:g} to {high:g}", "mend the number")
        return float(value)

    def mapping(self, key: str) -> "Entry":
        """The object under a key."""
        return Entry.of(self.value[key], f"{self.where}, {key}")

    def entries(self, key: str) -> "list[Entry]":
        """A list of objects."""
        value = self.value[key]
        if not isinstance(value, (list, tuple)):
            self.refuse(key, "a list", "write a list of objects")
        return [Entry.of(one, f"{self.where}, {key} {i}") for i, one in enumerate(value)]

    def names(self, key: str) -> tuple[str, ...]:
        """A list of different texts, not empty."""
        value = self.value[key]
        good = isinstance(value, (list, tuple)) and value and all(isinstance(n, str) for n in value)
        if not good or len(set(value)) != len(value):
            self.refuse(key, "a list of different names", "mend the list")
        return tuple(value)


def real(value: object) -> bool:
    """Whether a value is a finite number, and no boolean."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond any float
        return False


def _are_real(value: object, count: int) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == count and all(map(real, value))


def shown(value: object) -> str:
    """A value as a message shows it: short."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def read_text(path: Path | str, what: str) -> str:
    """The text of a file. Errors: a ``Problem`` for one that is absent or no UTF-8."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise Problem(
            f"the {what} in {path}", error.strerror or str(error), f"name a file of {what}"
        ) from error
    return decoded(data, path, what)


def decoded(data: bytes, path: Path | str, what: str) -> str:
    """The text of the bytes of a file; a byte that is not UTF-8 is named with its line."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        got = f"a byte that is not UTF-8 at {path}:{line}"
        raise Problem(f"the {what} in {path}", got, "restore the file, or make it again") from error


def parsed(text: str, path: Path | str) -> Iterator[Entry]:
    """The entries of a text of lines; the last line may lack its end. Errors name file:line."""
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        yield Entry.parse(line, f"{path}:{number}")
