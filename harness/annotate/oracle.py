"""The oracle: the noise level that the images were given, read from the corruption itself.

An image x + sigma n, n white, is a clean image at the noise level sigma, and so a sample of the law
that a denoiser is to learn at every level above: sigma_min = sigma is right, and no lower level is
(Daras, Dagan, Dimakis, Daskalakis, Consistent Diffusion Meets Tweedie, ICML 2024). No other
corruption has such a level: blurred images have a law of their own at every noise.

It is the truth, which no author has, against which annotations of noised images are held. An
annotator by a threshold on a classifier does not estimate it: the Bayes classifier confuses noised
images with clean ones at a level of the order of sigma, above or below (``theory.ambient``).
"""

from dataclasses import dataclass
from typing import final

import numpy as np

from harness.annotate.case import Case
from harness.problem import Problem


@final
@dataclass(frozen=True)
class Oracle:
    """sigma_min is the standard deviation of ``gaussian_noise``; units of the images."""

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2]. Raises ``Problem`` for any corruption but Gaussian noise."""
        if case.corruption is None or case.corruption.name != "gaussian_noise":
            fix = "corrupt by gaussian_noise, or choose spectral or classifier, which measure"
            raise Problem("the annotator oracle", f"corruption={case.corruption}", fix)
        level = case.corruption.kwargs()["sigma"]
        return np.tile(np.array([level, 0.0], np.float32), (len(case.imperfect), 1))

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """None: nothing is measured."""
        return 0.0
