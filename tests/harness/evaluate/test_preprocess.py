import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from harness.data.images import from_levels
from harness.evaluate.preprocess import identity, quantised, resized, with_channels


def test_levels_make_the_round_trip() -> None:
    v = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(quantised(from_levels(v)), v)


@given(st.floats(-1, 1, width=32))
def test_a_pixel_becomes_the_nearest_level(x: float) -> None:
    assert abs(quantised(np.array([x], np.float32))[0] - (x + 1) * 127.5) <= 0.5


def test_the_middle_becomes_128_and_what_lies_outside_is_clipped() -> None:
    assert quantised(np.zeros(1, np.float32))[0] == 128
    np.testing.assert_array_equal(
        quantised(np.array([-9, -1.1, 1.1, 9], np.float32)), [0, 0, 255, 255]
    )


def keys(t: np.ndarray) -> np.ndarray:
    """The cubic kernel of Keys (1981) with a = -1/2."""
    a, t = -0.5, np.abs(t)
    near = (a + 2) * t**3 - (a + 3) * t**2 + 1
    far = a * (t**3 - 5 * t**2 + 8 * t - 4)
    return np.where(t < 1, near, np.where(t < 2, far, 0))


def weights(old: int, new: int) -> np.ndarray:
    """Bicubic weights ``[new, old]``, the kernel widened by the factor of a reduction."""
    scale = max(old / new, 1)
    centre = (np.arange(new)[:, None] + 0.5) * old / new
    w = keys((np.arange(old) + 0.5 - centre) / scale)
    return w / w.sum(1, keepdims=True)


@pytest.mark.parametrize("shape", [(3, 9, 14), (1, 40, 23), (3, 64, 64), (1, 5, 5), (3, 1, 9)])
@pytest.mark.parametrize("size", [1, 8, 17])
def test_a_resized_image_is_the_widened_bicubic_rounded_once(shape, size: int) -> None:
    """Against the definition in float64: as far as half a level, and the error of float32."""
    x = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    exact = weights(shape[1], size) @ x @ weights(shape[2], size).T
    found = resized(x, size)
    assert found.dtype == np.uint8
    assert found.shape == (shape[0], size, size)
    assert np.abs(found - np.clip(exact, 0, 255)).max() <= 0.5 + 1e-3


def test_a_resized_image_is_what_pillow_gives_for_each_channel() -> None:
    x = np.random.default_rng(1).integers(0, 256, (3, 30, 50), np.uint8)
    for plane, found in zip(x, resized(x, 12)):
        single = Image.fromarray(plane.astype(np.float32)).resize(
            (12, 12), Image.Resampling.BICUBIC
        )
        np.testing.assert_array_equal(found, np.rint(np.clip(np.asarray(single), 0, 255)))


def test_an_image_of_that_size_is_not_touched() -> None:
    x = np.random.default_rng(0).integers(0, 256, (3, 8, 8), np.uint8)
    assert resized(x, 8) is x


@given(st.integers(0, 255), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_a_constant_image_stays_constant(level: int, height: int, width: int, size: int) -> None:
    x = np.full((1, height, width), level, np.uint8)
    assert (resized(x, size) == level).all()


def test_overshoot_is_clipped_and_does_not_wrap() -> None:
    x = np.zeros((1, 8, 8), np.uint8)
    x[..., 4:] = 255
    found = resized(x, 32)[0, 0].astype(int)
    assert found.min() == 0
    assert found.max() == 255
    assert (np.diff(found)[12:19] >= 0).all()


def test_grey_is_repeated_and_colour_becomes_its_luma() -> None:
    x = np.random.default_rng(0).integers(0, 256, (3, 4, 5), np.uint8)
    np.testing.assert_array_equal(with_channels(x[:1], 3), np.stack([x[0]] * 3))
    assert with_channels(x, 3) is x
    luma = np.tensordot([0.299, 0.587, 0.114], x, 1)
    assert np.abs(with_channels(x, 1)[0] - luma).max() <= 0.51
    with_pillow = Image.fromarray(np.moveaxis(x, 0, -1).copy()).convert("L")
    np.testing.assert_array_equal(with_channels(x, 1)[0], np.asarray(with_pillow))


def test_the_identity_tells_shapes_apart() -> None:
    lines = {identity(c, h, w) for c in (1, 3) for h in (8, 16) for w in (8, 16)}
    assert len(lines) == 8
    assert all("pil-bicubic-float32" in line for line in lines)
