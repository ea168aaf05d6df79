"""The Fréchet distance, and how many times faster it is than the route by a matrix square root.

2,048 features, as of the FID network; the reference has 10,000 images and its moments are known.
The floor of the first is a Cholesky factor (d³ / 3), a congruence (d³) and the reduction of a
symmetric matrix to three diagonals (4 d³ / 3), 23 billion operations, of which half run at the
speed of the memory. The ratio to ``scipy.linalg.sqrtm`` of the product is taken in one process, on
the same moments: at least 8 for 10,000 samples, at least 40 for 1,000, where the covariance of the
samples is not made at all (nor is its cost counted for the square root).
"""

import time
from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from scipy.linalg import sqrtm

from harness.metrics.features import Features
from harness.metrics.frechet import distance_of, frechet_distance
from harness.metrics.moments import Moments

D, REFERENCE = 2048, 10_000


@pytest.fixture(scope="module")
def reference() -> Features:
    """Correlated features whose variances span two decades."""
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((D, D)) * np.geomspace(1, 0.1, D)[:, None] / np.sqrt(D)
    found = Features(rng.standard_normal((REFERENCE, D)) @ mixing)
    Moments.of(found)
    return found


def samples(n: int) -> Features:
    rng = np.random.default_rng(1)
    mixing = rng.standard_normal((D, D)) * np.geomspace(1, 0.2, D)[:, None] / np.sqrt(D)
    return Features(rng.standard_normal((n, D)) @ mixing + 0.01)


def by_square_root(shift: np.ndarray, cov_a: np.ndarray, cov_b: np.ndarray) -> float:
    """The formula as it is printed, as most libraries compute it."""
    root = np.trace(sqrtm(cov_a @ cov_b)).real
    return float(shift @ shift + np.trace(cov_a) + np.trace(cov_b) - 2 * root)


@pytest.mark.parametrize(("n", "least"), [(10_000, 8), (1_000, 40)])
def test_frechet_against_the_matrix_square_root(
    benchmark: BenchmarkFixture, reference: Features, n: int, least: float
) -> None:
    a = samples(n)
    first, second = Moments.of(a), Moments.of(reference)
    cov_a, cov_b = first.covariance, second.covariance
    few = Features(a.rows)  # without moments: the Gram form does not need them

    def fast() -> float:
        if n > D:
            return frechet_distance(first.mean, cov_a, second.mean, cov_b)
        return distance_of(few, reference)

    value = benchmark.pedantic(fast, rounds=5, warmup_rounds=1)
    slow, expected = _timed(lambda: by_square_root(first.mean - second.mean, cov_a, cov_b))
    ratio = slow / benchmark.stats.stats.min
    benchmark.extra_info["times_faster"] = ratio
    assert value == pytest.approx(expected, rel=1e-6)
    assert ratio >= least, f"{ratio:.1f} times"


def _timed(work: Callable[[], float]) -> tuple[float, float]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found
