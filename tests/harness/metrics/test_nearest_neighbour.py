import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from harness.metrics import nearest_neighbour
from harness.metrics.nearest_neighbour import NEAREST_NEIGHBOUR_RATIO, nearest_distance
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def images(n: int, seed: int, side: int = 4) -> np.ndarray:
    draw = numpy_generator("test", seed, "images")
    return draw.normal(size=(n, 1, side, side)).astype(np.float32)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(n=st.integers(1, 20), m=st.integers(1, 30), far=st.sampled_from([0.0, 1e3]))
def test_distance_is_that_of_brute_force_in_pieces_of_any_size(n, m, far) -> None:
    x, t = (images(k, s).reshape(k, -1).astype(float) + far for k, s in ((n, 1), (m, 2)))
    expected = cdist(x, t).min(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest_neighbour, "ROWS", 3)
        patch.setattr(nearest_neighbour, "COLUMNS", 4)
        assert np.abs(nearest_distance(x, t) - expected).max() < 1e-9
    assert np.abs(nearest_distance(x, t) - expected).max() < 1e-9


def test_the_ratio_is_that_of_the_means() -> None:
    x, h, t = images(40, 1), images(30, 2), images(50, 3)
    flat = [a.reshape(len(a), -1).astype(float) for a in (x, h, t)]
    expected = cdist(flat[0], flat[2]).min(1).mean() / cdist(flat[1], flat[2]).min(1).mean()
    got = NEAREST_NEIGHBOUR_RATIO(x, h, t, NONE)
    assert got.value == pytest.approx(expected, rel=1e-12)
    assert got.n == 40


def test_fresh_data_gives_one_and_copies_give_nothing() -> None:
    t, h = images(300, 1), images(1000, 2)
    fresh = NEAREST_NEIGHBOUR_RATIO(images(1000, 3), h, t, NONE)
    assert fresh.standard_error is not None
    assert abs(fresh.value - 1) < 4 * fresh.standard_error
    copies = NEAREST_NEIGHBOUR_RATIO(t[::-1], h, t, NONE)
    assert copies.value == 0
    half = NEAREST_NEIGHBOUR_RATIO(np.concatenate([t, images(300, 4)]), h, t, NONE)
    assert half.standard_error is not None
    assert abs(half.value - 0.5) < 4 * half.standard_error


def test_standard_error_is_the_spread_of_independent_draws() -> None:
    t, repeats = images(50, 0), 300
    got = [
        NEAREST_NEIGHBOUR_RATIO(3 * images(60, s + 1), images(20, s + 1000), t, NONE)
        for s in range(repeats)
    ]
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)


def test_bad_images_are_refused() -> None:
    x, h, t = images(5, 1), images(5, 2), images(5, 3)
    with pytest.raises(Problem, match=r"samples.*NaN"):
        NEAREST_NEIGHBOUR_RATIO(np.full_like(x, np.inf), h, t, NONE)
    with pytest.raises(Problem, match=r"held-out images.*at least 2"):
        NEAREST_NEIGHBOUR_RATIO(x, h[:1], t, NONE)
    with pytest.raises(Problem, match=r"training images.*at least 1"):
        NEAREST_NEIGHBOUR_RATIO(x, h, t[:0], NONE)
    with pytest.raises(Problem, match="shape"):
        NEAREST_NEIGHBOUR_RATIO(x, h, images(5, 3, side=5), NONE)
    with pytest.raises(Problem, match="trained on"):
        NEAREST_NEIGHBOUR_RATIO(x, t, t, NONE)
