"""A permutation an image, uniformly at random, each token given those before it.

The network is told which place it is asked for. Against ``raster`` only the order differs, against
``masked`` only what is seen: the two parts of the effect that random, bidirectional models have.
"""

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor

from harness.tokens.chance import Generators, permutations
from harness.tokens.order import Order


@final
@dataclass(frozen=True)
class Random(Order):
    """Another order for each image and each visit."""

    causal: ClassVar[bool] = True

    def permutations(self, count: int, length: int, generators: Generators) -> Tensor:
        return permutations(count, length, generators)
