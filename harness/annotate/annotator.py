"""What every annotator offers."""

from typing import Protocol

import numpy as np

from harness.annotate.case import Case


class Annotator(Protocol):
    """A rule that says at which noise levels imperfect images may be used."""

    def __call__(self, case: Case) -> np.ndarray:
        """Levels (sigma_min, sigma_max), float32 [n, 2], of the n imperfect images of a case."""

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """Products of an annotation of so many images of a shape (C, H, W)."""
