from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.features import Features
from harness.metrics.relative_mahalanobis import RELATIVE_MAHALANOBIS
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")
MEANS = np.array([[0.0, 0, 0], [3, 0, 1], [0, 4, 0]])


def labelled(n: int, seed: int, shift: float = 0.0) -> Features:
    """Three classes of skewed features; labels 2, 3, 4."""
    draw = numpy_generator("test", seed, "labelled")
    place = draw.choice(3, size=n, p=[0.5, 0.3, 0.2])
    mixing = np.array([[1.0, 0.5, 0], [0, 1, 0.3], [0, 0, 0.7]])
    return Features(MEANS[place] + shift + draw.exponential(size=(n, 3)) @ mixing, labels=place + 2)


def brute(samples: Features, reference: Features) -> np.ndarray:
    """The definition, by inverses, for each sample."""
    r, y = reference.rows, reference.labels
    mean = {k: r[y == k].mean(0) for k in np.unique(y)}
    own = r - np.array([mean[k] for k in y])
    within, total = own.T @ own / len(r), np.cov(r.T, bias=True)
    step = samples.rows - np.array([mean[k] for k in samples.labels])
    off = samples.rows - r.mean(0)
    near = -np.einsum("ni,ij,nj->n", step, np.linalg.inv(within), step)
    return near + np.einsum("ni,ij,nj->n", off, np.linalg.inv(total), off)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(n=st.integers(2, 20), m=st.integers(10, 60), seed=st.integers(0, 9))
def test_it_is_the_definition_and_no_affine_map_changes_it(n, m, seed) -> None:
    reference = labelled(m, seed)
    known = labelled(n, seed + 20, 0.5)
    names = np.unique(reference.labels)
    samples = Features(known.rows, labels=names[known.labels % len(names)])
    if len(names) < 2 or (np.bincount(reference.labels)[names] < 2).any():
        return
    expected = brute(samples, reference)
    got = RELATIVE_MAHALANOBIS(samples, reference, NONE)
    assert got.value == pytest.approx(expected.mean(), rel=1e-8)
    assert got.n == n
    turn = numpy_generator("test", seed, "map").normal(size=(3, 3)) + 2 * np.eye(3)
    turned = [Features(s.rows @ turn + 100, labels=s.labels) for s in (samples, reference)]
    again = RELATIVE_MAHALANOBIS(*turned, NONE)
    assert again.value == pytest.approx(expected.mean(), rel=1e-5, abs=1e-5)
    assert again.standard_error == pytest.approx(got.standard_error, rel=1e-5)


def test_the_reference_itself_has_none_and_a_sample_off_its_class_less() -> None:
    reference = labelled(200, 1)
    assert RELATIVE_MAHALANOBIS(reference, reference, NONE).value == pytest.approx(0, abs=1e-10)
    wrong = Features(reference.rows, labels=2 + (reference.labels - 1) % 3)
    assert RELATIVE_MAHALANOBIS(wrong, reference, NONE).value < -5
    centres = Features(MEANS + np.array([1, 1.5, 1]), labels=np.array([2, 3, 4]))
    assert RELATIVE_MAHALANOBIS(centres, reference, NONE).value > 1


@pytest.mark.parametrize(("m", "classes"), [(60, 2), (40, 5)])
def test_fresh_normal_data_has_the_mean_of_the_page(m, classes) -> None:
    """No class differs, all have the same size: the exact mean by inverse Wishart matrices."""
    d, repeats = 4, 400
    values = []
    for seed in range(repeats):
        draw = numpy_generator("test", seed, "wishart")
        reference = Features(draw.normal(size=(m, d)), labels=np.arange(m) % classes)
        fresh = Features(draw.normal(size=(100, d)), labels=np.arange(100) % classes)
        values.append(RELATIVE_MAHALANOBIS(fresh, reference, NONE).value)
    expected = d * m * ((1 + 1 / m) / (m - d - 2) - (1 + classes / m) / (m - classes - d - 1))
    error = np.std(values, ddof=1) / np.sqrt(repeats)
    assert abs(np.mean(values) - expected) < 4 * error
    assert abs(expected) > 8 * error  # it can be told from 0


def first_order(value: Callable[[np.ndarray], float], n: int, copies: int = 40) -> float:
    """The variance of ``value(rows)`` to first order over the draw of n rows, by differences.

    Each row stands ``copies`` times, and one copy of each in turn is left out.
    """
    rows = np.tile(np.arange(n), copies)
    values = np.array([value(np.delete(rows, k)) for k in range(n)])
    return (n * copies - 1) ** 2 * float(values.var(ddof=1)) / n


@pytest.mark.parametrize("stretch", [0.3, 1.5])
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_standard_error_is_that_of_small_changes_of_either_set(stretch, shift) -> None:
    """Samples unlike the reference, so that each part of it counts."""
    n, m = 60, 80
    a, b = labelled(n, 1), labelled(m, 2)
    a = Features(stretch * a.rows + shift, labels=a.labels)
    variance = first_order(lambda kept: RELATIVE_MAHALANOBIS(a.take(kept), b, NONE).value, n)
    variance += first_order(lambda kept: RELATIVE_MAHALANOBIS(a, b.take(kept), NONE).value, m)
    got = RELATIVE_MAHALANOBIS(a, b, NONE)
    assert got.standard_error == pytest.approx(np.sqrt(variance), rel=0.01)


def test_standard_error_is_the_spread_of_independent_draws_of_both_sets() -> None:
    """Samples off the law, and a reference whose share of the error counts."""
    repeats = 300
    got = [
        RELATIVE_MAHALANOBIS(labelled(150, s, 0.7), labelled(400, s + 999), NONE)
        for s in range(repeats)
    ]
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)


def test_the_class_of_a_sample_is_its_label_else_its_logits_else_the_nearest() -> None:
    """Logits count among the classes of the reference only: column 0 is none of them."""
    reference, x = labelled(100, 1), labelled(30, 2).rows
    labels, guessed = np.arange(30) % 3 + 2, np.arange(30) // 10 + 2
    logits = np.eye(6)[guessed] + 9 * np.eye(6)[np.zeros(30, int)]
    got = {
        "labels": RELATIVE_MAHALANOBIS(Features(x, logits, labels=labels), reference, NONE).value,
        "logits": RELATIVE_MAHALANOBIS(Features(x, logits), reference, NONE).value,
        "nearest": RELATIVE_MAHALANOBIS(x, reference, NONE).value,
    }
    each = np.array([brute(Features(x, labels=np.full(30, k)), reference) for k in (2, 3, 4)])
    row = np.arange(30)
    assert got["labels"] == pytest.approx(each[labels - 2, row].mean(), rel=1e-9)
    assert got["logits"] == pytest.approx(each[guessed - 2, row].mean(), rel=1e-9)
    assert got["nearest"] == pytest.approx(each.max(0).mean(), rel=1e-9)


def test_features_that_never_vary_are_left_out() -> None:
    reference, samples = labelled(100, 1), labelled(30, 2)
    expected = RELATIVE_MAHALANOBIS(samples, reference, NONE)
    wide = [
        Features(np.column_stack([s.rows[:, :2], np.full(len(s), 7.1), s.rows, s.rows[:, 0]]),
                 labels=s.labels)
        for s in (samples, reference)
    ]  # fmt: skip
    got = RELATIVE_MAHALANOBIS(*wide, NONE)
    assert got.value == pytest.approx(expected.value, rel=1e-6)
    assert got.standard_error == pytest.approx(expected.standard_error, rel=1e-6)


def test_what_has_too_few_images_no_classes_or_no_spread_is_refused() -> None:
    reference, x = labelled(30, 1), labelled(30, 2).rows
    assert RELATIVE_MAHALANOBIS.least(3) == 8
    with pytest.raises(Problem, match=r"7 images of . classes and 3 features.*at least 8"):
        RELATIVE_MAHALANOBIS(x, reference.take(np.arange(7)), NONE)
    many = Features(x, labels=np.arange(30) // 1 % 27)
    with pytest.raises(Problem, match="at least 31"):
        RELATIVE_MAHALANOBIS(x, many, NONE)
    with pytest.raises(Problem, match="at least 2"):
        RELATIVE_MAHALANOBIS(x[:1], reference, NONE)
    with pytest.raises(Problem, match="without classes"):
        RELATIVE_MAHALANOBIS(x, x, NONE)
    with pytest.raises(Problem, match="one class"):
        RELATIVE_MAHALANOBIS(x, Features(x, labels=np.zeros(30, int)), NONE)
    with pytest.raises(Problem, match="class 9, of which the reference has no image"):
        RELATIVE_MAHALANOBIS(Features(x, labels=np.full(30, 9)), reference, NONE)
    with pytest.raises(Problem, match="class 4 and logits of 3"):
        RELATIVE_MAHALANOBIS(Features(x, logits=x), reference, NONE)
    between = np.column_stack([x, reference.labels])
    with pytest.raises(Problem, match="do not vary within"):
        RELATIVE_MAHALANOBIS(between, Features(between, labels=reference.labels), NONE)
    flat = Features(np.ones((30, 3)), labels=reference.labels)
    with pytest.raises(Problem, match="do not vary within"):
        RELATIVE_MAHALANOBIS(x, flat, NONE)
