"""The bootstrap over images against what is known of the spread."""

import numpy as np
import pytest

from harness.evaluate.bootstrap import standard_errors
from harness.metrics.estimate import Estimate
from harness.metrics.features import Features
from harness.metrics.frechet import FRECHET
from harness.problem import Problem
from harness.streams import numpy_generator


def quiet(share: float) -> None:
    pass


def standard_error(metric, sides, draws, generator, progress):
    return standard_errors({"one": (metric, sides, generator)}, draws, generator, progress)["one"]


def difference(a: np.ndarray, b: np.ndarray, generator: np.random.Generator) -> Estimate:
    return Estimate(float(a.mean() - b.mean()), None, len(a))


def test_the_error_of_a_difference_of_means_is_the_textbook_one() -> None:
    """sqrt(s²/n + s'²/m), with the relative error 1 / sqrt(2 B) of B draws; four are allowed."""
    draw = numpy_generator("test", 0, "bootstrap")
    a, b = draw.exponential(size=400), draw.normal(0, 3, 150)
    draws = 2000
    got = standard_error(difference, (a, b), draws, draw, quiet)
    exact = np.sqrt(a.var(ddof=1) / 400 + b.var(ddof=1) / 150)
    assert abs(got / exact - 1) < 4 / np.sqrt(2 * draws)


def test_it_agrees_with_the_delta_method_of_the_frechet_distance() -> None:
    draw = numpy_generator("test", 1, "bootstrap")
    a, b = Features(draw.normal(size=(1500, 4))), Features(draw.normal(0.4, 1.2, (1500, 4)))
    got = standard_error(FRECHET, (a, b), 200, draw, quiet)
    assert abs(got / FRECHET(a, b, draw).standard_error - 1) < 0.1 + 4 / np.sqrt(400)


def test_no_image_is_drawn_twice() -> None:
    """A metric that counts repeats sees none, and gets half of either set."""
    seen = []

    def repeats(a: np.ndarray, b: np.ndarray, generator: np.random.Generator) -> Estimate:
        seen.append((len(a), len(b), len(np.unique(a)), len(np.unique(b))))
        return Estimate(0.0, None, len(a))

    draw = numpy_generator("test", 2, "bootstrap")
    standard_error(repeats, (np.arange(21), np.arange(50)), 20, draw, quiet)
    assert set(seen) == {(10, 25, 10, 25)}


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(Problem, match="20 or more"):
        standard_error(
            difference, (np.ones(4), np.ones(4)), 19, numpy_generator("t", 0, "t"), quiet
        )


def test_all_metrics_see_the_same_halves_and_features_stay_with_their_images() -> None:
    a, b = Features(np.arange(30.0)[:, None]), Features(np.arange(40.0)[:, None])
    pictures = np.arange(30.0)
    seen: dict[str, list[list[float]]] = {"one": [], "two": [], "three": []}

    def look(name):
        def metric(x, y, generator) -> Estimate:
            rows = x.rows[:, 0] if isinstance(x, Features) else x
            seen[name].append(list(rows))
            return Estimate(float(rows.mean()), None, len(rows))

        return metric

    draw = numpy_generator("test", 3, "bootstrap")
    calls = {name: (look(name), (a if name != "three" else pictures, b), draw) for name in seen}
    found = standard_errors(calls, 20, draw, quiet)
    assert seen["one"] == seen["two"] == seen["three"]
    assert len({tuple(half) for half in seen["one"]}) == 20
    assert found["one"] == found["three"] > 0


def test_a_metric_that_refuses_half_the_images_says_so_and_the_others_go_on() -> None:
    def refuse(a, b, generator) -> Estimate:
        raise Problem("refuse", "5 of them", "give at least 9")

    draw = numpy_generator("test", 4, "bootstrap")
    sides = (np.arange(10.0), np.arange(10.0))
    calls = {"no": (refuse, sides, draw), "yes": (difference, sides, draw)}
    found = standard_errors(calls, 20, draw, quiet)
    assert isinstance(found["no"], Problem)
    assert found["yes"] > 0
