"""Detectors: what finds the objects in images, by name.

scenes        the exact detector of the world of coloured shapes; no weights
mask2former   Mask2Former for COCO's classes, CLIP for colours; the extra [t2i]
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol, final

import numpy as np
from numpy.typing import NDArray

from harness.geneval.detection import Found
from harness.geneval.vocabulary import Vocabulary
from harness.problem import Problem
from harness.scenes.captions import SCENES
from harness.scenes.detector import detect
from harness.scenes.world import LEAST

NAMES = ("scenes", "mask2former")
LARGEST = 1024  # pixels along a side of a picture of scenes: 0.1 GB to look at


class Detector(Protocol):
    """Finds the objects of pictures."""

    @property
    def name(self) -> str:
        """What a file of detections calls it."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The classes and colours that it tells."""

    @property
    def weights(self) -> Mapping[str, str]:
        """The sha256 of its networks, by their names."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What else decides what it finds, as plain data."""

    def check(self, size: tuple[int, int], name: str) -> None:
        """``Problem`` for a picture that it cannot look at. size: width and height in pixels; name:
        of its file."""

    def __call__(
        self, pictures: Sequence[NDArray[np.uint8]], colored: Sequence[Collection[str] | None]
    ) -> list[tuple[Found, ...]]:
        """The objects of each picture ``[H, W, 3]``. colored: for each the classes whose colours
        are needed; None for all."""


@final
class ScenesDetector:
    """The exact detector of ``harness.scenes``, on 8-bit pictures; it reads all colours."""

    name = "scenes"
    vocabulary = SCENES
    weights: Mapping[str, str] = {}
    settings: Mapping[str, Any] = {}

    def check(self, size: tuple[int, int], name: str) -> None:
        """``Problem`` for a picture that is no square, or none of the sides that it takes."""
        width, height = size
        got = f"{width} x {height} pixels"
        if width != height:
            fix = "make it a square: scenes are"
            raise Problem(f"a square picture of a scene in {name}", got, fix)
        if not LEAST <= width <= LARGEST:
            fix = "draw it in another size"
            raise Problem(f"{LEAST} to {LARGEST} pixels along a side of {name}", got, fix)

    def __call__(
        self, pictures: Sequence[NDArray[np.uint8]], colored: Sequence[Collection[str] | None]
    ) -> list[tuple[Found, ...]]:
        """The objects of each picture ``[S, S, 3]``."""
        found: list[tuple[Found, ...]] = []
        for _, group in groupby(pictures, key=lambda picture: picture.shape):
            levels = np.stack(list(group)).transpose(0, 3, 1, 2)  # [n, 3, S, S]
            images = (levels / 127.5 - 1).astype(np.float32)
            names = [f"picture {len(found) + i}" for i in range(len(images))]
            found += [each.objects for each in detect(images, names)]
        return found


def load(
    name: str,
    weights: str | None = None,
    color_weights: str | None = None,
    device: str | None = None,
) -> Detector:
    """The detector of a name. weights, color_weights: of its networks, None for the usual ones;
    device: where it works, None for "auto".

    Raises ``Problem`` for an unknown name, for what the detector does not take, and as
    ``harness.t2i.mask2former.load``.
    """
    if name == "scenes":
        if weights or color_weights:
            given = weights or color_weights
            raise Problem("the detector scenes", f"weights {given}", "leave them out: it has none")
        if device is not None:
            fix = "leave it out: it works on the processor"
            raise Problem("the detector scenes", f"--device {device}", fix)
        return ScenesDetector()
    if name == "mask2former":
        from harness.t2i import mask2former

        return mask2former.load(weights, color_weights, device or "auto")
    raise Problem(f"the detector {name!r}", "no such one", f"choose from {', '.join(NAMES)}")
