"""A look at an image: what it is, and whether it can be read, without decoding it where that is so.

An intact PNG is told by its checksums, an intact JPEG by its end-of-image marker; of both, the
header then says size and colour. Whatever else may be hidden (another format, transparency, more
than 8 bits, frames, an orientation tag, a missing end) is decoded, by ``harness.data.picture``,
which has the last word on what is refused. ``thorough`` decodes everything.

What no look can find: damage inside a JPEG that leaves a decodable stream. Its decoder goes on, as
a viewer would. A PNG whose checksum is wrong is refused even where its decoder would not notice.
"""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.data.picture import COLOUR, GREY, bits_of, channels_of, decode
from harness.problem import Problem

if TYPE_CHECKING:
    from PIL import ImageFile

ORIENTATION = 0x0112  # the tag of EXIF
LOSSY = ("JPEG", "MPO", "AVIF", "HEIF")


@dataclass(frozen=True, slots=True)
class Look:
    """C, H, W as they will be read; whether a codec dropped detail, None where nothing says so."""

    channels: int
    height: int
    width: int
    lossy: bool | None


def look(item: bytes | NDArray[np.uint8], name: str, thorough: bool = False) -> Look:
    """What an encoded file or the levels of a row are; Problem where they cannot be read."""
    if isinstance(item, np.ndarray):
        channels, height, width = item.shape
        return Look(channels, height, width, None)
    from PIL import Image

    asked, fix = f"the picture {name}", "replace or remove that file"
    if not item:
        raise Problem(asked, "an empty file", fix)
    try:
        with Image.open(io.BytesIO(item)) as opened:
            lossy = is_lossy(opened, item)
            width, height = opened.size
            colour = opened.mode not in GREY
            simple = not thorough and _simple(opened, item)
            if opened.format == "PNG":
                opened.verify()
    except Exception as error:  # the decoders raise nearly anything on broken bytes
        decode(item, name)  # says what is wrong, where it sees it too
        got = f"bytes that do not decode ({type(error).__name__}: {error})"
        raise Problem(asked, got, fix) from error
    if simple:
        return Look(3 if colour else 1, height, width, lossy)
    picture = decode(item, name)
    return Look(channels_of(picture), picture.height, picture.width, lossy)


def is_lossy(opened: "ImageFile.ImageFile", data: bytes) -> bool | None:
    """Whether the format of an opened picture drops detail: JPEG, lossy WebP, JPEG in TIFF, ..."""
    if opened.format == "WEBP":
        return b"VP8 " in _chunks(data)
    if opened.format == "TIFF":
        return opened.info.get("compression") in ("jpeg", "tiff_jpeg", "webp")
    if opened.format == "JPEG2000":
        return None  # it can be either
    return opened.format in LOSSY


def _simple(opened: "ImageFile.ImageFile", data: bytes) -> bool:
    """Whether the header says all that there is to know, and the end is there."""
    if opened.mode not in GREY + COLOUR or "transparency" in opened.info:
        return False
    if opened.format == "PNG":
        tagged = b"eXIf" in data or b"XML:com.adobe.xmp" in data
        return getattr(opened, "n_frames", 1) == 1 and bits_of(opened, data) == 8 and not tagged
    if opened.format == "JPEG":
        tagged = "exif" in opened.info or "xmp" in opened.info
        upright = not tagged or opened.getexif().get(ORIENTATION, 1) == 1
        return upright and data.endswith(b"\xff\xd9")
    return False


def _chunks(data: bytes) -> set[bytes]:
    """The names of the chunks of a RIFF file."""
    names, at = set(), 12
    while at + 8 <= len(data):
        names.add(data[at : at + 4])
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return names
