"""When features are decided: Gaussian levels, scaling, and shapes that break the order."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from theory.density import density
from theory.painters.half_way import HalfWay, Order, at_rank, foreseen, half_way
from theory.painters.trajectory import Level, xi

check = settings(max_examples=12, deadline=None, derandomize=True)
LAW, ORDER = HalfWay(), Order()
RANK = float(stats.norm.cdf(1))
MODES = "0.5*normal(-2,0.5)+0.5*normal(2,0.5)"


@pytest.mark.parametrize(
    ("variance", "expected"), [(4.0, 3.464102), (0.5, 1.224745), (0.01, 0.1732051)]
)
def test_worked_levels(variance, expected):
    point = {"p": f"normal(1,{math.sqrt(variance)!r})"}
    assert LAW.printed(point).value == pytest.approx(expected, abs=5e-7)
    assert LAW.exact(point).value == pytest.approx(expected, abs=5e-7)


@check
@given(st.floats(0.05, 20), st.floats(0.02, 0.45), st.floats(-3, 3))
def test_a_gaussian_feature_at_every_rank(sd, rank, mean):
    point = {"p": f"normal({mean!r},{sd!r})", "rank": rank}
    assert LAW.exact(point).value == pytest.approx(math.sqrt(3) * sd, rel=1e-6)
    start, variance = Level(1.0, 80.0), np.array([sd * sd])
    assert LAW.sharper(point)["reached"].value == pytest.approx(0.5, rel=1e-6)
    final = xi(variance, Level(1.0, 0.0), start)
    half = xi(variance, Level(1.0, math.sqrt(3) * sd), start)
    assert half / final == pytest.approx(0.5, rel=1e-12)


@check
@given(st.floats(0.1, 8), st.floats(0.55, 0.99))
def test_scale_of_units(unit, rank):
    scaled = f"0.5*normal({-2 * unit!r},{unit / 2!r})+0.5*normal({2 * unit!r},{unit / 2!r})"
    expected = unit * half_way(density(MODES), rank)
    assert half_way(density(scaled), rank) == pytest.approx(expected, rel=1e-8)


def test_the_level_on_a_solved_trajectory():
    """From noise 300 by a solver, with the denoiser of two modes written out."""
    p, rank, v = density(MODES), 0.8, 0.25

    def denoise(x, s):
        total = v + s * s
        return (2 * s * s * math.tanh(2 * x / total) + v * x) / total

    sigma = half_way(p, rank)
    x = brentq(
        lambda z: stats.norm.cdf((z - 2) / math.hypot(0.5, 300)) / 2
        + stats.norm.cdf((z + 2) / math.hypot(0.5, 300)) / 2 - rank, -3000, 3000, xtol=1e-11,
    )  # fmt: skip

    def slope(s, y):  # s = log sigma
        return y - denoise(y[0], math.exp(s))

    reached = solve_ivp(slope, (math.log(300), math.log(sigma)), [x], "DOP853", rtol=1e-11,
                        atol=1e-11)  # fmt: skip
    here = float(reached.y[0, -1])
    assert here == pytest.approx(at_rank(p, rank, sigma), rel=1e-7)
    assert foreseen(p, here, sigma) == pytest.approx(denoise(here, sigma), rel=1e-9)
    assert denoise(here, sigma) == pytest.approx(0.5 * at_rank(p, rank, 0.0), rel=1e-7)


def test_two_points_are_decided_before_a_gaussian_of_their_variance():
    def reached(s):
        return brentq(
            lambda x: stats.norm.cdf((x - 1) / s) / 2 + stats.norm.cdf((x + 1) / s) / 2 - RANK,
            0, 50,
        )  # fmt: skip

    expected = brentq(lambda s: math.tanh(reached(s) / s**2) - 0.5, 0.5, 5)
    narrow = density("0.5*normal(-1,0.01)+0.5*normal(1,0.01)")
    assert half_way(narrow, RANK) == pytest.approx(expected, rel=1e-2)
    assert expected == pytest.approx(2.042, abs=0.001)
    assert expected**2 / 3 == pytest.approx(1.39, abs=0.001)
    assert LAW.sharper({"p": str(narrow)})["reached"].value > 0.55
    assert half_way(narrow, 0.52) < 0.6  # which mode is decided late


def test_order():
    gaussian = {"p": "normal(0,1.1)", "other": "normal(0,1)"}
    assert ORDER.exact(gaussian).value == pytest.approx(1.1, rel=1e-9)
    assert ORDER.sharper(gaussian)["lead"].value == pytest.approx(math.log(1.1), rel=1e-9)
    bimodal = {"p": "normal(0,1.1)", "other": "0.5*normal(-0.99,0.1)+0.5*normal(0.99,0.1)"}
    assert ORDER.exact(bimodal).value < 1 < ORDER.printed(bimodal).value
    assert ORDER.sharper(bimodal)["lead"].value < 0
    exchanged = {"p": bimodal["other"], "other": bimodal["p"]}
    assert ORDER.exact(exchanged).value == pytest.approx(1 / ORDER.exact(bimodal).value, rel=1e-9)
    lead = ORDER.sharper(exchanged)["lead"].value
    assert lead == pytest.approx(ORDER.sharper(bimodal)["lead"].value, rel=1e-9)
    assert ORDER.void({"p": "normal(0,1)", "other": "normal(3,1)"})


def test_what_has_no_level():
    with pytest.raises(ValueError, match="small width"):
        LAW.exact({"p": "atoms(-1,1)"})
    with pytest.raises(ValueError, match="another rank"):
        LAW.exact({"p": "normal(0,1)", "rank": 0.5})
