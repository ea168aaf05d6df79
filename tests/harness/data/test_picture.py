import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from harness.data.picture import check_channels, decode, levels
from harness.problem import Problem

RGB = np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def test_colour_and_grey_come_back_as_saved() -> None:
    picture = decode(encoded(Image.fromarray(RGB)), "it")
    np.testing.assert_array_equal(levels(picture, 3), np.moveaxis(RGB, -1, 0))
    grey = decode(encoded(Image.fromarray(RGB[..., 0])), "it")
    np.testing.assert_array_equal(levels(grey, 1), RGB[None, ..., 0])
    np.testing.assert_array_equal(levels(grey, 3), np.stack([RGB[..., 0]] * 3))


def test_grey_from_colour_is_the_rec_601_luma_to_a_level() -> None:
    luma = RGB @ [0.299, 0.587, 0.114]
    assert abs(levels(decode(encoded(Image.fromarray(RGB)), "it"), 1)[0] - luma).max() < 1


def test_an_orientation_tag_is_applied() -> None:
    tag = Image.Exif()
    tag[0x0112] = 6  # the top of the scene is at the right: turn clockwise
    picture = decode(encoded(Image.fromarray(RGB), exif=tag), "it")
    np.testing.assert_array_equal(levels(picture, 3), np.moveaxis(np.rot90(RGB, -1), -1, 0))


def test_an_opaque_alpha_channel_is_dropped() -> None:
    opaque = np.dstack([RGB, np.full((5, 4), 255, np.uint8)])
    picture = decode(encoded(Image.fromarray(opaque)), "it")
    np.testing.assert_array_equal(levels(picture, 3), np.moveaxis(RGB, -1, 0))


def animation() -> bytes:
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])


def deep_png(channels: int) -> bytes:
    """Two pixels of 16 bits in each of 1 to 4 channels, which Pillow does not write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    head = struct.pack(">IIBBBBB", 2, 1, 16, kind, 0, 0, 0)
    row = b"\0" + b"\xff" * 4 * channels
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(row))
        + chunk(b"IEND", b"")
    )


def deep_tiff(bits: int) -> bytes:
    """One RGB pixel of so many bits a channel."""
    entries = [  # tag, type (3 short, 4 long), count, value
        (256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 3, 8), (259, 3, 1, 1), (262, 3, 1, 2),
        (273, 4, 1, 14), (277, 3, 1, 3), (278, 3, 1, 1), (279, 4, 1, 3 * bits // 8),
    ]  # fmt: skip
    head = struct.pack("<2sHI3H", b"II", 42, 20, bits, bits, bits)  # the bits lie at byte 8
    head += bytes(6)  # the pixel at byte 14, the directory at 20
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return head + struct.pack("<H", len(entries)) + table + bytes(4)


WHOLE = encoded(Image.fromarray(np.tile(RGB, (20, 20, 1))))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "bytes that do not decode .UnidentifiedImageError", id="empty"),
        pytest.param(b"no picture", "bytes that do not decode", id="text"),
        pytest.param(WHOLE[: len(WHOLE) // 2], "do not decode .*truncated", id="cut"),
        pytest.param(
            WHOLE[:99] + bytes(99) + WHOLE[198:], "bytes that do not decode", id="overwritten"
        ),
        pytest.param(animation(), "2 frames", id="animation"),
        pytest.param(
            encoded(Image.fromarray(np.dstack([RGB, RGB[..., 0]]))), "transparent", id="alpha"
        ),
        pytest.param(
            encoded(Image.fromarray(RGB[..., 0].astype(np.uint16))),
            "16 bits a channel; save it with 8 bits a channel",
            id="16 bits",
        ),
        *(
            pytest.param(
                deep_png(c), "16 bits a channel; save it with 8", id=f"16 bits, {c} channels"
            )
            for c in (1, 2, 3, 4)
        ),
        pytest.param(deep_tiff(16), "16 bits a channel", id="16-bit TIFF"),
        pytest.param(
            encoded(Image.fromarray(RGB[..., 0].astype(np.uint16)), "TIFF"),
            "16 bits a channel",
            id="16-bit grey TIFF",
        ),
        pytest.param(b"P6 2 1 65535\n" + bytes(12), "16 bits a channel", id="16-bit PPM"),
        pytest.param(b"P6 2 1 256\n" + bytes(12), "16 bits a channel", id="257 levels"),
        pytest.param(b"P5 2 1 65535\n" + bytes(4), "16 bits a channel", id="16-bit PGM"),
        pytest.param(
            encoded(Image.fromarray(RGB.astype(np.float32)[..., 0]), "TIFF"), "mode 'F'", id="float"
        ),
    ],
)
def test_what_is_no_plain_picture_is_a_problem(data: bytes, message: str) -> None:
    with pytest.raises(Problem, match=f"the picture b.png; got .*{message}"):
        decode(data, "b.png")


def test_fewer_than_8_bits_are_read_as_the_viewer_shows_them() -> None:
    dark = decode(b"P6 2 1 127\n" + bytes([0, 0, 0, 127, 127, 127]), "it")
    np.testing.assert_array_equal(levels(dark, 3)[0], [[0, 255]])
    flat = decode(deep_tiff(8), "it")
    assert levels(flat, 3).shape == (3, 1, 1)
    bilevel = decode(encoded(Image.fromarray(RGB[..., 0]).convert("1")), "it")
    assert set(np.unique(levels(bilevel, 1))) <= {0, 255}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "PPM", "GIF"])
def test_a_picture_outlives_its_file_in_every_format(kind: str) -> None:
    picture = decode(encoded(Image.fromarray(RGB), kind), "it")
    grey, colour = levels(picture, 1), levels(picture, 3)
    assert (grey.shape, colour.shape) == ((1, 5, 4), (3, 5, 4))
    with Image.open(io.BytesIO(encoded(Image.fromarray(RGB), kind))) as direct:
        np.testing.assert_array_equal(colour, np.moveaxis(np.asarray(direct.convert("RGB")), -1, 0))


def test_an_error_does_not_depend_on_where_the_bytes_lie() -> None:
    with pytest.raises(Problem) as caught:
        decode(b"no picture", "it")
    assert "0x" not in str(caught.value)


@pytest.mark.parametrize("channels", [0, 2, 4, True, "3"])
def test_another_number_of_channels_is_a_problem(channels: int) -> None:
    with pytest.raises(Problem, match="a number of channels"):
        check_channels(channels)
