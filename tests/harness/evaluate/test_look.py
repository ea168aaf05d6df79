import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from harness.data.picture import decode
from harness.evaluate.look import Look, look
from harness.problem import Problem

RGB = np.random.default_rng(0).integers(0, 256, (8, 6, 3), np.uint8)


def bytes_of(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def tag(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


COLOUR, GREY = Image.fromarray(RGB), Image.fromarray(RGB[..., 0])
OPAQUE = Image.fromarray(np.dstack([RGB, np.full((8, 6), 255, np.uint8)]))
XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>
</rdf:RDF></x:xmpmeta>"""
CASES = {
    "png": (bytes_of(COLOUR, "PNG"), Look(3, 8, 6, False)),
    "grey png": (bytes_of(GREY, "PNG"), Look(1, 8, 6, False)),
    "bilevel png": (bytes_of(GREY.convert("1"), "PNG"), Look(1, 8, 6, False)),
    "palette png": (bytes_of(COLOUR.convert("P"), "PNG"), Look(3, 8, 6, False)),
    "opaque png": (bytes_of(OPAQUE, "PNG"), Look(3, 8, 6, False)),
    "opaque grey png": (bytes_of(OPAQUE.convert("LA"), "PNG"), Look(1, 8, 6, False)),
    "turned png": (bytes_of(COLOUR, "PNG", exif=tag(6)), Look(3, 6, 8, False)),
    "jpeg": (bytes_of(COLOUR, "JPEG"), Look(3, 8, 6, True)),
    "grey jpeg": (bytes_of(GREY, "JPEG"), Look(1, 8, 6, True)),
    "cmyk jpeg": (bytes_of(COLOUR.convert("CMYK"), "JPEG"), Look(3, 8, 6, True)),
    "turned jpeg": (bytes_of(COLOUR, "JPEG", exif=tag(8)), Look(3, 6, 8, True)),
    "upside down jpeg": (bytes_of(COLOUR, "JPEG", exif=tag(3)), Look(3, 8, 6, True)),
    "jpeg turned by xmp": (bytes_of(COLOUR, "JPEG", xmp=XMP), Look(3, 6, 8, True)),
    "jpeg with a tail": (bytes_of(COLOUR, "JPEG") + bytes(9), Look(3, 8, 6, True)),
    "two pictures of a camera": (
        bytes_of(COLOUR, "MPO", save_all=True, append_images=[GREY.convert("RGB")]),
        Look(3, 8, 6, True),
    ),
    "lossy webp": (bytes_of(COLOUR, "WEBP"), Look(3, 8, 6, True)),
    "lossy webp with a tag": (bytes_of(COLOUR, "WEBP", exif=tag(1)), Look(3, 8, 6, True)),
    "lossy webp with a profile": (
        bytes_of(COLOUR, "WEBP", icc_profile=b"odd"),
        Look(3, 8, 6, True),
    ),
    "turned webp": (bytes_of(COLOUR, "WEBP", exif=tag(6)), Look(3, 6, 8, True)),
    "lossless webp": (bytes_of(COLOUR, "WEBP", lossless=True), Look(3, 8, 6, False)),
    "lossless webp with a tag": (
        bytes_of(COLOUR, "WEBP", lossless=True, exif=tag(1)),
        Look(3, 8, 6, False),
    ),
    "tiff": (bytes_of(COLOUR, "TIFF", compression="tiff_lzw"), Look(3, 8, 6, False)),
    "jpeg in tiff": (bytes_of(COLOUR, "TIFF", compression="jpeg"), Look(3, 8, 6, True)),
    "bmp": (bytes_of(COLOUR, "BMP"), Look(3, 8, 6, False)),
    "ppm": (bytes_of(GREY, "PPM"), Look(1, 8, 6, False)),
}


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_a_look_says_what_will_be_read(case: str, thorough: bool) -> None:
    data, expected = CASES[case]
    assert look(data, case, thorough) == expected
    picture = decode(data, case)
    assert (picture.height, picture.width) == (expected.height, expected.width)


def test_rows_of_an_array_have_no_codec() -> None:
    assert look(np.zeros((1, 3, 4), np.uint8), "a") == Look(1, 3, 4, None)


@pytest.mark.parametrize("case", ["png", "jpeg", "palette png"])
def test_an_intact_picture_is_not_decoded(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("harness.evaluate.look.decode", refuse)
    assert look(CASES[case][0], case) == CASES[case][1]


PNG, JPEG = CASES["png"][0], bytes_of(Image.fromarray(np.tile(RGB, (9, 9, 1))), "JPEG")


@pytest.mark.parametrize("data", [PNG, JPEG], ids=["png", "jpeg"])
def test_a_file_cut_anywhere_is_unreadable(data: bytes) -> None:
    for end in range(0, len(data) - 5, max(1, len(data) // 97)):
        with pytest.raises(Problem):
            look(data[:end], "it")


def test_any_wrong_byte_of_a_png_is_noticed() -> None:
    for at in range(0, len(PNG) - 12, 3):  # the last twelve bytes say no more than that it ends
        damaged = bytearray(PNG)
        damaged[at] ^= 255
        with pytest.raises(Problem):
            look(bytes(damaged), "it")


def sixteen_bits() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0))
    return PNG[:8] + head + chunk(b"IDAT", zlib.compress(bytes(7))) + chunk(b"IEND", b"")


PALETTE = COLOUR.convert("P")
CLEAR = np.dstack([RGB, RGB[..., :1]])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "an empty file"),
        (b"<html>not found</html>", "bytes that do not decode"),
        (bytes(99), "bytes that do not decode"),
        (sixteen_bits(), "16 bits a channel"),
        (bytes_of(Image.fromarray(RGB[..., 0].astype(np.uint16)), "PNG"), "16 bits a channel"),
        (bytes_of(Image.fromarray(CLEAR), "PNG"), "transparent pixels"),
        (bytes_of(PALETTE, "PNG", transparency=PALETTE.getpixel((0, 0))), "transparent pixels"),
        (bytes_of(COLOUR, "PNG", save_all=True, append_images=[OPAQUE.convert("RGB")]), "frames"),
        (bytes_of(COLOUR, "GIF", save_all=True, append_images=[GREY.convert("RGB")]), "2 frames"),
        (bytes_of(COLOUR, "WEBP", save_all=True, append_images=[GREY.convert("RGB")]), "2 frames"),
        (bytes_of(COLOUR, "TIFF", save_all=True, append_images=[GREY.convert("RGB")]), "2 frames"),
        (bytes_of(Image.fromarray(RGB[..., 0].astype(np.float32)), "TIFF"), "mode 'F'"),
    ],
)
@pytest.mark.parametrize("thorough", [False, True])
def test_what_is_no_plain_picture_is_told(data: bytes, reason: str, thorough: bool) -> None:
    with pytest.raises(Problem, match=f"the picture it; got .*{reason}"):
        look(data, "it", thorough)
