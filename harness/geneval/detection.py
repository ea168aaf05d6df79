"""Detections: what a detector saw in an image, whatever the detector is.

The score of a model depends on its detector, so the detector is an input: a file of detections, or
an adapter that makes one. Each object has a class, a confidence, a box and, where the detector
classified it, a colour.

A box runs from edge to edge: x from 0 to the width, y from 0 to the height. Detectors work in
single precision and rescale what they found, so a box may lie outside by ``SLACK`` pixels.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from harness.geneval.entry import SHA256, Entry
from harness.geneval.vocabulary import COCO, Vocabulary
from harness.problem import Problem

SLACK = 0.01  # pixels; ten times the rounding of a single at 8,000


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

    def config(self) -> dict[str, Any]:
        """The object as a file of detections has it."""
        made = {"class": self.klass, "score": float(self.score), "box": [*map(float, self.box)]}
        return made if self.color is None else {**made, "color": self.color}


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

    def config(self) -> dict[str, Any]:
        """The image as a file of detections has it."""
        return {
            "image": self.image,
            "sha256": self.sha256,
            "width": self.width,
            "height": self.height,
            "objects": [found.config() for found in self.objects],
        }

    @property
    def json(self) -> str:
        """The line of a file of detections, without a line feed."""
        return json.dumps(self.config(), allow_nan=False)

    @staticmethod
    def read(mapping: Mapping[str, Any], where: str, vocabulary: Vocabulary = COCO) -> "Detected":
        """The image of a mapping as in a file. Errors: a ``Problem`` that names ``where``."""
        entry = Entry.of(mapping, where)
        entry.keys(("image", "sha256", "width", "height", "objects"))
        name = entry.text("image")
        parts = name.split("/")
        if "\\" in name or any(part in ("", ".", "..") for part in parts):
            entry.refuse("image", "a path relative to the images", "write a name as 00000/0000.png")
        digest = entry.value["sha256"]
        if digest != "" and not (isinstance(digest, str) and SHA256.fullmatch(digest)):
            entry.refuse("sha256", "64 hexadecimal digits, or none", "give the image's sha256")
        width, height = entry.whole("width", 1), entry.whole("height", 1)
        objects = (_found(one, width, height, vocabulary) for one in entry.entries("objects"))
        return Detected(name, width, height, tuple(objects), digest)


def _found(one: Entry, width: int, height: int, vocabulary: Vocabulary) -> Found:
    one.keys(("class", "score", "box"), ("color",))
    klass, score = one.one_of("class", vocabulary.classes), one.number("score", 0, 1)
    x0, y0, x1, y1 = box = one.numbers("box", 4)
    if x0 > x1 or y0 > y1:
        one.refuse("box", "x0 <= x1 and y0 <= y1", "change the corners over")
    if min(x0, y0) < -SLACK or x1 > width + SLACK or y1 > height + SLACK:
        asked = f"a box within the image of {width} x {height} pixels at {one.where}"
        raise Problem(asked, str(list(box)), "give the box in pixels of this image")
    color = one.one_of("color", vocabulary.colors) if "color" in one.value else None
    return Found(klass, score, (x0, y0, x1, y1), color)
