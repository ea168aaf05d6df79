"""Files of records: JSON lines, one row a line, in an order that does not depend on the run.

Rows are sorted by study, factors, cell, replicate and metric; keys are sorted, floats are printed
as the shortest text that reads back the same, lines end with a line feed. The same rows therefore
give the same bytes, whatever made them first. Two rows for the same number are refused.
"""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from harness.problem import Problem
from harness.records.atomic import write_text
from harness.records.record import READABLE, Record, from_mapping, plain_json


def write_jsonl(path: Path | str, rows: Iterable[Record]) -> None:
    """Write records whole or not at all, sorted, each checked.

    Errors: a :class:`Problem` for what is not a record, for two rows with one key, and for a
    disk that refuses; whatever stood at ``path`` then stands there still.
    """
    write_text(path, to_text(rows))


def to_text(rows: Iterable[Record]) -> str:
    """The text of a file of records; errors as :func:`write_jsonl`."""
    listed = list(rows)
    for row in listed:
        if not isinstance(row, Record):
            raise Problem("a file of records", f"a {type(row).__name__}", "make a Record of it")
    return "".join(row.json() + "\n" for row in in_order(listed, "the rows to write"))


def in_order(rows: Iterable[Record], where: str) -> list[Record]:
    """The rows in the order of a file; two rows with one key are an error that names ``where``."""
    ordered = sorted(rows, key=Record.key)
    for first, second in pairwise(ordered):
        if first.key() == second.key():
            study, factors, cell, replicate, metric = first.key()
            raise Problem(
                f"one row a number in {where}",
                f"two for {metric!r}, replicate {replicate}, cell {cell} {factors} of {study}",
                "measure it once, or tell the two apart by a factor",
            )
    return ordered


def read_jsonl(path: Path | str) -> list[Record]:
    """Read and check a file of records, in the order of a file.

    Errors: a :class:`Problem` that names ``file:line`` for a line that is not a record, and one
    for a file that is absent, not UTF-8, or cut off in its last line.
    """
    rows = [from_mapping(value, where) for where, value in _lines(path)]
    return in_order(rows, str(path))


def read_json_lines(path: Path | str) -> list[dict[str, Any]]:
    """Read a file of JSON objects, one a line; errors as :func:`read_jsonl`.

    A line without a schema_version is of the first version: runs had none then.
    """
    values = []
    for where, value in _lines(path):
        if not isinstance(value, dict):
            raise Problem(f"an object at {where}", f"a {type(value).__name__}", "make it again")
        version = value.get("schema_version", READABLE[0])
        if version not in READABLE:
            fix = f"the readable versions are {', '.join(READABLE)}"
            raise Problem(f"a readable line at {where}", f"schema_version {version!r}", fix)
        values.append(value)
    return values


def _lines(path: Path | str) -> list[tuple[str, Any]]:
    """Each line's place, as file:line, and its JSON value."""
    try:
        text = Path(path).read_bytes().decode()
    except OSError as error:
        got = error.strerror or str(error)
        raise Problem(f"the records in {path}", got, "name a file that a run has made") from error
    except UnicodeDecodeError as error:
        got = f"a byte that is not UTF-8 at {error.start}"
        raise Problem(
            f"the records in {path}", got, "restore the file, or make it again"
        ) from error
    if text and not text.endswith("\n"):
        raise Problem(
            f"whole lines in {path}",
            f"a last line without its end at {path}:{text.count(chr(10)) + 1}",
            "the file was cut off: restore it, or make it again",
        )
    lines = text.split("\n")[:-1]
    places = [f"{path}:{number}" for number in range(1, len(lines) + 1)]
    return [(where, plain_json(line, where)) for where, line in zip(places, lines)]
