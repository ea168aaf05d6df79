"""A cell: one configuration of a study's table, with its number of replicates.

A cell is a chain of stages, ``train -> sample -> measure`` for a trained arm, ``law`` alone for a
point of a theorem, ``generation -> ... -> generation -> trajectory`` for a loop. A stage is a name
and a frozen dataclass of parameters, plain data without code. ``cell_id`` is the sha256 of the
canonical JSON of that chain: it names the configuration for ever, whatever the code does. Factors
are what the study's table shows in its columns (arm, blur, network); they are labels and take no
part in the identity.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.problem import Problem


def canonical(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, no NaN; floats as Python prints them."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Any) -> str:
    """The first 16 hexadecimal digits of the sha256 of the canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Part:
    """A named row of some table with its parameters: ``gaussian_blur(sigma=0.8)``."""

    name: str
    params: tuple[tuple[str, Any], ...] = ()

    def kwargs(self) -> dict[str, Any]:
        return dict(self.params)

    def __str__(self) -> str:
        return f"{self.name}({','.join(f'{key}={_text(value)}' for key, value in self.params)})"


def _text(value: Any) -> str:
    """A parameter as text: parts as they print, everything else as Python prints it."""
    if isinstance(value, tuple) and any(isinstance(item, Part) for item in value):
        return "+".join(str(item) for item in value)
    return str(value)


def part(name: str, **params: Any) -> Part:
    """A part with its parameters in canonical order."""
    return Part(name, tuple(sorted(params.items())))


def nested(value: Any) -> list[Part]:
    """Every part in a value, itself first, with the parts among its parameters."""
    if isinstance(value, Part):
        return [value, *(each for _, item in value.params for each in nested(item))]
    if is_dataclass(value):
        return [each for one in fields(value) for each in nested(getattr(value, one.name))]
    if isinstance(value, tuple | list):
        return [each for item in value for each in nested(item)]
    return []


def later(default: Any) -> Any:
    """A field that was added to a dataclass of parameters after cells of it had been published.

    At its default it takes no part in the configuration, so that the cells of before, which had no
    such field, keep their identity.
    """
    return field(default=default, metadata={"later": True})


def plain(value: Any) -> Any:
    """Frozen dataclasses and parts as the plain data that canonical JSON takes.

    A field made by :func:`later` is left out where it has its default.
    """
    if isinstance(value, Part):
        return {"name": value.name, **{key: plain(item) for key, item in value.params}}
    if is_dataclass(value):
        return {
            each.name: plain(getattr(value, each.name))
            for each in fields(value)
            if not (each.metadata.get("later") and getattr(value, each.name) == each.default)
        }
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


@dataclass(frozen=True)
class Stage:
    """One step of a cell: the name of a row of the stage table, and its parameters."""

    name: str
    params: Any  # a frozen dataclass; ``entries()`` lists the table rows that it calls for

    def config(self) -> dict[str, Any]:
        return {"stage": self.name, **plain(self.params)}


@dataclass(frozen=True)
class Upstream:
    """A finished stage as the next one sees it: what it was asked, and its folder."""

    params: Any
    folder: Path


@dataclass(frozen=True)
class Cell:
    """One configuration, hashable and printable whole."""

    factors: tuple[tuple[str, str | int | float], ...]
    stages: tuple[Stage, ...]
    replicates: int

    @cached_property
    def cell_id(self) -> str:
        return digest(self.config())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A name for each stage: its own, and with its number from 0 where the cell repeats it."""
        given = [stage.name for stage in self.stages]
        return tuple(
            f"{name}/{given[:at].count(name)}" if given.count(name) > 1 else name
            for at, name in enumerate(given)
        )

    def config(self) -> list[dict[str, Any]]:
        """The configuration as plain data: one dictionary a stage."""
        return [stage.config() for stage in self.stages]

    def labels(self) -> dict[str, str | int | float]:
        return dict(self.factors)

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.factors)


def factors(**labels: str | int | float) -> tuple[tuple[str, str | int | float], ...]:
    """Labels of a cell in a fixed order, as the frozen dataclass needs them."""
    return tuple(sorted(labels.items()))


def from_mapping(cls: type, given: Mapping[str, Any], where: str) -> Any:
    """Build a frozen dataclass from plain data; an unknown or a missing key is an error."""
    if not is_dataclass(cls):
        raise TypeError(f"{cls} is not a dataclass")
    known = {each.name for each in fields(cls)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise Problem(
            f"the key {unknown[0]!r} in {where}",
            "a key that nothing reads",
            f"the known keys are {', '.join(sorted(known))}",
        )
    try:
        return cls(**given)
    except TypeError as error:
        raise Problem(f"a complete {where}", str(error), "add the missing key") from error
