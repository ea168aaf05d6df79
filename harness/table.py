"""A table of named parts: the corruptions, the metrics, the samplers, the studies.

A row is ``name: "module:attribute"``. The module is imported when its row is first used, so that
reading a table costs nothing, an unused part is never loaded, and the code that a cell depends on
is exactly the code that its configuration names.
"""

import difflib
from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import signature
from typing import Any

from harness.problem import Problem


class Table(Mapping[str, Any]):
    """Named parts of one kind, in the order in which they are shown."""

    def __init__(self, noun: str, rows: Mapping[str, str]) -> None:
        self.noun = noun
        self._rows = dict(rows)

    def entry(self, name: str) -> str:
        """The row of a name, as ``"module:attribute"``, without importing it."""
        if name not in self._rows:
            close = difflib.get_close_matches(str(name), self._rows, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise Problem(
                f"the {self.noun} {name!r}",
                "no row of that name",
                f"{hint}the known ones are {', '.join(self._rows)}",
            )
        return self._rows[name]

    def module(self, name: str) -> str:
        """The dotted name of the module that defines a part."""
        return self.entry(name).split(":")[0]

    def add(self, name: str, entry: str) -> None:
        """Add a user's own part; a name that is taken is refused."""
        if name in self._rows:
            raise Problem(f"a new {self.noun} {name!r}", "a name that is taken", "choose another")
        self._rows[name] = entry

    def __getitem__(self, name: str) -> Any:
        module, attribute = self.entry(name).split(":")
        return getattr(import_module(module), attribute)

    def make(self, named: Any) -> Any:
        """What a part names (``harness.cell.Part``), built with its parameters.

        Raises ``Problem`` for a parameter that it does not have, and for one that is missing.
        """
        row = self[named.name]
        try:
            return row(**named.kwargs())
        except TypeError as error:
            known = ", ".join(signature(row).parameters) or "none"
            fix = f"its parameters are {known}"
            raise Problem(f"the {self.noun} {named}", str(error), fix) from error

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
