"""Images cut into square patches in raster order, and patches put together again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem


def cut(images: NDArray[Any], patch: int) -> NDArray[Any]:
    """Patches [N, T, C p p] of images [N, C, H, W]: T = (H/p)(W/p) of p x p pixels, row by row.

    The numbers of a patch are in the order (channel, row, column). Raises ``Problem`` for a patch
    that does not divide both sides.
    """
    count, channels, height, width = images.shape
    p = patch
    if p < 1 or height % p or width % p:
        got = f"images of {height} x {width} pixels"
        raise Problem(f"patches of {p} pixels", got, "choose a patch that divides both")
    parts = images.reshape(count, channels, height // p, p, width // p, p)
    return parts.transpose(0, 2, 4, 1, 3, 5).reshape(count, -1, channels * p * p)


def paste(patches: NDArray[Any], shape: tuple[int, int, int], patch: int) -> NDArray[Any]:
    """Images [N, C, H, W] of the patches [N, T, C p p], the inverse of :func:`cut`."""
    channels, height, width = shape
    p = patch
    parts = patches.reshape(len(patches), height // p, width // p, channels, p, p)
    return parts.transpose(0, 3, 1, 4, 2, 5).reshape(-1, channels, height, width)


def patches_of(images: NDArray[Any], patch: int) -> NDArray[np.float64]:
    """:func:`cut` in float64, of images that are all finite numbers; else a :class:`Problem`."""
    if images.ndim != 4 or not len(images):
        raise Problem("images [N, C, H, W]", f"an array {list(images.shape)}", "give at least one")
    bad = ~np.isfinite(images).all((1, 2, 3))
    if bad.any():
        got = f"{int(bad.sum())} with NaN or infinite pixels, the first at {int(bad.argmax())}"
        raise Problem("images of finite pixels", got, "leave them out")
    return cut(images, patch).astype(np.float64)
