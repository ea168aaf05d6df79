"""Paths between noises: ends, lengths, the circle of equal noises, the bound of one jump."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.smooth.interpolation import arc, deviation, distances, linear, one_jump, spherical

check = settings(max_examples=20, deadline=None, derandomize=True)
noises = st.lists(st.floats(-3, 3), min_size=3, max_size=3).map(np.array)
lengths = st.lists(st.floats(0, 10), min_size=2, max_size=12).map(np.array)


def at_an_angle(a, b):
    return np.linalg.norm(np.cross(a, b)) > 0.05 * (1 + np.linalg.norm(a) * np.linalg.norm(b))


def test_the_arc_is_the_textbook_formula():
    rng = np.random.default_rng(0)
    start, end = rng.standard_normal((2, 5))
    angle = math.acos(start @ end / np.linalg.norm(start) / np.linalg.norm(end))
    s = np.linspace(0, 1, 11)[:, None]
    book = (np.sin((1 - s) * angle) * start + np.sin(s * angle) * end) / math.sin(angle)
    assert np.abs(spherical(start, end, 11) - book).max() < 1e-14
    assert arc(start, end)[0] == pytest.approx(angle, rel=1e-14)


@check
@given(noises, noises)
def test_paths_run_from_end_to_end(start, end):
    for path in (linear, spherical) if at_an_angle(start, end) else (linear,):
        found = path(start, end, 7)
        assert found[0] == pytest.approx(start, abs=1e-12)
        assert found[-1] == pytest.approx(end, abs=1e-12)


@check
@given(noises, noises)
def test_an_arc_between_noises_of_one_length_keeps_it(start, end):
    if at_an_angle(start, end):
        end = end * np.linalg.norm(start) / np.linalg.norm(end)
        radii = np.linalg.norm(spherical(start, end, 9), axis=1)
        assert radii == pytest.approx(np.full(9, np.linalg.norm(start)), rel=1e-10)


def test_an_arc_between_noises_at_a_small_angle_is_nearly_the_line():
    start, end = np.array([1.0, 0.0]), np.array([1.0, 1e-4])
    assert np.abs(spherical(start, end, 5) - linear(start, end, 5)).max() < 1e-8


def test_parallel_noises_have_no_arc():
    for end in ([2.0, 0.0], [-1.0, 0.0], [0.0, 0.0]):
        with pytest.raises(ValueError, match="parallel"):
            arc(np.array([1.0, 0.0]), np.array(end))


@check
@given(lengths, st.integers(0, 1), st.floats(0.01, 100))
def test_the_deviation_is_numpys_and_no_more_than_one_jump(values, ddof, scale):
    found = deviation(values, ddof)
    assert found == pytest.approx(np.std(values, ddof=ddof), rel=1e-9, abs=1e-12)
    assert found <= one_jump(float(values.sum()), len(values), ddof) * (1 + 1e-12)
    assert deviation(scale * values, ddof) == pytest.approx(scale * found, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("ddof", [0, 1])
def test_one_jump_attains_the_bound(ddof):
    values = np.array([0.0, 0.0, 3.0, 0.0])
    assert deviation(values, ddof) == pytest.approx(one_jump(3.0, 4, ddof), rel=1e-14)


def test_equal_distances_deviate_by_exactly_nothing():
    assert deviation(np.full(10, 0.1)) == 0.0


@check
@given(noises, noises, noises)
def test_distances_do_not_feel_a_shift(start, end, shift):
    x = linear(start, end, 6)
    assert distances(x + shift) == pytest.approx(distances(x), abs=1e-12)


def test_the_deviation_of_a_smooth_path_falls_as_one_over_the_steps():
    steps = np.array([10, 20, 40, 80, 160])
    found = []
    for n in steps:
        s = np.linspace(0, 1, n + 1)
        found.append(deviation(distances(np.stack([s**2, np.sin(s)], 1))))
    slope = np.polyfit(np.log(steps), np.log(found), 1)[0]
    print(f"slope {slope:.4f}, declared -1")
    assert slope == pytest.approx(-1, abs=0.02)
