"""A picture: the 8-bit levels of one image file, upright, one or three channels, nothing hidden.

What is read is what a viewer shows: an orientation tag is applied. What has no one meaning as 8-bit
grey or colour is refused and not guessed at: transparency (what lies under it?), more than 8 bits
a channel (which range?), an animation (which frame?). A multi-picture JPEG from a camera counts as
its main picture. Grey from colour is the Rec. 601 luma 0.299 R + 0.587 G + 0.114 B.

The bits of a channel are read from the file's header, since the decoders cut 16-bit colour to 8
bits without a word: from the chunk IHDR of a PNG (PNG specification, 11.2.2), from the tag
BitsPerSample of a TIFF, and from the largest level of a PPM.
"""

import io
import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.problem import Problem

if TYPE_CHECKING:
    from PIL import Image, ImageFile

GREY = ("1", "L")
COLOUR = ("RGB", "P", "CMYK", "YCbCr", "LAB", "HSV")
VEILED = ("LA", "La", "PA", "RGBA", "RGBa")


def decode(data: bytes, where: str) -> "Image.Image":
    """The picture in the bytes of a file; ``where`` names it in errors.

    Raises Problem for bytes that no decoder reads to their end, and for what is refused above.
    """
    from PIL import Image, ImageOps

    asked = f"the picture {where}"
    try:
        with Image.open(io.BytesIO(data)) as opened:
            frames, kind = getattr(opened, "n_frames", 1), opened.format
            bits = bits_of(opened, data)
            if bits <= 8:
                opened.load()
                ImageOps.exif_transpose(opened, in_place=True)
    except Exception as error:  # the decoders raise nearly anything on broken bytes
        said = re.sub(r" <_io\.BytesIO.*?>", "", str(error))  # it holds an address in memory
        raise Problem(
            asked,
            f"bytes that do not decode ({type(error).__name__}: {said})",
            "replace or remove that file",
        ) from error
    picture: Image.Image = opened
    if bits > 8:
        raise Problem(asked, f"{bits} bits a channel", "save it with 8 bits a channel")
    if frames > 1 and kind != "MPO":
        raise Problem(asked, f"{frames} frames", "save the frame that you mean as one picture")
    if picture.mode in VEILED or "transparency" in picture.info:
        alpha = np.asarray(picture.convert("RGBA").getchannel("A"))
        if alpha.min() < 255:
            raise Problem(asked, "transparent pixels", "flatten it on the ground that you mean")
        picture = picture.convert("L" if picture.mode in ("LA", "La") else "RGB")
    if picture.mode not in GREY + COLOUR:
        raise Problem(asked, f"pixels of mode {picture.mode!r}", "save it with 8 bits a channel")
    return picture


def bits_of(picture: "ImageFile.ImageFile", data: bytes) -> int:
    """Bits of a channel of a picture opened from ``data``; 8 where the format knows no other.

    Floats and whole numbers of 32 bits have a mode of their own, and count as 8 here.
    """
    if picture.format == "PNG":
        return data[data.index(b"IHDR") + 12]
    if picture.format == "TIFF":
        bits = max(picture.tag_v2.get(258, (1,)))  # type: ignore[attr-defined]
        return bits if bits <= 16 else 8
    if picture.format == "PPM" and picture.mode != "F":
        given = picture.tile[0].args  # the name of a raw mode, or (name, largest level)
        return 16 if picture.mode == "I" or (isinstance(given, tuple) and given[1] > 255) else 8
    return 8


def channels_of(picture: "Image.Image") -> int:
    """1 for a grey picture, 3 for a colour one."""
    return 1 if picture.mode in GREY else 3


def levels(picture: "Image.Image", channels: int) -> NDArray[np.uint8]:
    """The 8-bit levels ``[C, H, W]`` of a picture as grey (C = 1) or colour (C = 3)."""
    if channels == 1:
        return np.asarray(picture.convert("L"))[None]  # [1, H, W]
    colour = picture if picture.mode == "RGB" else picture.convert("RGB")
    return np.ascontiguousarray(np.asarray(colour).transpose(2, 0, 1))  # [3, H, W]


def check_channels(channels: int | None) -> None:
    """Raises Problem unless the number of channels asked for is 1, 3 or None (as the files are)."""
    if channels not in (None, 1, 3) or isinstance(channels, bool):
        raise Problem("a number of channels", f"{channels!r}", "give 1 (grey) or 3 (colour)")
