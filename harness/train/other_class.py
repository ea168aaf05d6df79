"""A biased corrector: the negative control of self-correction.

It is ``harness.train.centres`` with the wrong class: c(x, y) is the nearest cluster centre of the
class y + ``shift``, in the order of the classes, the first after the last. It contracts as every
corrector does, so that the loop looks as stable, and it pulls to a wrong place: its fixed point is
the mixture that ``theory.loops.biased_corrector`` works out for a Gaussian. (ours)
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.problem import Problem
from harness.train.centres import Centres
from harness.train.corrector import Known


@final
@dataclass(frozen=True)
class OtherClass:
    """count: centres of a class; shift: how many classes on, from 1."""

    count: int = 4
    shift: int = 1

    def __post_init__(self) -> None:
        Centres(self.count)
        if type(self.shift) is not int or self.shift < 1:
            fix = "give 1 or more; without a shift it is the corrector centres"
            raise Problem(f"a corrector biased by {self.shift!r} classes", "no bias", fix)

    def require(self, many: int) -> None:
        """Refuse so many classes if each is its own other. Raises ``Problem``."""
        if self.shift % many == 0:
            got = f"{many} {'classes' if many > 1 else 'class'}"
            fix = "give a shift that is no multiple of the number of classes"
            raise Problem(f"a corrector biased by {self.shift} classes", got, fix)

    def targets(
        self, samples: np.ndarray, labels: np.ndarray, known: Known, generator: np.random.Generator
    ) -> np.ndarray:
        """The nearest centre of the other class for each sample, float32 [k, C, H, W].

        Raises ``Problem`` for a class that is its own other, or that has no real image.
        """
        many = len(known.classes)
        self.require(many)
        wrong = (labels + self.shift) % many
        return Centres(self.count).targets(samples, wrong, known, generator)
