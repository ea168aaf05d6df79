"""Mixtures against scipy, finite differences, quadrature, Tweedie's formula and their moments."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from theory.mixture import Mixture

check = settings(max_examples=15, deadline=None, derandomize=True)
kinds = pytest.mark.parametrize("kind", ["one variance", "isotropic", "full"])


def mixture(kind: str, d: int = 3, k: int = 4, seed: int = 0) -> Mixture:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(k))
    means = 2 * rng.standard_normal((k, d))
    if kind == "one variance":
        return Mixture(weights, means, np.array(0.7))
    if kind == "isotropic":
        return Mixture(weights, means, rng.uniform(0.2, 2, k))
    factors = rng.standard_normal((k, d, d))
    return Mixture(weights, means, factors @ factors.transpose(0, 2, 1) / d + 0.1 * np.eye(d))


def matrices(law: Mixture) -> np.ndarray:
    if law.full:
        return law.covariances
    return law.covariances[:, None, None] * np.eye(law.dimension)


@kinds
def test_the_density_is_that_of_scipy(kind: str) -> None:
    law = mixture(kind)
    x = law.sample(50, np.random.default_rng(1)) * 2
    terms = [
        np.log(w) + stats.multivariate_normal(m, s).logpdf(x)
        for w, m, s in zip(law.weights, law.means, matrices(law))
    ]
    np.testing.assert_allclose(law.log_density(x), special.logsumexp(terms, axis=0), rtol=1e-12)
    np.testing.assert_allclose(law.responsibilities(x), special.softmax(terms, axis=0).T, rtol=1e-9)


@kinds
def test_the_score_is_the_gradient_of_the_log_density(kind: str) -> None:
    law = mixture(kind)
    x = law.sample(20, np.random.default_rng(2))
    h = 1e-5
    for axis in range(law.dimension):
        step = h * np.eye(law.dimension)[axis]
        slope = (law.log_density(x + step) - law.log_density(x - step)) / (2 * h)
        np.testing.assert_allclose(law.score(x)[:, axis], slope, rtol=1e-6, atol=1e-7)


@kinds
@pytest.mark.parametrize(("sigma", "scale"), [(0.3, 1.0), (2.0, 0.5), (1.0, 1e-9)])
def test_the_posterior_mean_is_tweedies(kind: str, sigma: float, scale: float) -> None:
    law = mixture(kind)
    noised = law.noised(sigma, scale)
    y = noised.sample(30, np.random.default_rng(3))
    found = law.denoise(y, sigma, scale)
    if scale > 1e-3:
        tweedie = (y + sigma**2 * noised.score(y)) / scale
        np.testing.assert_allclose(found, tweedie, rtol=1e-9, atol=1e-10)
    else:  # nothing is left of the data
        np.testing.assert_allclose(found, np.tile(law.mean, (30, 1)), rtol=1e-6, atol=1e-7)


def test_on_the_line_the_posterior_mean_is_its_integral() -> None:
    law = Mixture(np.array([0.3, 0.7]), np.array([[-2.0], [1.0]]), np.array([0.2, 1.5]))
    y, sigma, scale = 0.4, 0.8, 0.9

    def weight(x: float, power: int) -> float:
        prior = math.exp(law.log_density(np.array([[x]]))[0])
        return x**power * prior * stats.norm.pdf(y, scale * x, sigma)

    top, bottom = (integrate.quad(weight, -12, 12, args=(p,), limit=200)[0] for p in (1, 0))
    found = law.denoise(np.array([[y]]), sigma, scale)[0, 0]
    assert found == pytest.approx(top / bottom, rel=1e-8)


@kinds
def test_samples_have_the_moments_of_the_law(kind: str) -> None:
    law, n = mixture(kind), 100_000
    x = law.sample(n, np.random.default_rng(4))
    error = np.sqrt(np.diag(law.covariance) / n)
    assert (np.abs(x.mean(0) - law.mean) < 4 * error).all()
    centred = x - law.mean
    products = centred[:, :, None] * centred[:, None, :]
    assert (np.abs(products.mean(0) - law.covariance) < 4 * products.std(0) / math.sqrt(n)).all()


@kinds
def test_the_mean_score_is_zero_and_the_fisher_identity_holds(kind: str) -> None:
    law, n = mixture(kind), 50_000
    x = law.sample(n, np.random.default_rng(5))
    s = law.score(x)
    assert (np.abs(s.mean(0)) < 4 * s.std(0) / math.sqrt(n)).all()
    stein = np.einsum("nd,nd->n", x, s)  # E x . grad log p = -d
    assert abs(stein.mean() + law.dimension) < 4 * stein.std() / math.sqrt(n)


@check
@given(st.integers(0, 1000), st.floats(-1e6, 1e6), st.sampled_from(["isotropic", "full"]))
def test_the_score_does_not_see_the_origin(seed: int, shift: float, kind: str) -> None:
    """Centred squares: a mixture a million units away keeps its digits."""
    law = mixture(kind, seed=seed)
    x = law.sample(10, np.random.default_rng(seed))
    moved = Mixture(law.weights, law.means + shift, law.covariances)
    rounding = 1e-14 * abs(shift) + 1e-9
    np.testing.assert_allclose(moved.score(x + shift), law.score(x), rtol=0, atol=100 * rounding)


def test_uncentred_float32_squares_lose_half_of_the_digits() -> None:
    """The reason for centring: |x - m|^2 as |x|^2 - 2 x.m + |m|^2, far from the origin."""
    rng = np.random.default_rng(6)
    means, x = rng.standard_normal((5, 8)), rng.standard_normal((200, 8))
    truth = ((x[:, None] - means) ** 2).sum(-1)

    def squares(shift: float) -> np.ndarray:
        a, b = (x + shift).astype(np.float32), (means + shift).astype(np.float32)
        return (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)

    near = np.abs(squares(0.0) - truth).max() / truth.max()
    far = np.abs(squares(100.0) - truth).max() / truth.max()
    assert near < 1e-6
    assert far > 1e-4
    law = Mixture(np.full(5, 0.2), means, np.array(0.5))
    moved = Mixture(np.full(5, 0.2), means + 100, np.array(0.5))
    np.testing.assert_allclose(moved.score(x + 100), law.score(x), rtol=1e-10, atol=1e-11)


@check
@given(st.integers(0, 1000), st.floats(0.05, 20))
def test_the_units_of_the_space_scale_the_score(seed: int, unit: float) -> None:
    law = mixture("full", seed=seed)
    scaled = Mixture(law.weights, unit * law.means, unit**2 * law.covariances)
    x = law.sample(10, np.random.default_rng(seed))
    np.testing.assert_allclose(scaled.score(unit * x) * unit, law.score(x), rtol=1e-8, atol=1e-9)
    density = law.log_density(x) - law.dimension * math.log(unit)
    np.testing.assert_allclose(scaled.log_density(unit * x), density, rtol=1e-9, atol=1e-9)


@kinds
def test_one_component_is_a_gaussian_and_noise_adds(kind: str) -> None:
    law = mixture(kind, k=1)
    x = law.sample(5, np.random.default_rng(7))
    expected = np.linalg.solve(matrices(law)[0], (law.means[0] - x).T).T
    np.testing.assert_allclose(law.score(x), expected, rtol=1e-9)
    twice, once = law.noised(0.3).noised(0.4), law.noised(0.5)
    np.testing.assert_allclose(twice.log_density(x), once.log_density(x), rtol=1e-12)


def test_limits_of_the_denoiser() -> None:
    law = mixture("isotropic")
    y = law.sample(6, np.random.default_rng(8))
    np.testing.assert_allclose(law.denoise(y, 1e-6), y, atol=1e-9)
    np.testing.assert_allclose(law.denoise(y, 1e8), np.tile(law.mean, (6, 1)), atol=1e-6)
    atoms = Mixture(np.array([0.5, 0.5]), np.array([[-1.0], [1.0]]), np.array(0.0))
    found = atoms.denoise(np.array([[0.3]]), 0.7)[0, 0]
    assert found == pytest.approx(math.tanh(0.3 / 0.49), rel=1e-12)


def test_far_away_nothing_overflows() -> None:
    law = mixture("one variance")
    x = np.full((1, 3), 1e6)
    assert np.isfinite(law.log_density(x)).all()
    nearest = np.argmax(law.means.sum(1))
    np.testing.assert_allclose(law.score(x)[0], (law.means[nearest] - x[0]) / 0.7, rtol=1e-6)


@pytest.mark.parametrize(
    ("weights", "means", "covariances", "words"),
    [
        ([0.5, 0.6], [[0.0], [1.0]], 1.0, "do not sum to 1"),
        ([1.5, -0.5], [[0.0], [1.0]], 1.0, "not positive"),
        ([1.0], [[0.0], [1.0]], 1.0, "one mean"),
        ([0.5, 0.5], [[0.0], [1.0]], -1.0, "eigenvalue -1"),
        ([1.0], [[0.0, 1.0]], [[[1.0, 2.0], [2.0, 1.0]]], "eigenvalue -1"),
        ([1.0], [[math.nan]], 1.0, "not finite"),
        ([0.5, 0.5], [[0.0], [1.0]], [1.0, 1.0, 1.0], "shape"),
    ],
)
def test_what_is_no_mixture_is_refused(weights, means, covariances, words) -> None:
    with pytest.raises(ValueError, match=words):
        Mixture(np.array(weights), np.array(means), np.array(covariances))


def test_a_density_needs_spread_and_points_of_its_dimension() -> None:
    atoms = Mixture(np.array([1.0]), np.array([[0.0, 0.0]]), np.array(0.0))
    with pytest.raises(ValueError, match="add noise"):
        atoms.score(np.zeros((1, 2)))
    with pytest.raises(ValueError, match="2 dimensions"):
        atoms.noised(1.0).score(np.zeros((1, 3)))
    with pytest.raises(ValueError, match="sigma >= 0"):
        atoms.noised(-1.0)
