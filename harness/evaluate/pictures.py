"""Pictures of an evaluation: a contact sheet of both sets, and what the samples may be copies of.

``r.samples.png`` shows samples on the left and the reference on the right, evenly over each set, so
that one looks before one reads. ``r.nearest.png`` shows the samples that lie nearest to an image of
the reference, in the features of the first extractor, each with the images of the reference that
are nearest to it: where the reference is the training set, this is what copying looks like. Small
images are enlarged by whole factors without smoothing.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.evaluate.evaluation import Found
from harness.evaluate.image_set import ImageSet
from harness.evaluate.ticker import Ticker
from harness.metrics.features import WATCH, Features, Watch
from harness.metrics.neighbourhood import nearest

if TYPE_CHECKING:
    from PIL import Image

ROWS, COLUMNS = 8, 8  # of each half of the contact sheet
CLOSE, NEIGHBOURS = 10, 5  # samples shown, and neighbours of each
TILE = 64  # pixels: the least side of a tile
GAP = 4
INK, GROUND = 40, 255


def files(found: Found, out: Path, ticker: Ticker) -> dict[Path, bytes]:
    """The pictures beside ``out``, as bytes. Needs the images of the reference."""
    assert found.reference is not None
    made = {out.with_suffix(".samples.png"): _png(_contact(found))}
    if found.features[0]:
        watch = Watch(ticker.step("nearest neighbours"))
        for side in found.features:
            for features in side.values():
                features.memory[WATCH] = watch
        made[out.with_suffix(".nearest.png")] = _png(_nearest(found))
    return made


def _tiles(images: ImageSet, index: np.ndarray, found: Found) -> np.ndarray:
    """Images at some places as tiles, uint8 ``[n, S, S', 3]``, enlarged by a whole factor."""
    channels, height, width = found.shape
    levels = images.take(index, found.asked.size, channels).transpose(0, 2, 3, 1)  # [n, H, W, C]
    factor = max(1, -(-TILE // max(height, width)))
    tiles = levels.repeat(factor, 1).repeat(factor, 2)
    return np.broadcast_to(tiles, (*tiles.shape[:3], 3))


def _grid(tiles: np.ndarray, columns: int) -> np.ndarray:
    """Tiles ``[n, S, S', 3]`` in rows, ``[H, W, 3]``; what is missing of the last row is ground."""
    n, height, width, _ = tiles.shape
    rows = -(-n // columns)
    sheet = np.full(
        (rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), GROUND, np.uint8
    )
    for i, tile in enumerate(tiles):
        top, left = i // columns * (height + GAP), i % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def _spread(count: int, number: int) -> np.ndarray:
    """At most ``number`` places, evenly over ``count``."""
    kept = min(count, number)
    return np.arange(kept) * count // kept


def _contact(found: Found) -> "Image.Image":
    """Both sets side by side, with what they are called above."""
    assert found.reference is not None
    sheets = []
    for images in (found.generated, found.reference):
        index = _spread(images.count, ROWS * COLUMNS)
        sheets.append(_grid(_tiles(images, index, found), COLUMNS))
    titles = [
        f"{each.count} {what}"
        for what, each in (("samples", found.generated), ("of reference", found.reference))
    ]
    return _beside(sheets, titles)


def _nearest(found: Found) -> "Image.Image":
    """The samples nearest to the reference, one a row, with their neighbours."""
    assert found.reference is not None
    name = next(iter(found.features[0]))
    samples, reference = found.features[0][name], found.features[1][name]
    distance, _ = nearest(samples, reference, 1)
    close = np.argsort(distance[:, 0], kind="stable")[:CLOSE]
    wanted = min(NEIGHBOURS, len(reference))
    _, neighbours = nearest(Features(np.asarray(samples.rows[close])), reference, wanted)
    left = _grid(_tiles(found.generated, close, found), 1)
    right = _grid(_tiles(found.reference, neighbours.ravel(), found), wanted)
    return _beside([left, right], ["sample", f"nearest of reference by {name}"])


def _beside(sheets: list[np.ndarray], titles: list[str]) -> "Image.Image":
    """Sheets side by side under their titles."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=16)
    lengths = [int(font.getlength(title)) + 1 for title in titles]
    widths = [max(sheet.shape[1], length) for sheet, length in zip(sheets, lengths)]
    head, space = 28, 24
    size = (sum(widths) + space * (len(sheets) + 1), max(s.shape[0] for s in sheets) + head + space)
    page = Image.new("RGB", size, (GROUND,) * 3)
    draw, left = ImageDraw.Draw(page), space
    for sheet, title, width in zip(sheets, titles, widths):
        draw.text((left, 4), title, fill=(INK,) * 3, font=font)
        page.paste(Image.fromarray(np.ascontiguousarray(sheet)), (left, head))
        left += width + space
    return page


def _png(picture: "Image.Image") -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
