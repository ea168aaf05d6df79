"""Distances of Gaussians against quadrature, sampling-free identities and optimal transport."""

import math

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, linalg, stats

from theory.gaussian import excess, kullback_leibler, root, total_variation, wasserstein2_squared

check = settings(max_examples=20, deadline=None, derandomize=True)
seeds = st.integers(0, 10_000)


def gaussian(seed: int, d: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((d, d))
    return rng.standard_normal(d), factor @ factor.T / d + 0.1 * np.eye(d)


@pytest.mark.parametrize(
    ("first", "second"),
    [((0.0, 1.0), (1.0, 4.0)), ((2.0, 0.25), (2.0, 0.3)), ((1, 0.5), (1.3, 0.8))],
)
def test_on_the_line_the_distances_are_their_integrals(first, second) -> None:
    p, q = (stats.norm(m, math.sqrt(v)) for m, v in (first, second))
    arrays = [np.array([first[0]]), np.array([[first[1]]]), np.array([second[0]])]
    arrays.append(np.array([[second[1]]]))
    kl = integrate.quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), -30, 30, limit=200)[0]
    quantile = integrate.quad(lambda u: (p.ppf(u) - q.ppf(u)) ** 2, 0, 1, limit=500)[0]
    assert kullback_leibler(*arrays) == pytest.approx(kl, rel=1e-9)
    assert wasserstein2_squared(*arrays) == pytest.approx(quantile, rel=1e-6)
    tv = 0.5 * integrate.quad(
        lambda x: abs(p.pdf(x) - stats.norm.pdf(x, 3.0, math.sqrt(first[1]))), -30, 30,
        points=[(first[0] + 3) / 2], limit=200,
    )[0]  # fmt: skip
    assert total_variation(arrays[0], np.array([3.0]), arrays[1]) == pytest.approx(tv, rel=1e-8)


@check
@given(seeds)
def test_transport_agrees_with_an_independent_implementation(seed: int) -> None:
    (m1, s1), (m2, s2) = gaussian(seed), gaussian(seed + 1)
    expected = ot.gaussian.bures_wasserstein_distance(m1, m2, s1, s2) ** 2
    assert wasserstein2_squared(m1, s1, m2, s2) == pytest.approx(expected, rel=1e-9)
    cross = linalg.sqrtm(root(s2) @ s1 @ root(s2)).real
    direct = (m1 - m2) @ (m1 - m2) + np.trace(s1 + s2 - 2 * cross)
    assert wasserstein2_squared(m1, s1, m2, s2) == pytest.approx(direct, rel=1e-9)


@check
@given(seeds, st.floats(0.1, 10), st.floats(-5, 5))
def test_distances_under_an_affine_map(seed: int, scale: float, shift: float) -> None:
    (m1, s1), (m2, s2) = gaussian(seed), gaussian(seed + 1)
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((4, 4)) + 3 * np.eye(4)
    moved = (a @ m1 + shift, a @ s1 @ a.T, a @ m2 + shift, a @ s2 @ a.T)
    kl = kullback_leibler(m1, s1, m2, s2)
    assert kullback_leibler(*moved) == pytest.approx(kl, rel=1e-7)  # invariant
    scaled = (scale * m1 + shift, scale**2 * s1, scale * m2 + shift, scale**2 * s2)
    w2 = wasserstein2_squared(m1, s1, m2, s2)
    assert wasserstein2_squared(*scaled) == pytest.approx(scale**2 * w2, rel=1e-8)
    assert wasserstein2_squared(m2, s2, m1, s1) == pytest.approx(w2, rel=1e-9)  # symmetric
    assert total_variation(moved[0], moved[2], a @ s1 @ a.T) == pytest.approx(
        total_variation(m1, m2, s1), rel=1e-7
    )


def test_singular_covariances_and_equal_laws() -> None:
    m, s = gaussian(3)
    assert wasserstein2_squared(m, np.zeros((4, 4)), m, s) == pytest.approx(np.trace(s), rel=1e-12)
    assert wasserstein2_squared(m, s, m, s) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(root(s) @ root(s), s, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("u", [1e-12, 1e-9, -1e-6, 1e-4, -9.9e-3, 9.9e-3, 0.0101, 0.5, -0.9, 30.0])
def test_the_excess_keeps_its_digits_near_one(u: float) -> None:
    ratio = 1 + u
    exact_u = ratio - 1  # what the argument can hold
    expected = sum((-1) ** k * exact_u**k / k for k in range(2, 14)) if abs(u) < 0.02 else None
    expected = exact_u - math.log1p(exact_u) if expected is None else expected
    assert float(excess(np.array(ratio))) == pytest.approx(expected, rel=1e-12)
