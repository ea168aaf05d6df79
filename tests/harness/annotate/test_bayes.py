"""The exact level against quadrature and against the ratio of densities drawn by Monte Carlo."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from harness.annotate.bayes import Bayes, total_variation
from harness.annotate.case import Case
from harness.annotate.parameter import TOP
from harness.problem import Problem

V, COUNT = 0.01, 40_000
NOISES = (0.05, 0.1, 0.2)


@cache
def squares(dimension: int) -> np.ndarray:
    """|z|^2 of standard normal z, [2, COUNT]."""
    z = np.random.default_rng(3).standard_normal((2, COUNT, dimension), dtype=np.float32)
    return np.asarray(np.einsum("knd,knd->kn", z, z), float)


def drawn(one: float, other: float, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """log N(x; 0, one I) / N(x; 0, other I) of draws x of the first law and of the second."""
    fixed = dimension / 2 * np.log(other / one)
    first, second = squares(dimension) / 2
    return fixed + first * (one / other - 1), fixed + second * (1 - other / one)


@pytest.mark.parametrize(("one", "other"), [(0.01, 0.0125), (0.02, 0.01), (1.0, 50.0)], ids=str)
def test_total_variation_on_a_line_is_half_the_integral_of_the_difference(one, other) -> None:
    p, q = (norm(scale=v**0.5).pdf for v in (one, other))
    equal = (np.log(other / one) / (1 / one - 1 / other)) ** 0.5
    ends = [0, equal, 12 * max(one, other) ** 0.5]
    area = sum(quad(lambda x: abs(p(x) - q(x)), a, b)[0] for a, b in pairwise(ends))
    assert total_variation(one, other, 1) == pytest.approx(area, abs=1e-8)


@pytest.mark.parametrize("dimension", [1, 3, 64])
@pytest.mark.parametrize("ratio", [0.8, 1.05, 1.3])
def test_total_variation_is_what_the_best_test_tells(dimension, ratio) -> None:
    p, q = drawn(V, ratio * V, dimension)
    seen = np.array([(p > 0).mean(), (q > 0).mean()])
    error = np.sqrt((seen * (1 - seen)).sum() / COUNT)
    assert abs(seen[0] - seen[1] - total_variation(V, ratio * V, dimension)) < 4 * error


def test_total_variation_is_symmetric_scale_free_and_0_for_one_law() -> None:
    assert total_variation(0.3, 0.3, 64) == 0
    first = total_variation(0.3, 0.4, 64)
    assert 0 < first < 1
    assert total_variation(0.4, 0.3, 64) == first
    assert total_variation(3, 4, 64) == pytest.approx(first, rel=1e-9)
    assert total_variation(0.3, 0.4, 65) > first


@pytest.mark.parametrize("tau", [0.45, 0.4])
@pytest.mark.parametrize("s", NOISES)
def test_at_the_level_of_the_mean_rule_the_mean_probability_is_the_threshold(s, tau) -> None:
    level = Bayes(V, V + s**2, "mean", tau).level(64)
    _, q = drawn(V + level**2, V + s**2 + level**2, 64)
    clean = 1 / (1 + np.exp(-q))
    assert abs(clean.mean() - tau) < 4 * clean.std() / np.sqrt(COUNT)


@pytest.mark.parametrize("tau", [0.45, 0.4])
@pytest.mark.parametrize("s", NOISES)
def test_at_the_level_of_the_accuracy_rule_the_variation_is_epsilon(s, tau) -> None:
    level = Bayes(V, V + s**2, "accuracy", tau).level(64)
    p, q = drawn(V + level**2, V + s**2 + level**2, 64)
    seen = np.array([(p > 0).mean(), (q > 0).mean()])
    error = np.sqrt((seen * (1 - seen)).sum() / COUNT)
    assert abs(seen[0] - seen[1] - (0.5 - tau)) < 4 * error


def test_the_levels_are_the_printed_ones() -> None:
    mean, accuracy = (
        [Bayes(V, V + s**2, rule).level(64) for s in NOISES] for rule in ("mean", "accuracy")
    )
    assert mean == pytest.approx([0.100, 0.265, 0.557], abs=5e-4)
    assert accuracy == pytest.approx([0.318, 0.659, 1.330], abs=5e-4)


@pytest.mark.parametrize("rule", ["mean", "accuracy"])
def test_the_level_has_the_units_of_the_images_and_does_not_ask_which_law_is_wider(rule) -> None:
    level = Bayes(V, 2 * V, rule).level(64)
    assert Bayes(2 * V, V, rule).level(64) == pytest.approx(level, rel=1e-5)
    assert Bayes(9 * V, 18 * V, rule).level(64) == pytest.approx(3 * level, rel=1e-5)


@pytest.mark.parametrize("rule", ["mean", "accuracy"])
def test_laws_that_are_one_or_near_enough_need_no_noise(rule) -> None:
    assert Bayes(V, V, rule).level(64) == 0
    assert Bayes(V, 1.001 * V, rule).level(64) == 0
    assert Bayes(V, 1.5 * V, rule).level(64) > 0


@pytest.mark.parametrize("rule", ["mean", "accuracy"])
def test_laws_that_no_noise_of_the_grid_hides_are_used_at_none(rule) -> None:
    assert Bayes(V, 1e8, rule).level(64) > TOP
    assert Bayes(V, 1e12, rule).level(64) == np.inf


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 4, 5)], ids=str)
def test_every_image_gets_the_level_of_its_dimensions(shape) -> None:
    images = np.zeros((3, *shape), np.float32)
    made = Bayes(V, 2 * V)
    levels = made(Case(images[:1], images, np.random.default_rng(0)))
    expected = np.tile(np.float32([made.level(int(np.prod(shape))), 0]), (3, 1))
    assert levels.dtype == np.float32
    assert np.array_equal(levels, expected)


@pytest.mark.parametrize("name", ["clean", "imperfect"])
@pytest.mark.parametrize("variance", [0.0, -0.1, float("nan"), float("inf")])
def test_a_variance_that_is_none_is_refused(name, variance) -> None:
    given = {"clean": V, "imperfect": V, name: variance}
    with pytest.raises(Problem, match=f"the variance of {name} images.*give one above 0"):
        Bayes(**given)
