"""Label flips: worked numbers, the population in closed form, drawn data sets."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.gaussian import wasserstein2_squared
from theory.slight_corruption.fitted_moments import Fit
from theory.slight_corruption.label_flips import Flips, LabelFlips

LAW = LabelFlips()
check = settings(max_examples=20, deadline=None, derandomize=True)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("d", "classes", "separation", "n", "eta", "gain", "error"),
    [
        (16, 10, 1.0, 20, 0.025, -0.008791, 0.00064),
        (16, 10, 1.0, 20, 0.075, -0.030145, 0.0011),
        (16, 10, 1.0, 20, 0.2, -0.107342, 0.0021),
        (2, 2, 1.0, 10, 0.025, -0.008099, 0.00073),
        (2, 2, 1.0, 10, 0.075, -0.032801, 0.0015),
        (2, 2, 1.0, 10, 0.2, -0.135082, 0.0031),
        (16, 10, 0.5, 20, 0.025, -0.001969, 0.00031),
    ],
)
def test_worked_gains(d, classes, separation, n, eta, gain, error):
    """Paired means over 8,000 data sets, with their standard errors."""
    found, entropy = Flips(classes, separation, eta, d).gains(n, 2000, rng())
    assert abs(found.value - gain) < 4 * math.hypot(error, found.standard_error)
    assert found.value < -4 * found.standard_error
    assert entropy.value > 4 * entropy.standard_error


@pytest.mark.parametrize(
    ("eta", "cost", "entropy", "error"),
    [
        (0.025, 1.761961, 20.976961, 0.00064),
        (0.075, 1.774364, 21.022757, 0.0011),
        (0.2, 1.831579, 21.122545, 0.0021),
    ],
)
def test_worked_costs_and_entropies(eta, cost, entropy, error):
    """d = 16, K = 10, a = 1, n = 50, less the reference's own clean cost and entropy.

    Its errors are below those that it has for n = 20 at the same eta; an entropy, of three times
    the spread in each coordinate's variance, has four times that.
    """
    found, gained = Flips(10, 1.0, eta, 16).gains(50, 1500, rng(1))
    assert abs(found.value - (1.757985 - cost)) < 4 * math.hypot(error, found.standard_error)
    total = math.hypot(4 * error, gained.standard_error)
    assert abs(gained.value - (entropy - 20.953159)) < 4 * total


def raw(flips, n, sets, generator):
    """W2^2 and entropy [2, sets] of the clean and the flipped fit, each label flipped by itself."""
    z = generator.standard_normal((sets, n, flips.d))
    means = flips.separation * np.eye(flips.d)
    true = np.where(
        generator.random((sets, n)) < flips.eta, generator.integers(1, flips.classes, (sets, n)), 0
    )
    found = []
    for x in (z + means[0], z + means[true]):
        mean = x.mean(axis=1)
        centred = x - mean[:, None]
        values = np.linalg.eigvalsh(np.swapaxes(centred, 1, 2) @ centred / n)
        cost = ((mean - means[0]) ** 2).sum(1) + ((np.sqrt(values) - 1) ** 2).sum(1)
        entropy = 0.5 * np.log(2 * math.pi * math.e * values).sum(1)
        found.append(np.stack([cost, entropy]))
    return found


@pytest.mark.parametrize(("flips", "n"), [(Flips(2, 1.5, 0.1, 2), 8), (Flips(4, 3.0, 0.05, 5), 9)])
def test_the_gains_are_those_of_labels_flipped_one_by_one(flips, n):
    sets = 8000
    clean, flipped = raw(flips, n, sets, rng(5))
    difference = np.stack([clean[0] - flipped[0], flipped[1] - clean[1]])
    errors = difference.std(axis=1) / math.sqrt(sets)
    for value, mean, error in zip(flips.gains(n, 4000, rng(6)), difference.mean(axis=1), errors):
        assert abs(value.value - mean) < 4 * math.hypot(error, value.standard_error)
    for drawn, exact in zip(clean, (Fit(flips.d, n, 0.0).clean(), Fit(flips.d, n, 0.0).entropy())):
        assert abs(drawn.mean() - exact) < 4 * drawn.std() / math.sqrt(sets)


@check
@given(st.integers(2, 6), st.floats(0.1, 5), st.floats(0.001, 0.99), st.integers(0, 3))
def test_the_population_in_closed_form(classes, separation, eta, more):
    flips = Flips(classes, separation, eta, classes + more)
    p, means = flips.shares, separation * np.eye(flips.d)[:classes]
    mean = p @ means
    cov = np.eye(flips.d) + (means - mean).T @ np.diag(p) @ (means - mean)
    cost = wasserstein2_squared(mean, cov, means[0], np.eye(flips.d))
    assert flips.population_cost() == pytest.approx(cost, rel=1e-7, abs=1e-12)
    gained = 0.5 * np.linalg.slogdet(cov)[1]
    assert flips.population_entropy_gain() == pytest.approx(gained, rel=1e-9, abs=1e-13)
    assert p.sum() == pytest.approx(1, abs=1e-15)
    assert flips.bias == pytest.approx(((mean - means[0]) ** 2).sum(), rel=1e-9)
    assert flips.inflation.sum() == pytest.approx(np.trace(cov) - flips.d, rel=1e-9, abs=1e-12)
    assert flips.population_cost() > 0
    assert flips.population_entropy_gain() > 0


def test_many_samples_give_the_population():
    flips = Flips(3, 2.0, 0.1, 3)
    found, entropy = flips.gains(4000, 150, rng(2))
    assert abs(found.value + flips.population_cost()) < 4 * found.standard_error + 2e-3
    assert abs(entropy.value - flips.population_entropy_gain()) < 4 * entropy.standard_error + 2e-3


def test_some_label_is_flipped_in_each_draw():
    flips, n = Flips(2, 100.0, 0.01, 2), 10
    clean, noisy = flips.covariances(n, 500, rng(3))
    assert (np.trace(noisy, axis1=1, axis2=2) > 100 * np.trace(clean, axis1=1, axis2=2)).all()
    assert flips.some(n) == pytest.approx(1 - 0.99**10, rel=1e-12)


def test_void_beyond_slight_and_impossible_parameters():
    point = dict(LAW.example)
    assert not LAW.void(point)
    assert LAW.printed(point) is None
    assert LAW.void({**point, "eta": 0.1})
    for change, message in (
        ({"classes": 3}, "3 classes on the axes of 2 dimensions"),
        ({"n": 2}, "n=2 samples in d=2 dimensions.*singular"),
        ({"eta": 0.0}, "eta=0.0"),
        ({"separation": -1.0}, "separation=-1.0"),
    ):
        with pytest.raises(ValueError, match=message):
            LAW.exact({**point, **change}, rng())
