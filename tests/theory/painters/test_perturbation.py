"""What a perturbation does: two solved trajectories, Gaussian features, and which way it grows."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from theory.density import density
from theory.painters.half_way import at_rank
from theory.painters.perturbation import Perturbation
from theory.painters.trajectory import level

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = Perturbation()
MODES = "0.5*normal(-2,0.5)+0.5*normal(2,0.5)"
times = st.floats(0.05, 1)


@check
@given(st.floats(0.1, 10), st.floats(0.02, 0.98), st.sampled_from(["vp", "edm"]), times)
def test_the_printed_factor_on_a_gaussian_feature(sd, rank, schedule, t):
    point = {"p": f"normal(0.4,{sd!r})", "rank": rank, "schedule": schedule, "t": t}
    assert LAW.exact(point).value == pytest.approx(LAW.printed(point).value, rel=1e-7)


@pytest.mark.parametrize("rank", [0.5, 0.6, 0.9])
@pytest.mark.parametrize("sigma", [0.7, 3.0, 20.0])
def test_two_solved_trajectories(rank, sigma):
    """The ODE of two modes from neighbouring points, in v = -sigma^2, where it is regular at 0."""
    x, h = at_rank(density(MODES), rank, sigma), 1e-5

    def slope(v, y):
        total = 0.25 - v
        return 0.5 * (2 * np.tanh(2 * y / total) - y) / total

    end = solve_ivp(slope, (-(sigma**2), 0.0), [x - h, x + h], "DOP853", rtol=1e-12, atol=1e-13)
    measured = float(np.diff(end.y[:, -1])[0]) / (2 * h)
    exact = LAW.exact({"p": MODES, "rank": rank, "t": sigma}).value
    assert exact == pytest.approx(measured, rel=2e-4)


def test_between_modes_a_push_decides():
    printed = LAW.printed({"p": MODES, "rank": 0.5, "t": 5.0}).value
    assert LAW.exact({"p": MODES, "rank": 0.5, "t": 5.0}).value > 500 * printed


@check
@given(st.floats(0.1, 10), times, times)
def test_early_perturbations_matter_more_only_above_unit_variance(sd, a, b):
    low, high = sorted((a, b))
    if high - low < 1e-3 or abs(sd - 1) < 1e-3:
        return
    feature = {"p": f"normal(0,{sd!r})", "schedule": "vp"}
    early, late = (LAW.exact({**feature, "t": t}).value for t in (high, low))
    assert (early > late) == (sd > 1)
    edm = [LAW.exact({**feature, "schedule": "edm", "t": t}).value for t in (low, high)]
    assert edm[0] > edm[1]
    for schedule in ("vp", "edm"):
        relative = [
            LAW.sharper({**feature, "schedule": schedule, "t": t})["relative"].value
            for t in (low, high)
        ]
        assert relative[0] < relative[1]


def test_limits():
    point = {"p": "normal(0,2)", "schedule": "vp", "t": 1e-4}
    assert LAW.exact(point).value == pytest.approx(1.0, rel=1e-4)
    assert LAW.exact({**point, "t": 1.0}).value == pytest.approx(2.0, rel=1e-3)
    now = level("vp", 0.3)
    factor = math.sqrt(4 / (now.sigma**2 + 4 * now.alpha**2))
    assert LAW.printed({**point, "t": 0.3}).value == pytest.approx(factor, rel=1e-12)
    with pytest.raises(ValueError, match="small width"):
        LAW.exact({"p": "atoms(0,1)", "t": 1.0})
    with pytest.raises(ValueError, match="at most 1"):
        LAW.exact({**point, "t": 2.0})
