"""photos: patches of seven colour photographs that scikit-image and scikit-learn bundle.

Each photograph is reduced by two with box means, x[i, j] = mean of the 2 x 2 block, in float (an
odd last row or column is dropped), which removes the traces of JPEG blocks and of colour
interpolation; levels v become x = v / 127.5 - 1. Grey is the Rec. 601 luma 0.299 R + 0.587 G +
0.114 B of the reduced image. A patch is side x side pixels, side 8, 16 or 32.

The split. Two stripes of full height, 32 pixels wide, near a quarter and three quarters of the
width W, are held out: they start at 8 * floor((W // 4 - 16) / 8) + 4 and at 8 * floor((3 * W // 4 -
16) / 8) + 4, so that what lies left of each is a multiple of 8. A guard band of 4 pixels on each
side of a stripe belongs to no part, and the rest are three training rectangles of full height. In
pixels of the reduced photographs, columns from the first to before the last:

    photograph       height  width  train    test     train    test     train
    astronaut        256     256    0-48     52-84    88-176   180-212  216-256
    chelsea          150     225    0-40     44-76    80-152   156-188  192-225
    coffee           200     300    0-56     60-92    96-208   212-244  248-300
    rocket           213     320    0-64     68-100   104-224  228-260  264-320
    motorcycle_left  250     370    0-72     76-108   112-256  260-292  296-370
    china            213     320    0-64     68-100   104-224  228-260  264-320
    flower           213     320    0-64     68-100   104-224  228-260  264-320

Inside each rectangle lies a grid of patches from its upper left corner; what does not fill a patch
at its right or lower edge is dropped. A region is a block of 32 x 32 pixels of that grid, at most
16 patches of side 8, 4 of side 16 or one of side 32. No pixel is in two patches, none of a training
patch is within 4 pixels of a held-out one in a row, and clean patches are drawn by region
(``harness.data.subset``).

What it cannot show. The held-out patches come from the same seven photographs, so they test whether
a model has learnt their statistics, not those of photographs at large. And seven photographs are
few: on grey patches of side 8 the held-out ones have 1.05 times the training ones' mean power
outside the DCT mode (0, 0), and 0.71 times in the eight modes of highest frequency, of which china
alone holds half. Both lie within two standard errors over regions (0.14 and 0.21 of the logarithm),
so a spectrum of samples is compared with that of the images that the model was trained on, or with
both.

The files are read as installed, never fetched, and each must have its pinned sha256. The three
JPEG files (rocket, china, flower) may decode one level apart under another build of the JPEG
library; the content hash of the set then differs, and nothing else does.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.images import Images
from harness.data.picture import decode, levels
from harness.problem import Problem

SIDES = (8, 16, 32)
BLOCK = 32  # pixels; the side of a region
STRIPE = 32  # pixels; the width of a held-out stripe
GUARD = 4  # pixels; what is left out on each side of a stripe
PACKAGES = {"skimage": "scikit-image", "sklearn": "scikit-learn"}
LUMA = (0.299, 0.587, 0.114)  # Rec. 601


@dataclass(frozen=True)
class Photograph:
    """One bundled file: the package and path that hold it, its sha256, whose it is."""

    name: str
    package: str
    path: str
    sha256: str
    licence: str
    credit: str


@dataclass(frozen=True)
class Rectangle:
    """Columns [left, right) over the full height of a reduced photograph, of one part."""

    test: bool
    left: int
    right: int


PHOTOGRAPHS = (
    Photograph(
        name="astronaut",
        package="skimage",
        path="data/astronaut.png",
        sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        licence="public domain",
        credit="NASA",
    ),
    Photograph(
        name="chelsea",
        package="skimage",
        path="data/chelsea.png",
        sha256="596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        licence="CC0",
        credit="Stefan van der Walt",
    ),
    Photograph(
        name="coffee",
        package="skimage",
        path="data/coffee.png",
        sha256="cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        licence="CC0",
        credit="Rachel Michetti, courtesy of Pikolo Espresso Bar",
    ),
    Photograph(
        name="rocket",
        package="skimage",
        path="data/rocket.jpg",
        sha256="c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        licence="public domain",
        credit="SpaceX",
    ),
    Photograph(
        name="motorcycle_left",
        package="skimage",
        path="data/motorcycle_left.png",
        sha256="db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
        licence="none stated",
        credit="Middlebury 2014 stereo benchmark (Scharstein et al., GCPR 2014)",
    ),
    Photograph(
        name="china",
        package="sklearn",
        path="datasets/images/china.jpg",
        sha256="8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        licence="CC BY 2.0",
        credit="danielbuechele",
    ),
    Photograph(
        name="flower",
        package="sklearn",
        path="datasets/images/flower.jpg",
        sha256="a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        licence="CC BY 2.0",
        credit="vultilion",
    ),
)


def photos(*, side: int = 8, channels: int = 1, labelled: bool = False) -> Images:
    """Non-overlapping patches ``[channels, side, side]``, ordered by photograph and rectangle.

    side: 8, 16 or 32 pixels; channels: 1 (grey) or 3 (colour); labelled: whether the photograph
    that a patch was cut from is its class. Raises Problem for another side or number of channels,
    and for a bundled file that is missing or another one.
    """
    return patches_of("photos", "photo", PHOTOGRAPHS, side, channels, labelled)


def patches_of(
    name: str,
    noun: str,
    photographs: Sequence[Photograph],
    side: int,
    channels: int,
    labelled: bool = False,
) -> Images:
    """The patches of bundled photographs, split as above, as a set with that name.

    noun: what an error calls one of them. Raises Problem as ``photos`` does.
    """
    if side not in SIDES or isinstance(side, bool):
        raise Problem(f"a side of {noun} patches", f"{side!r}", "give 8, 16 or 32 (pixels)")
    if channels not in (1, 3) or isinstance(channels, bool):
        raise Problem("a number of channels", f"{channels!r}", "give 1 (grey) or 3 (colour)")
    patches, test, region, source = [], [], [], []
    regions = 0
    for index, photograph in enumerate(photographs):
        x = reduced(photograph)  # [3, H, W]
        if channels == 1:
            x = (LUMA[0] * x[0] + LUMA[1] * x[1] + LUMA[2] * x[2])[None]  # [1, H, W]
        for rectangle in rectangles(x.shape[2]):
            part = x[:, :, rectangle.left : rectangle.right]
            rows, columns = part.shape[1] // side, part.shape[2] // side
            grid = part[:, : rows * side, : columns * side]
            grid = grid.reshape(channels, rows, side, columns, side)
            patches.append(grid.transpose(1, 3, 0, 2, 4).reshape(-1, channels, side, side))
            down, right = np.divmod(np.arange(rows * columns), columns)
            block = (down * side // BLOCK) * x.shape[2] + right * side // BLOCK
            blocks, block = np.unique(block, return_inverse=True)
            region.append(regions + block)
            regions += len(blocks)
            test.append(np.full(rows * columns, rectangle.test))
            source.append(np.full(rows * columns, index))
    cut_from = np.concatenate(source).astype(np.int64)
    names = tuple(photograph.name for photograph in photographs)
    packages = dict.fromkeys(PACKAGES[photograph.package] for photograph in photographs)
    return Images(
        name=name,
        pixels=np.clip(np.concatenate(patches), -1, 1).astype(np.float32),  # clips rounding only
        test=np.concatenate(test),
        region=np.concatenate(region).astype(np.int64),
        source=cut_from,
        sources=names,
        labels=cut_from if labelled else None,
        classes=names if labelled else (),
        licence="; ".join(f"{each.name}: {each.licence}" for each in photographs),
        citation=f"photographs bundled with {' and '.join(packages)}: "
        + "; ".join(f"{each.name} by {each.credit}" for each in photographs),
    )


def rectangles(width: int) -> tuple[Rectangle, ...]:
    """Train, test, train, test, train from left to right of a reduced photograph."""
    parts, edge = [], 0
    for quarter in (width // 4, 3 * width // 4):
        left = (quarter - STRIPE // 2) // 8 * 8 + GUARD
        parts.append(Rectangle(False, edge, left - GUARD))
        parts.append(Rectangle(True, left, left + STRIPE))
        edge = left + STRIPE + GUARD
    return (*parts, Rectangle(False, edge, width))


def reduced(photograph: Photograph) -> NDArray[np.float64]:
    """A photograph in [-1, 1], reduced by two with box means: float64 ``[3, H // 2, W // 2]``."""
    v = levels(decode(_file(photograph), photograph.name), 3).astype(np.float64)  # [3, H, W]
    height, width = v.shape[1] // 2, v.shape[2] // 2
    blocks = v[:, : 2 * height, : 2 * width].reshape(3, height, 2, width, 2)
    return blocks.mean(axis=(2, 4)) / 127.5 - 1  # [3, H // 2, W // 2]


def _file(photograph: Photograph) -> bytes:
    """The bytes of a bundled file, checked against its sha256; its package is not imported."""
    asked = f"the photograph {photograph.name!r} bundled with {photograph.package}"
    spec = find_spec(photograph.package)
    folders = (spec.submodule_search_locations if spec else None) or []
    found = [Path(folder, photograph.path) for folder in folders]
    found = [path for path in found if path.is_file()]
    fix = f"install the wheel of {photograph.package} again"
    if not found:
        raise Problem(asked, f"no file {photograph.path}", fix)
    data = found[0].read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != photograph.sha256:
        got = f"a file with the sha256 {sha256[:16]}… in place of {photograph.sha256[:16]}…"
        raise Problem(asked, got, fix)
    return data
