"""The released toy experiment: its corrector, its growing pool, and what its loops do."""

import math

import numpy as np
import pytest

from theory.gaussian import wasserstein2_squared
from theory.loops.toy import (
    BINS,
    Point,
    Toy,
    corrected,
    distance,
    fitted,
    histogram,
    ideal,
    included,
    path,
    sums,
)

LAW = Toy()
M = 25


def phi(x: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * (x**2).sum(axis=-1)) / (2 * math.pi)


def released(batch: np.ndarray, gamma: float, size: int, rng: np.random.Generator) -> np.ndarray:
    """The released corrector as it is written, with candidates in blocks: np.histogram2d, indices
    by truncation, proposals from the truth, the constant from the largest density."""
    t = gamma / (1 + gamma)
    h, *edges = np.histogram2d(batch[:, 0], batch[:, 1], bins=BINS, density=True)
    low = np.array([edge[0] for edge in edges])
    width = np.array([edge[1] - edge[0] for edge in edges])
    bound = ((1 - t) * h.max() + t * phi(np.zeros(2))) / phi(np.zeros(2))
    found: list[np.ndarray] = []
    while sum(map(len, found)) < size:
        x = rng.standard_normal((20_000, 2))
        at = np.trunc((x - low) / width).astype(int)
        within = ((at >= 0) & (at < BINS)).all(axis=1)
        density = np.where(within, h[tuple(np.clip(at, 0, BINS - 1).T)], 0.0)
        g = (1 - t) * density + t * phi(x)
        found.append(x[g / (bound * phi(x)) > rng.random(len(x))])
    return np.concatenate(found)[:size]


@pytest.mark.parametrize("gamma", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("centre", [0.0, 0.7])
def test_the_corrector_is_the_released_one_in_law(gamma, centre):
    rng = np.random.default_rng(3)
    batch = centre + rng.standard_normal((M, 2))
    size = 20_000
    theirs = released(batch, gamma, size, rng)
    ours = corrected(np.repeat(batch[None], 40, axis=0), gamma, "released", size // 40, rng)
    ours = ours.reshape(-1, 2)
    functions = (
        lambda x: x[:, 0], lambda x: x[:, 1], lambda x: x[:, 0] ** 2, lambda x: x[:, 0] * x[:, 1],
        lambda x: (x**2).sum(axis=1) > 2.0, lambda x: x[:, 0] < batch[:, 0].min(),
        lambda x: x[:, 1] < batch[:, 1].min(), lambda x: x[:, 1] > batch[:, 1].max(),
    )  # fmt: skip
    for f in functions:
        a, b = f(theirs).astype(float), f(ours).astype(float)
        assert abs(a.mean() - b.mean()) < 4 * math.hypot(a.std(), b.std()) / math.sqrt(size) + 1e-12


def test_the_corrector_shrinks_without_correction():
    """The histogram alone keeps the second moment, that of its bins; the cap takes a part of it."""
    rng = np.random.default_rng(1)
    batches = rng.standard_normal((400, M, 2))
    bins = histogram(batches, strips=False)
    centres = bins.low[:, None] + (bins.place + 0.5) * bins.width[:, None]
    expected = (centres**2 + bins.width[:, None] ** 2 / 12).mean(axis=(1, 2))
    kept = (corrected(batches, 0.0, "histogram", M, rng) ** 2).mean(axis=(1, 2)) - expected
    lost = expected - (corrected(batches, 0.0, "released", M, rng) ** 2).mean(axis=(1, 2))
    assert abs(kept.mean()) < 4 * kept.std() / 20
    assert lost.mean() > 4 * lost.std() / 20
    # a Gaussian weighted by phi keeps 1/2 of it, and bins below the full count are weighted less
    assert 0.1 < lost.mean() < 0.5


def test_the_corrected_histogram_has_the_mixture_of_bins():
    """Without strips and cap: bins by their counts with probability 1 - t, else the truth."""
    rng = np.random.default_rng(2)
    batch = 5 + rng.standard_normal((M, 2))  # far from the truth, which is thereby told apart
    size = 20_000
    out = corrected(np.repeat(batch[None], 20, 0), 0.5, "histogram", size // 20, rng)
    out = out.reshape(-1, 2)
    true = (out.sum(axis=1) < 4).mean()
    assert abs(true - 1 / 3) < 4 * math.sqrt(2 / 9 / size)
    copies = out[out.sum(axis=1) >= 4]
    counts, *_ = np.histogram2d(batch[:, 0], batch[:, 1], bins=BINS)
    edges = [np.linspace(batch[:, i].min(), batch[:, i].max(), BINS + 1) for i in range(2)]
    found, *_ = np.histogram2d(copies[:, 0], copies[:, 1], bins=edges)
    assert (found[counts == 0] <= 3).all()  # the truth, at the edge of its tail
    share = counts / M
    spread = np.sqrt(share * (1 - share) / len(copies))
    assert (np.abs(found / len(copies) - share) <= 4.5 * spread + 3 / len(copies)).all()


def test_bins_are_those_of_numpy():
    rng = np.random.default_rng(6)
    batch = rng.standard_normal((3, M, 2))
    for strips in (False, True):
        bins = histogram(batch, strips)
        for c in range(3):
            counts, *_ = np.histogram2d(batch[c, :, 0], batch[c, :, 1], bins=BINS)
            at = bins.place[c]
            assert (counts[at[:, 0], at[:, 1]] == bins.crowd[c]).all()
            first = (at == 0).sum(axis=1)
            expected = np.cumsum(2.0**first) if strips else np.arange(1, M + 1)
            assert (bins.weight[c] == expected).all()


def test_sums_fit_and_distance():
    rng = np.random.default_rng(7)
    sample = rng.standard_normal((2, 60, 2)) @ np.array([[1.0, 0.3], [0.0, 0.5]]) + 0.2
    mean, covariance = fitted(sums(sample))
    w2 = distance(mean, covariance)
    for c in range(2):
        assert mean[c] == pytest.approx(sample[c].mean(axis=0), rel=1e-12)
        expected = np.cov(sample[c].T, bias=True) + 1e-6 * np.eye(2)
        assert covariance[c] == pytest.approx(expected, rel=1e-10)
        exact = wasserstein2_squared(mean[c], covariance[c], np.zeros(2), np.eye(2))
        assert w2[c] == pytest.approx(math.sqrt(exact), rel=1e-9)


@pytest.mark.parametrize("pool", ["growing", "latest"])
@pytest.mark.parametrize("generations", [1, 7, 40])
def test_the_pool_is_the_real_samples_and_the_kept_parts_of_batches(pool, generations, monkeypatch):
    """The running sums against all samples put together, with the batches that were drawn."""
    batches: list[np.ndarray] = []

    def watched(*args: object) -> np.ndarray:
        batches.append(ideal(*args))
        return batches[-1]

    monkeypatch.setattr("theory.loops.toy.ideal", watched)
    point = Point(0.2, generations, "ideal", pool, 50, M)
    *_, (mean, covariance) = path(point, 3, np.random.default_rng(5))
    real = np.random.default_rng(5).standard_normal((3, 50, 2))
    first = [int((i + 1) / generations * M) for i in range(generations)]
    assert (included(generations, M) == first).all()
    parts = (
        [batch[:, :k] for batch, k in zip(batches, first)] if pool == "growing" else batches[-1:]
    )
    expected = fitted(sums(np.concatenate([real, *parts], axis=1)))
    assert mean == pytest.approx(expected[0], abs=1e-10)
    assert covariance == pytest.approx(expected[1], abs=1e-10)
    counted = LAW.sharper({"gamma": 1.0, "generations": generations, "pool": pool})
    assert counted["synthetic_samples"].value == sum(part.shape[1] for part in parts)
    assert counted["oracle_samples"].value == sum(part.shape[1] for part in parts) / 2


def test_an_ideal_corrector_of_full_strength_adds_real_data():
    """25 samples of the truth in each generation: W2 is that of a fit to as many samples."""
    rng = np.random.default_rng(0)
    point = {"gamma": "full", "generations": 12, "corrector": "ideal", "chains": 400}
    found = LAW.exact(point, rng)
    size = 50 + int(included(12, M).sum())
    direct = distance(*fitted(sums(rng.standard_normal((400, size, 2)))))
    error = math.hypot(found.standard_error, direct.std() / 20)
    assert abs(found.value - direct.mean()) < 4 * error


def test_the_order_in_gamma_and_its_cause():
    """W2 falls with gamma, mostly because a corrector that is called none takes variance away."""
    found = {}
    for corrector in ("released", "ideal"):
        for gamma in (0.0, 1.0):
            point = {"gamma": gamma, "generations": 60, "corrector": corrector, "chains": 60}
            rng, again = np.random.default_rng(1), np.random.default_rng(1)
            found[corrector, gamma] = (LAW.exact(point, rng), LAW.sharper(point, again))
    released, bare = found["released", 0.0], found["ideal", 0.0]
    assert released[0].value - found["released", 1.0][0].value > 0.2
    assert released[0].value - bare[0].value > 4 * math.hypot(
        released[0].standard_error, bare[0].standard_error
    )
    assert released[1]["variance"].value < 0.6
    assert abs(bare[1]["variance"].value - 1) < 4 * bare[1]["variance"].standard_error + 0.05
    assert found["ideal", 1.0][1]["added"].value < 0
    beside = released[1]["idealised"]
    assert abs(beside.value - bare[0].value) < 4 * math.hypot(
        beside.standard_error, bare[0].standard_error
    )
    assert "idealised" not in bare[1]
    start, end = bare[1]["real_only"], bare[0]
    assert bare[1]["added"].value == pytest.approx(end.value - start.value, abs=1e-12)


def test_one_run_speaks_for_all_rows():
    point = {"gamma": 0.1, "generations": 5, "chains": 8}
    a = LAW.exact(point, np.random.default_rng(1))
    assert a == LAW.exact(point, np.random.default_rng(1))
    assert a != LAW.exact(point, np.random.default_rng(2))
    b = LAW.sharper(point, np.random.default_rng(1))
    assert b["real_only"].value + b["added"].value == pytest.approx(a.value, rel=1e-12)
