"""What a law is: a statement of theory, with its exact value beside the bound as printed.

    exact    the quantity itself: in closed form or to quadrature (tier "exact", 1e-9 relative
             between machines), or by Monte Carlo with its standard error (tier "tolerance")
    printed  the bound or formula as the source prints it; None where its assumptions fail or it
             is infinite, so that it says nothing
    sharper  by name, what stands beside: the corrected formula, a sharper bound, an asymptote, a
             control; each is proved in its module's docstring
    void     the printed statement says nothing here: its assumptions fail, or a bound is no
             stronger than the trivial one (for a total variation, 1)

A law is a final class without state. ``PARAMETERS`` says what it takes (``theory.parameter``); a
point of the law is a plain dictionary that JSON holds. An unknown or a missing parameter is an
error that names the known ones, and so is one that makes no sense. Where a law needs Monte Carlo,
``exact`` takes a numpy Generator, and ``sharper``, given one too, adds what it measures on what
this generator draws: generators with the same seed therefore speak of the same draws.

>>> class Shift(Law):
...     name = "example.shift"
...     statement = "W2(N(0, 1), N(mu, 1)) = |mu|"
...     source = "Gelbrich 1990"
...     unit = "units of the line"
...     parameters = {"mu": real("difference of the means")}
...     example = {"mu": -1.0}
...     def exact(self, params, generator=None):
...         (mu,) = self.read(params)
...         return Value(abs(mu))
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from theory.parameter import REQUIRED, Parameter

Params = Mapping[str, Any]


class Value(NamedTuple):
    """A number, with its standard error where it was measured by Monte Carlo.

    unit: where it is not the law's own.
    """

    value: float
    standard_error: float | None = None
    unit: str | None = None


class Law(ABC):
    """One statement of a paper at one point of its parameters.

    name: its row in ``theory.LAWS``, ``paper.law``. trivial: what a bound must be below to say
    something, where that is one number. example: a point at which the statement is not void.
    """

    name: ClassVar[str]
    statement: ClassVar[str]
    source: ClassVar[str]
    unit: ClassVar[str]
    parameters: ClassVar[Mapping[str, Parameter]]
    example: ClassVar[Mapping[str, Any]]
    tier: ClassVar[Literal["exact", "tolerance"]] = "exact"
    trivial: ClassVar[float | None] = None

    @abstractmethod
    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        """The quantity that the law speaks of."""

    def printed(self, params: Params) -> Value | None:
        """What the source prints for it, None where it says nothing."""
        return None

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """Corrected or sharper statements, and what stands beside, by name."""
        return {}

    def void(self, params: Params) -> bool:
        """Whether the printed statement says nothing here."""
        printed = self.printed(params)
        return printed is None or (self.trivial is not None and printed.value >= self.trivial)

    def read(self, params: Params) -> tuple[Any, ...]:
        """The parameters in the order of ``parameters``, each converted by its reader.

        Raises
        ------
        ValueError
            On an unknown or missing parameter, naming the known ones, or one that is refused.
        """
        known = ", ".join(self.parameters)
        for name in params:
            if name not in self.parameters:
                raise ValueError(
                    f"asked for the law {self.name} with {name!r}; got no parameter of that name; "
                    f"the known ones are {known}"
                )
        values = []
        for name, parameter in self.parameters.items():
            given = params.get(name, parameter.default)
            if given is REQUIRED:
                raise ValueError(
                    f"asked for the law {self.name}; got no parameter {name!r}; "
                    f"the known ones are {known}"
                )
            try:
                values.append(parameter.convert(given))
            except ValueError as error:
                raise ValueError(
                    f"asked for the law {self.name} with {name}={given!r}: {error}"
                ) from error
        return tuple(values)

    def refuse(self, got: str, fix: str) -> ValueError:
        """The error for parameters that make no sense together."""
        return ValueError(f"asked for the law {self.name}; got {got}; {fix}")

    def drawing(self, generator: np.random.Generator | None) -> np.random.Generator:
        """The generator, which a law that draws cannot do without."""
        if generator is None:
            raise ValueError(
                f"asked for the law {self.name}, which is Monte Carlo; got no generator; "
                "give a numpy Generator"
            )
        return generator
