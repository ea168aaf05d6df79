"""A held-out part that depends on what the images are, not on where they stand.

An image's key is the first 64 bits of the sha256 of its bytes. The round(fraction * N) images with
the smallest keys are held out (a half is rounded to the even neighbour), and so is any image whose
key ties with the last of them: two copies of one image never lie on both sides of the split.

The split needs no random state, is the same on every machine and in every file order, and one
image more or less moves at most one other across.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem


def by_content(pixels: NDArray[np.float32], fraction: float) -> NDArray[np.bool_]:
    """Which of the images ``[N, C, H, W]`` are held out: bool ``[N]``.

    Raises Problem where the fraction is not in [0, 1).
    """
    if not 0 <= fraction < 1:
        raise Problem("a held-out fraction", f"{fraction!r}", "give a number from 0 to below 1")
    held = round(fraction * len(pixels))
    if not held:
        return np.zeros(len(pixels), np.bool_)
    digests = (hashlib.sha256(np.ascontiguousarray(x, "<f4").tobytes()).digest() for x in pixels)
    keys = np.array([int.from_bytes(digest[:8], "big") for digest in digests], np.uint64)  # [N]
    return keys <= np.partition(keys, held - 1)[held - 1]
