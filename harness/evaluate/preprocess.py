"""What happens to an image between its file and an extractor: the one quantiser, the one resizer.

Everything is 8-bit levels. A float image x in [-1, 1] becomes

    v = rint((x + 1) 127.5), clipped to 0..255,

rounded to the nearest; x = 0, the one tie, becomes 128. Other code truncates, which darkens an
image by half a level. Grey becomes colour by repetition; colour becomes grey, where that is asked
for, by the Rec. 601 luma rounded to a level, which is what saving the file as grey would have done.

An image of another size than S x S is resized as in Parmar, Zhang and Zhu, *On Aliased Resizing and
Surprising Subtleties in GAN Evaluation*, CVPR 2022 ("clean-fid"): each channel by itself, in
float32, by Pillow's bicubic filter, which is widened by the factor of a reduction (so that nothing
aliases), and clipped to 0..255. They hand the floats on; here they are rounded once, at the end, so
that levels stay levels. An image that is S x S already is not touched. One that is not square is
squashed, as theirs.

Numbers from sets that were prepared in different ways must not be compared (resizing alone moves
FID by 10 to 25 % in their tables): ``identity`` says in one line what was done.
"""

import re

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem


def quantised(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The levels 0..255 of pixels in [-1, 1], any shape; what lies outside is clipped."""
    return np.clip(np.rint((x.astype(np.float64) + 1) * 127.5), 0, 255).astype(np.uint8)


def resized(x: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Levels ``[C, H, W]`` as ``[C, size, size]``; the same object where they are that already."""
    if x.shape[1:] == (size, size):
        return x
    from PIL import Image

    planes = [
        Image.fromarray(plane.astype(np.float32)).resize((size, size), Image.Resampling.BICUBIC)
        for plane in x
    ]
    return np.clip(np.rint(np.stack([np.asarray(p) for p in planes])), 0, 255).astype(np.uint8)


def with_channels(x: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """Levels ``[C, H, W]`` with 1 or 3 channels: grey repeated, colour as Rec. 601 luma."""
    if len(x) == channels:
        return x
    if channels == 3:
        return np.repeat(x, 3, axis=0)
    from PIL import Image

    colour = Image.fromarray(np.ascontiguousarray(np.moveaxis(x, 0, -1)))
    return np.asarray(colour.convert("L"))[None]


def identity(channels: int, height: int, width: int) -> str:
    """What is done to images to bring them to this shape, in one line, for records and caches.

    It does not depend on how many images needed it: two sets with one line may be compared.
    """
    return (
        f"uint8 {channels}x{height}x{width}, resized by pil-bicubic-float32 and rounded once, "
        "grey by rec601"
    )


def shape_of(line: str) -> tuple[int, int, int]:
    """(C, H, W) of the images that a line of ``identity`` speaks of; else ``Problem``."""
    found = re.match(r"uint8 (\d+)x(\d+)x(\d+),", line)
    if found is None:
        raise Problem("a preprocessing", f"{line!r}", "make the statistics again")
    channels, height, width = (int(each) for each in found.groups())
    return channels, height, width
