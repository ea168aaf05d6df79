r"""The embedding of a condition: a vector of d numbers for each token, the null among them.

.. math::  c_0, c_1, \dots, c_m \in R^d, \qquad |c_k| = 1, \quad \langle c_j, c_k \rangle = 0,

at the start: token 0, which makes up the null caption, is as far from each word as they are from
each other. The vectors are the first m + 1 rows of the orthonormal DCT-II matrix of size d: nothing
is drawn, so all copies, arms and kinds start alike, and (almost) every coordinate of every vector
is used, unlike those of the one-hot code, of which this is a rotation.

    fixed        they stay as they are, so that a perturbation of the size gamma keeps its meaning
    learned      from that start, as the tables of most models; the network may enlarge them
    normalised   learned, each brought to norm 1 when it is used

Noise on the condition counts by its size over the norm: a learned embedding that grows takes it
away again. Hence the norm is kept along a training (``harness.train.loop``), and hence the third
kind, which is ours.

Orthonormal vectors need d of m + 1 or more, and a fixed embedding must have them; one that is
learned with a smaller d starts from normal draws of the variance 1/d.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from harness.nets.dct import dct_matrix
from harness.nets.stacked import normal
from harness.problem import Problem

KINDS = ("fixed", "learned", "normalised")
LEAST = 16  # the width that is chosen for a condition of few words


def width_for(words: int, asked: int | None = None) -> int:
    """d for so many tokens: what was asked, else the least power of two that holds them all."""
    return asked or max(LEAST, 1 << (words - 1).bit_length())


def require_embedding(words: int, kind: object, width: object) -> None:
    """Refuse what is no embedding of so many tokens with 0; 0 of them have any. Raises ``Problem``.

    That is another kind than one of ``KINDS``, no width, and a fixed one of fewer numbers than
    tokens.
    """
    if kind not in KINDS:
        fix = f"choose from {', '.join(KINDS)}"
        raise Problem(f"the embedding {kind!r}", "no such", fix)
    if width is not None and (type(width) is not int or width < 1):
        raise Problem(f"an embedding of the width {width!r}", "none", "give 1 or more")
    if kind == "fixed" and width is not None and width < words:
        fix = f"give a width of {words} or more, or learn it"
        raise Problem(f"{words} orthogonal vectors", f"a width of {width}", fix)


class Embedding(nn.Module):
    """A table a copy: tokens int64 [K, B, T] -> [K, B, T, d].

    words: how many tokens there are with 0; width: d, None for the least power of two from 16 that
    is no less; kind: one of ``KINDS``. Raises ``Problem`` as :func:`require_embedding` does.
    """

    table: Tensor  # [K, words, d]

    def __init__(
        self,
        words: int,
        generators: Sequence[torch.Generator],
        kind: str = "fixed",
        width: int | None = None,
    ) -> None:
        super().__init__()
        require_embedding(words, kind, width)
        self.kind, self.width = kind, width_for(words, width)
        if self.width >= words:
            rows = torch.as_tensor(dct_matrix(self.width)[:words], dtype=torch.float32)
            start = rows.to(generators[0].device).repeat(len(generators), 1, 1)
        else:
            start = normal((words, self.width), 1 / math.sqrt(self.width), generators)
        if kind == "fixed":
            self.register_buffer("table", start)
        else:
            self.table = nn.Parameter(start)

    def forward(self, tokens: Tensor) -> Tensor:
        normalised = self.kind == "normalised"
        return looked_up(F.normalize(self.table, dim=-1) if normalised else self.table, tokens)


def looked_up(table: Tensor, tokens: Tensor) -> Tensor:
    """Rows of each copy's table [K, words, d] by its tokens [K, B, T]: [K, B, T, d]."""
    copies = zip(table.unbind(), tokens.unbind())
    return torch.stack([F.embedding(rows, each) for each, rows in copies])


def embedded(network: nn.Module, condition: Tensor | None) -> Tensor:
    """What a network is told, [K, B, T, d]: as it is, or what its tokens [K, B, T] embed to.

    Raises ``ValueError`` without a condition.
    """
    if condition is None:
        raise ValueError("a conditional network was given no condition")
    if condition.is_floating_point():
        return condition
    return network.embed(condition)  # type: ignore[operator]
