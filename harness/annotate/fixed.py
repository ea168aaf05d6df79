"""One given level for every imperfect image (Daras et al. 2025, the "single sigma" baseline).

An image is admissible where sigma > buffer * sigma_min or sigma < sigma_max. Zero and zero admit it
everywhere: the imperfect images count as clean. Without a sigma_min it is never admitted from
above, as images of another origin are in the paper, which are used at low noise alone.
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.annotate.case import Case
from harness.annotate.parameter import require_level


@final
@dataclass(frozen=True)
class Fixed:
    """The same (sigma_min, sigma_max) for all; units of the images, whose range is [-1, 1].

    sigma_min: None for never. Either is at most 80, the top of the noise grid.
    """

    sigma_min: float | None = 0.0
    sigma_max: float = 0.0

    def __post_init__(self) -> None:
        if self.sigma_min is not None:
            require_level("sigma_min of the annotator fixed", self.sigma_min)
        require_level("sigma_max of the annotator fixed", self.sigma_max)

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2] of the n imperfect images."""
        low = np.inf if self.sigma_min is None else self.sigma_min
        return np.tile(np.array([low, self.sigma_max], np.float32), (len(case.imperfect), 1))

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """None: nothing is measured."""
        return 0.0
