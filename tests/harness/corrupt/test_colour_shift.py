import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import dctn
from skimage.color import hsv2rgb, rgb2hsv

from harness.corrupt.colour_shift import ColourShift
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator

amounts = st.floats(-1.99, 1.99)


def none() -> torch.Generator:
    return torch_generator("test", 0, "none")


def images(*shape: int, reach: float = 1.0) -> torch.Tensor:
    draw = numpy_generator("test", 0, "shift").uniform(-reach, reach, shape)
    return torch.from_numpy(draw.astype(np.float32))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(red=amounts, green=amounts, blue=amounts)
def test_each_channel_moves_by_its_own_amount_up_to_the_ends(red, green, blue) -> None:
    x = images(4, 3, 5, 6)
    y = ColourShift(red, green, blue or 0.1)(x, none()).numpy()
    for channel, amount in enumerate((red, green, blue or 0.1)):
        expected = np.clip(x.numpy()[:, channel].astype(float) + amount, -1, 1)
        assert np.abs(y[:, channel] - expected).max() <= 2**-25


@pytest.mark.parametrize("amount", [0.3, -0.3])
def test_where_nothing_is_clipped_only_the_mean_of_the_spectrum_moves(amount) -> None:
    x = images(4, 1, 8, 12, reach=0.7)
    y = ColourShift(amount, amount, amount)(x, none())
    moved = dctn((y.double() - x.double()).numpy(), norm="ortho", axes=(2, 3))
    assert moved[..., 0, 0] == pytest.approx(amount * np.sqrt(96), abs=1e-5)
    assert np.abs(moved.reshape(4, -1)[:, 1:]).max() < np.sqrt(96) * 2**-24


@pytest.mark.parametrize("value", [0.1, 0.5])
def test_on_grey_it_is_the_brightness_of_imagenet_c(value) -> None:
    grey = images(1, 1, 8, 8).expand(1, 3, 8, 8)
    hsv = rgb2hsv((grey[0].double().numpy() + 1) / 2, channel_axis=0)
    hsv[2] = np.clip(hsv[2] + value, 0, 1)
    theirs = 2 * hsv2rgb(hsv, channel_axis=0) - 1
    ours = ColourShift(2 * value, 2 * value, 2 * value)(grey, none())[0].numpy()
    assert np.abs(ours - theirs).max() < 1e-6


def test_grey_images_take_equal_amounts_alone() -> None:
    x = images(2, 1, 8, 8)
    y = ColourShift(0.4, 0.4, 0.4)(x, none())
    assert torch.equal(y, ColourShift(0.4, 0.4, 0.4)(x.expand(2, 3, 8, 8), none())[:, :1])
    for unequal in (ColourShift(red=0.3), ColourShift(0.3, 0.3, 0), ColourShift(0, 0.3, 0.3)):
        with pytest.raises(Problem, match=r"0\.3.*1 channel; .*three equal amounts"):
            unequal(x, none())
    with pytest.raises(Problem, match="2 channels"):
        ColourShift(0.4, 0.4, 0.4)(x.expand(2, 2, 8, 8), none())


@pytest.mark.parametrize("channel", ["red", "green", "blue"])
@pytest.mark.parametrize("amount", [2.0, -2.0, float("nan"), float("inf")])
def test_what_leaves_no_image_or_is_no_amount_is_refused(channel, amount) -> None:
    with pytest.raises(Problem, match=f"{channel} of colour_shift"):
        ColourShift(**{channel: amount})


def test_no_shift_at_all_is_refused() -> None:
    with pytest.raises(Problem, match="three amounts of 0"):
        ColourShift()
