"""Two modes on the line: worked numbers, the map against its definition, the cost of evenness."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.smooth.monotone import MonotoneDeviation, monotone_map, to_the_nearest_gaussian

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = MonotoneDeviation()
modes, widths = st.floats(0.1, 6), st.floats(0.1, 2)


def test_worked_numbers():
    point = {"mode": 2.0, "sd": 0.3, "start": -1.2, "end": 0.9}
    assert LAW.exact(point).value == pytest.approx(0.9062023, abs=5.1e-8)
    assert LAW.exact({**point, "ddof": 1}).value == pytest.approx(0.9552211, abs=5.1e-8)
    assert LAW.sharper(point)["largest_step"].value == pytest.approx(3.1465175, abs=5.1e-8)


@check
@given(modes, widths, st.floats(-7, 7))
def test_the_map_carries_the_normal_to_the_mixture(mode, sd, z):
    x = monotone_map(np.array([z]), mode, sd)[0]
    for tail, sign in (("cdf", 1), ("sf", -1)):
        if sign * z < 0:  # the tail that is small
            of_x = getattr(stats.norm(-mode, sd), tail)(x) + getattr(stats.norm(mode, sd), tail)(x)
            assert of_x / 2 == pytest.approx(getattr(stats.norm, tail)(z), rel=1e-9)
    assert monotone_map(np.array([-z]), mode, sd)[0] == -x


@check
@given(modes, widths)
def test_the_map_increases(mode, sd):
    assert (np.diff(monotone_map(np.linspace(-6, 6, 60), mode, sd)) > 0).all()


def test_noises_near_the_middle_keep_their_digits_across_a_wide_gap():
    """x = z x'(0) between the modes, where F - 1/2 is far below the rounding of F."""
    mode, sd = 2.0, 0.3
    slope = sd * math.exp(mode**2 / (2 * sd**2))
    z = 1e-13
    assert monotone_map(np.array([z]), mode, sd)[0] == pytest.approx(z * slope, rel=1e-4)
    assert LAW.sharper(LAW.example)["log_slope"].value == pytest.approx(math.log(slope), rel=1e-12)


def test_the_slope_at_the_middle_by_differences():
    h = 1e-6
    x = monotone_map(np.array([h]), 0.8, 0.5)[0]
    law = LAW.sharper({"mode": 0.8, "sd": 0.5, "start": -1.0, "end": 1.0})
    assert math.exp(law["log_slope"].value) == pytest.approx(x / h, rel=1e-9)


def test_one_mode_is_affine_and_exactly_even():
    point = {"mode": 0.0, "sd": 0.7, "start": -0.3, "end": 1.1}
    assert LAW.exact(point).value == 0.0
    assert LAW.sharper(point)["w2_to_gaussian"].value == 0.0
    assert LAW.sharper(point)["largest_step"].value == pytest.approx(0.7 * 1.4 / 10)
    near = [LAW.exact({**point, "mode": mode}).value for mode in (0.1, 0.05, 0.025)]
    order = math.log2(near[0] / near[1]), math.log2(near[1] / near[2])
    print(f"orders {order}, declared 4: the fourth cumulant is -2 m^4")
    assert order == pytest.approx((4, 4), abs=0.15)


@check
@given(modes, widths, st.floats(-3, 2.9), st.floats(0.1, 3), st.integers(0, 1))
def test_it_is_at_most_that_of_one_jump(mode, sd, start, way, ddof):
    point = {"mode": mode, "sd": sd, "start": start, "end": start + way, "ddof": ddof}
    assert 0 < LAW.exact(point).value <= LAW.printed(point).value
    back = {**point, "start": -start, "end": -start - way}  # the law is symmetric
    assert LAW.exact(back).value == pytest.approx(LAW.exact(point).value, rel=1e-6)


@check
@given(modes, widths, st.floats(0.1, 10))
def test_it_is_of_degree_one_in_the_data(mode, sd, scale):
    point = {"mode": mode, "sd": sd, "start": -1.0, "end": 0.8}
    scaled = {**point, "mode": scale * mode, "sd": scale * sd}
    for name, value in LAW.sharper(scaled).items():
        if name in ("largest_step", "w2_to_gaussian"):
            assert value.value == pytest.approx(scale * LAW.sharper(point)[name].value, rel=1e-6)
    assert LAW.exact(scaled).value == pytest.approx(scale * LAW.exact(point).value, rel=1e-8)


def test_narrow_modes_jump_once():
    point = {"mode": 2.0, "start": -1.0, "end": 0.9}
    gaps = [1 - LAW.sharper({**point, "sd": sd})["fraction"].value for sd in (1e-2, 1e-3, 1e-4)]
    print(f"from the bound {gaps}, declared of first order in the width")
    assert gaps[0] / gaps[1] == pytest.approx(10, rel=0.05)
    assert gaps[1] / gaps[2] == pytest.approx(10, rel=0.01)
    assert LAW.exact({**point, "sd": 1e-6}).value == pytest.approx(4 * math.sqrt(9) / 10, rel=1e-5)


@pytest.mark.parametrize(("mode", "sd"), [(0.5, 1.0), (1.0, 0.5), (2.0, 0.3)])
def test_the_cost_of_evenness_is_a_distance_to_a_gaussian(mode, sd):
    def image(z):
        return float(monotone_map(np.array([z]), mode, sd)[0])

    def gap(width):
        """W2^2 to N(0, width^2), by quadrature over the optimal coupling."""
        return (
            2
            * integrate.quad(
                lambda z: (image(z) - width * z) ** 2 * stats.norm.pdf(z),
                0,
                9,
                limit=200,
                points=[0.5],
            )[0]
        )

    least = to_the_nearest_gaussian(mode, sd)
    width = math.sqrt(mode**2 + sd**2 - least**2)
    assert gap(width) == pytest.approx(least**2, rel=1e-7)
    assert min(gap(width + 0.05), gap(width - 0.05)) > least**2


def test_impossible_points_are_refused():
    with pytest.raises(ValueError, match="one noise twice"):
        LAW.exact({**LAW.example, "start": 0.9})
    for change, match in (({"sd": 0.0}, "sd="), ({"mode": -1.0}, "mode=")):
        with pytest.raises(ValueError, match=match):
            LAW.printed({**LAW.example, **change})


def test_modes_too_narrow_for_the_rule_are_refused():
    with pytest.raises(ValueError, match=r"got a rule of .* nodes.*; give wider modes"):
        LAW.sharper({**LAW.example, "sd": 1e-12})
    assert to_the_nearest_gaussian(2.0, 1e-4) == pytest.approx(math.sqrt(4 - 8 / math.pi), rel=1e-3)
