"""The largest sizes are left out, all of each, and predicted from the others."""

import numpy as np
import pytest

from harness.scaling.fit import fit
from harness.scaling.held_out import held_out, largest
from harness.scaling.points import Points

from .made_up import law, sizes


def test_a_fifth_of_the_sizes_goes_from_the_top_with_all_its_runs() -> None:
    x = np.array([1, 64, 2, 4, 64, 8, 16, 32, 128, 256, 512.0])
    out = largest(Points.of(x, np.ones(11)))
    assert sorted(x[out]) == [256, 512]  # of 10 sizes
    few = x[[0, 1, 2, 3, 4, 5]]
    assert few[largest(Points.of(few, np.ones(6)))].tolist() == [64, 64]  # of 5 sizes: one
    two = np.stack([[1, 100, 10, 3, 5.0], [1, 1, 100, 2, 2.0]], 1)
    assert two[largest(Points.of(two, np.ones(5)))].tolist() == [[10, 100]]  # the largest product


def test_the_true_form_continues_and_a_wrong_one_says_by_how_much() -> None:
    x = sizes("power_with_floor")
    points = Points.of(x, law("power_with_floor", x))
    right = held_out("power_with_floor", points)
    assert right.error == pytest.approx(0, abs=1e-6)
    wrong = held_out("power", points)
    kept = fit("power", x[:10], points.y[:10])
    off = kept.predict(x[10:]) / points.y[10:] - 1
    assert wrong.n == 2
    assert wrong.error == pytest.approx(np.abs(off).mean(), rel=1e-9)
    assert wrong.bias == pytest.approx(off.mean(), rel=1e-9)
    assert wrong.bias < 0  # without its floor a law goes too low
    assert wrong.reach == pytest.approx(x[-1, 0] / x[9, 0])


def test_too_few_sizes_for_a_form_give_no_error() -> None:
    x = np.geomspace(10, 1000, 4)
    assert held_out("broken_power", Points.of(x, 1 + 3 / x)).error is None
    assert held_out("power", Points.of(x, 1 + 3 / x)).error is not None
