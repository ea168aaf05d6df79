"""The form of tokens: how many an image has, and what one of them is."""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem

LOST = -1  # a code that a diverged model has drawn: what NaN is among vectors


@final
@dataclass(frozen=True)
class Form:
    """length: T, the tokens of an image; size: the numbers of one, d, or where discrete how many
    different codes there are."""

    length: int
    size: int
    discrete: bool = False

    @property
    def tail(self) -> tuple[int, ...]:
        """The shape of one image's tokens: (T,) of codes, (T, d) of vectors."""
        return (self.length,) if self.discrete else (self.length, self.size)

    def check(self, tokens: NDArray[Any]) -> None:
        """Tokens [..., T] or [..., T, d] of this form, or a :class:`Problem` that says what not."""
        tail = self.tail
        whole = np.issubdtype(tokens.dtype, np.integer)
        if tokens.shape[-len(tail) :] != tail or whole != self.discrete:
            kind = "codes" if self.discrete else "vectors"
            got = f"{tokens.dtype} {list(tokens.shape)}"
            raise Problem(f"tokens [..., {', '.join(map(str, tail))}] ({kind})", got, "encode anew")
        if self.discrete:
            wrong = (tokens < 0) | (tokens >= self.size)
            if wrong.any():
                got = f"the token {tokens[wrong].flat[0]}"
                raise Problem(f"codes from 0 to {self.size - 1}", got, "encode by this codebook")
