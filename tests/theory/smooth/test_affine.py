"""Affine samplers: even on a line, uneven on an arc unless the arc's images are a circle."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.smooth.affine import AffineDeviation, affine_distances, half_range
from theory.smooth.interpolation import deviation, distances, path

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = AffineDeviation()
E1, E2 = [1.0, 0.0], [0.0, 1.0]
seeds = st.integers(0, 2**32 - 1)


def drawn(seed, d=4, k=3):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((k, d)), *rng.standard_normal((2, d))


def rotation(angle):
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def test_worked_distances_on_an_arc():
    jacobian, worked = np.diag([2, 0.5]), [
        0.0820015, 0.1057730, 0.1402795, 0.1770999, 0.2123727,
        0.2440224, 0.2707115, 0.2914975, 0.3057142, 0.3129295,
    ]  # fmt: skip
    common, rest = affine_distances(jacobian, np.array(E1), np.array(E2), "slerp")
    assert common + rest == pytest.approx(worked, abs=5.1e-8)


@pytest.mark.parametrize("interpolation", ["lerp", "slerp"])
@check
@given(seed=seeds, images=st.integers(3, 20), ddof=st.integers(0, 1))
def test_distances_are_those_of_the_images(interpolation, seed, images, ddof):
    jacobian, start, end = drawn(seed)
    x = path(interpolation, start, end, images) @ jacobian.T + 3.0
    common, rest = affine_distances(jacobian, start, end, interpolation, images)
    assert common + rest == pytest.approx(distances(x), rel=1e-9, abs=1e-12)
    point = {
        "jacobian": jacobian.tolist(), "start": start.tolist(), "end": end.tolist(),
        "interpolation": interpolation, "images": images, "ddof": ddof,
    }  # fmt: skip
    assert LAW.exact(point).value == pytest.approx(deviation(distances(x), ddof), abs=1e-12)


@check
@given(seeds)
def test_on_a_line_the_deviation_is_exactly_zero(seed):
    jacobian, start, end = (part.tolist() for part in drawn(seed))
    point = {"jacobian": jacobian, "start": start, "end": end, "interpolation": "lerp"}
    assert LAW.exact(point).value == 0.0
    assert LAW.sharper(point)["half_range"].value == 0.0


@check
@given(st.floats(-3, 3), st.floats(0.1, 10), st.floats(0.3, 2.8))
def test_on_an_arc_a_scaled_rotation_is_even_and_exactly_so(turn, scale, angle):
    point = {
        "jacobian": (scale * rotation(turn)).tolist(), "start": E1,
        "end": [math.cos(angle), math.sin(angle)], "interpolation": "slerp",
    }  # fmt: skip
    assert LAW.exact(point).value == 0.0


def test_a_rotation_in_the_plane_of_the_noises_is_enough():
    """The third direction is stretched, and the arc does not see it."""
    point = {
        "jacobian": np.diag([1.7, 1.7, 40.0]).tolist(), "start": [1.0, 0.0, 0.0],
        "end": [0.0, 1.0, 0.0], "interpolation": "slerp",
    }  # fmt: skip
    assert LAW.exact(point).value == 0.0


@check
@given(st.floats(1.01, 20), st.floats(0.2, 2.9))
def test_unequal_noises_are_uneven_even_for_the_sampler_that_does_nothing(ratio, angle):
    end = [ratio * math.cos(angle), ratio * math.sin(angle)]
    point = {"jacobian": np.eye(2).tolist(), "start": E1, "end": end, "interpolation": "slerp"}
    assert LAW.exact(point).value > 0
    # and the sampler that undoes the ellipse is even
    undone = np.linalg.inv(basis_of(E1, end))
    assert LAW.exact({**point, "jacobian": undone.tolist()}).value == pytest.approx(0, abs=1e-13)


def basis_of(start, end):
    start, end = np.array(start), np.array(end)
    cosine = start @ end / np.linalg.norm(start) / np.linalg.norm(end)
    return np.stack([start, (end - cosine * start) / math.sqrt(1 - cosine**2)], axis=1)


@check
@given(seeds, st.integers(3, 15), st.integers(0, 1))
def test_half_the_range_bounds_it(seed, images, ddof):
    jacobian, start, end = drawn(seed)
    _, rest = affine_distances(jacobian, start, end, "slerp", images)
    bound = half_range(jacobian, start, end, images, ddof)
    assert deviation(rest, ddof) <= bound * (1 + 1e-9)


@check
@given(seeds, st.floats(0.01, 100))
def test_it_is_of_degree_one_and_blind_to_rotations_of_the_image(seed, scale):
    jacobian, start, end = drawn(seed, k=4)
    turned = np.linalg.qr(np.random.default_rng(seed).standard_normal((4, 4)))[0]
    found = deviation(affine_distances(jacobian, start, end, "slerp")[1])
    for changed, factor in ((scale * jacobian, scale), (turned @ jacobian, 1.0)):
        assert deviation(affine_distances(changed, start, end, "slerp")[1]) == pytest.approx(
            factor * found, rel=1e-9
        )


def test_a_small_anisotropy_keeps_its_digits():
    """To first order d_i = common (1 - e/2 cos 2 phi_i) for variances 1 + e, 1 - e."""
    e = 1e-9
    jacobian = np.diag([math.sqrt(1 + e), math.sqrt(1 - e)])
    common, rest = affine_distances(jacobian, np.array(E1), np.array(E2), "slerp")
    middle = (np.arange(10) + 0.5) * math.pi / 20
    assert deviation(rest) == pytest.approx(common * e / 2 * np.cos(2 * middle).std(), rel=1e-6)


def test_the_bound_grows_to_the_range_of_a_flattened_circle():
    point = {"jacobian": [[1.0, 0.0]], "start": E1, "end": E2, "interpolation": "slerp"}
    x = np.cos(np.linspace(0, math.pi / 2, 11))
    assert LAW.exact(point).value == pytest.approx(np.std(np.diff(x)), rel=1e-12)
    assert LAW.sharper(point)["half_range"].value == pytest.approx(
        math.sin(math.pi / 40), rel=1e-12
    )


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"start": E2}, "one noise twice"),
        ({"start": [0.0, 2.0]}, "parallel"),
        ({"start": [1.0, 0.0, 0.0]}, "dimension"),
        ({"images": 2}, "images="),
        ({"images": 3, "ddof": 2}, "ddof=2"),
        ({"interpolation": "cubic"}, "lerp, slerp"),
    ],
)
def test_what_has_no_deviation_is_refused(change, match):
    for ask in (LAW.exact, LAW.printed, LAW.sharper, LAW.void):
        with pytest.raises(ValueError, match=match):
            ask({**LAW.example, **change})
