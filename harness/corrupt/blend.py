r"""A blend of an image with one that lacks something, and its continuation beyond the image.

.. math::  y = \mathrm{clip}(z + f\,(x - z),\, -1,\, 1),

where z is x without what is to be changed: its mean for the contrast, its grey for the saturation.
At f = 0 it is gone, below 1 it is less, above 1 there is more of it. Up to f = 1 the result lies
between z and x: nothing is clipped and y is linear in (x, z).

Source: Haeberli, Voorhies, Image Processing By Linear Interpolation and Extrapolation, IRIS
Universe Magazine 28, 1994, which PIL's ``ImageEnhance`` and torchvision's colour jitter follow.
"""

import math

from torch import Tensor

from harness.problem import Problem


def require_blend(name: str, factor: float) -> None:
    """Refuse a factor that is negative, not finite, or 1. ``name`` is the corruption's.

    Raises ``Problem``.
    """
    if not (math.isfinite(factor) and factor >= 0 and factor != 1):
        fix = "give a finite number from 0 up; 1 would change nothing"
        raise Problem(f"factor of {name}", repr(factor), fix)


def blend(x: Tensor, without: Tensor, factor: float) -> Tensor:
    """The blend of float64 images that broadcast, clipped to [-1, 1]."""
    return (without + factor * (x - without)).clamp(-1, 1)
