import numpy as np
import pytest
import torch
from scipy.fft import dctn

from harness.corrupt.jpeg import Jpeg
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator

# ITU-T T.81, table K.1: the steps of the luminance at quality 50.
LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)


def none() -> torch.Generator:
    return torch_generator("test", 0, "none")


def steps(quality: int) -> np.ndarray:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((LUMINANCE * scale + 50) // 100, 1, 255)


@pytest.mark.parametrize("quality", [10, 50, 75])
def test_it_rounds_the_cosine_coefficients_of_a_block_to_the_standard_steps(quality) -> None:
    """Against the definition in T.81.

    Pixels that are rounded to whole levels move a coefficient by a sum of 64 errors of standard
    deviation .29 with weights of norm 1: below 2 levels in 4,096 coefficients. A coefficient that
    is within a level of the middle between two steps may fall to either side, since the codec
    computes in whole numbers.
    """
    draw = numpy_generator("test", 0, "jpeg")
    ramp = np.add.outer(np.linspace(-0.6, 0.3, 8), np.linspace(-0.3, 0.5, 8))
    x = np.clip(ramp + 0.1 * draw.normal(size=(64, 1, 8, 8)), -0.8, 0.8).astype(np.float32)
    level = np.rint(127.5 * (x.astype(np.float64) + 1)) - 128
    decoded = (Jpeg(quality)(torch.from_numpy(x), none()).double().numpy() + 1) * 127.5 - 128
    unclipped = (decoded.min((1, 2, 3)) > -128) & (decoded.max((1, 2, 3)) < 127)
    assert unclipped.sum() > 50
    before, after = (dctn(y[unclipped], norm="ortho", axes=(2, 3)) for y in (level, decoded))
    step = steps(quality)
    error = np.abs(after - np.rint(before / step) * step)
    undecided = np.abs(np.abs(before / step - np.rint(before / step)) - 0.5) < 1 / step
    assert error[~undecided].max() < 2
    assert np.minimum(error, np.abs(error - step))[undecided].max() < 2


def test_the_result_is_on_the_grid_of_8_bits() -> None:
    x = torch.rand(4, 3, 9, 13, generator=none()) * 2 - 1
    level = (Jpeg(40)(x, none()).double() + 1) * 127.5
    assert float((level - level.round()).abs().max()) < 1e-4


def test_a_higher_quality_is_nearer_to_the_image() -> None:
    x = torch.rand(32, 1, 16, 16, generator=none()) - 0.5
    error = [float((Jpeg(q)(x, none()) - x).square().mean()) for q in (5, 20, 50, 80, 95)]
    assert error == sorted(error, reverse=True)
    assert error[-1] > (1 / 127.5) ** 2 / 12  # not less than 8 bits cost


def test_grey_as_three_channels_stays_grey_and_chroma_is_halved() -> None:
    grey = torch.rand(2, 1, 16, 16, generator=none()).expand(2, 3, 16, 16) * 2 - 1
    y = Jpeg(90)(grey, none())
    assert float((y - y.mean(1, keepdim=True)).abs().max()) < 2 / 127.5
    columns = torch.tensor([1.0, 0.0]).repeat(8).expand(16, 16)
    red = torch.stack([columns, 1 - columns, 0 * columns])[None]  # red and green take turns
    smoothed = Jpeg(95)(red, none())
    before = (red[:, 0] - red[:, 1])[..., ::2].mean()
    after = (smoothed[:, 0] - smoothed[:, 1])[..., ::2].mean()
    assert float(after) < 0.5 * float(before)


def test_what_is_no_quality_or_no_image_is_refused() -> None:
    for quality in (0, 96, 50.5, float("nan")):
        with pytest.raises(Problem, match="quality of jpeg"):
            Jpeg(quality)  # type: ignore[arg-type]
    with pytest.raises(Problem, match="2 channels"):
        Jpeg(50)(torch.zeros(1, 2, 8, 8), none())
    with pytest.raises(Problem, match="NaN"):
        Jpeg(50)(torch.full((1, 1, 8, 8), float("nan")), none())
