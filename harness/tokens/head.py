"""A head: what is learned of a token's law given the network's output h for it.

It has parameters of its own, K copies of them as everything has. h is [K, B, S, width], a token is
d numbers or a code.
"""

from abc import abstractmethod
from typing import ClassVar, NamedTuple

from torch import Tensor, nn

from harness.tokens.chance import Generators
from harness.tokens.manner import Manner


class Cost(NamedTuple):
    """Floating-point operations a token, products only: of a loss (forward), and of a sample."""

    loss: int
    sample: int


class Head(nn.Module):
    """discrete: whether its tokens are codes. A head is built as ``(width, size, generators,
    **parameters)``, size the numbers of a token or the count of codes."""

    discrete: ClassVar[bool]

    @abstractmethod
    def loss(self, h: Tensor, target: Tensor, generators: Generators) -> Tensor:
        """Of each token, [K, B, S]; target: [K, B, S, d] or int64 [K, B, S]."""

    @abstractmethod
    def sample(
        self, h: Tensor, free: Tensor | None, pull: float, manner: Manner, generators: Generators
    ) -> Tensor:
        """Tokens like a target, one for each h.

        free: h without the condition, None where there is no guidance; pull: the weight w of this
        step, in place of the manner's.
        """
