from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from harness.metrics.frechet import FRECHET
from harness.metrics.patch_frechet import (
    PATCH_FD_2,
    PATCH_FD_4,
    PATCH_FD_8,
    Patches,
    PatchFrechet,
    places,
)
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def images(n: int, shape: tuple[int, int, int], seed: int) -> np.ndarray:
    """Smooth-ish images, skewed and unlike along the two axes."""
    draw = numpy_generator("test", seed, "images")
    x = draw.exponential(size=(n, *shape)).cumsum(3) / 5 - 0.3
    return (x + draw.normal(0, 0.3, (n, 1, 1, 1))).astype(np.float32)


def cut(x: np.ndarray, side: int) -> np.ndarray:
    """The patches by loops, image by image."""
    rows = [
        image[:, i : i + side, j : j + side].ravel()
        for image in x
        for i in places(x.shape[2], side)
        for j in places(x.shape[3], side)
    ]
    return np.array(rows, float)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(length=st.integers(1, 60), side=st.integers(1, 60))
def test_places_are_all_or_eight_from_border_to_border(length, side) -> None:
    if side > length:
        return
    found = places(length, side)
    assert len(found) == min(length - side + 1, 8)
    assert found[0] == 0
    assert found[-1] == length - side or len(found) == 1
    gaps = np.diff(found)
    assert len(gaps) == 0 or gaps.max() - gaps.min() <= 1
    assert (gaps > 0).all()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    n=st.integers(1, 4), size=st.integers(2, 13), start=st.integers(0, 40), more=st.integers(0, 90)
)
def test_patches_read_in_any_pieces_are_those_cut_by_loops(n, size, start, more) -> None:
    x = images(n, (2, size, 5), 1)
    patches, expected = Patches(x, 2), cut(x, 2)
    assert patches.shape == expected.shape
    assert len(patches) == n * patches.each
    assert np.array_equal(patches[start : start + more], expected[start : start + more])
    assert np.array_equal(np.asarray(patches, np.float64), expected)


@pytest.mark.parametrize(("side", "shape"), [(2, (3, 5, 4)), (4, (1, 12, 6)), (3, (2, 3, 3))])
def test_it_is_the_distance_of_the_moments_of_all_patches(side, shape) -> None:
    a, b = images(60, shape, 1), images(80, shape, 2) * 0.7 + 0.1
    x, y = cut(a, side), cut(b, side)
    s1, s2 = np.cov(x.T), np.cov(y.T)
    shift = x.mean(0) - y.mean(0)
    expected = shift @ shift + np.trace(s1 + s2 - 2 * np.real(sqrtm(s1 @ s2)))
    got = PatchFrechet(side)(a, b, NONE)
    assert got.value == pytest.approx(expected, rel=1e-6)
    assert got.n == 60


def test_a_shift_of_level_and_a_change_of_contrast_are_closed_forms() -> None:
    """A level c: C s² c². A factor g: (g - 1)² of the mean square of a patch."""
    x = images(100, (2, 6, 6), 1).astype(float)
    assert PATCH_FD_2(x + 0.2, x, NONE).value == pytest.approx(2 * 4 * 0.04, rel=1e-6)
    rows = cut(x, 4)
    power = np.square(rows.mean(0)).sum() + rows.var(0, ddof=1).sum()
    assert PATCH_FD_4(1.5 * x, x, NONE).value == pytest.approx(0.25 * power, rel=1e-6)


def test_a_patch_as_large_as_the_image_is_the_image() -> None:
    a, b = images(100, (1, 4, 4), 1), images(120, (1, 4, 4), 2) + 0.1
    got = PATCH_FD_4(a, b, NONE)
    whole = FRECHET(a.reshape(100, -1), b.reshape(120, -1), NONE)
    assert got.value == pytest.approx(whole.value, rel=1e-9)
    assert got.standard_error == pytest.approx(whole.standard_error, rel=1e-9)


def first_order(value: Callable[[np.ndarray], float], n: int, copies: int = 20) -> float:
    """The variance of ``value(rows)`` to first order over the draw of n rows, by differences.

    Each row stands ``copies`` times, and one copy of each in turn is left out.
    """
    rows = np.tile(np.arange(n), copies)
    values = np.array([value(np.delete(rows, k)) for k in range(n)])
    return (n * copies - 1) ** 2 * float(values.var(ddof=1)) / n


def test_standard_error_is_that_of_small_changes_of_either_set() -> None:
    a, b = images(50, (1, 4, 5), 1), 0.7 * images(40, (1, 4, 5), 2)
    variance = first_order(lambda kept: PATCH_FD_2(a[kept], b, NONE).value, 50)
    variance += first_order(lambda kept: PATCH_FD_2(a, b[kept], NONE).value, 40)
    got = PATCH_FD_2(a, b, NONE)
    assert got.standard_error == pytest.approx(np.sqrt(variance), rel=0.01)


def test_standard_error_is_the_spread_of_independent_draws_of_images() -> None:
    """One draw of level an image makes its patches alike: counted as independent they would
    give less than half of the error."""
    repeats, got = 150, []
    for seed in range(repeats):
        a, b = images(80, (1, 6, 6), seed), 0.7 * images(120, (1, 6, 6), seed + 999)
        got.append(PATCH_FD_2(a, b, NONE))
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)


def test_small_patches_do_not_see_what_is_far_apart() -> None:
    """Upper halves with lower halves of other images: patches of 2 differ at the seam alone."""
    x = images(400, (1, 8, 8), 1).astype(float)
    x = x - x.mean((2, 3), keepdims=True)
    unmatched = np.concatenate([x[:, :, :4], x[::-1, :, 4:]], axis=2)
    fresh = images(400, (1, 8, 8), 2).astype(float)
    fresh = fresh - fresh.mean((2, 3), keepdims=True)
    small = [PATCH_FD_2(y, fresh, NONE).value / PATCH_FD_2(0 * y, fresh, NONE).value
             for y in (unmatched, x)]  # fmt: skip
    large = [PATCH_FD_8(y, fresh, NONE).value / PATCH_FD_8(0 * y, fresh, NONE).value
             for y in (unmatched, x)]  # fmt: skip
    assert small[0] - small[1] < 0.01
    assert large[0] > large[1]


def test_few_or_flat_images_have_a_distance_without_an_error() -> None:
    two = PATCH_FD_8(images(2, (3, 8, 8), 1), images(3, (3, 8, 8), 2), NONE)
    assert np.isfinite(two.value)
    assert two.standard_error is None
    flat = PATCH_FD_2(np.zeros((20, 1, 4, 4)), np.full((20, 1, 4, 4), 0.5), NONE)
    assert flat.value == pytest.approx(4 * 0.25)
    assert flat.standard_error is None
    same = images(50, (1, 4, 4), 1)
    assert PATCH_FD_2(same, same, NONE).value == pytest.approx(0, abs=1e-6)


def test_images_smaller_than_the_patch_are_refused() -> None:
    x = images(5, (1, 4, 8), 1)
    with pytest.raises(Problem, match=r"patch_fd_8.*4 by 8.*side of 8"):
        PATCH_FD_8(x, x, NONE)
    with pytest.raises(Problem, match="at least 2"):
        PATCH_FD_4(x[:1], x, NONE)
    with pytest.raises(Problem, match="shape"):
        PATCH_FD_4(x, images(5, (3, 4, 8), 1), NONE)
    with pytest.raises(Problem, match="NaN"):
        PATCH_FD_4(np.full_like(x, np.inf), x, NONE)
