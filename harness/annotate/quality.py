r"""Ranking by a score of quality without reference: the worst share is used from a level on.

Ambient Diffusion Omni ranks ImageNet by CLIP-IQA, takes the best tenth or fifth as good and gives
all others one level, sigma_min = 0.2 (Daras et al. 2025, section 5.3). Here the imperfect images
are ranked among themselves by how sharp they are, and the worst ``worst`` of them get ``level``,
the others 0. Two scores, a mean over channels each, and higher for sharper images:

    high_frequency  the share of an image's power, its mean left out, in the DCT-II modes (u, v)
                    of radial frequency :math:`\sqrt{(a^2 + b^2)/2} > 1/2`, :math:`a = u/(H-1)`,
                    :math:`b = v/(W-1)`; 0 for an image of one value
    laplacian       the variance of the five-point Laplacian, mirrored at the border (Pech-Pacheco
                    et al., Diatom autofocusing in brightfield microscopy, ICPR 2000)

The first asks how power is shared and does not see contrast, the second is the power of the
differences and grows with contrast. Neither can tell noise from detail, and a smooth scene is taken
for a blurred one: that a ranking needs no clean image is what it pays for so.

A rank is the inverse of the permutation that sorts; the released code for ImageNet takes the
permutation itself for the ranks, so that its good and bad images are a random choice. Ties are
ranked in the order of the images.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.fft import dctn
from scipy.ndimage import laplace

from harness.annotate.case import Case
from harness.annotate.parameter import require_level, require_share
from harness.problem import Problem


def high_frequency(images: np.ndarray) -> np.ndarray:
    """Share of the power in high modes [n], in [0, 1], of images [n, C, H, W]."""
    power = dctn(images.astype(np.float64), axes=(2, 3), norm="ortho") ** 2
    power[:, :, 0, 0] = 0
    rows, columns = (np.arange(side) / max(side - 1, 1) for side in images.shape[2:])
    high = np.add.outer(rows**2, columns**2) / 2 > 1 / 4  # [H, W]
    total = power.sum((2, 3))  # [n, C]
    # Rounding leaves a constant image some power: what is below it counts as none.
    floor = 1e-12 * images.shape[2] * images.shape[3]
    share = np.divide(
        power[:, :, high].sum(2), total, out=np.zeros_like(total), where=total > floor
    )
    return share.mean(1)


def laplacian(images: np.ndarray) -> np.ndarray:
    """Variance of the Laplacian [n], of images [n, C, H, W]."""
    return laplace(images.astype(np.float64), axes=(2, 3)).var(axis=(2, 3)).mean(1)


SCORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "high_frequency": high_frequency,
    "laplacian": laplacian,
}


def ranks(scores: np.ndarray) -> np.ndarray:
    """The place of each image [n], int64: 0 for the lowest score."""
    places = np.empty(len(scores), np.int64)
    places[np.argsort(scores, kind="stable")] = np.arange(len(scores))
    return places


@final
@dataclass(frozen=True)
class Quality:
    """sigma_min = ``level`` for the least sharp ``worst`` of the imperfect images, 0 for the rest.

    worst: a share in (0, 1], rounded to whole images. score: ``high_frequency`` or ``laplacian``.
    """

    level: float
    worst: float = 0.5
    score: str = "high_frequency"

    def __post_init__(self) -> None:
        require_level("level of the annotator quality", self.level)
        require_share("worst of the annotator quality", self.worst)
        if self.score not in SCORES:
            known = ", ".join(SCORES)
            raise Problem(f"the score {self.score!r}", "no such one", f"choose from {known}")

    def __call__(self, case: Case) -> np.ndarray:
        """Levels float32 [n, 2] of the n imperfect images."""
        place = ranks(SCORES[self.score](case.imperfect))
        levels = np.zeros((len(place), 2), np.float32)
        levels[place < round(self.worst * len(place)), 0] = self.level
        return levels

    def flops(self, shape: tuple[int, int, int], clean: int, imperfect: int) -> float:
        """The transform of each imperfect image, as two dense products; 5 a pixel by Laplacian."""
        channels, height, width = shape
        each = 2 * (height + width) + 2 if self.score == "high_frequency" else 5 + 2
        return float(imperfect * channels * height * width * each)
