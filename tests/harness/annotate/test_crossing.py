"""Crossings against hand-made curves, against the min-max formula, and without bias in noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.annotate.crossing import LEVELS, crossings

INF = float("inf")


def crossing(curve: list[float], threshold: float, levels=(1.0, 2.0, 4.0, 8.0)) -> float:
    return float(crossings(np.array([curve]), levels, threshold)[0])


def rising(curve: np.ndarray) -> np.ndarray:
    """The isotonic regression by its min-max formula (Barlow et al. 1972)."""
    n = len(curve)
    return np.array(
        [
            max(min(curve[j : k + 1].mean() for k in range(i, n)) for j in range(i + 1))
            for i in range(n)
        ]
    )


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ([0.0, 0.2, 0.4, 0.5], 4 * 2**0.5),  # halfway between 0.4 and 0.5, in ln sigma
        ([0.0, 0.43, 0.51, 0.52], 2 * 2**0.25),
        ([0.4, 0.45, 0.45, 0.5], 4.0),  # a tie does not exceed: from its last level on
        ([0.45, 0.45, 0.45, 0.45], INF),
        ([0.1, 0.2, 0.3, 0.45], INF),
        ([0.1, 0.2, 0.3, 0.4], INF),
        ([0.46, 0.46, 0.47, 0.5], 0.0),
        ([0.5, 0.5, 0.5, 0.5], 0.0),
        ([0.5, 0.3, 0.5, 0.5], 2 * 2**0.5),  # 0.5 and 0.3 are pooled to 0.4
        ([0.5, 0.42, 0.5, 0.5], 0.0),  # pooled to 0.46: the dip is not seen
        ([0.5, 0.5, 0.5, 0.0], INF),  # all are pooled, to 0.375
        ([0.5, 0.4, 0.3, 0.2], INF),
    ],
    ids=str,
)
def test_hand_made_curves(curve, expected) -> None:
    assert crossing(curve, 0.45) == pytest.approx(expected, rel=1e-12)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    curve=st.lists(st.integers(0, 20), min_size=2, max_size=9),
    threshold=st.integers(0, 20),
)
def test_the_curve_is_that_of_the_min_max_formula(curve, threshold) -> None:
    """Twentieths plus a third of one: no mean of at most nine is a tie in rounding alone."""
    values, at = np.array(curve) / 20, (threshold + 1 / 3 + 1e-3) / 20
    levels = 2.0 ** np.arange(len(values))
    found, expected = crossing(list(values), at, levels), rising(values)
    if expected[0] > at:
        assert found == 0
    elif expected[-1] <= at:
        assert found == INF
    else:
        assert np.interp(np.log2(found), np.arange(len(values)), expected) == pytest.approx(at)


def test_each_curve_has_its_own() -> None:
    curves = np.array([[0.0, 0.5, 0.5, 0.5], [0.5] * 4, [0.0] * 4, [0.0, 0.0, 0.0, 0.5]])
    found = crossings(curves, (1, 2, 4, 8), 0.25)
    assert found == pytest.approx([2**0.5, 0, INF, 4 * 2**0.5])
    assert np.array_equal(crossings(curves[::-1], (1, 2, 4, 8), 0.25), found[::-1])


def test_noise_brings_no_bias() -> None:
    """A line that crosses at the middle of the levels and symmetric noise: turned upside down and
    back to front it is the same, so that the mean of ln sigma is the truth. The first value above
    the threshold comes far too low."""
    place = np.arange(34)
    levels = np.exp(0.2 * (place - 16.5))
    noise = np.random.default_rng(5).normal(0, 0.1, (2000, 34))
    curves = 0.45 + 0.01 * (place - 16.5) + noise
    found = np.log(crossings(curves, levels, 0.45))
    assert np.isfinite(found).mean() > 0.99
    found = found[np.isfinite(found)]
    assert abs(found.mean()) < 4 * found.std() / np.sqrt(len(found))
    first = np.log(levels)[np.argmax(curves > 0.45, axis=1)]
    assert first.mean() < -1.5


def test_the_levels_are_the_preferred_numbers() -> None:
    exact = 10 ** (np.arange(34) / 10 - 2)
    assert np.abs(np.array(LEVELS) / exact - 1).max() < 0.011
    assert (LEVELS[0], LEVELS[9], LEVELS[20], LEVELS[-1]) == (0.01, 0.08, 1.0, 20.0)
