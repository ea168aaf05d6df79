from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.special import softmax
from scipy.stats import entropy

from harness.metrics import features as features_module
from harness.metrics.features import Features
from harness.metrics.sample_entropy import SAMPLE_ENTROPY
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def labelled(n: int, d: int, classes: int, seed: int) -> Features:
    """Normal classes about fixed means; labels 3, 5, 7, …: names are not places."""
    draw = numpy_generator("test", seed, "labelled")
    place = np.concatenate([np.arange(classes), draw.integers(classes, size=n - classes)])
    means = 2 * numpy_generator("test", classes, "means").normal(size=(classes, d))
    return Features(means[place] + draw.normal(size=(n, d)), labels=3 + 2 * place)


def brute(x: np.ndarray, reference: Features) -> np.ndarray:
    """The definition, in nats, for each sample."""
    names = np.unique(reference.labels)
    means = np.array([reference.rows[reference.labels == k].mean(0) for k in names])
    own = means[np.searchsorted(names, reference.labels)]
    tau = np.square(reference.rows - own).sum(1).mean()
    return entropy(softmax(-(cdist(x, means) ** 2) / tau, axis=1), axis=1)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(n=st.integers(4, 20), m=st.integers(6, 30), d=st.integers(1, 5), seed=st.integers(0, 9))
def test_it_is_the_definition_wherever_the_origin_and_however_read(n, m, d, seed) -> None:
    x, reference = labelled(n, d, 3, seed).rows, labelled(m, d, 4, seed + 10)
    expected = brute(x, reference).mean()
    got = SAMPLE_ENTROPY(x, reference, NONE)
    assert got.value == pytest.approx(expected, rel=1e-9)
    assert got.n == n
    far = Features(-3 * reference.rows + 1e6, labels=reference.labels)
    moved = SAMPLE_ENTROPY(-3 * x + 1e6, far, NONE)
    assert moved.value == pytest.approx(expected, rel=1e-6)
    assert moved.standard_error == pytest.approx(got.standard_error, rel=1e-5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features_module, "PIECE", 3)
        patch.setattr(Features.pieces, "__defaults__", (3,))
        fresh = Features(reference.rows, labels=reference.labels)
        again = SAMPLE_ENTROPY(x, fresh, NONE)
    assert again.value == pytest.approx(expected, rel=1e-9)
    assert again.standard_error == pytest.approx(got.standard_error, rel=1e-9)


def test_between_all_classes_it_is_ln_k_and_at_one_of_far_classes_nothing() -> None:
    corners = 100 * np.eye(4)
    reference = Features(
        np.concatenate([corners + 0.5, corners - 0.5]), labels=np.tile(np.arange(4), 2)
    )
    middle = np.full((4, 4), 25.0)
    assert SAMPLE_ENTROPY(middle, reference, NONE).value == pytest.approx(np.log(4))
    assert SAMPLE_ENTROPY(corners, reference, NONE).value == 0
    edge = np.tile((corners[0] + corners[1]) / 2, (4, 1))
    assert SAMPLE_ENTROPY(edge, reference, NONE).value == pytest.approx(np.log(2))


def test_two_classes_on_a_line_give_the_entropy_of_a_known_coin() -> None:
    """Means at ±1, tau = 0.25: a sample at x has odds exp(4 x / tau)."""
    reference = Features(np.array([[-1.5], [-0.5], [0.5], [1.5]]), labels=np.array([0, 0, 1, 1]))
    p = 1 / (1 + np.exp(-16 * 0.05))
    got = SAMPLE_ENTROPY(np.full((4, 1), 0.05), reference, NONE)
    assert got.value == pytest.approx(-p * np.log(p) - (1 - p) * np.log(1 - p), rel=1e-12)


def first_order(value: Callable[[np.ndarray], float], n: int, copies: int = 40) -> float:
    """The variance of ``value(rows)`` to first order over the draw of n rows, by differences.

    Each row stands ``copies`` times, and one copy of each in turn is left out.
    """
    rows = np.tile(np.arange(n), copies)
    values = np.array([value(np.delete(rows, k)) for k in range(n)])
    return (n * copies - 1) ** 2 * float(values.var(ddof=1)) / n


@pytest.mark.parametrize(("n", "m"), [(40, 60), (60, 40)])
def test_standard_error_is_that_of_small_changes_of_either_set(n, m) -> None:
    """Samples off the classes, so that each part of it counts."""
    x, reference = Features(1.5 * labelled(n, 2, 3, 1).rows + 0.7), labelled(m, 2, 3, 2)
    variance = first_order(lambda kept: SAMPLE_ENTROPY(x.take(kept), reference, NONE).value, n)
    variance += first_order(lambda kept: SAMPLE_ENTROPY(x, reference.take(kept), NONE).value, m)
    got = SAMPLE_ENTROPY(x, reference, NONE)
    assert got.standard_error == pytest.approx(np.sqrt(variance), rel=0.01)


def test_standard_error_is_the_spread_of_independent_draws_of_both_sets() -> None:
    """A small reference, so that its share of the error counts; unlike classes and samples."""
    repeats, n, m = 400, 1000, 60
    got = []
    for seed in range(repeats):
        draw = numpy_generator("test", seed, "spread")
        place = draw.choice(3, size=m, p=[0.5, 0.3, 0.2])
        means = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
        reference = Features(means[place] + draw.exponential(size=(m, 2)), labels=place)
        got.append(SAMPLE_ENTROPY(1.5 + draw.normal(size=(n, 2)), reference, NONE))
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)


def test_the_classes_of_a_classifier_stand_in_for_labels_and_labels_go_first() -> None:
    reference, x = labelled(40, 3, 4, 1), labelled(10, 3, 4, 2).rows
    place = (reference.labels - 3) // 2
    guessed = Features(reference.rows, logits=np.eye(4)[place])
    assert SAMPLE_ENTROPY(x, guessed, NONE) == SAMPLE_ENTROPY(x, reference, NONE)
    both = Features(reference.rows, logits=np.eye(4)[place[::-1]], labels=reference.labels)
    assert SAMPLE_ENTROPY(x, both, NONE) == SAMPLE_ENTROPY(x, reference, NONE)


def test_what_has_no_classes_or_no_spread_is_refused() -> None:
    reference = labelled(20, 2, 3, 1)
    x = reference.rows
    with pytest.raises(Problem, match="without classes"):
        SAMPLE_ENTROPY(x, x, NONE)
    with pytest.raises(Problem, match="one class"):
        SAMPLE_ENTROPY(x, Features(x, labels=np.zeros(20, int)), NONE)
    with pytest.raises(Problem, match="without spread"):
        SAMPLE_ENTROPY(x, Features(x, labels=np.arange(20)), NONE)
    same = Features(np.repeat(0.1 + x[:2], 7, axis=0), labels=np.repeat([0, 1], 7))
    with pytest.raises(Problem, match="without spread"):
        SAMPLE_ENTROPY(x, same, NONE)
    with pytest.raises(Problem, match="at least 4"):
        SAMPLE_ENTROPY(x[:3], reference, NONE)
    with pytest.raises(Problem, match="NaN"):
        SAMPLE_ENTROPY(np.full_like(x, np.nan), reference, NONE)
