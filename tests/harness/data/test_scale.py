import numpy as np
import pytest

from harness.data.scale import Scale
from harness.problem import Problem

LEVELS = np.arange(256, dtype=np.uint8)


def test_levels_and_floats_of_one_picture_agree_on_every_scale() -> None:
    expected = LEVELS / 127.5 - 1
    for x, scale in (
        (LEVELS, Scale()),
        (LEVELS / 255, Scale(low=0)),
        (LEVELS.astype(np.float32), Scale(low=0, high=255)),
        (expected, Scale()),
        (expected, Scale(low=-1)),
        ((LEVELS / 255).astype(np.float16), Scale(low=0)),
    ):
        tolerance = 1e-3 if x.dtype == np.float16 else 2e-7
        np.testing.assert_allclose(scale.to_pixels(x, "it"), expected, atol=tolerance)


@pytest.mark.parametrize(
    ("x", "scale", "message"),
    [
        (LEVELS / 255, Scale(), "it on a known scale; got floats from 0 to 1; say low=0"),
        (LEVELS / 127.5 - 2, Scale(), "from low=-1 to high=1; got values from -2 to 0"),
        (LEVELS.astype(float), Scale(low=0), "from low=0 to high=1; got values from 0 to 255"),
        (LEVELS / 255, Scale(low=1, high=1), "from low=1 to high=1"),
        (LEVELS.astype(np.int64), Scale(), "got an array of int64; save uint8 levels or floats"),
        (np.array([0, np.nan]), Scale(low=0), "got NaN or Inf"),
        (np.array([0, np.inf]), Scale(low=0), "got NaN or Inf"),
    ],
)
def test_values_that_the_scale_does_not_cover_are_a_problem(
    x: np.ndarray, scale: Scale, message: str
) -> None:
    with pytest.raises(Problem, match=message):
        scale.to_pixels(x, "it")


def test_the_three_orders_of_axes_give_one_array() -> None:
    x = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 6), np.uint8)
    np.testing.assert_array_equal(Scale().channels_first(x, "it"), x)
    np.testing.assert_array_equal(Scale().channels_first(np.moveaxis(x, 1, 3), "it"), x)
    np.testing.assert_array_equal(Scale().channels_first(x[:, 0], "it"), x[:, :1])


def test_a_shape_that_could_be_both_must_be_told() -> None:
    x = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 3), np.uint8)
    with pytest.raises(Problem, match="could be both; say layout='NHWC' or layout='NCHW'"):
        Scale().channels_first(x, "it")
    np.testing.assert_array_equal(Scale(layout="NCHW").channels_first(x, "it"), x)
    np.testing.assert_array_equal(
        Scale(layout="NHWC").channels_first(x, "it"), np.moveaxis(x, 3, 1)
    )


@pytest.mark.parametrize(
    ("shape", "layout"), [((5, 4, 4, 4), None), ((5, 3, 4, 4), "NHWC"), ((5, 4), None), ((), None)]
)
def test_other_shapes_are_a_problem(shape: tuple[int, ...], layout: str | None) -> None:
    with pytest.raises(Problem, match="with 1 or 3 channels; got the shape"):
        Scale(layout=layout).channels_first(np.zeros(shape, np.uint8), "it")


def test_an_unknown_layout_is_a_problem() -> None:
    with pytest.raises(Problem, match="a layout of images; got 'HWC'; give 'NHWC' or 'NCHW'"):
        Scale(layout="HWC")
