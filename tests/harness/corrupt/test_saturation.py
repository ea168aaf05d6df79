import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from harness.corrupt.saturation import LUMA, Saturation
from harness.data import photos
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator


def none() -> torch.Generator:
    return torch_generator("test", 0, "none")


def images(*shape: int) -> torch.Tensor:
    draw = numpy_generator("test", 0, "saturation").uniform(-1, 1, shape)
    return torch.from_numpy(draw.astype(np.float32))


def luma(x: torch.Tensor) -> np.ndarray:
    return np.tensordot(LUMA, x.double().numpy(), axes=(0, 1))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(factor=st.floats(0, 0.999))
def test_below_one_the_luma_is_kept_and_the_colour_is_the_factor(factor) -> None:
    x = torch.sign(images(3, 3, 7, 7))  # the extremes: nothing may be clipped
    y = Saturation(factor)(x, none())
    assert np.abs(luma(y) - luma(x)).max() < 2**-24
    for one, other in ((0, 1), (1, 2)):
        before, after = ((z[:, one].double() - z[:, other].double()) for z in (x, y))
        assert float((after - factor * before).abs().max()) < 2**-24


def test_above_one_colours_are_stronger_and_clipped() -> None:
    x = images(2, 3, 4, 4) * 0.5
    grey = luma(x)[:, None]
    expected = np.clip(grey + 3 * (x.double().numpy() - grey), -1, 1)
    y = Saturation(3)(x, none()).numpy()
    assert np.abs(y - expected).max() <= 2**-24
    assert np.abs(y).max() == 1


@pytest.mark.parametrize("factor", [0.0, 0.5])
def test_it_is_pil_to_the_rounding_of_8_bits(factor) -> None:
    """PIL rounds the grey, by its share, and cuts the result."""
    level = numpy_generator("test", 0, "pil").integers(0, 256, (16, 16, 3)).astype(np.uint8)
    theirs = np.asarray(ImageEnhance.Color(Image.fromarray(level)).enhance(factor)).astype(float)
    x = torch.from_numpy((level / 127.5 - 1).astype(np.float32)).permute(2, 0, 1)[None]
    ours = (Saturation(factor)(x, none())[0].double().numpy() + 1) * 127.5
    assert np.abs(ours - theirs.transpose(2, 0, 1)).max() < 1 + 0.5 * (1 - factor) + 1e-3


def test_grey_is_the_grey_of_the_photographs() -> None:
    assert LUMA == photos.LUMA
    assert sum(LUMA) == pytest.approx(1, abs=1e-15)


def test_grey_images_have_none_and_are_refused() -> None:
    with pytest.raises(Problem, match="images of 1 channel; give images of 3 channels"):
        Saturation(0.5)(images(2, 1, 8, 8), none())


@pytest.mark.parametrize("factor", [1.0, -0.5, float("nan"), float("inf")])
def test_what_changes_nothing_or_is_no_factor_is_refused(factor) -> None:
    with pytest.raises(Problem, match="factor of saturation"):
        Saturation(factor)
