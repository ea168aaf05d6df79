"""Words: what a caption is to a network, a row of whole numbers.

The words of a set of captions are numbered from 1 in alphabetical order. 0 fills up a caption that
is shorter than the longest, and a row of zeros is the null caption, which stands for no condition
at all (Ho and Salimans, "Classifier-free diffusion guidance", 2022). A class label is a caption of
one word, whatever its name is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem


@final
@dataclass(frozen=True)
class Words:
    """known: the words in order, word i has the number i + 1; length: tokens of a caption; whole:
    a caption is one word and is not split at its spaces."""

    known: tuple[str, ...]
    length: int
    whole: bool = False

    @classmethod
    def of(cls, captions: Sequence[str], whole: bool = False) -> "Words":
        """The words of some captions; a :class:`Problem` where there are none."""
        split = [[caption] if whole else caption.split() for caption in captions]
        if not split or not all(split):
            got = "an empty caption" if split else "none"
            raise Problem("the words of captions", got, "condition on a dataset with class names")
        words = sorted({word for caption in split for word in caption})
        return cls(tuple(words), max(map(len, split)), whole)

    @property
    def count(self) -> int:
        """How many tokens there are, with 0."""
        return len(self.known) + 1

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.known, 1)}

    def tokens(self, captions: Sequence[str]) -> NDArray[np.int64]:
        """Captions as tokens [n, length]; a :class:`Problem` for an unknown word and an overlong
        caption."""
        rows = np.zeros((len(captions), self.length), np.int64)
        for row, caption in zip(rows, captions):
            words = [caption] if self.whole else caption.split()
            if len(words) > self.length:
                got = f"{len(words)} words"
                raise Problem(f"the caption {caption!r}", got, f"use at most {self.length}")
            for place, word in enumerate(words):
                if word not in self._numbers:
                    fix = f"the known words are {', '.join(self.known)}"
                    raise Problem(f"the caption {caption!r}", f"the word {word!r}", fix)
                row[place] = self._numbers[word]
        return rows
