"""The score of a mixture, and how many times faster it is than the form one writes first.

10,000 points, 1,000 components, 64 dimensions, float64. The floor is two matrix products of 1.28
billion operations each and ten million exponentials. ``extra_info["times_faster"]`` of
``test_score_by_broadcasting`` is the ratio, measured in one process; at least 12 is asked.
"""

import time

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from theory.mixture import Mixture

POINTS, COMPONENTS, DIMENSION = 10_000, 1_000, 64


@pytest.fixture(scope="module")
def law() -> Mixture:
    rng = np.random.default_rng(0)
    means = rng.standard_normal((COMPONENTS, DIMENSION))
    return Mixture(np.full(COMPONENTS, 1 / COMPONENTS), means, np.array(0.5))


@pytest.fixture(scope="module")
def points(law: Mixture) -> np.ndarray:
    return law.sample(POINTS, np.random.default_rng(1))


def by_broadcasting(law: Mixture, x: np.ndarray, rows: int = 250) -> np.ndarray:
    """All differences [n, k, d], in blocks that fit memory."""
    parts = []
    for start in range(0, len(x), rows):
        offsets = law.means - x[start : start + rows, None]  # [b, k, d]
        exponent = -0.5 * (offsets**2).sum(-1) / law.covariances + np.log(law.weights)
        g = np.exp(exponent - exponent.max(1, keepdims=True))
        g /= g.sum(1, keepdims=True)
        parts.append((g[..., None] * offsets / law.covariances[:, None]).sum(1))
    return np.concatenate(parts)


def test_score(benchmark: BenchmarkFixture, law: Mixture, points: np.ndarray) -> None:
    benchmark.pedantic(law.score, (points,), rounds=5, warmup_rounds=1)


def test_score_by_broadcasting(
    benchmark: BenchmarkFixture, law: Mixture, points: np.ndarray
) -> None:
    fast = min(_seconds(law, points) for _ in range(5))
    found = benchmark.pedantic(by_broadcasting, (law, points), rounds=2)
    np.testing.assert_allclose(found, law.score(points), rtol=1e-9, atol=1e-9)
    ratio = benchmark.stats.stats.min / fast
    benchmark.extra_info["times_faster"] = ratio
    assert ratio >= 12, f"{ratio:.1f} times"


def _seconds(law: Mixture, points: np.ndarray) -> float:
    start = time.perf_counter()
    law.score(points)
    return time.perf_counter() - start
