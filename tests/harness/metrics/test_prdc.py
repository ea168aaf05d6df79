import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics import neighbourhood
from harness.metrics.features import Features
from harness.metrics.prdc import COVERAGE, DENSITY, PRECISION, RECALL, Prdc
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")
ALL = (PRECISION, RECALL, DENSITY, COVERAGE)


def draw(n: int, d: int, seed: int) -> np.ndarray:
    return numpy_generator("test", seed, "prdc").normal(size=(n, d))


def by_definition(
    samples: np.ndarray, reference: np.ndarray, k: int = 5, closed: bool = False
) -> dict[str, float]:
    """As the package prdc does it: whole matrices, and the (k + 1)-th smallest with the image."""

    def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.array([np.square(row - b).sum(1) for row in a])

    def radius(a: np.ndarray) -> np.ndarray:
        return np.partition(distances(a, a), k, axis=1)[:, k]

    between = distances(reference, samples)  # [M, N]
    inside = np.less_equal if closed else np.less
    in_real = inside(between, radius(reference)[:, None])
    in_fake = inside(between, radius(samples)[None, :])
    return {
        "precision": in_real.any(0).mean(),
        "recall": in_fake.any(1).mean(),
        "density": in_real.sum(0).mean() / k,
        "coverage": in_real.any(1).mean(),
    }


def readings(samples, reference, k: int = 5, closed: bool = False) -> dict[str, float]:
    return {m.reading: Prdc(m.reading, k, closed)(samples, reference, NONE).value for m in ALL}


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    n=st.integers(6, 40),
    m=st.integers(6, 40),
    d=st.integers(1, 8),
    k=st.integers(1, 5),
    seed=st.integers(0, 9),
    closed=st.booleans(),
)
def test_against_whole_matrices(n, m, d, k, seed, closed) -> None:
    a, b = Features(0.8 * draw(n, d, seed)), Features(draw(m, d, seed + 50) + 0.2)
    expected = by_definition(a.rows, b.rows, k, closed)
    assert readings(a, b, k, closed) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("piece", [512, 7])
def test_ties_and_duplicates_are_decided_as_defined(monkeypatch, closed, piece) -> None:
    """On a lattice, where many points lie on rims, far from the origin; samples repeat it."""
    monkeypatch.setattr(neighbourhood, "PIECE", piece)
    draws = numpy_generator("test", 0, "lattice")
    reference = draws.integers(6, size=(60, 2)) / 3 + 1000.1
    samples = np.concatenate([reference[:20], draws.integers(8, size=(30, 2)) / 3 + 1000.1])
    expected = by_definition(samples, reference, 3, closed)
    assert readings(samples, reference, 3, closed) == pytest.approx(expected, rel=1e-12)
    assert expected != by_definition(samples, reference, 3, not closed)


def test_density_and_coverage_of_equal_laws_have_their_mean() -> None:
    """E density = 1 and E coverage = 1 - prod (M - 1 - i) / (N + M - 1 - i), any law, any d."""
    n, m, k, repeats = 40, 25, 3, 600
    i = np.arange(k)
    expected = {"density": 1.0, "coverage": 1 - np.prod((m - 1 - i) / (n + m - 1 - i))}
    got = [
        readings(Features(draw(n, 2, s) ** 3), Features(draw(m, 2, s + 5000) ** 3), k)
        for s in range(repeats)
    ]
    for reading, value in expected.items():
        values = np.array([g[reading] for g in got])
        assert abs(values.mean() - value) < 4 * values.std(ddof=1) / np.sqrt(repeats)


def test_recall_is_the_precision_of_the_other_side() -> None:
    a, b = Features(draw(30, 3, 1)), Features(1.5 * draw(50, 3, 2))
    assert RECALL(a, b, NONE).value == PRECISION(b, a, NONE).value
    assert RECALL(a, b, NONE).standard_error == PRECISION(b, a, NONE).standard_error
    assert RECALL(a, b, NONE).value != RECALL(b, a, NONE).value
    assert RECALL(a, b, NONE).n == 30


def test_a_set_against_itself_is_right_in_all_four() -> None:
    """Open balls of positive radius hold their centre and k - 1 neighbours; closed ones k."""
    x = draw(40, 3, 1)
    assert set(readings(x, x.copy()).values()) == {1.0}
    same = Features(x)
    assert set(readings(same, same).values()) == {1.0}
    assert readings(x, x.copy(), 5, True)["density"] == pytest.approx(6 / 5)


def test_more_than_k_duplicates_make_an_empty_ball() -> None:
    """Six copies have radius 0 at k = 5: open it holds nothing, closed the copies; five do not."""
    rest = 10 + draw(30, 2, 1)
    six, five = (np.concatenate([np.zeros((c, 2)), rest]) for c in (6, 5))
    samples = np.concatenate([np.zeros((1, 2)), 10 + draw(9, 2, 2)])
    for reference, closed in ((six, False), (six, True), (five, False)):
        expected = by_definition(samples, reference, 5, closed)
        assert readings(samples, reference, 5, closed) == pytest.approx(expected)
    assert readings(samples, six)["precision"] < readings(samples, six, closed=True)["precision"]


def test_one_repeated_sample_recalls_nothing_and_one_repeated_reference_is_refused() -> None:
    one, many = np.full((20, 3), 0.1), draw(30, 3, 1)
    assert readings(one, many)["recall"] == 0
    assert PRECISION(one, many, NONE).value == 1
    for metric in ALL:
        with pytest.raises(Problem, match="all radii are 0"):
            metric(many, one, NONE)


def test_the_standard_error_is_that_of_leaving_each_image_out_at_fixed_radii(monkeypatch) -> None:
    """A mean over one set, and the delete-one jackknife over the other, from whole matrices."""
    monkeypatch.setattr(neighbourhood, "PIECE", 16)
    k, n, m = 2, 40, 60
    samples, reference = Features(draw(n, 2, 1) + 0.9), Features(draw(m, 2, 2))
    between = np.array([np.square(x - samples.rows).sum(1) for x in reference.rows])  # [M, N]
    real = between < neighbourhood.radii(reference, k)[:, None]
    fake = between < neighbourhood.radii(samples, k)

    def jackknife(values: list[float]) -> float:
        return (len(values) - 1) * np.var(values)

    def without(held: np.ndarray, axis: int) -> list[np.ndarray]:
        return [np.delete(held, i, axis) for i in range(held.shape[axis])]

    variances = {
        "precision": real.any(0).var(ddof=1) / n
        + jackknife([h.any(0).mean() for h in without(real, 0)]),
        "recall": fake.any(1).var(ddof=1) / m
        + jackknife([h.any(1).mean() for h in without(fake, 1)]),
        "density": real.sum(0).var(ddof=1) / k**2 / n
        + jackknife([h.sum() / (k * n) for h in without(real, 0)]),
        "coverage": real.any(1).var(ddof=1) / m
        + jackknife([h.any(1).mean() for h in without(real, 1)]),
    }
    for metric in ALL:
        got = Prdc(metric.reading, k)(samples, reference, NONE)
        assert got.standard_error == pytest.approx(np.sqrt(variances[metric.reading]), rel=1e-9)


def test_the_four_share_one_pass_of_one_pair(monkeypatch) -> None:
    a, b, other = (Features(draw(20, 2, seed)) for seed in (1, 2, 3))
    first = PRECISION(a, b, NONE)
    for pair in ((a, other), (b, a)):
        fresh = tuple(Features(side.rows) for side in pair)
        assert readings(*pair) == readings(*fresh)
        assert readings(*pair, closed=True) == readings(*fresh, closed=True)
    monkeypatch.setattr(neighbourhood, "blocks", None)  # another pass would fail
    assert PRECISION(a, b, NONE) == first
    assert all(metric(a, b, NONE).value >= 0 for metric in (RECALL, DENSITY, COVERAGE))


def test_bad_requests_are_refused() -> None:
    good = draw(20, 2, 1)
    assert COVERAGE.least(7) == 6
    with pytest.raises(Problem, match="coverage of a reference; got 5 of them; give at least 6"):
        COVERAGE(good, good[:5], NONE)
    with pytest.raises(Problem, match="at least 21"):
        Prdc("density", k=20)(good, good, NONE)
    with pytest.raises(Problem, match="choose from precision, recall"):
        Prdc("accuracy")
    with pytest.raises(Problem, match="k of 1 or more"):
        Prdc("recall", k=0)


def test_the_mean_for_equal_laws_is_that_of_draws() -> None:
    """40 samples and 90 reference images: not symmetric in the two numbers."""
    found = {"density": [], "coverage": []}
    for seed in range(300):
        rng = numpy_generator("test", seed, "equal laws")
        a, b = Features(rng.normal(size=(40, 3))), Features(rng.normal(size=(90, 3)))
        for reading, values in found.items():
            values.append(Prdc(reading)(a, b, rng).value)
    for reading, values in found.items():
        expected = Prdc(reading).expected(40, 90)
        assert abs(np.mean(values) - expected) < 4 * np.std(values, ddof=1) / np.sqrt(300)
    assert Prdc("precision").expected(40, 90) is None
