"""An order: which token of an image comes when.

A permutation of the T places says it for one image: its entry t is the place that is drawn t-th.
Causally (``causal``) a token is asked for given those before it, and nothing of what comes later is
seen. Otherwise some places are hidden and all of the rest is seen from everywhere, whatever the
order in which it came; several places can be drawn at once, each given what was known before.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from harness.tokens.chance import Generators


class Order(ABC):
    """causal: as above."""

    causal: ClassVar[bool]

    @abstractmethod
    def permutations(self, count: int, length: int, generators: Generators) -> Tensor:
        """Of so many images of T = length tokens: int64 [K, count, T]."""

    def counts(self, length: int) -> tuple[int, ...]:
        """How many tokens each step of sampling draws; they sum up to T = length."""
        return (1,) * length

    def hidden(self, permutations: Tensor, generators: Generators) -> Tensor:
        """Which places are asked for in training, bool like the permutations; all if causal."""
        return permutations >= 0
