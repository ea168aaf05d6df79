"""A contact sheet: some images of each task under their prompts, right and wrong ones marked.

Nothing is chosen by eye: the images are evenly spaced over a task. A right image has a green frame
and a tick, a wrong one a red frame and a cross, so that no one needs the colours. Small images are
enlarged by a whole factor without smoothing, large ones reduced.
"""

import io
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from harness.geneval.vocabulary import TASKS

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

COLUMNS = 8
TILE, FRAME, GAP, TEXT, HEAD = 112, 4, 10, 30, 20  # pixels
RIGHT, WRONG, INK, GROUND = (0, 158, 115), (213, 94, 0), (40, 40, 40), (255, 255, 255)
WIDE = 22  # letters of a line under an image


@final
@dataclass(frozen=True)
class Shown:
    """One image to show. correct: None where nobody judged it; read: gives its levels [H, W, 3]."""

    tag: str
    prompt: str
    correct: bool | None
    read: Callable[[], NDArray[np.uint8]]


def sheet(images: Sequence[Shown]) -> bytes:
    """The sheet as a PNG: a row a task, in the order of ``TASKS``."""
    from PIL import Image, ImageDraw, ImageFont

    rows = []
    for task in TASKS:
        own = [image for image in images if image.tag == task]
        if own:
            count = min(len(own), COLUMNS)
            rows.append((task, len(own), [own[i * len(own) // count] for i in range(count)]))
    wide, high = TILE + 2 * FRAME + GAP, TILE + 2 * FRAME + TEXT + HEAD + GAP
    page = Image.new("RGB", (COLUMNS * wide + GAP, len(rows) * high + GAP), GROUND)
    draw = ImageDraw.Draw(page)
    head, small = ImageFont.load_default(size=13), ImageFont.load_default(size=9)
    for y, (task, total, chosen) in enumerate(rows):
        top = GAP + y * high
        title = f"{task.replace('_', ' ')}: {len(chosen)} of {total} images"
        draw.text((GAP, top), title, fill=INK, font=head)
        for x, shown in enumerate(chosen):
            left, upper = GAP + x * wide, top + HEAD
            page.paste(_tile(shown.read()), (left + FRAME, upper + FRAME))
            if shown.correct is not None:
                _mark(draw, left, upper, shown.correct)
            lines = textwrap.wrap(shown.prompt, WIDE, max_lines=2, placeholder=" ...")
            below = (left, upper + TILE + 2 * FRAME + 1)
            draw.multiline_text(below, "\n".join(lines), fill=INK, font=small, spacing=1)
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def _tile(levels: NDArray[np.uint8]) -> "Image.Image":
    """An image within a square of ``TILE`` pixels, on grey."""
    from PIL import Image

    image = Image.fromarray(levels)
    factor = TILE // max(image.size)
    if factor >= 1:
        image = image.resize(
            (image.width * factor, image.height * factor), Image.Resampling.NEAREST
        )
    else:
        image.thumbnail((TILE, TILE), Image.Resampling.LANCZOS)
    tile = Image.new("RGB", (TILE, TILE), (225, 225, 225))
    tile.paste(image, ((TILE - image.width) // 2, (TILE - image.height) // 2))
    return tile


def _mark(draw: "ImageDraw.ImageDraw", left: int, top: int, correct: bool) -> None:
    """The frame, and a tick or a cross in its upper left corner."""
    color, side = RIGHT if correct else WRONG, TILE + 2 * FRAME - 1
    draw.rectangle((left, top, left + side, top + side), outline=color, width=FRAME)
    draw.rectangle((left, top, left + 17, top + 17), fill=color)
    if correct:
        draw.line([(left + 4, top + 9), (left + 8, top + 13), (left + 14, top + 5)], GROUND, 2)
    else:
        draw.line([(left + 5, top + 5), (left + 13, top + 13)], GROUND, 2)
        draw.line([(left + 13, top + 5), (left + 5, top + 13)], GROUND, 2)
