"""folder: a user's own pictures, one file each, with sub-folders as classes where there are any.

    FOLDER/*.png ...            images without labels
    FOLDER/CLASS/*.png ...      images with labels; the classes are the sub-folders, by name

Files are taken in the order of their names (by code point, the same on every machine); PNG, JPEG,
WebP, BMP, TIFF and PPM files count, others and hidden ones are left alone. All pictures must have
one size, unless ``side`` says to make it: the largest centred square is cut out and reduced to
side x side pixels by area means: a new pixel is the mean of what it covers, a pixel that it covers
in part counting by that part, rounded once to 8 bits. A picture is never enlarged.

Held out is a fraction by content, whatever the files are called (``harness.data.split``).
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.data.images import Images, from_levels
from harness.data.picture import channels_of, check_channels, decode, levels
from harness.data.split import by_content
from harness.problem import Problem

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")


def folder(
    *,
    path: str | Path,
    side: int | None = None,
    channels: int | None = None,
    held_out_fraction: float = 0.2,
    name: str | None = None,
    licence: str = "not stated",
    citation: str = "",
) -> Images:
    """The pictures of a folder; side in pixels; channels 1 (grey), 3 (colour) or as the files are.

    Raises Problem for a folder that is missing or empty, a class folder without a picture, pictures
    beside class folders (which label would they have?), a picture that does not decode, mixed
    sizes, and grey beside colour where ``channels`` does not say which.
    """
    if side is not None and (isinstance(side, bool) or not isinstance(side, int) or side < 1):
        raise Problem("a side of pictures", f"{side!r}", "give a whole number of pixels")
    check_channels(channels)
    root = Path(path).expanduser()
    files, classes = _files(root)
    x = _levels(root, files, side, channels)  # [N, C, H, W]
    pixels = from_levels(x)
    index = {each: label for label, each in enumerate(classes)}
    labels = [index[file.parent.name] for file in files] if classes else None
    return Images.unrelated(
        name=name or root.resolve().name,
        pixels=pixels,
        test=by_content(pixels, held_out_fraction),
        labels=None if labels is None else np.array(labels, np.int64),
        classes=classes,
        licence=licence,
        citation=citation,
    )


def _files(root: Path) -> tuple[list[Path], tuple[str, ...]]:
    """The pictures in order of their names, and the classes where sub-folders make them."""
    asked = f"the pictures of the folder {root}"
    if not root.is_dir():
        raise Problem(asked, "no such folder", "give the path of a folder")
    loose, folders = _pictures(root)
    if not loose and not folders:
        raise Problem(asked, "no picture", f"put files there that end in {', '.join(SUFFIXES)}")
    if not folders:
        return loose, ()
    if loose:
        raise Problem(
            f"a label for each picture of {root}",
            f"{loose[0].name} beside the class folder {folders[0].name}",
            "move every picture into a class folder, or none",
        )
    files: list[Path] = []
    for each in folders:
        inside, deeper = _pictures(each)
        if deeper:
            raise Problem(asked, f"a folder in the class folder {each.name}", "use one level")
        if not inside:
            raise Problem(
                asked, f"no picture in the class folder {each.name}", "fill or remove that folder"
            )
        files += inside
    return files, tuple(each.name for each in folders)


def _pictures(root: Path) -> tuple[list[Path], list[Path]]:
    """The picture files and the folders in one folder, each by name, hidden ones left out."""
    entries = sorted((e for e in root.iterdir() if e.name[0] != "."), key=lambda e: e.name)
    folders = [entry for entry in entries if entry.is_dir()]
    files = [entry for entry in entries if entry.suffix.lower() in SUFFIXES]
    return [entry for entry in files if not entry.is_dir()], folders


def _levels(
    root: Path, files: list[Path], side: int | None, channels: int | None
) -> NDArray[np.uint8]:
    """The levels of all files, uint8 ``[N, C, H, W]``, of one size and number of channels."""
    out: NDArray[np.uint8] | None = None
    first = files[0]
    for row, file in enumerate(files):
        where = str(file.relative_to(root))
        try:
            data = file.read_bytes()
        except OSError as error:
            raise Problem(f"the picture {where}", f"{error}", "make it readable") from error
        picture = decode(data, where)
        x = levels(picture, channels or channels_of(picture))  # [C, H, W]
        if side is not None:
            x = _square(x, side, where)
        if out is None:
            out = np.empty((len(files), *x.shape), np.uint8)
        size, other = out.shape[2:], x.shape[1:]
        if size != other:
            raise Problem(
                f"pictures of one size in {root}",
                f"{first.relative_to(root)} with {size[1]} x {size[0]} pixels and "
                f"{where} with {other[1]} x {other[0]}",
                "scale them to one, or say side=... to crop and reduce them",
            )
        if len(x) != out.shape[1]:
            raise Problem(
                f"grey or colour pictures in {root}",
                f"both ({first.relative_to(root)} and {where})",
                "say channels=1 or channels=3",
            )
        out[row] = x
    assert out is not None
    return out


def _square(x: NDArray[np.uint8], side: int, where: str) -> NDArray[np.uint8]:
    """The largest centred square of ``[C, H, W]``, reduced to ``[C, side, side]``."""
    height, width = x.shape[1:]
    edge = min(height, width)
    if edge < side:
        raise Problem(
            f"the picture {where} at side {side}",
            f"{width} x {height} pixels",
            "choose a smaller side, or remove that file: none is enlarged",
        )
    top, left = (height - edge) // 2, (width - edge) // 2
    square = x[:, top : top + edge, left : left + edge].astype(np.float32)
    bounds = np.arange(side + 1) * edge / side  # of the new pixels, in old ones
    old = np.arange(edge)
    cover = np.minimum(bounds[1:, None], old + 1) - np.maximum(bounds[:-1, None], old)
    weight = (np.clip(cover, 0, None) * side / edge).astype(np.float32)  # [side, edge]
    return np.rint(weight @ square @ weight.T).astype(np.uint8)
