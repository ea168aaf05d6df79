import io

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
            encoded(Image.fromarray(RGB[..., 0].astype(np.uint16))), "mode 'I;16'", id="16 bits"
        ),
        pytest.param(
            encoded(Image.fromarray(RGB.astype(np.float32)[..., 0]), "TIFF"), "mode 'F'", id="float"
        ),
    ],
)
def test_what_is_no_plain_picture_is_a_problem(data: bytes, message: str) -> None:
    with pytest.raises(Problem, match=f"the picture b.png; got .*{message}"):
        decode(data, "b.png")


@pytest.mark.parametrize("channels", [0, 2, 4, True, "3"])
def test_another_number_of_channels_is_a_problem(channels: int) -> None:
    with pytest.raises(Problem, match="a number of channels"):
        check_channels(channels)
