"""The probability flow of mixtures: closed forms, invariances, the ISTD along its images."""

import math

import numpy as np
import pytest

from theory.mixture import Mixture
from theory.smooth.flow import FlowDeviation, probability_flow
from theory.smooth.monotone import MonotoneDeviation, monotone_map

LAW = FlowDeviation()
TRIANGLE = Mixture([0.4, 0.3, 0.3], [[1, 0], [-0.5, 0.8], [-0.5, -0.8]], 0.25)
PATH = {"start": [-1.2, 0.3], "end": [0.9, 1.0]}


def pair(mode):
    return {"means": [[mode, 0.0], [-mode, 0.0]], "weights": [0.5, 0.5], "variance": 0.09, **PATH}


@pytest.mark.parametrize("mode", [1.0, 2.0])
def test_two_modes_in_the_plane_are_the_monotone_map_and_a_scale(mode):
    z = np.linspace(PATH["start"], PATH["end"], 11)
    data = Mixture([0.5, 0.5], [[mode, 0], [-mode, 0]], 0.09)
    closed = np.stack([monotone_map(z[:, 0], mode, 0.3), 0.3 * z[:, 1]], axis=1)
    assert np.abs(probability_flow(data, z) - closed).max() < 1e-11


def test_on_the_line_the_law_is_that_of_the_monotone_map():
    line = {"means": [2.0, -2.0], "weights": [0.5, 0.5], "variance": 0.09}
    found = LAW.exact({**line, "start": [-1.2], "end": [0.9]}).value
    assert found == pytest.approx(0.9062023, abs=5.1e-8)
    known = MonotoneDeviation().exact({"mode": 2.0, "sd": 0.3, "start": -1.2, "end": 0.9})
    assert found == pytest.approx(known.value, rel=1e-10)


def test_the_flow_carries_the_normal_to_the_data():
    z = np.random.default_rng(1).standard_normal((2000, 2))
    x = probability_flow(TRIANGLE, z, 1e-6)
    for power in (1, 2, 3):
        drawn = TRIANGLE.sample(200_000, np.random.default_rng(2)) ** power
        error = np.sqrt((x**power).var(axis=0) / len(x) + drawn.var(axis=0) / len(drawn))
        assert (np.abs((x**power).mean(axis=0) - drawn.mean(axis=0)) < 4 * error).all()


def test_the_flow_turns_with_the_data():
    angle = 0.7
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    z = np.array([[0.3, -1.0], [1.2, 0.4]])
    turned = Mixture(TRIANGLE.weights, TRIANGLE.means @ turn.T, 0.25)
    there = probability_flow(turned, z @ turn.T)
    assert there == pytest.approx(probability_flow(TRIANGLE, z) @ turn.T, abs=1e-10)


def test_a_single_component_is_affine():
    point = {"means": [[0.4, -1.0]], "weights": [1.0], "variance": 0.49, **PATH}
    z = np.linspace(PATH["start"], PATH["end"], 5)
    images = probability_flow(Mixture([1.0], [[0.4, -1.0]], 0.49), z)
    assert images == pytest.approx(0.7 * z + [0.4, -1.0], abs=1e-11)
    assert LAW.exact(point).value == 0.0
    # on an arc between unequal noises the scaled identity is uneven, and the flow agrees
    arc = {**point, "interpolation": "slerp"}
    split = {**arc, "means": [[0.4, -1.0]] * 2, "weights": [0.3, 0.7]}
    assert LAW.exact(arc).value > 0.005
    assert LAW.exact(split).value == pytest.approx(LAW.exact(arc).value, rel=1e-9)
    assert LAW.sharper(split)["gaussian"].value == pytest.approx(LAW.exact(arc).value, rel=1e-12)


def test_the_order_of_the_components_does_not_matter():
    first = LAW.example
    other = {**first, "means": first["means"][::-1], "weights": first["weights"][::-1]}
    assert LAW.exact(other).value == pytest.approx(LAW.exact(first).value, rel=1e-9)


def test_it_grows_with_the_separation_and_stays_below_one_jump():
    found = [LAW.exact(pair(mode)).value for mode in (0.3, 0.8, 2.4)]
    assert (np.diff(found) > 0).all()
    assert all(LAW.printed(pair(mode)).value > value for mode, value in zip((0.3, 2.4), found[::2]))
    assert LAW.sharper(pair(2.4))["fraction"].value > 0.6


def test_tighter_tolerance_changes_nothing_that_is_published():
    z = np.linspace([1.0, 0.3], [-0.8, 0.9], 11)
    loose, tight = (probability_flow(TRIANGLE, z, tolerance) for tolerance in (1e-12, 1e-13))
    assert np.abs(loose - tight).max() < 1e-11


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"variance": 0.0}, "variance="),
        ({"weights": [0.5, 0.5]}, "3 means with 2 weights"),
        ({"weights": [0.5, 0.3, 0.3]}, "sum to 1"),
        ({"start": [1.0, 0.0, 0.0]}, "dimension"),
        ({"start": [-0.8, 0.9]}, "one noise twice"),
        ({"start": [-1.6, 1.8], "interpolation": "slerp"}, "parallel"),
    ],
)
def test_impossible_points_are_refused(change, match):
    with pytest.raises(ValueError, match=match):
        LAW.exact({**LAW.example, **change})
