"""The clean subset: which training images keep their clean version, drawn by region.

Of N training images exactly n = round(fraction * N) are clean (a half is rounded to the even
neighbour). The regions are put in a random order and filled one after the other until n images
are clean; the last region may be cut, and those of its images that do not fit are corrupted like
every other.

No pixel is in both sets: an image is clean or it is not, the patches of ``photos`` do not overlap,
and a corrupted image is never seen in its clean version. At most one region holds both kinds.

For one state of the generator the subsets are nested: a larger fraction keeps every clean image
of a smaller one, so that arms with more clean data see the same images and more.
"""

import numpy as np
from numpy.typing import NDArray

from harness.data.images import Images
from harness.problem import Problem


def clean_subset(
    images_train: Images, fraction: float, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Which of the N training images are clean: bool ``[N]`` with round(fraction * N) true.

    Raises Problem where the fraction is not in [0, 1] or where an image is held out: what a model
    is judged on is never drawn.
    """
    if not 0 <= fraction <= 1:
        raise Problem("a fraction of clean images", f"{fraction!r}", "give a number from 0 to 1")
    if images_train.test.any():
        raise Problem(
            f"a clean subset of the training images of {images_train.name!r}",
            f"{int(images_train.test.sum())} held-out images among them",
            "pass images.train",
        )
    regions, region = np.unique(images_train.region, return_inverse=True)  # region: [N]
    turn = generator.permutation(len(regions))[region]  # [N], when an image's region is filled
    clean = np.zeros(images_train.count, np.bool_)
    clean[np.argsort(turn, kind="stable")[: round(fraction * images_train.count)]] = True
    return clean
