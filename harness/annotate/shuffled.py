"""Another annotator's levels, dealt out at random over the images: a control of ours.

The pool admits as many images at each noise level as under the other annotator, to the image; what
is lost is which. An annotation of single images that is no better than its shuffle says no more
than how many images to admit at which level.

The other annotator draws first, so that its levels are those that it gives alone.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.annotate import ANNOTATORS
from harness.annotate.case import Case
from harness.cell import Part


@final
@dataclass(frozen=True)
class Shuffled:
    """The levels of ``of``, a row of ``ANNOTATORS``, in a random order."""

    of: Part

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2]; sigma_min and sigma_max of an image stay together."""
        levels = ANNOTATORS.make(self.of)(case)
        return levels[case.generator.permutation(len(levels))]

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """Those of the other annotator."""
        return ANNOTATORS.make(self.of).flops(shape, clean, imperfect)
