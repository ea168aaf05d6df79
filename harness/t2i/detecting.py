"""Detecting: a detector goes over a folder of images, one line of a file an image.

A run that is stopped goes on where its file ends: what is there is not detected again, and a file
that was finished in several runs is the same, byte for byte, as one made in one go (in batches of
more than one image, up to the rounding of the network's sums). An image whose bytes have changed
since is refused and not mixed in. The file is ``harness.geneval.detections``.
"""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.evaluate.ticker import Ticker
from harness.geneval.detection import Detected
from harness.geneval.detections import Appender, Header
from harness.geneval.prompt import Prompt
from harness.problem import Problem
from harness.t2i.detectors import Detector, load
from harness.t2i.folder import Folder, image_bytes, picture

VARIANTS = ("raw", "rewritten")
COLORS = ("all", "asked")

Waiting = tuple[str, str, NDArray[np.uint8], Prompt]  # name, sha256, picture, prompt


def chosen(options: argparse.Namespace) -> tuple[Detector, Header]:
    """The detector that options ask for, and what a file of its detections says.

    Raises ``Problem`` for options that it does not read.
    """
    if options.detector == "scenes" and options.colors is not None:
        got = f"--colors {options.colors}"
        raise Problem("the detector scenes", got, "leave it out: it reads all colours")
    detector = load(options.detector, options.weights, options.color_weights, options.device)
    return detector, header(detector, options.prompt_variant or "raw", options.colors or "all")


def header(detector: Detector, variant: str, colors: str = "all") -> Header:
    """What a file of detections says of how it was made.

    variant: whether the model was given the prompts as they stand ("raw") or "rewritten" ones;
    colors: of "all" objects, or only of classes whose colour the prompt of the image "asked" for.
    """
    settings = {"prompt_variant": variant, "colors": colors, **detector.settings}
    return Header(detector.name, detector.weights, detector.vocabulary, settings)


def detect(
    folder: Folder,
    detector: Detector,
    path: Path,
    head: Header,
    batch: int = 1,
    ticker: Ticker | None = None,
) -> int:
    """Detect the objects of every image that the file lacks; the number of images detected.

    Raises ``Problem``, with the file's name, for an image that cannot be read, that the detector
    does not take or that changed; for a file of another detector; and where another run writes to
    the file. What was detected before stays.
    """
    ticker = ticker or Ticker(quiet=True)
    images = folder.images
    step, made = ticker.step("detecting"), 0
    with Appender(path, head) as file:
        waiting: list[Waiting] = []
        for number, (name, prompt) in enumerate(images.items(), 1):
            data = image_bytes(folder.root, name)
            digest = hashlib.sha256(data).hexdigest()
            if not file.has(name, digest):
                pixels = picture(data, str(folder.root / name))
                detector.check((pixels.shape[1], pixels.shape[0]), str(folder.root / name))
                waiting.append((name, digest, pixels, prompt))
            if len(waiting) == batch or (waiting and number == len(images)):
                for detected in _found(waiting, detector, head):
                    file.append(detected)
                made += len(waiting)
                waiting = []
            step(number / len(images))
    return made


def _found(waiting: Sequence[Waiting], detector: Detector, head: Header) -> list[Detected]:
    asked = head.settings.get("colors") == "asked"
    colored = [_colored(prompt) if asked else None for *_, prompt in waiting]
    found = detector([pixels for _, _, pixels, _ in waiting], colored)
    return [
        Detected(name, pixels.shape[1], pixels.shape[0], objects, digest)
        for (name, digest, pixels, _), objects in zip(waiting, found, strict=True)
    ]


def _colored(prompt: Prompt) -> frozenset[str]:
    """The classes of a prompt that must have a colour."""
    return frozenset(wanted.klass for wanted in prompt.include if wanted.color is not None)
