import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import polynomial_kernel

from harness.metrics import kernel_sums
from harness.metrics.features import Features
from harness.metrics.kid import KID
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def draw(n: int, d: int, seed: int) -> np.ndarray:
    return numpy_generator("test", seed, "kid").normal(size=(n, d))


def by_definition(x: np.ndarray, y: np.ndarray) -> float:
    """The U-statistic from whole kernel matrices, in whatever precision x and y have."""

    def within(k: np.ndarray) -> float:
        return (k.sum() - k.trace()) / (len(k) * (len(k) - 1))

    xx, yy, xy = ((a @ b.T / x.shape[1] + 1) ** 3 for a, b in ((x, x), (y, y), (x, y)))
    return within(xx) + within(yy) - 2 * xy.mean()


def moments_apart(shift: float) -> float:
    """KID of N(0, 1) and N(shift, 1), one feature: binomial weights times gaps of moments."""
    return 3 * shift**2 + 3 * (shift**2) ** 2 + (shift**3 + 3 * shift) ** 2


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_mean_over_draws_is_the_distance_of_the_laws(shift) -> None:
    """Unbiased at n = 4 and m = 6, where n for n - 1 would be off by a third."""
    x = draw(4 * 1500, 1, 1).reshape(1500, 4, 1)
    y = draw(6 * 1500, 1, 2).reshape(1500, 6, 1) + shift
    values = np.array([KID(a, b, NONE).value for a, b in zip(x, y)])
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - moments_apart(shift)) < 4 * error
    assert values.min() < 0


@settings(max_examples=30, deadline=None, derandomize=True)
@given(n=st.integers(3, 12), m=st.integers(3, 12), d=st.integers(1, 9), seed=st.integers(0, 9))
def test_against_the_kernel_of_sklearn(n, m, d, seed) -> None:
    x, y = draw(n, d, seed) + 0.4, 1.5 * draw(m, d, seed + 50)
    xx, yy, xy = (
        polynomial_kernel(a, b, degree=3, gamma=1 / d, coef0=1) for a, b in ((x, x), (y, y), (x, y))
    )
    np.fill_diagonal(xx, 0)
    np.fill_diagonal(yy, 0)
    expected = xx.sum() / (n * (n - 1)) + yy.sum() / (m * (m - 1)) - 2 * xy.mean()
    assert KID(x, y, NONE).value == pytest.approx(expected, rel=1e-10, abs=1e-12 * xy.max())


def test_the_pieces_do_not_show(monkeypatch) -> None:
    x, y = draw(40, 3, 1), draw(31, 3, 2) + 0.3
    whole = KID(x, y, NONE)
    monkeypatch.setattr(kernel_sums, "PIECE", 7)
    parts = KID(x, y, NONE)
    assert parts.value == pytest.approx(whole.value, rel=1e-12)
    assert parts.standard_error == pytest.approx(whole.standard_error, rel=1e-12)


@pytest.mark.parametrize("sizes", [(3, 3), (9, 14)], ids=str)
def test_the_standard_error_is_that_of_leaving_each_image_out(sizes) -> None:
    x, y = draw(sizes[0], 4, 1), draw(sizes[1], 4, 2) * 1.3 + 0.5
    without_x = [by_definition(np.delete(x, i, 0), y) for i in range(len(x))]
    without_y = [by_definition(x, np.delete(y, i, 0)) for i in range(len(y))]
    variance = sum((len(v) - 1) * np.var(v) for v in (without_x, without_y))
    got = KID(x, y, NONE)
    assert got.standard_error == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert got.n == sizes[0]


@pytest.mark.parametrize(
    ("apart", "ratio"), [(0.6, 1.0), (0.0, np.sqrt(2))], ids=["unlike", "alike"]
)
def test_the_standard_error_is_the_spread_where_laws_differ_and_root_2_of_it_where_not(
    apart, ratio
) -> None:
    """R repeats give a spread with the relative error sqrt((kurtosis - 1) / 4 R); four are allowed.

    Between unlike laws the terms in pairs, which are counted twice, are worth 3 % more.
    """
    repeats, n, m = 600, 120, 80
    got = [
        KID(draw(n, 3, s), draw(m, 3, s + 5000) + apart, NONE) for s in range(repeats)
    ]  # fmt: skip
    values = np.array([e.value for e in got])
    deviation = values - values.mean()
    kurtosis = (deviation**4).mean() / values.var() ** 2
    errors = np.sqrt(np.mean([e.standard_error**2 for e in got]))
    allowed = 4 * np.sqrt((kurtosis - 1) / (4 * repeats)) + 0.03
    assert abs(errors / values.std(ddof=1) / ratio - 1) < allowed


def test_features_far_from_the_origin_keep_their_digits() -> None:
    """Against the definition in extended precision; in float64 the definition keeps 6 digits."""
    x, y = draw(12, 5, 1) + 1e4, draw(15, 5, 2) + 1e4
    expected = by_definition(x.astype(np.longdouble), y.astype(np.longdouble))
    assert KID(x, y, NONE).value == pytest.approx(float(expected), rel=1e-9)
    alike = np.full((5, 3), 7.1)
    assert KID(alike, alike.copy(), NONE)[:2] == (0.0, 0.0)


def test_the_two_sets_may_change_places() -> None:
    x, y = draw(20, 4, 1), draw(30, 4, 2) + 0.2
    one, other = KID(x, y, NONE), KID(y, x, NONE)
    assert one.value == pytest.approx(other.value, rel=1e-10)
    assert one.standard_error == pytest.approx(other.standard_error, rel=1e-10)


def test_a_set_against_itself_is_negative_by_its_diagonal() -> None:
    """k(x, x) is left out within and not across: 2 (mean k - mean k(x, x)) / (n - 1)."""
    x = draw(30, 4, 1)
    k = (x @ x.T / 4 + 1) ** 3
    expected = 2 * (k.mean() - k.trace() / 30) / 29
    for other in (x, x.copy()):
        assert KID(x, other, NONE).value == pytest.approx(expected, rel=1e-10)
    same = Features(x)
    assert KID(same, same, NONE).value == pytest.approx(expected, rel=1e-10)
    assert expected < 0


def test_a_reference_serves_many_sets_and_nothing_is_written_to(tmp_path) -> None:
    """Float32 rows in a file, read only, give what the same numbers in memory give."""
    x = draw(700, 3, 1).astype(np.float32)
    np.save(tmp_path / "rows.npy", x)
    mapped = Features(np.load(tmp_path / "rows.npy", mmap_mode="r"))
    reference = Features(draw(600, 3, 2) + 0.1)
    kept = reference.rows.copy()
    first = KID(mapped, reference, NONE)
    assert first == KID(x.astype(np.float64), kept, NONE)
    assert KID(draw(50, 3, 3), reference, NONE) == KID(draw(50, 3, 3), kept, NONE)
    assert np.array_equal(reference.rows, kept)


def test_bad_features_are_refused() -> None:
    good = draw(5, 2, 1)
    with pytest.raises(Problem, match="at least 3"):
        KID(good, good[:2], NONE)
    with pytest.raises(Problem, match=r"kid of samples.*NaN"):
        KID(np.where(good > 0, np.nan, good), good, NONE)
    with pytest.raises(Problem, match="overflow"):
        KID(good * 1e160, good, NONE)
