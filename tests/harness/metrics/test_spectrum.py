import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import polygamma

from harness.corrupt import CORRUPTIONS, EXAMPLES
from harness.metrics.spectrum import (
    HIGH_FREQUENCY_ERROR,
    HIGH_FREQUENCY_RATIO,
    SPECTRUM_DISTANCE,
    HighFrequencyRatio,
    mode_power,
    radial_frequency,
)
from harness.problem import Problem
from harness.streams import numpy_generator, torch_generator

NONE = numpy_generator("test", 0, "none")


def images(n: int, seed: int = 0, shape: tuple[int, ...] = (1, 8, 8)) -> np.ndarray:
    draw = numpy_generator("test", seed, "images")
    return draw.normal(scale=0.3, size=(n, *shape)).astype(np.float32)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(height=st.integers(1, 12), width=st.integers(2, 12), channels=st.integers(1, 3))
def test_power_of_an_image_is_the_sum_over_its_modes(height, width, channels) -> None:
    x = images(3, shape=(channels, height, width))
    expected = np.square(x.astype(float)).sum((2, 3)).mean(1)
    assert np.abs(mode_power(x).sum((1, 2)) - expected).max() < 1e-12 * height * width


def test_radial_frequency_runs_from_the_mean_to_the_corner() -> None:
    frequency = radial_frequency(8, 5)
    assert (frequency[0, 0], frequency[7, 4]) == (0, 1)
    assert frequency[0, 4] == pytest.approx(np.sqrt(0.5))
    assert int((radial_frequency(8, 8) > 0.5).sum()) == 42


BLURS = [
    pytest.param(name, example, id=f"{name}-{'-'.join(map(str, example.values()))}")
    for name in CORRUPTIONS
    for example in EXAMPLES[name]
    if (spectrum := CORRUPTIONS[name](**example).spectrum(8, 12)) is not None
    and not spectrum[1].any()
    and spectrum[0].min() > 1e-6  # weaker modes drown in the rounding of float32
]


@pytest.mark.parametrize(("name", "example"), BLURS)
def test_a_blur_gives_the_closed_form_of_its_gain(name, example) -> None:
    """Exactly, up to the float32 of the images, for any images: D = rms ln g, R a power mean."""
    corruption = CORRUPTIONS[name](**example)
    gain = corruption.spectrum(8, 12)[0]
    x = images(20, shape=(3, 8, 12))
    y = corruption(torch.from_numpy(x), torch_generator("test", 0, "none")).numpy()
    power = mode_power(x).mean(0)
    high = radial_frequency(8, 12) > 0.5
    distance = np.sqrt(np.square(np.log(gain.ravel()[1:])).mean())
    ratio = (gain * power)[high].sum() / power[high].sum()
    assert SPECTRUM_DISTANCE(y, x, NONE).value == pytest.approx(distance, rel=2e-4)
    assert HIGH_FREQUENCY_RATIO(y, x, NONE).value == pytest.approx(ratio, rel=1e-5)
    assert HIGH_FREQUENCY_ERROR(y, x, NONE).value == pytest.approx(-np.log(ratio), rel=1e-4)


def test_noise_adds_its_floor() -> None:
    """White images of power v and white noise of power s²: the ratio is 1 + s²/v."""
    n, s, v = 4000, 0.15, 0.3**2
    x = images(n)
    noisy = images(n, 1) + s * numpy_generator("test", 0, "noise").normal(size=x.shape)
    got = HIGH_FREQUENCY_RATIO(noisy, x, NONE)
    assert got.standard_error is not None
    assert abs(got.value - (1 + s**2 / v)) < 4 * got.standard_error
    assert got.n == n


def test_a_scale_shows_alike_in_every_mode() -> None:
    x = images(50)
    assert SPECTRUM_DISTANCE(2 * x, x, NONE).value == pytest.approx(np.log(4), rel=1e-6)
    assert SPECTRUM_DISTANCE(x, 2 * x, NONE).value == pytest.approx(np.log(4), rel=1e-6)
    assert HIGH_FREQUENCY_RATIO(2 * x, x, NONE).value == pytest.approx(4, rel=1e-6)
    assert HIGH_FREQUENCY_ERROR(x, 2 * x, NONE).value == pytest.approx(np.log(4), rel=1e-6)


def test_the_sampling_floor_is_that_of_the_logarithm_of_chi_squared() -> None:
    """Equal laws and sizes, one channel: E D² = 2 psi'(n/2), with psi' the trigamma function."""
    n, repeats = 60, 40
    squares = [
        SPECTRUM_DISTANCE(images(n, s), images(n, s + 1000), NONE).value ** 2
        for s in range(repeats)
    ]
    error = np.std(squares, ddof=1) / np.sqrt(repeats)
    assert abs(np.mean(squares) - 2 * polygamma(1, n / 2)) < 4 * error
    assert 2 * polygamma(1, n / 2) == pytest.approx(4 / n, rel=0.02)  # what the module states


@pytest.mark.parametrize(
    "metric", [HIGH_FREQUENCY_RATIO, HIGH_FREQUENCY_ERROR, SPECTRUM_DISTANCE], ids=str
)
def test_standard_error_is_the_spread_of_independent_draws(metric) -> None:
    n, m, repeats = 200, 300, 200
    gain = np.linspace(1, 0.6, 8)
    got = [metric(images(n, s) * gain[:, None], images(m, s + 1000), NONE) for s in range(repeats)]
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)


def test_bad_images_are_refused() -> None:
    good = images(5)
    for metric in (HIGH_FREQUENCY_RATIO, HIGH_FREQUENCY_ERROR, SPECTRUM_DISTANCE):
        with pytest.raises(Problem, match="NaN"):
            metric(np.full_like(good, np.nan), good, NONE)
        with pytest.raises(Problem, match="at least 2"):
            metric(good[:1], good, NONE)
        with pytest.raises(Problem, match="shape"):
            metric(good, images(5, shape=(1, 8, 7)), NONE)
    flat = np.ones_like(good)
    assert HIGH_FREQUENCY_RATIO(flat, good, NONE).value == pytest.approx(0, abs=1e-12)
    with pytest.raises(Problem, match="without power in mode"):
        SPECTRUM_DISTANCE(np.zeros_like(good), good, NONE)
    with pytest.raises(Problem, match="without high frequencies"):
        HIGH_FREQUENCY_ERROR(np.zeros_like(good), good, NONE)
    with pytest.raises(Problem, match="without high frequencies"):
        HIGH_FREQUENCY_RATIO(good, np.zeros_like(good), NONE)
    with pytest.raises(Problem, match="a side of 2"):
        HighFrequencyRatio()(images(3, shape=(1, 1, 1)), images(3, shape=(1, 1, 1)), NONE)
