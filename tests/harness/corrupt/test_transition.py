"""A law over the classes, and a draw from it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.corrupt.transition import by_prior, checked, cumulative, drawn, others
from harness.problem import Problem
from harness.streams import numpy_generator

LAST = 1 - 2.0**-53  # the largest number that a generator draws
SHARES = st.lists(st.integers(0, 5), min_size=2, max_size=7).filter(any)


def brute(law: np.ndarray, label: int, u: float) -> int:
    """The least class whose mass and that of those before it lie above u."""
    if not law[label].any():
        return label
    mass = 0.0
    for b, share in enumerate(law[label] / law[label].sum()):
        mass += share
        if share and mass > u:
            return b
    return int(np.flatnonzero(law[label])[-1])


@settings(deadline=None, derandomize=True)
@given(SHARES, st.integers(0, 99))
def test_the_prior_among_what_is_allowed(weights: list[int], seed: int) -> None:
    prior = np.array(weights) / sum(weights)
    allowed = numpy_generator("test", seed, "allowed").random((len(prior),) * 2) < 0.5
    law = by_prior(prior, allowed)
    for a, row in enumerate(law):
        total = sum(prior[b] for b in range(len(prior)) if allowed[a, b])
        expected = [prior[b] / total if total and allowed[a, b] else 0.0 for b in range(len(prior))]
        assert row == pytest.approx(expected, abs=1e-15)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SHARES, st.integers(0, 99))
def test_a_draw_inverts_the_distribution_function(weights: list[int], seed: int) -> None:
    prior = np.array(weights) / sum(weights)
    generator = numpy_generator("test", seed, "draws")
    law = by_prior(prior, generator.random((len(prior),) * 2) < 0.6)
    labels = generator.integers(len(prior), size=40)
    uniform = np.where(np.arange(40) % 5, generator.random(40), [0.0, LAST] * 20)
    before = labels.copy()
    told = drawn(law, labels, uniform)
    assert told.tolist() == [brute(law, a, u) for a, u in zip(labels, uniform)]
    assert np.array_equal(labels, before)


def test_draws_come_in_the_shares_of_the_law() -> None:
    law = np.array([[0, 0.2, 0, 0.8], [0.5, 0, 0.25, 0.25], [0, 0, 0, 0], [1.0, 0, 0, 0]])
    n = 40_000
    labels = np.arange(n) % 4
    told = drawn(law, labels, numpy_generator("test", 0, "uniform").random(n))
    for a in range(4):
        found = np.bincount(told[labels == a], minlength=4) / (n / 4)
        expected = law[a] if a != 2 else np.eye(4)[2]
        error = np.sqrt(expected * (1 - expected) / (n / 4))
        assert (np.abs(found - expected) <= 4 * error).all(), a


def test_the_last_entry_of_a_distribution_function_is_one() -> None:
    """So that no number below 1 falls beyond it, whatever the rounding of the sum."""
    for seed in range(50):
        law = by_prior(
            numpy_generator("test", seed, "prior").dirichlet(np.ones(9)), ~np.eye(9, dtype=bool)
        )
        assert (cumulative(law)[:, -1] == 1).all()


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (np.zeros((2, 3)), r"shape \(2, 3\)"),
        (np.array([[0, 1.5, -0.5], [1, 0, 0], [1, 0, 0]]), "below 0"),
        (np.array([[0, np.nan, 1], [1, 0, 0], [1, 0, 0]]), "NaN"),
        (np.array([[0.5, 0.5, 0], [1, 0, 0], [1, 0, 0]]), "a class for itself"),
        (np.array([[0, 0.5, 0.4], [1, 0, 0], [1, 0, 0]]), "another sum than 1 or 0"),
    ],
    ids=["shape", "negative", "nan", "own", "sum"],
)
def test_what_is_no_law_is_refused(law: np.ndarray, message: str) -> None:
    with pytest.raises(Problem, match=rf"relabelling fog.*{message}"):
        checked("fog", law, 3)


def test_zero_rows_are_lawful() -> None:
    law = np.array([[0, 0, 0], [1, 0, 0], [0.3, 0.7, 0]])
    assert checked("fog", law, 3) is law


@pytest.mark.parametrize(("prior", "got"), [([0, 1.0, 0], "'b' alone"), ([0, 0, 0], "no images")])
def test_one_class_has_no_other(prior: list[float], got: str) -> None:
    with pytest.raises(Problem, match=f"fog.*{got}.*two classes"):
        others("fog", ("a", "b", "c"), np.array(prior))
    assert others("fog", ("a", "b", "c"), np.array([0.5, 0.5, 0])).sum() == 6
