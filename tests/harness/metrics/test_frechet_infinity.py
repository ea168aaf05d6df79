import numpy as np
import pytest

from harness.metrics.features import Features
from harness.metrics.frechet import FRECHET, frechet_distance
from harness.metrics.frechet_infinity import (
    FRECHET_INFINITY,
    intercept_weights,
    line,
    subset_sizes,
)
from harness.problem import Problem
from harness.streams import numpy_generator

D = 4
MIXING = np.diag([1.0, 1.3, 0.8, 1.2]) + 0.05


def pair(seed: int, n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian samples and a reference with other moments."""
    draw = numpy_generator("test", seed, "infinity")
    return draw.normal(size=(n, D)), draw.normal(size=(m, D)) @ MIXING + 0.3


def test_the_weights_take_the_constant_whole_and_nothing_of_the_slope() -> None:
    sizes = subset_sizes(4000)
    weights = intercept_weights(sizes)
    assert sizes[0] == 1000
    assert sizes[-1] == 4000
    assert weights.sum() == pytest.approx(1)
    assert weights @ (1 / sizes) == pytest.approx(0, abs=1e-12)
    share = sum(np.where(np.arange(4000) < n, w / n, 0) for n, w in zip(sizes, weights))
    assert 4000 * np.square(share).sum() == pytest.approx(1.74, abs=0.01)


def test_the_bias_of_the_samples_is_gone_and_the_error_is_the_spread() -> None:
    """400 draws of 200 samples against a reference of 50,000, whose own bias is 250 times less.

    The plug-in distance is too large by many standard errors; the intercept by less than 4. The
    spread over R draws has a relative error of 1 / sqrt(2 R): four of those are allowed, and 5 %
    for what the first order leaves out. The truth is that of the law of the samples against this
    reference.
    """
    repeats, plain, found, errors = 400, [], [], []
    _, reference = pair(0, 1, 50_000)
    b = Features(reference)
    truth = frechet_distance(np.zeros(D), np.eye(D), reference.mean(0), np.cov(reference.T))
    for seed in range(repeats):
        a = Features(pair(seed + 1, 200, 1)[0])
        got = FRECHET_INFINITY(a, b, numpy_generator("test", seed, "subsets"))
        plain.append(FRECHET(a, b, numpy_generator("test", 0, "none")).value)
        found.append(got.value)
        errors.append(got.standard_error)
    error = np.std(found, ddof=1) / np.sqrt(repeats)
    assert np.mean(plain) - truth > 6 * np.std(plain, ddof=1) / np.sqrt(repeats)
    assert abs(np.mean(found) - truth) < 4 * error
    ratio = np.sqrt(np.mean(np.square(errors))) / np.std(found, ddof=1)
    assert abs(ratio - 1) < 0.05 + 4 / np.sqrt(2 * repeats)


def test_the_error_of_the_reference_enters() -> None:
    """A small reference and many samples: its derivative alone makes the error."""
    values, errors = [], []
    samples = Features(pair(999, 20_000, 1)[0])
    for seed in range(200):
        _, reference = pair(seed, 1, 80)
        got = FRECHET_INFINITY(samples, reference, numpy_generator("test", seed, "subsets"))
        values.append(got.value)
        errors.append(got.standard_error)
    ratio = np.sqrt(np.mean(np.square(errors))) / np.std(values, ddof=1)
    assert abs(ratio - 1) < 0.1 + 4 / np.sqrt(400)


def test_what_remains_of_the_bias_is_that_of_the_reference() -> None:
    """Equal laws: the two biases have one constant, and the estimate c / M finds it."""
    repeats, n, m = 300, 800, 200
    remaining, values = [], []
    for seed in range(repeats):
        draw = numpy_generator("test", seed, "equal")
        a, b = Features(draw.normal(size=(n, D))), Features(draw.normal(size=(m, D)))
        fitted = line(a, b, draw)
        remaining.append(fitted.remaining)
        values.append(fitted.intercept)
    gap = np.mean(values) - np.mean(remaining)
    error = np.std(np.subtract(values, remaining), ddof=1) / np.sqrt(repeats)
    assert np.mean(values) > 10 * np.std(values, ddof=1) / np.sqrt(repeats)
    assert abs(gap) < 4 * error + 0.1 * np.mean(values)


def test_the_subsets_are_nested_and_follow_the_content() -> None:
    """The last distance is the plug-in one; files in another order give the same line."""
    a, b = pair(3, 400, 500)
    one = line(Features(a), Features(b), numpy_generator("test", 0, "subsets"))
    other = line(Features(a[::-1]), Features(b), numpy_generator("test", 0, "subsets"))
    plain = FRECHET(a, b, numpy_generator("test", 0, "none")).value
    assert one.distances[-1] == pytest.approx(plain, rel=1e-9)
    assert one.distances == pytest.approx(other.distances, rel=1e-9)
    assert one.intercept == pytest.approx(intercept_weights(one.sizes) @ one.distances, rel=1e-9)


def test_too_few_images_for_a_line_are_refused_and_few_have_no_interval() -> None:
    a, b = pair(0, 100, 100)
    none = numpy_generator("test", 0, "subsets")
    with pytest.raises(Problem, match="at least 40"):
        FRECHET_INFINITY(a[:39], b, none)
    assert FRECHET_INFINITY.least(D) == 40
    assert FRECHET_INFINITY(a[:79], b, none).standard_error is None
    assert FRECHET_INFINITY(a, b[:79], none).standard_error is None
    assert FRECHET_INFINITY(a[:80], b[:80], none).standard_error > 0


def test_the_interval_covers_the_truth_where_samples_are_forty_a_feature() -> None:
    """93 % of 64-d draws were measured; here 16-d ones, 300 of them, at least 88 %: 4 errors."""
    d, repeats, good = 16, 300, 0
    b = Features(numpy_generator("test", 0, "large").normal(size=(60_000, d)) * 1.1 + 0.1)
    covariance = np.cov(b.rows.T)
    truth = frechet_distance(np.zeros(d), np.eye(d), b.rows.mean(0), covariance)
    for seed in range(repeats):
        draw = numpy_generator("test", seed, "cover")
        got = FRECHET_INFINITY(Features(draw.normal(size=(40 * d, d))), b, draw)
        good += abs(got.value - truth) < 1.96 * got.standard_error
    assert good / repeats > 0.93 - 4 * np.sqrt(0.93 * 0.07 / repeats)
