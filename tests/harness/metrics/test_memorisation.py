import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from harness.metrics import memorisation
from harness.metrics.features import Features
from harness.metrics.frechet import FRECHET
from harness.metrics.memorisation import (
    AUTHPCT,
    MIFID_LIKE,
    MemorisationFrechet,
    cosine_distances,
    fresh_authenticity,
)
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def normal(n: int, d: int, seed: int) -> np.ndarray:
    return numpy_generator("test", seed, "normal").normal(size=(n, d))


def authentic(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The definition, with all distances in memory."""
    to_train, among = cdist(x, t), cdist(t, t)
    np.fill_diagonal(among, np.inf)
    return to_train.min(1) > among.min(1)[to_train.argmin(1)]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(n=st.integers(2, 20), m=st.integers(2, 30), seed=st.integers(0, 9))
def test_authenticity_is_that_of_brute_force_in_any_order(n, m, seed) -> None:
    x, t = normal(n, 3, seed) + 5, normal(m, 3, seed + 10) + 5
    expected = authentic(x, t).mean()
    train = Features(t)
    first = AUTHPCT(x[: n // 2 + 1], train, NONE)
    assert first.value == authentic(x[: n // 2 + 1], t).mean()
    assert first.n == n // 2 + 1
    assert AUTHPCT(x, train, NONE).value == expected
    assert AUTHPCT(x[::-1], t[::-1], NONE).value == expected


def test_the_inequality_is_strict_and_the_radius_is_that_of_the_nearest_training_image() -> None:
    """On a line: the neighbour of 0 is at distance 1, that of 10 at distance 9."""
    train = np.array([[0.0], [1.0], [10.0]])
    for place, expected in ((-1.0, 0), (-1.1, 1), (18.9, 0), (19.1, 1), (0.0, 0), (0.4, 0)):
        got = AUTHPCT(np.full((2, 1), place), train, NONE)
        assert (got.value, got.standard_error) == (expected, 0.0)


def test_copies_are_not_authentic_even_of_repeated_images_and_noise_is() -> None:
    train = normal(300, 5, 1) + 1e3
    twice = np.concatenate([train, train])
    assert AUTHPCT(train, train, NONE).value == 0
    assert AUTHPCT(train, twice, NONE).value == 0
    assert AUTHPCT(train + 50 * normal(300, 5, 2), train, NONE).value == 1
    half = np.concatenate([train[:150], train[:150] + 50])
    got = AUTHPCT(half, train, NONE)
    assert got.value == 0.5
    assert got.standard_error == pytest.approx(np.sqrt(0.25 / 299))


@pytest.mark.parametrize(("dimension", "expected"), [(1, 1 / 3), (2, 0.37849), (3, 0.40741)])
def test_fresh_data_is_authentic_at_the_rate_of_the_page(dimension, expected) -> None:
    """Uniform on a cube, 400 training images; what the border changes is of order 400^(-1/d)."""
    assert fresh_authenticity(dimension) == pytest.approx(expected, abs=1e-5)
    assert fresh_authenticity(3000) == pytest.approx(0.5, abs=1e-5)
    values = []
    for seed in range(60):
        draw = numpy_generator("test", seed, "cube")
        train, x = draw.uniform(size=(400, dimension)), draw.uniform(0.1, 0.9, (200, dimension))
        values.append(AUTHPCT(x, train, NONE).value)
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert abs(np.mean(values) - expected) < 4 * error


def test_standard_error_of_authenticity_is_the_spread_over_samples() -> None:
    train, repeats = Features(normal(100, 2, 0)), 400
    got = [AUTHPCT(normal(80, 2, s + 1), train, NONE) for s in range(repeats)]
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(n=st.integers(1, 20), m=st.integers(1, 30), seed=st.integers(0, 9))
def test_cosine_distance_is_that_of_brute_force_whatever_the_lengths(n, m, seed) -> None:
    x, t = normal(n, 4, seed), normal(m, 4, seed + 10)
    expected = (1 - np.abs(1 - cdist(x, t, "cosine"))).min(1)
    assert np.abs(cosine_distances(Features(x), Features(t)) - expected).max() < 1e-12
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memorisation, "ROWS", 3)
        patch.setattr(memorisation, "COLUMNS", 4)
        scaled = cosine_distances(Features(x * (1 + np.arange(n))[:, None]), Features(-3 * t))
    assert np.abs(scaled - expected).max() < 1e-12


def test_copies_have_no_cosine_distance_and_zeros_have_all_of_it() -> None:
    train = normal(40, 6, 1)
    assert np.abs(cosine_distances(Features(train), Features(train))).max() == 0
    zeros, axis = np.zeros((3, 2)), np.array([[0.0, 0.0], [2.0, 0.0]])
    assert cosine_distances(Features(zeros), Features(axis)).tolist() == [1, 1, 1]
    assert cosine_distances(Features(np.array([[0.0, 5.0]])), Features(axis)).tolist() == [1]


def near(n: int, seed: int, d: int = 3) -> np.ndarray:
    """Features with cosines near 1, as those of a network with positive outputs are."""
    return 10 + normal(n, d, seed) @ np.diag(1 + 0.3 * np.arange(d))


def test_the_distance_is_divided_below_the_threshold_only() -> None:
    """At s equal to the threshold it is not, as in the published formula."""
    x, t = near(50, 1), near(60, 2) + 0.5
    fd = FRECHET(x, t, NONE)
    mean = (cdist(x, t, "cosine")).min(1).mean()
    exact = cosine_distances(Features(x), Features(t)).mean()
    assert exact == pytest.approx(mean, rel=1e-9)
    assert mean < 0.1
    assert MIFID_LIKE(x, t, NONE).value == pytest.approx(fd.value / mean, rel=1e-9)
    assert MemorisationFrechet(float(np.nextafter(exact, 1)))(x, t, NONE).value > fd.value
    assert MemorisationFrechet(float(exact))(x, t, NONE) == fd
    far = normal(50, 40, 1), normal(60, 40, 2)
    assert MIFID_LIKE(*far, NONE) == FRECHET(*far, NONE)


def test_half_of_copies_doubles_the_penalty() -> None:
    """The mean over samples, not over training images: s falls with the share of copies."""
    t, fresh = near(400, 1), near(200, 2)
    s = cosine_distances(Features(fresh), Features(t)).mean()
    half = np.concatenate([fresh, t[:200]])
    fd = FRECHET(half, t, NONE).value
    assert MIFID_LIKE(half, t, NONE).value == pytest.approx(2 * fd / s, rel=1e-9)


def test_standard_error_of_the_distance_is_the_spread_of_independent_draws() -> None:
    """The training set is drawn anew too, large, so that it moves s by little.

    A third of the samples lies far out, and moves FD and s up together: added as if the two were
    independent, the errors would be twice the spread.
    """
    repeats, got, apart = 200, [], []
    for seed in range(repeats):
        outlying = numpy_generator("test", seed, "outlying").uniform(size=(150, 1)) < 0.3
        x = 10 + (near(150, seed, d=4) - 10) * np.where(outlying, 2.5, 1)
        t = near(1500, seed + 1000, d=4)
        got.append(MIFID_LIKE(x, t, NONE))
        fd, s = FRECHET(x, t, NONE), cosine_distances(Features(x), Features(t))
        assert fd.standard_error is not None
        apart.append(
            np.hypot(fd.standard_error, fd.value / s.mean() * s.std() / 150**0.5) / s.mean()
        )
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)
    assert np.mean(apart) > 1.5 * spread


def test_no_standard_error_where_the_frechet_distance_has_none() -> None:
    x, t = near(6, 1, d=8), near(60, 2, d=8)
    got = MIFID_LIKE(x, t, NONE)
    assert got.standard_error is None
    assert np.isfinite(got.value)


@pytest.mark.parametrize("metric", [AUTHPCT, MIFID_LIKE], ids=["authpct", "mifid_like"])
def test_bad_features_are_refused(metric) -> None:
    x, t = near(5, 1), near(5, 2)
    with pytest.raises(Problem, match="at least 2"):
        metric(x[:1], t, NONE)
    with pytest.raises(Problem, match="at least 2"):
        metric(x, t[:1], NONE)
    with pytest.raises(Problem, match="NaN"):
        metric(np.full_like(x, np.nan), t, NONE)
    with pytest.raises(Problem, match="3 and 2"):
        metric(x, t[:, :2], NONE)


def test_copies_of_everything_make_the_distance_infinite_which_is_said() -> None:
    t = near(50, 1)
    with pytest.raises(Problem, match="infinite"):
        MIFID_LIKE(t[:20], t, NONE)
