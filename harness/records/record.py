"""A record: one number of one replicate of one cell, or the reason why there is none.

A row carries what identifies it (study, cell, factors, replicate, metric), the number with its
unit and its direction, and nothing about when or where it was made: those stand in the run
records. A failed, diverged, timed-out or skipped cell is a row too, so that a table cannot lose
its failures. NaN and the infinities are not numbers here: :func:`measured` turns them into the
status ``diverged``.

``tier`` says how two machines may differ: ``exact`` rows agree to 1e-9 relative; ``tolerance``
rows are Monte Carlo or trained numbers and agree in distribution only.

The schema has a semantic version, which stands in every row. A reader refuses a version that it
does not know.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, NoReturn, final

from harness.cell import canonical
from harness.problem import Problem

SCHEMA_VERSION = "1.0.0"
READABLE = ("1.0.0",)
STATUSES = ("ok", "failed", "diverged", "timeout", "skipped")
TIERS = ("exact", "tolerance")

Plain = str | int | float | bool | None
Status = Literal["ok", "failed", "diverged", "timeout", "skipped"]
Tier = Literal["exact", "tolerance"]


def _refuse(what: str, got: object, fix: str) -> NoReturn:
    raise Problem(f"a record with {what}", repr(got), fix)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


@final
@dataclass(frozen=True, kw_only=True)
class Record:
    """One row. Construction checks every field and refuses what is not as described.

    value, standard_error: in ``unit``; standard_error is the Monte Carlo error of this one value
    (not the spread over replicates), null where the value has none. n: how many draws, samples or
    images the value is about. higher_is_better: null for a number without a better direction.
    """

    study: str
    cell_id: str
    params: Mapping[str, Plain]
    metric: str
    value: float | None
    unit: str
    tier: Tier
    replicate: int | None = None
    standard_error: float | None = None
    higher_is_better: bool | None = None
    n: int | None = None
    status: Status = "ok"
    reason: str | None = None
    schema_version: str = SCHEMA_VERSION

    def __post_init__(self) -> None:
        if self.schema_version not in READABLE:
            raise Problem(
                "a record with a readable schema_version",
                repr(self.schema_version),
                f"the readable ones are {', '.join(READABLE)}",
            )
        for name in ("study", "cell_id", "metric"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name):
                _refuse(f"a {name}", getattr(self, name), f"give {name} as a non-empty text")
        if not isinstance(self.unit, str):
            _refuse("a unit", self.unit, 'give unit as a text; "" is a number without a unit')
        if self.status not in STATUSES:
            _refuse("a known status", self.status, f"the known ones are {', '.join(STATUSES)}")
        if self.tier not in TIERS:
            _refuse("a known tier", self.tier, f"the known ones are {', '.join(TIERS)}")
        for name in ("replicate", "n"):
            if getattr(self, name) is not None and not _is_whole(getattr(self, name)):
                _refuse(f"a whole {name}", getattr(self, name), "give a whole number >= 0 or null")
        if self.higher_is_better not in (None, True, False):
            _refuse("a direction", self.higher_is_better, "give true, false or null")
        self._check_params()
        self._check_value()

    def _check_params(self) -> None:
        if not isinstance(self.params, Mapping):
            _refuse("params", self.params, "give the study's factors as a mapping of plain values")
        for name, value in self.params.items():
            plain = isinstance(value, (str, int, float, bool)) or value is None
            if not isinstance(name, str) or not plain:
                _refuse("plain params", {name: value}, "give texts, numbers, true, false or null")
            if isinstance(value, float) and not math.isfinite(value):
                _refuse("finite params", {name: value}, "a factor cannot be NaN or infinite")
        object.__setattr__(self, "params", dict(self.params))

    def _check_value(self) -> None:
        for name in ("value", "standard_error"):
            given = getattr(self, name)
            if given is None:
                continue
            if not _is_number(given) or not math.isfinite(given):
                _refuse(f"a finite {name}", given, "use measured(), which records a divergence")
            object.__setattr__(self, name, float(given))
        if self.standard_error is not None and self.standard_error < 0:
            _refuse("a standard_error >= 0", self.standard_error, "give its absolute value")
        if self.status == "ok":
            if self.value is None:
                _refuse("status ok and a value", None, "give the number, or another status")
            if self.reason is not None:
                _refuse("status ok and no reason", self.reason, "a reason is for other statuses")
        else:
            if self.value is not None or self.standard_error is not None:
                got = f"status {self.status} and the value {self.value}"
                _refuse("either a number or a failure", got, "leave the numbers null")
            if not isinstance(self.reason, str) or not self.reason:
                _refuse(f"a reason for status {self.status}", self.reason, "say what went wrong")

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    def key(self) -> tuple[str, str, str, int, str]:
        """What no two rows share, and the order of a file: factors, cell, replicate, metric."""
        replicate = -1 if self.replicate is None else self.replicate
        return (self.study, canonical(dict(self.params)), self.cell_id, replicate, self.metric)

    def config(self) -> dict[str, Any]:
        """The row as plain data."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**plain, "params": dict(self.params)}

    def json(self) -> str:
        """The row as canonical JSON, without a line feed."""
        return canonical(self.config())


def measured(value: float, standard_error: float | None = None, **row: Any) -> Record:
    """A row for a number that came out, whatever it is: a non-finite one becomes ``diverged``.

    value, standard_error: as :class:`Record`; row: its other fields, by name.
    """
    for name, number in (("value", value), ("standard error", standard_error)):
        if number is not None and not math.isfinite(number):
            return unmeasured("diverged", f"the {name} is {float(number)!r}", **row)
    error = None if standard_error is None else float(standard_error)
    return Record(value=float(value), standard_error=error, **row)


def unmeasured(status: Status, reason: str, **row: Any) -> Record:
    """A row for a number that there is not: failed, diverged, timeout or skipped, and why."""
    return Record(value=None, status=status, reason=reason, **row)


def from_mapping(given: Any, where: str) -> Record:
    """A row from plain data, checked whole. ``where`` names its place in messages.

    Errors: a :class:`Problem` that begins with ``where`` for an unknown or a missing key, an
    unreadable schema version or a field that is not as :class:`Record` describes it.
    """
    if not isinstance(given, Mapping):
        raise Problem(f"a record at {where}", f"a {type(given).__name__}", "give an object")
    version = given.get("schema_version")
    known = [field.name for field in fields(Record)]
    if "schema_version" in given and version not in READABLE:
        raise Problem(
            f"a readable record at {where}",
            f"schema_version {version!r}",
            f"the readable versions are {', '.join(READABLE)}",
        )
    for kind, keys in (("unknown", set(given) - set(known)), ("missing", set(known) - set(given))):
        if keys:
            named = ", ".join(repr(key) for key in sorted(map(str, keys)))
            raise Problem(
                f"a record at {where}",
                f"the {kind} key {named}",
                f"the keys are {', '.join(known)}",
            )
    try:
        return Record(**given)
    except Problem as problem:
        raise Problem(f"{where}: {problem.asked}", problem.got, problem.fix) from problem


def from_json(line: str, where: str) -> Record:
    """A row from one line of JSON; errors as :func:`from_mapping`, and NaN or a key given twice."""
    return from_mapping(plain_json(line, where), where)


def plain_json(line: str, where: str) -> Any:
    """One strict JSON value: no NaN, no infinity, no key twice. ``where`` names its place."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the key {twice[0]!r} twice")
        return dict(pairs)

    def constant(name: str) -> NoReturn:
        raise ValueError(f"the constant {name}, which is not JSON")

    try:
        return json.loads(line, object_pairs_hook=once, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        got = f"{error}" if line.strip() else "an empty line"
        if isinstance(error, RecursionError):
            got = "lists within lists without end"
        fix = "restore the file, or make it again"
        raise Problem(f"one JSON value at {where}", got, fix) from error
