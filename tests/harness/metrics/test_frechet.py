import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from harness.metrics.features import Features
from harness.metrics.frechet import FRECHET, frechet_distance, frechet_distance_gram
from harness.metrics.moments import Moments
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def features(n: int, d: int, seed: int, scale: float = 1.0) -> np.ndarray:
    draw = numpy_generator("test", seed, "features")
    mixing = numpy_generator("test", d, "mixing").normal(size=(d, d))
    return scale * draw.normal(size=(n, d)) @ mixing


def from_moments(a: np.ndarray, b: np.ndarray) -> float:
    first, second = Moments.of(a), Moments.of(b)
    return frechet_distance(first.mean, first.covariance, second.mean, second.covariance)


def test_commuting_covariances() -> None:
    """In one eigenbasis, FD = |shift|² + sum (sqrt a - sqrt b)²."""
    draw = numpy_generator("test", 0, "commuting")
    basis, _ = np.linalg.qr(draw.normal(size=(7, 7)))
    a, b = draw.uniform(0.1, 9, (2, 7))
    shift = draw.normal(size=7)
    got = frechet_distance(shift, (basis * a) @ basis.T, np.zeros(7), (basis * b) @ basis.T)
    expected = shift @ shift + np.square(np.sqrt(a) - np.sqrt(b)).sum()
    assert got == pytest.approx(expected, rel=1e-8)


def test_a_shift_of_the_mean_alone_gives_its_square() -> None:
    cov = np.cov(features(100, 5, 1).T)
    got = frechet_distance(np.full(5, 0.3), cov, np.zeros(5), cov)
    assert got == pytest.approx(5 * 0.09, abs=1e-8 * np.trace(cov))


@pytest.mark.parametrize("angle", [0.0, 0.4, np.pi / 2])
def test_rank_one_covariances(angle) -> None:
    """S1 = s² uu', S2 = t² vv': the trace of the root is s t |u'v|.

    The ridge adds at most 2 sqrt(ridge) tr sqrt(S2), with ridge = 1e-10 s² / d.
    """
    s, t, d = 1.3, 0.7, 3
    u, v = np.eye(d)[0], np.array([np.cos(angle), np.sin(angle), 0])
    got = frechet_distance(np.zeros(d), s**2 * np.outer(u, u), np.zeros(d), t**2 * np.outer(v, v))
    error = got - (s**2 + t**2 - 2 * s * t * abs(u @ v))
    bound = 2 * np.sqrt(1e-10 * s**2 / d) * t
    assert -bound - 1e-9 < error < 1e-9


def test_against_a_matrix_square_root() -> None:
    a, b = features(60, 6, 1), features(80, 6, 2, 0.6) + 0.2
    s1, s2 = np.cov(a.T), np.cov(b.T)
    shift = a.mean(0) - b.mean(0)
    expected = shift @ shift + np.trace(s1 + s2 - 2 * np.real(sqrtm(s1 @ s2)))
    assert from_moments(a, b) == pytest.approx(expected, rel=1e-8)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(n=st.integers(2, 12), m=st.integers(2, 30), d=st.integers(1, 15), seed=st.integers(0, 9))
def test_the_gram_form_is_the_same_number(n, m, d, seed) -> None:
    """Also where fewer samples than features leave the covariances singular."""
    a, b = features(n, d, seed), features(m, d, seed + 10, 0.7) + 0.1
    first, second = Moments.of(a), Moments.of(b)
    trace = np.trace(first.covariance)
    gram = frechet_distance_gram(Features(a), Features(b))
    ridge = 2 * np.sqrt(1e-10 * trace / d) * np.sqrt(d * np.trace(second.covariance))
    # tr S^(1/2) <= sqrt(d tr S): the ridge may take that much; rounding a root of 1e-16.
    slack = 1e-6 * (trace + np.trace(second.covariance))
    assert -slack < gram - from_moments(a, b) < ridge + slack
    assert frechet_distance_gram(Features(b), Features(a)) == pytest.approx(gram, abs=slack)


@pytest.mark.parametrize("n", [10, 200], ids=["fewer than features", "more than features"])
def test_distance_to_itself_is_nothing_and_never_negative_or_complex(n) -> None:
    a = features(n, 40, 3)
    got = FRECHET(a, a, NONE)
    assert 0 <= got.value < 1e-6 * np.trace(np.cov(a.T))
    assert np.isfinite(got.value)


def test_four_samples_of_four_features_give_a_number() -> None:
    """The eigenvalues of S1 S2 turn out slightly negative here, and a plain root gives NaN."""
    draw = np.random.default_rng(1)
    a, b = draw.normal(size=(2, 4, 4))
    got = FRECHET(a, b, NONE)
    assert got.standard_error is None
    assert got.value == pytest.approx(from_moments(a, b), rel=1e-4)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(n=st.integers(3, 40), d=st.integers(1, 20), seed=st.integers(0, 5))
def test_order_and_rotation_change_nothing_and_a_scale_its_square(n, d, seed) -> None:
    draw = numpy_generator("test", seed, "rotation")
    rotation, _ = np.linalg.qr(draw.normal(size=(d, d)))
    a, b = features(n, d, seed), features(n + 3, d, seed + 20) + 0.5
    metric = FRECHET
    base = metric(a, b, NONE).value
    slack = 1e-4 * (np.square(a).mean() + np.square(b).mean()) * d
    assert abs(metric(a[::-1], b, NONE).value - base) < slack
    assert abs(metric(a @ rotation, b @ rotation, NONE).value - base) < slack
    assert abs(metric(3 * a, 3 * b, NONE).value - 9 * base) < 9 * slack


def test_standard_error_is_the_spread_of_independent_draws() -> None:
    """Repeats R give a spread with the relative error 1 / sqrt(2 R); four of those are allowed.

    Skewed features, so that a wrong sign between the linear and the square part would show.
    """
    d, n, m, repeats = 4, 200, 900, 300
    mixing = np.diag([1.0, 1.5, 0.5, 2.0]) + 0.2
    values, errors = [], []
    for seed in range(repeats):
        draw = numpy_generator("test", seed, "spread")
        a, b = draw.exponential(size=(n, d)), draw.exponential(size=(m, d)) @ mixing + 0.3
        got = FRECHET(a, b, NONE)
        assert got.standard_error is not None
        values.append(got.value)
        errors.append(got.standard_error)
    spread = float(np.std(values, ddof=1))
    assert abs(np.sqrt(np.mean(np.square(errors))) / spread - 1) < 4 / np.sqrt(2 * repeats)


def test_the_two_sets_may_change_places() -> None:
    """The value and its error are computed along different ways for the two."""
    draw = numpy_generator("test", 0, "places")
    a, b = draw.exponential(size=(60, 5)), draw.exponential(2, size=(40, 5)) + 0.3
    one, other = FRECHET(a, b, NONE), FRECHET(b, a, NONE)
    assert one.value == pytest.approx(other.value, rel=1e-7)
    assert one.standard_error == pytest.approx(other.standard_error, rel=1e-7)
    assert (one.n, other.n) == (60, 40)


def test_plug_in_bias_falls_as_one_over_n() -> None:
    """Between two draws of one law in d = 3 the mean distance halves as n doubles."""
    mean = [
        np.mean([FRECHET(features(n, 3, s), features(n, 3, s + 999), NONE).value
                 for s in range(300)])
        for n in (50, 100, 200, 400)
    ]  # fmt: skip
    slope = np.polyfit(np.log([50, 100, 200, 400]), np.log(mean), 1)[0]
    assert abs(slope + 1) < 0.15  # each mean has a relative error of 4 %: 4 of the slope's own


@pytest.mark.parametrize("ratio", [1e2, 1e4, 1e6])
def test_one_strong_direction_hides_nothing_of_the_others(ratio) -> None:
    """Diagonal covariances, one variance ratio² times the rest: relative 1e-8 of the truth."""
    a, b = np.full(20, 1.0), np.full(20, 1.21)
    a[0] = b[0] = ratio**2
    basis, _ = np.linalg.qr(numpy_generator("test", 3, "basis").normal(size=(20, 20)))
    got = frechet_distance(np.zeros(20), np.diag(a), np.zeros(20), np.diag(b))
    assert got == pytest.approx(19 * 0.01, rel=1e-8 * max(1, ratio**2 / 1e6))
    turned = frechet_distance(
        np.zeros(20), (basis * a) @ basis.T, np.zeros(20), (basis * b) @ basis.T
    )
    assert turned == pytest.approx(19 * 0.01, abs=1e-13 * ratio**2 + 1e-9)


def test_a_singular_covariance_is_treated_alike_from_both_sides() -> None:
    """Constant features, and combinations of others: no Cholesky factor, and one number.

    The nuclear norm by singular values, which needs no root of a rounding error.
    """
    draw = numpy_generator("test", 4, "singular")
    full = draw.normal(size=(200, 6))
    flat = draw.normal(size=(200, 6)) @ np.diag([1, 2, 0, 1, 0, 3])
    tied = draw.normal(size=(200, 3)) @ draw.normal(size=(3, 6))
    for other in (flat, tied):
        one, back = from_moments(full, other), from_moments(other, full)
        x, y = full - full.mean(0), other - other.mean(0)
        nuclear = np.linalg.svd(x @ y.T, compute_uv=False).sum() / 199
        shift = full.mean(0) - other.mean(0)
        exact = shift @ shift + (np.square(x).sum() + np.square(y).sum()) / 199 - 2 * nuclear
        assert one == pytest.approx(exact, rel=1e-7)
        assert back == pytest.approx(exact, rel=1e-7)


@pytest.mark.parametrize("scale", [1e145, 1e200, 1e-150])
def test_what_float64_cannot_square_is_refused(scale) -> None:
    a = features(50, 4, 1)
    with pytest.raises(Problem, match="scale the features"):
        FRECHET(scale * a / np.abs(a).max(), a, NONE)


@pytest.mark.parametrize("mean", [1e2, 5e3])
def test_a_mean_far_from_zero_costs_no_digits_that_count(mean) -> None:
    a, b = features(300, 4, 1), features(400, 4, 2, 1.3)
    assert from_moments(a + mean, b + mean) == pytest.approx(from_moments(a, b), rel=1e-6)
    with pytest.raises(Problem, match="subtract a constant"):
        from_moments(a + 1e6, b + 1e6)


def test_bad_features_are_refused() -> None:
    good, metric = features(20, 3, 0), FRECHET
    with pytest.raises(Problem, match=r"fd of samples.*NaN"):
        metric(np.where(np.arange(60).reshape(20, 3) == 7, np.nan, good), good, NONE)
    with pytest.raises(Problem, match="at least 2"):
        metric(good, good[:1], NONE)
    with pytest.raises(Problem, match="one extractor"):
        metric(good, good[:, :2], NONE)
    with pytest.raises(Problem, match=r"\(20,\)"):
        metric(good[:, 0], good, NONE)
