"""What a law is: a statement of theory, with its exact value beside the bound as printed.

    exact    the quantity itself: to quadrature (tier "exact", 1e-9 relative between machines), or
             by Monte Carlo with its standard error (tier "tolerance")
    printed  the bound or formula as the source prints it; None where its assumptions fail or it
             is infinite, so that it says nothing
    sharper  corrected or sharper statements by name, each proved in its module's docstring
    void     the printed bound is no stronger than the trivial one (for a total variation, 1)

A law is a frozen class without state. Its parameters are a plain dict that JSON holds; densities
are strings (``theory.density``). An unknown or a missing parameter is an error that names the known
ones. Where a law needs Monte Carlo, ``exact`` takes a numpy Generator, and ``sharper``, given one
too, adds what it measures on the data sets that this generator draws: generators with the same
seed therefore speak of the same data sets.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np

from theory.density import density

Params = Mapping[str, Any]


class Value(NamedTuple):
    """A number, with its standard error where it was measured by Monte Carlo."""

    value: float
    standard_error: float | None = None


class Law(Protocol):
    """One theorem at one point of its parameters."""

    name: ClassVar[str]
    statement: ClassVar[str]
    source: ClassVar[str]
    unit: ClassVar[str]
    tier: ClassVar[Literal["exact", "tolerance"]]
    trivial: ClassVar[float | None]
    example: ClassVar[dict[str, Any]]

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        """The quantity that the law speaks of."""
        ...

    def printed(self, params: Params) -> Value | None:
        """The bound as the source prints it, None where it says nothing."""
        ...

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """Corrected or sharper statements, by name."""
        ...

    def void(self, params: Params) -> bool:
        """Whether the printed bound is no stronger than the trivial one."""
        ...


def read(law: str, params: Params, readers: Mapping[str, Callable[[Any], Any]]) -> Sequence[Any]:
    """The parameters in the order of ``readers``, each converted by its reader.

    Raises
    ------
    ValueError
        On an unknown or missing parameter, naming the known ones, or one that its reader refuses.
    """
    known = ", ".join(readers)
    for name in params:
        if name not in readers:
            raise ValueError(
                f"asked for the law {law} with {name!r}; got no parameter of that name; "
                f"the known ones are {known}"
            )
    values = []
    for name, reader in readers.items():
        if name not in params:
            raise ValueError(
                f"asked for the law {law}; got no parameter {name!r}; the known ones are {known}"
            )
        try:
            values.append(reader(params[name]))
        except ValueError as error:
            raise ValueError(
                f"asked for the law {law} with {name}={params[name]!r}: {error}"
            ) from error
    return values


def line(value: Any) -> Any:
    """A density from its text."""
    if not isinstance(value, str):
        raise ValueError("got a density that is no text; give a string such as 'beta(2,5)'")
    return density(value)


def noise(value: Any) -> float:
    """A noise level: a positive finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError("got a noise level that is not a positive finite number; give sigma > 0")
    return float(value)


def count(value: Any) -> int:
    """A number of things: a positive integer."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("got a count that is not a positive integer; give 1 or more")
    return value


def drawing(law: str, generator: np.random.Generator | None) -> np.random.Generator:
    """The generator, which a law that draws cannot do without."""
    if generator is None:
        raise ValueError(
            f"asked for the exact value of the law {law}, which is Monte Carlo; got no generator; "
            "give a numpy Generator"
        )
    return generator
