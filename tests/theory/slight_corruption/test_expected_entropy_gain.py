"""The entropy gain over fits: quadrature against drawn data, its limits and its growth."""

import math

import numpy as np
import pytest

from theory.slight_corruption.entropy_gain import gain, printed_gain
from theory.slight_corruption.expected_entropy_gain import ExpectedEntropyGain

LAW = ExpectedEntropyGain()


@pytest.mark.parametrize(("d", "n", "gamma"), [(1, 4, 2.0), (4, 12, 0.5), (8, 50, 1.0)])
def test_quadrature_is_the_mean_over_data_sets(d, n, gamma):
    rng, sets = np.random.default_rng(5), 4000
    x = rng.standard_normal((sets, n, d))
    x[..., 0] += 1.0
    mean = x.mean(axis=1)
    centred = x - mean[:, None]
    cov = np.swapaxes(centred, 1, 2) @ centred / n
    q = np.einsum("ki,ki->k", mean, np.linalg.solve(cov, mean[..., None])[..., 0])
    point = {"gamma": gamma, "d": d, "n": n, "norm": 1.0}
    values = {
        LAW.exact(point).value: [gain(gamma, one) for one in q],
        LAW.printed(point).value: [
            printed_gain(gamma, float(m @ m), e) for m, e in zip(mean, np.linalg.eigvalsh(cov))
        ],
    }
    for exact, drawn in values.items():
        assert abs(np.mean(drawn) - exact) < 4 * np.std(drawn) / math.sqrt(sets)


def test_on_the_line_the_printed_gain_is_the_true_one():
    """Two integrals over different variables: Hotelling's statistic, and the eigenvalue."""
    for n, gamma in ((3, 0.2), (20, 1.0), (500, 3.0)):
        point = {"gamma": gamma, "d": 1, "n": n, "norm": 1.0}
        assert LAW.exact(point).value == pytest.approx(LAW.printed(point).value, rel=1e-11)


def test_many_samples_give_the_population():
    point = {"gamma": 0.5, "d": 8, "norm": 1.0}
    population = LAW.sharper({**point, "n": 100})["population"].value
    counts = np.array([1000, 4000, 16000])
    gaps = [LAW.exact({**point, "n": int(n)}).value - population for n in counts]
    slope = np.polyfit(np.log(counts), np.log(gaps), 1)[0]
    print(f"slope {slope:.4f}, declared -1")
    assert slope == pytest.approx(-1, abs=0.02)


@pytest.mark.parametrize(("d", "n"), [(1, 10), (8, 50), (64, 200)])
def test_the_leading_term_for_small_gamma(d, n):
    point = {"gamma": 1e-4, "d": d, "n": n, "norm": 1.5}
    leading = LAW.sharper(point)["second_order"].value
    assert LAW.exact(point).value == pytest.approx(leading, rel=1e-6)


def test_at_a_fixed_ratio_of_d_and_n_the_gain_does_not_grow():
    values = [
        LAW.exact({"gamma": 0.1, "d": d, "n": 10 * d, "norm": 1.0}).value for d in (8, 32, 128)
    ]
    assert max(values) / min(values) < 1.05
    printed = [
        LAW.printed({"gamma": 0.1, "d": d, "n": 10 * d, "norm": 1.0}).value for d in (8, 32, 128)
    ]
    assert printed[2] / printed[0] > 14


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match=r"n=8 samples in d=8 dimensions.*singular.*give n > d"):
        LAW.exact({"gamma": 0.1, "d": 8, "n": 8, "norm": 1.0})
    assert LAW.exact({"gamma": 0.1, "d": 8, "n": 9, "norm": 1.0}).value > 0
    assert "second_order" not in LAW.sharper({"gamma": 0.1, "d": 8, "n": 10, "norm": 1.0})
