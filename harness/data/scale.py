"""A scale: how a plain array of images is meant, its axes and its values of black and white.

Axes: ``[N, H, W]`` is grey, ``[N, H, W, C]`` and ``[N, C, H, W]`` have C = 1 or 3; where an array
could be both of the last two, ``layout`` must say.

Values: uint8 levels v become x = v / 127.5 - 1, floats x = 2 (v - low) / (high - low) - 1. A float
array with a negative value is taken as in [-1, 1] unless ``low`` and ``high`` say otherwise;
without a negative one, [0, 1] and an unlucky [-1, 1] look the same, and ``low`` must be given.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.data.images import from_levels
from harness.problem import Problem


@dataclass(frozen=True)
class Scale:
    """layout: "NHWC", "NCHW" or None; low, high: black and white in float arrays."""

    layout: str | None = None
    low: float | None = None
    high: float = 1.0

    def __post_init__(self) -> None:
        if self.layout not in (None, "NHWC", "NCHW"):
            raise Problem("a layout of images", f"{self.layout!r}", "give 'NHWC' or 'NCHW'")

    def channels_first(self, x: NDArray[Any], asked: str) -> NDArray[Any]:
        """Any of the three orders of axes as ``[N, C, H, W]``, without a copy."""
        if x.ndim == 3:
            return x[:, None]
        if x.ndim == 4:
            possible = {"NHWC": x.shape[3] in (1, 3), "NCHW": x.shape[1] in (1, 3)}
            fitting = [order for order, fits in possible.items() if fits]
            meant = [self.layout] if self.layout in fitting else fitting
            if len(meant) == 2:
                fix = "say layout='NHWC' or layout='NCHW'"
                raise Problem(asked, f"the shape {x.shape}, which could be both", fix)
            if len(meant) == 1 and self.layout in (None, meant[0]):
                return x if meant[0] == "NCHW" else np.moveaxis(x, 3, 1)
        raise Problem(
            f"{asked} as [N, H, W], [N, H, W, C] or [N, C, H, W] with 1 or 3 channels",
            f"the shape {x.shape}" + (f" as {self.layout}" if self.layout else ""),
            "save it as one of these",
        )

    def to_pixels(self, x: NDArray[Any], asked: str) -> NDArray[np.float32]:
        """Levels or floats of any shape as float32 in [-1, 1]; ``asked`` names them in errors."""
        if x.dtype == np.uint8:
            return from_levels(np.ascontiguousarray(x))
        if not np.issubdtype(x.dtype, np.floating):
            raise Problem(asked, f"an array of {x.dtype}", "save uint8 levels or floats")
        if not x.size:
            return np.ascontiguousarray(x, np.float32)
        bottom, top = float(x.min()), float(x.max())  # a NaN passes through both
        if not (np.isfinite(bottom) and np.isfinite(top)):
            raise Problem(asked, "NaN or Inf", "mend or drop those images")
        if self.low is None and bottom >= 0:
            raise Problem(
                f"{asked} on a known scale",
                f"floats from {bottom:g} to {top:g}",
                "say low=0 (and high=...) or low=-1, the value of black",
            )
        low = -1.0 if self.low is None else self.low
        if low >= self.high or bottom < low or top > self.high:
            raise Problem(
                f"{asked} from low={low:g} to high={self.high:g}",
                f"values from {bottom:g} to {top:g}",
                "say low=... and high=..., the values of black and white",
            )
        if (low, self.high) == (-1.0, 1.0):
            return np.ascontiguousarray(x, np.float32)
        unit = (x.astype(np.float64) - low) / (self.high - low)
        return np.ascontiguousarray(2 * unit - 1, np.float32)
