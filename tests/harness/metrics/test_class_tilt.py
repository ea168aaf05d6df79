from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.class_tilt import CLASS_TILT, floor
from harness.metrics.features import Features
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def of_classes(index: np.ndarray, classes: int, sure: float = 9.0) -> Features:
    """Features whose logits put each image into the class that is given."""
    rows = np.arange(2.0 * len(index)).reshape(-1, 2)
    return Features(rows, logits=sure * np.eye(classes)[index])


def drawn(n: int, shares: np.ndarray, seed: int) -> Features:
    index = numpy_generator("test", seed, "classes").choice(len(shares), size=n, p=shares)
    return of_classes(index, len(shares))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    a=st.lists(st.integers(0, 4), min_size=2, max_size=30),
    b=st.lists(st.integers(0, 4), min_size=2, max_size=30),
)
def test_it_is_the_largest_difference_in_the_chance_of_any_set_of_classes(a, b) -> None:
    """The other definition of total variation, over all 32 sets."""
    chance = [np.bincount(side, minlength=5) / len(side) for side in (a, b)]
    sets = (np.arange(32)[:, None] >> np.arange(5)) & 1
    expected = np.abs(sets @ (chance[0] - chance[1])).max()
    got = CLASS_TILT(of_classes(np.array(a), 5), of_classes(np.array(b), 5), NONE)
    assert got.value == pytest.approx(expected, abs=1e-12)
    assert got.n == len(a)


def test_disjoint_classes_give_one_and_one_histogram_gives_nothing() -> None:
    low, high = of_classes(np.array([0, 1] * 5), 4), of_classes(np.array([2, 3] * 5), 4)
    assert CLASS_TILT(low, high, NONE).value == 1
    assert tuple(CLASS_TILT(low, low, NONE)) == (0.0, 0.0, 10)


def jackknife(value: Callable[[np.ndarray], float], n: int) -> float:
    """The delete-one variance of ``value(kept rows)``."""
    all_rows = np.arange(n)
    values = np.array([value(np.delete(all_rows, k)) for k in all_rows])
    return (n - 1) * float(values.var())


def test_standard_error_is_that_of_deleting_one_image_at_a_time() -> None:
    """Exactly so, where no difference of shares is small enough to change its sign."""
    a, b = drawn(60, np.array([0.6, 0.1, 0.3]), 1), drawn(25, np.array([0.1, 0.7, 0.2]), 2)
    variance = jackknife(lambda kept: CLASS_TILT(a.take(kept), b, NONE).value, 60)
    variance += jackknife(lambda kept: CLASS_TILT(a, b.take(kept), NONE).value, 25)
    assert CLASS_TILT(a, b, NONE).standard_error == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_standard_error_is_the_spread_of_independent_draws() -> None:
    p, q, repeats = np.array([0.5, 0.2, 0.2, 0.1]), np.array([0.25, 0.45, 0.05, 0.25]), 400
    got = [CLASS_TILT(drawn(300, p, s), drawn(120, q, s + 999), NONE) for s in range(repeats)]
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)


def test_the_floor_is_that_of_the_page() -> None:
    shares, repeats = np.array([0.4, 0.3, 0.1, 0.1, 0.1]), 400
    got = [
        CLASS_TILT(drawn(400, shares, s), drawn(700, shares, s + 999), NONE).value
        for s in range(repeats)
    ]
    error = np.std(got, ddof=1) / np.sqrt(repeats)
    expected = floor(shares, 400, 700)
    assert abs(np.mean(got) - expected) < 4 * error + 0.01 * expected  # counts of 40 are not normal
    assert floor(np.full(10, 0.1), 2000, 2000) == pytest.approx(0.038, abs=5e-4)
    assert floor(np.full(100, 0.01), 2000, 2000) == pytest.approx(0.126, abs=5e-4)


def test_the_errors_of_one_classifier_cancel_and_labels_stand_in_without_it() -> None:
    """A classifier that takes class 1 for class 0: with labels alone that counts as tilt."""
    truth = np.array([0, 1, 2, 2] * 10)
    seen = of_classes(np.where(truth == 1, 0, truth), 3)
    labelled = Features(seen.rows, labels=truth)
    both = Features(seen.rows, logits=seen.logits, labels=truth)
    assert CLASS_TILT(seen, both, NONE).value == 0
    assert CLASS_TILT(seen, labelled, NONE).value == pytest.approx(0.25)


def test_what_cannot_be_compared_is_refused() -> None:
    good, rows = of_classes(np.array([0, 1, 2]), 3), np.zeros((3, 2))
    with pytest.raises(Problem, match=r"class_tilt of samples.*without logits"):
        CLASS_TILT(rows, good, NONE)
    with pytest.raises(Problem, match=r"class_tilt of a reference.*without classes"):
        CLASS_TILT(good, rows, NONE)
    with pytest.raises(Problem, match="at least 2"):
        CLASS_TILT(good.take(np.arange(1)), good, NONE)
    with pytest.raises(Problem, match="3 and 4 classes"):
        CLASS_TILT(good, of_classes(np.array([0, 1]), 4), NONE)
    with pytest.raises(Problem, match="3 and 6 classes"):
        CLASS_TILT(good, Features(rows, labels=np.array([0, 5, 1])), NONE)
    for labels in (np.array([0, -1, 1]), np.array([0.0, 1.0, 1.0]), np.array([0, 1])):
        with pytest.raises(Problem, match="whole number"):
            CLASS_TILT(good, Features(rows, labels=labels), NONE)
