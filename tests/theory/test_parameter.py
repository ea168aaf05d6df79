"""Readers of parameters: what they take, what they refuse, and how they say so."""

import math

import numpy as np
import pytest

from theory.parameter import (
    choice,
    covariance,
    inside,
    integer,
    line,
    nonnegative,
    points,
    positive,
    real,
    same_dimension,
    share,
    vector,
    weights,
)


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        (real("x"), [-1, 0.5], [math.nan, "1", None, True]),
        (positive("x"), [1e-9, 3], [0, -1.0, math.inf]),
        (nonnegative("x"), [0, 2.0], [-1e-9]),
        (share("x"), [0, 1, 0.5], [-0.1, 1.1]),
        (inside("x", 0, 1), [0.5], [0, 1]),
        (integer("x", 2), [2, 9], [1, 2.0, "2", True]),
        (choice("x", ("a", "b")), ["a"], ["c", 1, ["a"]]),
        (line("x"), ["beta(2,2)"], ["beta(2)", 3]),
        (vector("x"), [1.0, [1, 2]], [[], [[1.0]], ["a"], [math.nan]]),
        (vector("x", above=0), [[1, 2]], [[1, 0]]),
        (points("x"), [[1, 2], [[1, 2], [3, 4]]], [[], [[1], [1, 2]]]),
        (weights("x"), [[0.5, 0.5], 1.0], [[0.5, 0.6], [1.5, -0.5]]),
        (
            covariance("x"),
            [1.0, [1, 2], [[2, 1], [1, 2]]],
            [0.0, [1, -1], [[1, 2], [2, 1]], [[1, 0.5], [0, 1]], [[1, 0]], [[[1.0]]]],
        ),
        (covariance("x", singular=True), [[1, 0], [[1, 1], [1, 1]]], [[1, -1e-3]]),
    ],
)
def test_what_is_taken_and_what_is_refused(parameter, good, bad) -> None:
    for value in good:
        parameter.convert(value)
    for value in bad:
        with pytest.raises(ValueError, match=r"got .*; (give|write) "):
            parameter.convert(value)


def test_variances_are_a_diagonal_covariance() -> None:
    np.testing.assert_array_equal(covariance("x").convert([1, 4]), np.diag([1.0, 4.0]))
    np.testing.assert_array_equal(covariance("x").convert([[2, 1], [1, 2]]), [[2, 1], [1, 2]])


def test_a_covariance_that_is_singular_to_rounding_is_named_so() -> None:
    with pytest.raises(ValueError, match=r"singular to rounding.* 1e-61 of the largest; give"):
        covariance("x").convert([1e61, 1])
    with pytest.raises(ValueError, match="smallest eigenvalue of -1;"):
        covariance("x").convert([1, -1])


def test_dimensions_are_named() -> None:
    assert same_dimension("a.b", mu=np.zeros(3), cov=np.eye(3)) == 3
    with pytest.raises(ValueError, match="mu of 2, cov of 3"):
        same_dimension("a.b", mu=np.zeros(2), cov=np.eye(3))


def test_a_parameter_says_what_it_is() -> None:
    assert str(positive("noise sigma")) == "noise sigma (a number above 0)"
    assert str(integer("draws", default=400)) == "draws (a whole number of 1 or more; usually 400)"
