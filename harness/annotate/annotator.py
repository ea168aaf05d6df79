"""What every annotator offers, and how one is made from the part that names it."""

from typing import Protocol

import numpy as np

from harness.annotate import ANNOTATORS
from harness.annotate.case import Case
from harness.cell import Part
from harness.problem import Problem


class Annotator(Protocol):
    """A rule that says at which noise levels imperfect images may be used."""

    def __call__(self, case: Case) -> np.ndarray:
        """Levels (sigma_min, sigma_max), float32 [n, 2], of the n imperfect images of a case."""

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """Products of an annotation of so many images of a shape (C, H, W)."""


def made(named: Part) -> Annotator:
    """The annotator that a part names. Raises ``Problem`` for a parameter that it does not have."""
    try:
        found: Annotator = ANNOTATORS[named.name](**named.kwargs())
    except TypeError as error:
        raise Problem(f"the annotator {named}", f"{error}", "give its own parameters") from error
    return found
