"""Extraction: copies are found, fresh data and what lies between two images are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from harness.metrics.attack import EXTRACTED
from harness.metrics.estimate import Estimate
from harness.metrics.extraction import extraction, largest_cosine
from harness.problem import Problem
from harness.streams import numpy_generator


def images(n: int, seed: int, side: int = 4) -> np.ndarray:
    draw = numpy_generator("test", seed, "images")
    return draw.normal(size=(n, 1, side, side)).astype(np.float32)


def line(*places: float) -> np.ndarray:
    """Images of a single pixel."""
    return np.array(places).reshape(-1, 1, 1, 1)


def found(samples: np.ndarray, seen: np.ndarray, unseen: np.ndarray) -> dict[str, Estimate]:
    return extraction(samples, seen, unseen, np.arange(len(unseen)))


@pytest.mark.parametrize("dimension", [1, 2])
def test_fresh_data_is_extracted_at_the_rate_of_the_page(dimension: int) -> None:
    """Uniform on a cube, 1,000 images; samples far from its border."""
    values = []
    for seed in range(20):
        draw = numpy_generator("test", seed, "cube")
        seen = draw.uniform(size=(1000, 1, 1, dimension))
        fresh = draw.uniform(0.1, 0.9, size=(300, 1, 1, dimension))
        values.append(found(fresh, seen, fresh)["extracted"].value)
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert abs(np.mean(values) - 3.0**-dimension) < 4 * error


def test_nearer_than_a_third_of_the_second_nearest_is_extracted() -> None:
    seen, unseen = line(0, 4, 100), line(50, 60)
    for place, expected in ((0.99, 1), (1.01, 0), (0.0, 1), (2.0, 0), (3.1, 1), (-1.9, 1)):
        got = found(line(place, place), seen, unseen)["extracted"]
        assert (got.value, got.standard_error, got.n) == (expected, 0.0, 2), place


def test_the_share_and_its_error_are_those_of_copies_even_of_repeated_images() -> None:
    seen, fresh = images(100, 1), images(150, 2)
    half = np.concatenate([seen[:50], fresh[:150]])
    got = found(half, np.concatenate([seen, seen]), fresh)
    assert got["extracted"].value == 0.25
    assert got["extracted"].standard_error == pytest.approx((0.25 * 0.75 / 199) ** 0.5)
    assert got["extracted_ratio"].value == pytest.approx(0.75)
    for share in (".9", ".95", ".99"):
        assert got[f"extracted_over_{share}"].value == 0.25
        assert got[f"extracted_over_{share}_excess"].value == 0.25
    assert set(got) == set(EXTRACTED)


def test_the_ratio_is_that_of_the_nearest_distances() -> None:
    x, t, h = images(40, 1), images(50, 2), 2 * images(30, 3)
    flat = [a.reshape(len(a), -1).astype(float) for a in (x, t, h)]
    expected = cdist(flat[0], flat[1]).min(1).mean() / cdist(flat[2], flat[1]).min(1).mean()
    assert found(x, t, h)["extracted_ratio"].value == pytest.approx(expected, rel=1e-12)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(n=st.integers(1, 20), m=st.integers(1, 20), seed=st.integers(0, 9))
def test_the_largest_cosine_is_that_of_brute_force(n, m, seed) -> None:
    x, t = (images(k, seed + s).reshape(k, -1).astype(float) for k, s in ((n, 10), (m, 20)))
    expected = 1 - cdist(x, t, "correlation").min(1)
    assert np.abs(largest_cosine(3 * x + 7, t - 2) - expected).max() < 1e-12


def test_flat_images_are_like_nothing() -> None:
    flat, lively = np.full((2, 4), 0.1), np.array([[1.0, -1.0, 0.0, 0.0]])
    flat[1, 2] += 1e-7  # the rounding of a picture
    assert largest_cosine(flat, lively).tolist() == [0, 0]
    assert largest_cosine(lively, flat).tolist() == [0]
    both = np.concatenate([flat, lively])
    assert largest_cosine(-lively, both) == pytest.approx(-1)


def test_the_shares_by_cosine_are_of_samples_less_unseen_images() -> None:
    seen = np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0]]).reshape(2, 1, 1, 3)

    def near(cosine: float) -> np.ndarray:
        along, across = np.array([1, -1, 0]) / 2**0.5, np.array([1, 1, -2]) / 6**0.5
        return (cosine * along + (1 - cosine**2) ** 0.5 * across).reshape(1, 1, 1, 3)

    samples = np.concatenate([near(c) for c in (0.995, 0.96, 0.92, 0.89)])
    got = found(samples, seen, np.concatenate([near(0.97), near(0.0)]))
    assert [got[f"extracted_over_{s}"].value for s in (".9", ".95", ".99")] == [0.75, 0.5, 0.25]
    assert [got[f"extracted_over_{s}_excess"].value for s in (".9", ".95", ".99")] == [
        0.25,
        0,
        0.25,
    ]


def test_one_image_alone_is_refused() -> None:
    with pytest.raises(Problem, match="2 nearest neighbours"):
        found(images(3, 1), np.repeat(images(1, 2), 3, 0), images(3, 3))
