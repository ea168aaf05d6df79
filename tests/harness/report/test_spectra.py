"""Radial spectra: what white noise, one wave, a blur and Parseval's theorem must give."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.corrupt import CORRUPTIONS
from harness.report.spectra import (
    FLOOR,
    Spectrum,
    by_octave,
    frequencies,
    octaves,
    powers,
    radial,
    rings,
    spectrum,
)
from harness.streams import numpy_generator, torch_generator


def noise(n: int, *shape: int, scale: float = 0.3) -> np.ndarray:
    draw = numpy_generator("test", n, "spectra")
    return draw.normal(scale=scale, size=(n, *shape)).astype(np.float32)


def wave(u: int, v: int, height: int = 8, width: int = 8) -> np.ndarray:
    """Two images of one cosine of the basis, of height 1 and 2: [2, 1, H, W]."""
    y = np.cos(np.pi * (np.arange(height) + 0.5) * u / height)
    x = np.cos(np.pi * (np.arange(width) + 0.5) * v / width)
    return (np.multiply.outer([1, 2], np.outer(y, x))[:, None]).astype(np.float32)


def test_white_noise_has_its_variance_in_every_ring_and_octave() -> None:
    power = powers(noise(4000, 3, 8, 8))
    found = [radial(power), *by_octave(power).values()]
    for one in found:
        assert (np.abs(one.power - 0.09) < 4 * one.error).all()
    # a mode of Gaussian noise, mean over 3 channels, has the relative variance 2 / 3
    modes = np.bincount(rings(8, 8).ravel())[1:]
    expected = 0.09 * np.sqrt(2 / 3 / modes / 4000)
    assert radial(power).error == pytest.approx(expected, rel=0.1)
    assert radial(power).decibels == pytest.approx(10 * np.log10(0.09), abs=0.2)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(height=st.integers(1, 12), width=st.integers(2, 12), channels=st.integers(1, 3))
def test_the_rings_hold_the_mean_square_of_the_pixels(
    height: int, width: int, channels: int
) -> None:
    x = noise(5, channels, height, width)
    parts = rings(height, width)
    count = np.bincount(parts.ravel())
    assert count.min() > 0
    assert count[0] == 1
    power = spectrum(powers(x), parts, range(len(count))).power
    assert (count * power).sum() / count.sum() == pytest.approx(np.square(x.astype(float)).mean())


@pytest.mark.parametrize(("u", "v", "ring"), [(0, 1, 1), (3, 0, 3), (3, 4, 5), (7, 7, 10)])
def test_a_wave_lies_in_the_ring_of_its_frequency(u: int, v: int, ring: int) -> None:
    x = wave(u, v)
    found = radial(powers(x))
    alone = found.power > 1e-12
    assert alone.tolist() == [k == ring for k in range(1, 11)]
    modes = int((rings(8, 8) == ring).sum())
    assert found.power[ring - 1] == pytest.approx(64 * np.square(x).mean() / modes, rel=1e-6)
    assert abs(found.frequency[ring - 1] - np.hypot(u, v) / 16) <= 1 / 32  # half a ring


def test_a_wave_of_an_oblong_image_lies_where_its_period_says() -> None:
    f = frequencies(8, 32)
    assert f[4, 0] == 1 / 4  # a period of 4 pixels
    assert f[0, 16] == 1 / 4
    assert rings(8, 32)[4, 0] == rings(8, 32)[0, 16] == 4


def test_a_blur_multiplies_the_power_by_the_square_of_its_gain() -> None:
    blur = CORRUPTIONS["gaussian_blur"](sigma=0.8)
    generator = torch_generator("test", 0, "corruption")
    gain, _ = blur.spectrum(8, 8)
    for u, v in ((0, 1), (2, 3), (5, 4)):
        x = wave(u, v)
        blurred = blur(torch.tensor(x), generator).numpy()
        above, _ = radial(powers(blurred)).above(radial(powers(x)))
        ring = rings(8, 8)[u, v] - 1
        assert above[ring] == pytest.approx(10 * np.log10(gain[u, v]), abs=1e-4)
    x = noise(2000, 1, 8, 8)
    lost, _ = radial(powers(blur(torch.tensor(x), generator).numpy())).above(radial(powers(x)))
    ringed = [gain[rings(8, 8) == ring].mean() for ring in range(1, 11)]
    assert lost == pytest.approx(10 * np.log10(ringed), abs=0.35)


def test_an_error_is_that_of_a_mean_over_images() -> None:
    power = np.zeros((4, 8, 8))
    power[:, 3, 0] = [1, 2, 3, 6]
    modes = int((rings(8, 8) == 3).sum())
    found = radial(power)
    assert found.n == 4
    assert found.power[2] == pytest.approx(3 / modes)
    assert found.error[2] == pytest.approx(np.std([1, 2, 3, 6], ddof=1) / 2 / modes)
    assert found.decibels_error[2] == pytest.approx(4.342945 * found.error[2] / found.power[2])


def test_a_difference_has_the_errors_of_both() -> None:
    one, other = (
        Spectrum(np.ones(1), np.array([power]), np.array([error]), 9)
        for power, error in ((2.0, 0.06), (1.0, 0.04))
    )
    above, error = one.above(other)
    assert above == pytest.approx([3.0103], abs=1e-4)
    assert error == pytest.approx([4.342945 * 0.05])  # hypot(0.03, 0.04)


def test_no_power_is_told_as_the_floor() -> None:
    found = radial(powers(np.full((3, 1, 8, 8), 0.5, np.float32)))
    assert found.decibels == pytest.approx(10 * np.log10(FLOOR))
    assert np.isfinite(found.decibels_error).all()


def test_images_with_pixels_that_are_no_number_are_left_out() -> None:
    x = noise(6, 2, 8, 8)
    x[1, 0, 3, 3], x[4, 1, 0, 0] = np.nan, np.inf
    assert (powers(x) == powers(x[[0, 2, 3, 5]])).all()


def test_octaves_are_halves_of_frequency_from_one_half_down() -> None:
    parts = octaves(8, 8)
    assert parts[0, 0] == -1
    assert parts[0, 1] == parts[1, 0] == 3  # 1/16, the lowest of its octave
    assert parts[0, 2] == 2  # 1/8
    assert parts[0, 4] == parts[0, 7] == 1  # 1/4 to 7/16
    assert parts[7, 7] == 0  # a corner, above 1/2
    assert list(by_octave(powers(noise(3, 1, 8, 8)))) == [3, 2, 1, 0]
    assert list(by_octave(powers(noise(3, 1, 1, 8)))) == [3, 2, 1]  # on a line, no corner
