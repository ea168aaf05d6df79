import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import rbf_kernel

from harness.metrics.features import Features
from harness.metrics.kernel_distance import KERNEL_DISTANCE, KernelDistance
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def draw(n: int, d: int, seed: int) -> np.ndarray:
    return numpy_generator("test", seed, "kernel distance").normal(size=(n, d))


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.sqrt(np.square(x).sum(1, keepdims=True))


def by_definition(x: np.ndarray, y: np.ndarray, sigma: float = 10) -> float:
    """The V-statistic from whole kernel matrices, in whatever precision x and y have."""
    x, y = unit(x), unit(y)

    def mean(a: np.ndarray, b: np.ndarray) -> float:
        squares = np.square(a[:, None] - b).sum(2)
        return np.exp(-squares / (2 * sigma**2)).mean()

    return 1000 * (mean(x, x) + mean(y, y) - 2 * mean(x, y))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(n=st.integers(2, 12), m=st.integers(2, 12), d=st.integers(1, 9), seed=st.integers(0, 9))
def test_against_the_kernel_of_sklearn(n, m, d, seed) -> None:
    x, y = draw(n, d, seed) + 0.4, 1.5 * draw(m, d, seed + 50)
    expected = [rbf_kernel(unit(a), unit(b), 1 / 200).mean() for a, b in ((x, x), (y, y), (x, y))]
    expected = 1000 * (expected[0] + expected[1] - 2 * expected[2])
    assert KERNEL_DISTANCE(x, y, NONE).value == pytest.approx(expected, abs=1e-11)


def test_opposite_points_are_a_known_distance_apart() -> None:
    """Two point masses at u and -u: 2000 (1 - exp(-4 / 200)), the largest value there is."""
    u = np.tile([[0.0, 3.0]], (4, 1))
    got = KERNEL_DISTANCE(u, -2 * u, NONE)
    assert got.value == pytest.approx(-2000 * np.expm1(-0.02), rel=1e-12)
    assert got.value < 40
    assert got.standard_error == pytest.approx(0, abs=1e-12)


def test_directions_that_nearly_agree_keep_their_digits() -> None:
    """Spread 1e-5 around one direction; kernels near 1 would leave 3 digits of this."""
    x, y = 1e-5 * draw(9, 4, 1) + 1, 1e-5 * draw(11, 4, 2) + 1

    def below_one(a: np.ndarray, b: np.ndarray) -> float:
        u, v = unit(a.astype(np.longdouble)), unit(b.astype(np.longdouble))
        return np.expm1(-np.square(u[:, None] - v).sum(2) / 200).mean()

    expected = float(1000 * (below_one(x, x) + below_one(y, y) - 2 * below_one(x, y)))
    assert KERNEL_DISTANCE(x, y, NONE).value == pytest.approx(expected, rel=1e-8, abs=0)


def test_only_the_mean_direction_weighs() -> None:
    """The first two terms of the expansion are all of it, up to 2000 / (6 sigma^6) of the third.

    Equal means and the most different second moments there are stay below 0.1.
    """
    x, y = draw(50, 6, 1) + 0.3, draw(40, 6, 2) * np.array([3, 1, 1, 1, 1, 0.1])
    u, v = unit(x), unit(y)
    first = np.square(u.mean(0) - v.mean(0)).sum() / 100
    second = np.square(u.T @ u / 50 - v.T @ v / 40).sum() / 20_000
    got = KERNEL_DISTANCE(x, y, NONE).value
    assert abs(got - 1000 * np.exp(-0.01) * (first + second)) < 2000 / 6e6
    assert 1000 * second < 0.02 * got
    axes = np.array([[1.0, 0], [-1, 0]]), np.array([[0, 1.0], [0, -1]])
    assert 0.09 < KERNEL_DISTANCE(*axes, NONE).value < 0.1


@pytest.mark.parametrize("sizes", [(2, 2), (9, 14)], ids=str)
def test_the_standard_error_is_that_of_leaving_each_image_out(sizes) -> None:
    x, y = draw(sizes[0], 4, 1), draw(sizes[1], 4, 2) * 1.3 + 0.5
    without_x = [by_definition(np.delete(x, i, 0), y) for i in range(len(x))]
    without_y = [by_definition(x, np.delete(y, i, 0)) for i in range(len(y))]
    variance = sum((len(v) - 1) * np.var(v) for v in (without_x, without_y))
    got = KERNEL_DISTANCE(x, y, NONE)
    assert got.standard_error == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert got.n == sizes[0]


def test_the_bias_is_what_the_pairs_of_an_image_with_itself_are_worth() -> None:
    """Equal laws, directions uniform on the circle: mean k = exp(-0.01) I0(0.01)."""
    n, m, repeats = 5, 8, 800
    values = [
        KERNEL_DISTANCE(draw(n, 2, s), draw(m, 2, s + 5000), NONE).value for s in range(repeats)
    ]
    kernel = np.exp(-0.01) * np.i0(0.01)
    expected = (1 / n + 1 / m) * 1000 * (1 - kernel)
    assert abs(np.mean(values) - expected) < 4 * np.std(values, ddof=1) / np.sqrt(repeats)


@pytest.mark.parametrize("sigma", [0.5, 10.0])
def test_lengths_do_not_matter_and_sigma_does(sigma) -> None:
    metric = KernelDistance(sigma)
    x, y = draw(20, 3, 1), draw(30, 3, 2) + 0.4
    lengths = np.exp(draw(20, 1, 3))
    expected = by_definition(x, y, sigma)
    reference = Features(y)
    KERNEL_DISTANCE(x, reference, NONE)  # leaves its own sums in the object
    assert metric(x, reference, NONE).value == pytest.approx(expected, rel=1e-10)
    assert metric(x * lengths * 1e200, y, NONE).value == pytest.approx(expected, rel=1e-9)
    assert metric(y, x * 1e-200, NONE).value == pytest.approx(expected, rel=1e-9)


def test_a_set_against_itself_is_at_zero() -> None:
    x = draw(600, 3, 1)
    assert 0 <= KERNEL_DISTANCE(x, x.copy(), NONE).value < 1e-11
    assert 0 <= KERNEL_DISTANCE(x[::-1], x, NONE).value < 1e-11
    assert KERNEL_DISTANCE(np.ones((4, 2)), np.ones((3, 2)), NONE)[:2] == (0.0, 0.0)


def test_bad_features_are_refused() -> None:
    good = draw(6, 2, 1)
    dark = good.copy()
    dark[3:5] = 0
    with pytest.raises(Problem, match=r"kernel_distance of samples; got 2 of 6 rows of zeros"):
        KERNEL_DISTANCE(dark, good, NONE)
    with pytest.raises(Problem, match="kernel_distance of a reference; got 2 of 6"):
        KERNEL_DISTANCE(good, dark, NONE)
    with pytest.raises(Problem, match="at least 2"):
        KERNEL_DISTANCE(good, good[:1], NONE)
