"""One given level for every corrupted image (Daras et al. 2025, the "single sigma" baseline).

An image is admissible where sigma > buffer * sigma_min or sigma < sigma_max. Zero and zero admit it
everywhere: the corrupted data count as clean.
"""

from dataclasses import dataclass

import numpy as np

from harness.annotate.case import Case
from harness.problem import Problem


@dataclass(frozen=True)
class Fixed:
    """The same (sigma_min, sigma_max) for all; units of the images, whose range is [-1, 1]."""

    sigma_min: float = 0.0
    sigma_max: float = 0.0

    def __post_init__(self) -> None:
        if not (self.sigma_min >= 0 and self.sigma_max >= 0):
            raise Problem(
                "the annotator fixed",
                f"sigma_min={self.sigma_min}, sigma_max={self.sigma_max}",
                "give levels of at least 0",
            )

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2] of the n imperfect images."""
        return np.tile(
            np.array([self.sigma_min, self.sigma_max], np.float32), (len(case.imperfect), 1)
        )
