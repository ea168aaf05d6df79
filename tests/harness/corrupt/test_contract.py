"""What every corruption promises, over the table of examples."""

import numpy as np
import pytest
import torch
from scipy.fft import dctn
from torch import Tensor

from harness.corrupt import CORRUPTIONS, EXAMPLES
from harness.problem import Problem
from harness.streams import torch_generator

ROWS = [
    pytest.param(name, example, id=f"{name}-{'-'.join(map(str, example.values()))}"[:60])
    for name in CORRUPTIONS
    for example in EXAMPLES[name]
]
every_example = pytest.mark.parametrize(("name", "example"), ROWS)
UNBOUNDED = ("gaussian_noise", "mixed")  # what is in a mixture may be the noise
SHAPES = [(3, 1, 8, 8), (2, 3, 5, 12), (2, 1, 1, 7), (2, 3, 32, 32)]


def stream(replicate: int = 0) -> torch.Generator:
    return torch_generator("test", replicate, "corruption")


def images(shape: tuple[int, ...], stream_name: str = "images") -> Tensor:
    draw = torch.rand(shape, generator=torch_generator("test", 0, stream_name))
    return 2 * draw - 1


def channels(corruption: object) -> tuple[int, ...]:
    """The numbers of channels that a corruption takes: 1 and 3 unless it says so."""
    return getattr(corruption, "channels", (1, 3))


def power(x: Tensor) -> np.ndarray:
    return dctn(x.double().numpy(), type=2, norm="ortho", axes=(2, 3)) ** 2


def test_every_row_has_examples_and_no_example_lacks_a_row() -> None:
    assert set(EXAMPLES) == set(CORRUPTIONS)
    assert all(EXAMPLES.values())


@every_example
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shape_and_dtype_are_kept_and_the_input_is_left_alone(name, example, shape) -> None:
    corruption = CORRUPTIONS[name](**example)
    x = images(shape)
    before = x.clone()
    if shape[1] not in channels(corruption):
        with pytest.raises(Problem, match=f"{shape[1]} channel"):
            corruption(x, stream())
        return
    y = corruption(x, stream())
    assert (y.shape, y.dtype) == (x.shape, torch.float32)
    assert torch.isfinite(y).all()
    assert torch.equal(x, before)


@every_example
def test_one_state_of_the_generator_gives_one_result(name, example) -> None:
    corruption = CORRUPTIONS[name](**example)
    x = images((4, channels(corruption)[0], 8, 8))
    assert torch.equal(corruption(x, stream()), corruption(x, stream()))
    state = torch.get_rng_state()
    corruption(x, stream())
    assert torch.equal(torch.get_rng_state(), state)


@every_example
def test_an_image_does_not_depend_on_the_others(name, example) -> None:
    corruption = CORRUPTIONS[name](**example)
    x = images((5, 3, 8, 8))
    others = images((5, 3, 8, 8), "others")
    others[2] = x[2]
    difference = corruption(x, stream())[2] - corruption(others, stream())[2]
    # Products of another batch may be summed in another order: float64, then one rounding.
    assert float(difference.abs().max()) <= 2**-24


@every_example
def test_spectrum_holds(name, example) -> None:
    """Exactly where the corruption does not draw, within 4 standard errors where it does."""
    corruption = CORRUPTIONS[name](**example)
    height, width = 8, 12
    statement = corruption.spectrum(height, width)
    x = images((1, channels(corruption)[0], height, width))
    if statement is None:
        assert not np.allclose(power(corruption(x, stream())), power(x), rtol=1e-3)
        return
    gain, floor = statement
    assert gain.shape == floor.shape == (height, width)
    draws = 4000
    before = power(x)[0, 0]
    generator = stream()
    after = power(corruption(x.repeat(draws, 1, 1, 1), generator))[:, 0]  # [n, H, W]
    error = after.mean(0) - (gain * before + floor)
    if torch.equal(generator.get_state(), stream().get_state()):  # nothing was drawn
        assert np.all(floor == 0)
        # Rounding to float32: each coefficient c moves by less than sqrt(HW) 2^-24.
        coefficient = np.sqrt(gain * before)
        assert np.all(np.abs(error) < (2 * coefficient + 1e-6) * np.sqrt(height * width) * 2**-24)
    else:
        assert np.all(np.abs(error) < 4 * after.std(0, ddof=1) / np.sqrt(draws))


@every_example
def test_mean_is_kept_where_the_spectrum_says_so(name, example) -> None:
    corruption = CORRUPTIONS[name](**example)
    x = images((4, 3, 8, 9))
    statement = corruption.spectrum(8, 9)
    if statement is None or statement[1][0, 0] > 0:
        return
    assert statement[0][0, 0] == pytest.approx(1, abs=1e-12)
    moved = (corruption(x, stream()).double() - x.double()).mean((2, 3))
    assert float(moved.abs().max()) < 2**-24


@pytest.mark.parametrize(
    "name", ["gaussian_blur", "motion_blur", "down_up", "pixelate", "contrast", "saturation"]
)
@pytest.mark.parametrize("value", [-1.0, 0.3, 1.0])
def test_a_constant_grey_image_is_kept_by_all_that_only_take_away(name, value) -> None:
    x = torch.full((2, 3, 7, 9), value)
    for example in EXAMPLES[name]:
        assert torch.equal(CORRUPTIONS[name](**example)(x, stream()), x)


@pytest.mark.parametrize("name", [name for name in CORRUPTIONS if name not in UNBOUNDED])
def test_values_stay_in_the_range_where_that_is_stated(name) -> None:
    x = torch.sign(images((4, 3, 16, 16)))  # black and white: the extremes
    for example in EXAMPLES[name]:
        y = CORRUPTIONS[name](**example)(x, stream())
        assert float(y.abs().max()) <= 1
