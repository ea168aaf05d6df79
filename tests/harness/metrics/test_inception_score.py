import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import entropy

from harness.metrics import inception_score
from harness.metrics.features import Features
from harness.metrics.inception_score import INCEPTION_SCORE, InceptionScore
from harness.problem import Problem
from harness.streams import numpy_generator

NONE = numpy_generator("test", 0, "none")


def classified(logits: np.ndarray, seed: int = 0) -> Features:
    """Features with these logits; the rows are noise, since only their number counts."""
    rows = numpy_generator("test", seed, "rows").normal(size=(len(logits), 2))
    return Features(rows, logits=logits)


def drawn(n: int, classes: int, seed: int, scale: float = 2.0) -> Features:
    draw = numpy_generator("test", seed, "logits")
    return classified(scale * draw.normal(size=(n, classes)) + np.linspace(-1, 1, classes), seed)


def score(samples: Features, metric: InceptionScore = INCEPTION_SCORE) -> float:
    return metric(samples, np.zeros((2 * metric.splits, 2)), NONE).value


@pytest.mark.parametrize("classes", [2, 7])
def test_sure_and_even_gives_the_number_of_classes_and_indifference_gives_one(classes) -> None:
    sure = 1e4 * np.tile(np.eye(classes), (5, 1))
    assert score(classified(sure)) == pytest.approx(classes, rel=1e-12)
    assert score(classified(np.tile(np.arange(classes), (5, 1)))) == pytest.approx(1, rel=1e-12)
    one_class = np.tile(1e4 * np.eye(classes)[0], (5, 1))  # the others have probability 0 exactly
    assert score(classified(one_class)) == pytest.approx(1, rel=1e-12)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    n=st.integers(2, 40), classes=st.integers(2, 9), seed=st.integers(0, 9), scale=st.integers(1, 8)
)
def test_it_is_the_entropy_of_the_mean_less_the_mean_entropy(n, classes, seed, scale) -> None:
    """Also read a few rows at a time, from float32, and with any constant added to a row.

    A large scale leaves classes that hardly any image has.
    """
    samples = drawn(n, classes, seed, scale)
    p = softmax(samples.logits, axis=1)
    expected = np.exp(entropy(p.mean(0)) - entropy(p, axis=1).mean())
    assert score(samples) == pytest.approx(expected, rel=1e-10)
    moved = classified(samples.logits + 1e3 * np.arange(n)[:, None])
    assert score(moved) == pytest.approx(expected, rel=1e-9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inception_score, "PIECE", 3)
        assert score(samples) == pytest.approx(expected, rel=1e-10)
    assert score(classified(samples.logits.astype(np.float32))) == pytest.approx(expected, rel=1e-5)


def test_splits_are_cut_as_elsewhere_along_the_content() -> None:
    """Ten parts of n i / 10, each with its own mean; other files' order draws the same parts."""
    samples, metric = drawn(47, 5, 1), InceptionScore(splits=10)
    p = softmax(samples.logits, axis=1)
    order = samples.order[numpy_generator("test", 5, "splits").permutation(47)]
    parts = [p[order[k * 47 // 10 : (k + 1) * 47 // 10]] for k in range(10)]
    assert sorted({len(part) for part in parts}) == [4, 5]
    expected = np.mean([np.exp(entropy(q.mean(0)) - entropy(q, axis=1).mean()) for q in parts])
    for given_ in (samples, samples.take(np.arange(47)[::-1])):
        got = metric(given_, np.zeros((20, 2)), numpy_generator("test", 5, "splits"))
        assert got.value == pytest.approx(expected, rel=1e-10)
    assert metric.least(2) == 20


@pytest.mark.parametrize("splits", [1, 4])
def test_standard_error_is_the_spread_of_independent_draws(splits) -> None:
    repeats, metric = 400, InceptionScore(splits)
    got = [metric(drawn(200, 4, s), np.zeros((8, 2)), NONE) for s in range(repeats)]
    spread = np.std([g.value for g in got], ddof=1)
    stated = np.sqrt(np.mean([g.standard_error**2 for g in got]))
    assert abs(stated / spread - 1) < 4 / np.sqrt(2 * repeats)
    assert got[0].n == 200


@pytest.mark.parametrize("splits", [1, 10])
def test_bias_is_that_of_the_page_and_splits_multiply_it(splits) -> None:
    """A sure classifier over 8 even classes: information is too small by 7 / 2 n of a split."""
    n, classes, repeats, metric = 2000, 8, 60, InceptionScore(splits)
    values = []
    for seed in range(repeats):
        labels = numpy_generator("test", seed, "labels").integers(classes, size=n)
        values.append(np.log(score(classified(1e3 * np.eye(classes)[labels], seed), metric)))
    expected = -(classes - 1) / (2 * n / splits)
    error = np.std(values, ddof=1) / np.sqrt(repeats)
    # The next order of the expansion: at 200 images a split, a twentieth of the first.
    assert abs(np.mean(values) - np.log(classes) - expected) < 4 * error + 0.05 * abs(expected)


def test_what_cannot_be_scored_is_refused() -> None:
    good, rows = drawn(6, 3, 0), np.zeros((6, 2))
    with pytest.raises(Problem, match=r"inception_score of samples.*without logits"):
        INCEPTION_SCORE(rows, rows, NONE)
    with pytest.raises(Problem, match="at least 2"):
        INCEPTION_SCORE(good.take(np.arange(1)), rows, NONE)
    with pytest.raises(Problem, match="at least 20"):
        InceptionScore(splits=10)(drawn(19, 3, 0), np.zeros((30, 2)), NONE)
    with pytest.raises(Problem, match=r"NaN.*logits"):
        INCEPTION_SCORE(classified(np.where(good.logits > 2, np.inf, good.logits)), rows, NONE)
    with pytest.raises(Problem, match=r"\(6, 1\)"):
        INCEPTION_SCORE(classified(good.logits[:, :1]), rows, NONE)
    with pytest.raises(Problem, match=r"\(5, 3\) for 6 images"):
        INCEPTION_SCORE(Features(rows, logits=good.logits[:5]), rows, NONE)
