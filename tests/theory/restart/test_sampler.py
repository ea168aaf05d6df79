"""Samplers with real steps: limits, orders, and the same moments from drawn particles."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.restart.biased_score import BiasedScore
from theory.restart.sampler import Sampler, Setting, errors, folded, moments

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = Sampler()


def point(**changes):
    start = {"spread": 1.0, "t_min": 0.05, "t_max": 1.0, "solver": "edm", "calls": 60}
    return {**start, "process": "restart", "restarts": 2, **changes}


@check
@given(st.floats(-3, 3), st.floats(-2, 2))
def test_the_mean_of_a_folded_normal(offset, width):
    if abs(width) < 1e-3:
        return
    kink = min(max(-offset / width, -12), 12)
    found = integrate.quad(
        lambda z: abs(offset + width * z) * stats.norm.pdf(z), -12, 12, points=[kink], limit=200
    )[0]
    assert folded(offset, width) == pytest.approx(found, rel=1e-8)
    assert folded(offset, 0.0) == abs(offset)


@pytest.mark.parametrize("process", ["ode", "sde", "restart"])
@pytest.mark.parametrize("solver", ["theorem", "edm"])
def test_many_calls_give_the_continuous_law(process, solver):
    given_point = point(process=process, solver=solver, calls=6000, score_error=0.05)
    right = {k: given_point[k] for k in ("spread", "t_min", "t_max", "process", "restarts")}
    exact = BiasedScore().exact({**right, "error": [1.0], "score_error": [0.05]}).value
    assert LAW.exact(given_point).value == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(
    ("process", "solver", "order"),
    [("ode", "theorem", 1), ("sde", "theorem", 1), ("restart", "theorem", 1),
     ("ode", "edm", 2), ("sde", "edm", 1), ("restart", "edm", 2)],
)  # fmt: skip
def test_order_of_the_additional_error(process, solver, order):
    calls = np.array([180, 360, 720, 1440])
    settings_ = [Setting(1.0, 0.05, 1.0, solver, int(n), 2, 0.5, 0.0) for n in calls]
    added = [errors(process, s)[2] for s in settings_]
    slope = -np.polyfit(np.log(calls), np.log(added), 1)[0]
    print(f"{process} {solver}: slope {slope:.3f}, declared {order}")
    assert slope == pytest.approx(order, abs=0.05)


@pytest.mark.parametrize("process", ["ode", "sde", "restart"])
@pytest.mark.parametrize("solver", ["theorem", "edm"])
def test_moments_of_drawn_particles(process, solver):
    """The algorithm on 40,000 particles, written with the score and not with factors."""
    n, generator = 40_000, np.random.default_rng(11)
    s = Setting(0.8, 0.1, 1.2, solver, 12, 2, 0.7, 0.1)
    steps = s.steps(process)
    if solver == "theorem":
        times = np.linspace(1.2, 0.1, steps + 1)
    else:
        times = 1.2 ** (1 / 7) + np.arange(steps + 1) / steps * (0.1 ** (1 / 7) - 1.2 ** (1 / 7))
        times = times**7

    def drift(x, t):  # t s_theta
        return -t * x / (0.64 + t * t) + 0.1

    x = 0.7 + np.sqrt(0.64 + 1.44) * generator.standard_normal(n)
    for again in range(3 if process == "restart" else 1):
        if again:
            x = x + np.sqrt(1.44 - 0.01) * generator.standard_normal(n)
        for t, u in pairwise(times):
            score = drift(x, t) / t
            if process == "sde":
                noise = np.sqrt(t * t - u * u) * generator.standard_normal(n)
                x = x + (t * t - u * u) * score + noise
            elif solver == "theorem":
                x = x - 0.5 * (u * u - t * t) * score
            else:
                there = x - (u - t) * drift(x, t)
                x = x - (u - t) / 2 * (drift(x, t) + drift(there, u))
    mean, variance, _ = moments(process, s)
    assert abs(x.mean() - mean) < 4 * (variance / n) ** 0.5
    assert abs(x.var() - variance) < 4 * variance * (2 / n) ** 0.5


@check
@given(st.floats(0.2, 4), st.integers(12, 300), st.integers(1, 5), st.floats(-0.2, 0.2))
def test_the_whole_bound_holds_on_the_ode_and_on_restart(spread, calls, restarts, eps):
    for process in ("ode", "restart"):
        given_point = point(
            spread=spread, solver="theorem", calls=calls, process=process, restarts=restarts,
            score_error=eps,
        )  # fmt: skip
        printed = LAW.printed(given_point)
        assert printed is None or LAW.exact(given_point).value <= printed.value


def test_equal_calls():
    assert Setting(1, 0.1, 1, "edm", 12, 2, 1, 0).steps("restart") == 2
    assert Setting(1, 0.1, 1, "edm", 12, 2, 1, 0).steps("ode") == 6
    assert Setting(1, 0.1, 1, "edm", 12, 2, 1, 0).steps("sde") == 12
    beside = LAW.sharper(point())
    for other in ("ode", "sde"):
        rival = LAW.exact(point(process=other)).value
        assert beside[other].value == rival
        gain = beside[f"gain_over_{other}"].value
        assert gain == pytest.approx(np.log(rival / LAW.exact(point()).value), rel=1e-12)
    with pytest.raises(ValueError, match="two with edm"):
        LAW.exact(point(calls=5))
    with pytest.raises(ValueError, match="t_min"):
        LAW.exact(point(t_min=2.0))
    assert LAW.printed(point()) is None
    assert LAW.void(point())
