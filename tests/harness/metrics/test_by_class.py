"""Asked classes against true ones: weights, refusals, errors, and what no whole set shows."""

import numpy as np
import pytest

from harness.metrics import METRICS
from harness.metrics.by_class import DRAWS, Pairs, by_class
from harness.metrics.features import Features
from harness.problem import Problem
from harness.streams import numpy_generator

D = 3
MEANS = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]])
BY_CLASS = ("per_class_fd", "per_class_w2")


def stream(name: str = "by class") -> np.random.Generator:
    return numpy_generator("test", 0, name)


def drawn(counts: tuple[int, ...], seed: int, shift: float = 0.0) -> Features:
    """N(m_k, I) for class k, in random order; logits that know the class."""
    draw = numpy_generator("test", seed, "classes")
    labels = draw.permutation(np.repeat(np.arange(len(counts)), counts))
    rows = MEANS[labels] + draw.normal(size=(len(labels), D)) + shift
    logits = -np.square(rows[:, None] - shift - MEANS).sum(2)
    return Features(rows, logits=logits, labels=labels)


def told(features: Features, labels: np.ndarray | None) -> Features:
    return Features(features.rows, logits=features.logits, labels=labels)


def test_the_mean_is_weighted_by_the_shares_of_the_reference() -> None:
    """Unequal in both sets: neither equal weights nor the samples' own shares would do."""
    a, b = drawn((30, 10, 20), 1), drawn((10, 60, 30), 2)
    pairs = by_class("x", a, b, 2)
    assert pairs.shares.tolist() == [0.1, 0.6, 0.3]
    assert [len(each) for each in pairs.asked] == [30, 10, 20]
    assert [len(each) for each in pairs.true] == [10, 60, 30]
    found = pairs.mean(lambda x, y: float(len(x) * len(y)), stream())
    assert found.value == pytest.approx(0.1 * 300 + 0.6 * 600 + 0.3 * 600)
    assert found.n == 60
    first, second = (each.rows.mean(0) - b.rows.mean(0) for each in (a, b))
    for k in range(3):
        assert pairs.asked[k].rows.mean(0) + b.rows.mean(0) == pytest.approx(
            a.rows[a.labels == k].mean(0)
        )
    assert not np.allclose(first, second)


def test_numbers_of_classes_need_not_be_without_gaps() -> None:
    a, b = drawn((9, 9, 9), 1), drawn((9, 9, 18), 2)
    numbers = np.array([2, 5, 11])
    spread = by_class("x", told(a, numbers[a.labels]), told(b, numbers[b.labels]), 2)
    close = by_class("x", a, b, 2)
    assert np.array_equal(spread.shares, close.shares)
    for one, other in zip(spread.asked + spread.true, close.asked + close.true):
        assert np.array_equal(one.rows, other.rows)


@pytest.mark.parametrize("name", BY_CLASS)
def test_permuted_classes_are_seen_class_by_class_and_by_nothing_else(name: str) -> None:
    """The very same samples: what is worked out of the whole set cannot change by a bit."""
    samples, reference = drawn((60, 60, 60), 1), drawn((60, 60, 60), 2)
    turned = told(samples, (samples.labels + 1) % 3)
    shuffled = told(samples, stream("turn").permutation(samples.labels))
    for whole in ("fd", "kid", "sliced_w2"):
        before = METRICS[whole](samples, reference, stream())
        assert METRICS[whole](told(samples, turned.labels), reference, stream()) == before
    own = METRICS[name](samples, reference, stream())
    all_wrong = METRICS[name](turned, reference, stream())
    half_wrong = METRICS[name](shuffled, reference, stream())
    assert own.value + 4 * own.standard_error < half_wrong.value
    assert half_wrong.value + 4 * half_wrong.standard_error < all_wrong.value
    # every class is off by the distance of two means: 4, 4 and 4 sqrt 2
    off = np.array([16, 32, 16]).mean() if name == "per_class_fd" else 4 * (2 + np.sqrt(2)) / 3
    # W2 of n images beside its law: measured 1.0 of the same law here, in square
    floor = 4 * all_wrong.standard_error + own.value
    assert -4 * all_wrong.standard_error < all_wrong.value - off < floor


@pytest.mark.parametrize("name", BY_CLASS)
def test_a_shift_of_every_image_is_its_length(name: str) -> None:
    """Translation is the optimal transport, and moves a mean alone: |s| and |s|^2, exactly."""
    reference = drawn((12, 20, 7), 1)
    shift = 0.3 * np.arange(1, 4)[reference.labels, None] * np.array([2.0, -1.0, 2.0]) / 3
    order = stream("order").permutation(len(reference))
    moved = Features(reference.rows[order] + shift[order], labels=reference.labels[order])
    lengths = 0.3 * np.arange(1, 4)
    expected = np.array([12, 20, 7]) / 39 @ (lengths**2 if name == "per_class_fd" else lengths)
    found = METRICS[name](moved, reference, stream())
    assert found.value == pytest.approx(expected, rel=1e-6)
    assert METRICS[name](reference, reference, stream()).value == pytest.approx(0, abs=1e-6)


def halves_of_means(n: int, draws: int) -> tuple[float, float]:
    """The mean square of the stated errors of a weighted mean, and its true variance."""
    stated = []
    draw = stream(f"errors {n}")
    for _ in range(draws):
        sides = [
            tuple(Features(sd * draw.normal(size=(n, 1))) for sd in (1.0, 2.0)) for _ in range(2)
        ]
        pairs = Pairs(np.array([0.8, 0.2]), *(tuple(side) for side in zip(*sides)))
        found = pairs.mean(lambda a, b: float(a.rows.mean() - b.rows.mean()), draw)
        stated.append(found.standard_error**2)
    return float(np.mean(stated)), (0.8**2 + 0.2**2) * (1 + 4) / n


@pytest.mark.parametrize(("n", "draws"), [(20, 700), (50, 100)])
def test_the_error_of_a_weighted_mean_of_means_is_its_own(n: int, draws: int) -> None:
    """Linear, so that halves are exact; a stated square has the freedom of DRAWS - 1 or more."""
    stated, true = halves_of_means(n, draws)
    assert stated / true == pytest.approx(1, abs=4 * np.sqrt(2 / (DRAWS - 1) / draws))


@pytest.mark.parametrize(("name", "low", "high"), [("per_class_fd", 0.8, 1.5),
                                                   ("per_class_w2", 0.8, 1.35)])  # fmt: skip
def test_the_stated_error_is_the_spread_over_draws_or_a_little_more(
    name: str, low: float, high: float
) -> None:
    """Where the laws differ; 80 draws of both sides know a spread to 8 %."""
    found = [
        METRICS[name](drawn((24, 24, 24), 10 + i, 1.0), drawn((24, 24, 24), 500 + i), stream())
        for i in range(80)
    ]
    spread = np.std([each.value for each in found], ddof=1)
    stated = np.sqrt(np.mean([each.standard_error**2 for each in found]))
    assert low < stated / spread < high


@pytest.mark.parametrize("count", [2, 3, 4])
def test_there_is_an_error_from_four_images_of_each_class(count: int) -> None:
    for counts in ((count, 9, 9), (9, 9, count)):
        for sides in ((counts, (9, 9, 9)), ((9, 9, 9), counts)):
            found = by_class("x", drawn(sides[0], 1), drawn(sides[1], 2), 2).mean(
                lambda a, b: float(a.rows.mean() - b.rows.mean()), stream()
            )
            assert (found.standard_error is None) == (count < 4)


def test_equal_numbers_are_random_images_of_the_larger_side() -> None:
    a, b = drawn((30, 10, 20), 1), drawn((10, 60, 20), 2)
    pairs = by_class("x", a, b, 2)
    cut = pairs.equal(16, stream())
    assert [len(each) for each in cut.asked] == [len(each) for each in cut.true] == [10, 10, 16]
    assert np.array_equal(cut.shares, pairs.shares)
    for one, other in zip(cut.asked + cut.true, pairs.asked + pairs.true):
        whole = {row.tobytes() for row in other.rows}
        assert len({row.tobytes() for row in one.rows} & whole) == len(one)
        assert (one is other) == (len(one) == len(other))
    again = pairs.equal(16, stream())
    assert np.array_equal(cut.asked[0].rows, again.asked[0].rows)
    assert not np.array_equal(cut.asked[0].rows, pairs.equal(16, stream("other")).asked[0].rows)
    assert not np.array_equal(cut.asked[0].rows, pairs.asked[0].rows[:10])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"samples": None}, "x of samples.*images without classes"),
        ({"reference": None}, "x of a reference.*images without classes"),
        ({"samples": 0}, r"x of class 2.*no sample asked for of it.*ask for each class"),
        ({"reference": 0}, r"x of class 2.*no true image of it"),
        ({"samples": -1}, "x of samples.*one whole number from 0 on"),
    ],
)
def test_sides_that_cannot_be_paired_are_refused(change: dict, message: str) -> None:
    sides = {"samples": drawn((5, 5, 5), 1), "reference": drawn((5, 5, 5), 2)}
    for side, instead in change.items():
        labels = sides[side].labels
        sides[side] = told(
            sides[side], None if instead is None else np.where(labels == 2, instead, labels)
        )
    with pytest.raises(Problem, match=message):
        by_class("x", sides["samples"], sides["reference"], 2)


@pytest.mark.parametrize("name", BY_CLASS)
@pytest.mark.parametrize("side", ["samples asked for", "true images of"])
def test_a_class_with_one_image_is_named(name: str, side: str) -> None:
    few, enough = drawn((5, 1, 5), 1), drawn((5, 5, 5), 2)
    sides = (few, enough) if side == "samples asked for" else (enough, few)
    with pytest.raises(Problem, match=f"{side} class 1.*1 of them.*give at least 2 of each class"):
        METRICS[name](*sides, stream())
    two = drawn((5, 2, 5), 1)
    sides = (two, enough) if side == "samples asked for" else (enough, two)
    assert np.isfinite(METRICS[name](*sides, stream()).value)


@pytest.mark.parametrize("name", BY_CLASS)
def test_far_from_the_origin_no_digit_is_lost(name: str) -> None:
    a, b = drawn((9, 9, 9), 1), drawn((9, 9, 9), 2)
    near = METRICS[name](a, b, stream())
    far = [Features(each.rows + 1e6, labels=each.labels) for each in (a, b)]
    assert METRICS[name](*far, stream()).value == pytest.approx(near.value, rel=1e-6)
