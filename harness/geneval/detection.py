"""Detections: what a detector saw in an image, whatever the detector is.

The score of a model depends on its detector, so the detector is an input: a file of detections, or
an adapter that makes one. Each object has a class, a confidence, a box and, where the detector
classified it, a colour.
"""

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Found:
    """One object. score: confidence in [0, 1]; box: (x0, y0, x1, y1) in pixels, x to the right and
    y down, x0 <= x1, y0 <= y1, within the image; color: a colour's name, or None if not looked at.
    """

    klass: str
    score: float
    box: tuple[float, float, float, float]
    color: str | None = None


@final
@dataclass(frozen=True)
class Detected:
    """The objects of one image. image: its name, relative to the folder of images; width, height:
    in pixels; sha256: of the file that the detector saw, "" where there was no file."""

    image: str
    width: int
    height: int
    objects: tuple[Found, ...]
    sha256: str = ""
