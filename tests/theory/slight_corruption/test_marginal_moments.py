"""Relabelling leaves the marginal moments alone: in floating point, and exactly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.slight_corruption.marginal_moments import (
    MarginalMoments,
    exact_marginal_moments,
    marginal_moments,
)

LAW = MarginalMoments()
check = settings(max_examples=20, deadline=None, derandomize=True)


def test_thirty_percent_of_random_labels_change_nothing():
    rng, classes, d = np.random.default_rng(0), 10, 16
    labels = np.repeat(np.arange(classes), 100)
    x = rng.standard_normal((len(labels), d)) + 3 * np.eye(d)[labels]
    relabelled = np.where(
        rng.random(len(labels)) < 0.3, rng.integers(classes, size=len(labels)), labels
    )
    before, after = marginal_moments(x, labels), marginal_moments(x, relabelled)
    pooled = x.mean(axis=0), x.T @ x / len(x)
    for old, new, whole in zip(before, after, pooled):
        assert np.abs(old - new).max() < 1e-13
        assert np.abs(old - whole).max() < 1e-13


@check
@given(st.integers(0, 10**6))
def test_the_exact_change_is_zero_and_the_classes_do_change(seed):
    rng = np.random.default_rng(seed)
    labels = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    x = rng.standard_normal((9, 2)) + 5 * np.eye(3)[labels][:, :2]
    point = {
        "x": x.tolist(),
        "labels": labels.tolist(),
        "relabelled": rng.permutation(labels).tolist(),
    }
    assert LAW.exact(point).value == 0.0
    share = LAW.sharper(point)["relabelled_share"].value
    assert share == pytest.approx(np.mean(labels != point["relabelled"]))
    if share:
        assert LAW.sharper(point)["classes_change"].value > 0.0


def test_the_moments_are_those_of_the_mixture():
    """Two points a class: means 0 and 3, variances 1 and 0, shares 2/3 and 1/3."""
    x, labels = np.array([[-1.0], [1.0], [-1.0], [1.0], [3.0], [3.0]]), np.array([0, 0, 0, 0, 1, 1])
    mean, second = marginal_moments(x, labels)
    assert mean == pytest.approx([1.0], rel=1e-15)
    assert second == pytest.approx(np.array([[2 / 3 + 3.0]]), rel=1e-15)
    assert [float(value) for value in exact_marginal_moments(x, labels)] == [1.0, 11 / 3]


def test_a_worked_change_of_the_classes():
    """On the line: classes {0, 2}, {4, 6} become {0, 4}, {2, 6}: shifts of 1, deviations 1 to 2."""
    point = {"x": [0.0, 2.0, 4.0, 6.0], "labels": [0, 0, 1, 1], "relabelled": [0, 1, 0, 1]}
    assert LAW.sharper(point)["classes_change"].value == pytest.approx(2.0, rel=1e-12)
    assert LAW.exact(point).value == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [0, 0, 1]}, "6 points, 3 labels and 6 new ones"),
        ({"relabelled": [0, 0, 0, 0, 0, 0]}, "classes that appear or vanish"),
    ],
)
def test_labels_must_match_the_points(change, message):
    with pytest.raises(ValueError, match=message):
        LAW.exact({**LAW.example, **change})
