"""What the metrics see on real photographs: known damage against two halves of clean patches."""

import numpy as np
import pytest
import torch

from harness.corrupt import CORRUPTIONS
from harness.data.load import load
from harness.metrics import EXTRACTORS
from harness.metrics.reading import reading
from harness.streams import numpy_generator, torch_generator

DAMAGES: dict[str, tuple[str, float]] = {
    "blur .4": ("gaussian_blur", 0.4),
    "blur .6": ("gaussian_blur", 0.6),
    "blur .8": ("gaussian_blur", 0.8),
    "noise .05": ("gaussian_noise", 0.05),
}
NONE = numpy_generator("test", 0, "none")


@pytest.fixture(scope="module")
def readings() -> dict[str, dict[str, np.ndarray]]:
    """Metric by damage, on three splits of the 8×8 grey training patches in halves."""
    pixels = load("photos", side=8, channels=1).train.pixels
    found: dict[str, dict[str, list[float]]] = {}
    for split in range(3):
        order = numpy_generator("test", split, "halves").permutation(len(pixels))
        half = len(pixels) // 2
        reference, other = pixels[order[:half]], pixels[order[half : 2 * half]]
        fitted = {name: EXTRACTORS[name].fit(reference) for name in ("zca_pixels", "random_conv")}
        damaged = {"none": other}
        for damage, (name, sigma) in DAMAGES.items():
            generator = torch_generator("test", split, damage)
            damaged[damage] = CORRUPTIONS[name](sigma=sigma)(torch.tensor(other), generator).numpy()
        for name in ("fd_zca_pixels", "fd_random_conv", "high_frequency_ratio"):
            found_by = reading(name)
            metric = found_by.instance
            view = fitted[found_by.extractor] if found_by.extractor else np.asarray
            seen = view(reference)
            for damage, samples in damaged.items():
                value = metric(view(samples), seen, NONE).value
                found.setdefault(name, {}).setdefault(damage, []).append(value)
    return {
        name: {damage: np.array(values) for damage, values in row.items()}
        for name, row in found.items()
    }


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("fd_random_conv", {"blur .4": 3, "blur .6": 30, "blur .8": 60, "noise .05": 10}),
        ("fd_zca_pixels", {"blur .6": 3, "blur .8": 6, "noise .05": 1.2}),
    ],
)
def test_damage_stands_above_the_distance_of_two_clean_halves(readings, name, least) -> None:
    """By these factors on the mean of three splits, and in each of them."""
    row = readings[name]
    for damage, factor in least.items():
        assert row[damage].mean() > factor * row["none"].mean(), damage
        assert np.all(row[damage] > row["none"]), damage


def test_the_high_frequency_ratio_falls_with_blur_and_rises_with_noise(readings) -> None:
    row = readings["high_frequency_ratio"]
    assert np.all(row["none"] > row["blur .4"])
    assert np.all(row["blur .4"] > row["blur .6"])
    assert np.all(row["blur .6"] > row["blur .8"])
    assert np.all(row["noise .05"] > row["none"])
    assert np.all(row["blur .8"] < 0.05)
