import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from harness.corrupt.contrast import Contrast
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator


def none() -> torch.Generator:
    return torch_generator("test", 0, "none")


def images(*shape: int) -> torch.Tensor:
    draw = numpy_generator("test", 0, "contrast").uniform(-1, 1, shape)
    return torch.from_numpy(draw.astype(np.float32))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factor=st.floats(0, 5).filter(lambda f: f != 1))
def test_each_channel_turns_about_its_own_mean_and_is_clipped(factor) -> None:
    x = images(3, 3, 5, 6)
    x[:, 0] = x[:, 0] * 0.2 + 0.6  # another mean in one channel
    y = Contrast(factor)(x, none()).numpy()
    for image in range(3):
        for channel in range(3):
            one = x[image, channel].double().numpy()
            expected = np.clip(one.mean() + factor * (one - one.mean()), -1, 1)
            assert np.abs(y[image, channel] - expected).max() <= 2**-25


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factor=st.floats(0, 0.999))
def test_below_one_the_mean_is_kept_and_the_spread_is_the_factor(factor) -> None:
    x = torch.sign(images(3, 3, 7, 7))  # the extremes: nothing may be clipped
    y = Contrast(factor)(x, none()).double()
    before = x.double()
    assert float((y.mean((2, 3)) - before.mean((2, 3))).abs().max()) < 2**-24
    error = y.std((2, 3)) - factor * before.std((2, 3))
    assert float(error.abs().max()) < 2**-23


@pytest.mark.parametrize("factor", [0.4, 0.8])
def test_on_grey_it_is_pil_to_the_rounding_of_8_bits(factor) -> None:
    """PIL turns about the rounded mean: half a level, and half for rounding the result."""
    level = numpy_generator("test", 0, "pil").integers(0, 256, (16, 16)).astype(np.uint8)
    theirs = np.asarray(ImageEnhance.Contrast(Image.fromarray(level)).enhance(factor)).astype(float)
    x = torch.from_numpy((level / 127.5 - 1).astype(np.float32))[None, None]
    ours = (Contrast(factor)(x, none())[0, 0].double().numpy() + 1) * 127.5
    assert np.abs(ours - theirs).max() < 1 + 0.5 * (1 - factor) + 1e-4  # PIL cuts, not rounds


def test_only_below_one_there_is_a_spectrum_with_the_mean_apart() -> None:
    assert Contrast(1.5).spectrum(4, 6) is None
    stated = Contrast(0.3).spectrum(4, 6)
    assert stated is not None
    gain, floor = stated
    assert gain[0, 0] == 1
    assert gain.ravel()[1:] == pytest.approx(0.09)
    assert not floor.any()


@pytest.mark.parametrize("factor", [1.0, -0.5, float("nan"), float("inf")])
def test_what_changes_nothing_or_is_no_factor_is_refused(factor) -> None:
    with pytest.raises(Problem, match="factor of contrast"):
        Contrast(factor)
