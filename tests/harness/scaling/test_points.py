"""Points: what is refused, and how far a place is."""

import numpy as np
import pytest

from harness.problem import Problem
from harness.scaling.points import Points

FIVE = np.geomspace(10, 100, 5)


def loss_of(x: np.ndarray) -> np.ndarray:
    return 1 + 3 / np.asarray(x).reshape(len(x), -1)[:, 0]


def test_five_sizes_over_a_decade_are_enough_and_four_or_less_than_a_decade_are_not() -> None:
    Points.of(FIVE, loss_of(FIVE)).require()
    four = np.repeat(FIVE[[0, 1, 2, 4]], 3)
    with pytest.raises(Problem, match=r"fit over N; got 4 distinct sizes; measure at 5"):
        Points.of(four, loss_of(four)).require()
    short = np.geomspace(10, 99.9, 8)
    with pytest.raises(Problem, match=r"fit over N; got sizes within a factor of 9.99"):
        Points.of(short, loss_of(short)).require()


def test_each_variable_must_vary_and_by_itself() -> None:
    n, d = (g.ravel() for g in np.meshgrid(FIVE, FIVE * 7))
    x = np.stack([n, d], 1)
    Points.of(x, loss_of(x)).require()
    with pytest.raises(Problem, match=r"fit over D; got 1 distinct"):
        Points.of(np.stack([n, 0 * n + 7], 1), loss_of(x)).require()
    with pytest.raises(Problem, match=r"exponent of N and one of D; got a D that follows from N"):
        Points.of(np.stack([FIVE, 20 * FIVE**1.1], 1), loss_of(FIVE)).require()


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_what_has_no_logarithm_is_refused_by_its_row(bad) -> None:
    y = loss_of(FIVE)
    y[3] = bad
    with pytest.raises(Problem, match=r"logarithm of loss; got .* in row 3"):
        Points.of(FIVE, y)
    x = FIVE.copy()
    x[1] = bad
    with pytest.raises(Problem, match=r"logarithm of size; got .* in row 1"):
        Points.of(x, loss_of(FIVE), names=["size"])
    with pytest.raises(Problem, match="3 variables"):
        Points.of(np.ones((5, 3)), np.ones(5))


def test_reach_is_the_factor_beyond_the_farthest_variable() -> None:
    x = np.stack([FIVE, FIVE[::-1] * 10], 1)
    points = Points.of(x, loss_of(x))
    assert points.reach(np.array([50.0, 500.0])) == 1
    assert points.reach(np.array([300.0, 2000.0])) == pytest.approx(3)
    assert points.reach(np.array([100.0, 5000.0])) == pytest.approx(5)
    assert points.reach(np.array([2.0, 100.0])) == pytest.approx(5)


def test_runs_and_sizes_are_numbered() -> None:
    x = [30, 10, 30, 10, 20]
    points = Points.of(np.array(x, float), np.ones(5), ["b", "a", "c", "b", "a"])
    assert points.run.tolist() == [0, 1, 2, 0, 1]
    assert points.sizes.tolist() == [2, 0, 2, 0, 1]
    assert Points.of(np.array(x, float), np.ones(5)).run.tolist() == [0, 1, 2, 3, 4]
    part = points.part(np.array([1, 1, 0, 0, 0], bool))
    assert part.y.tolist() == [1, 1]
    assert part.run.tolist() == [0, 1]
