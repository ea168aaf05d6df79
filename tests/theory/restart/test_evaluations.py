"""The count of network calls, and the sampler that makes them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.restart.evaluations import Evaluations, Restart, formula, run
from theory.restart.grid import levels

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = Evaluations()


@pytest.mark.parametrize(
    ("steps", "restarts", "main", "calls"),
    [
        (20, [[9, 30, 0.06, 0.20]], "heun", 519),
        (18, [[3, 20, 0.06, 0.30]], "heun", 115),
        (18, [[3, 10, 0.06, 0.30]], "heun", 75),
        (18, [[3, 5, 0.06, 0.30]], "heun", 55),
        (18, [[3, 2, 0.06, 0.30]], "heun", 43),
        (18, [[3, 2, 0.14, 0.30]], "heun", 43),
        (30, [[5, 2, 1, 9], [5, 2, 5, 10]], "euler", 62),
        (30, [[10, 2, 0.1, 3]], "euler", 66),
        (30, [[10, 2, 0.1, 2]], "euler", 66),
    ],
)
def test_published_settings(steps, restarts, main, calls):
    point = {"steps": steps, "restarts": restarts, "main": main}
    assert LAW.exact(point).value == calls
    assert LAW.printed(point).value == calls
    own = calls - (2 * steps - 1 if main == "heun" else steps)
    assert LAW.sharper(point)["in_restarts"].value == pytest.approx(own / calls, rel=1e-12)


@check
@given(
    st.integers(6, 60), st.integers(2, 12), st.integers(1, 20), st.floats(0.05, 20),
    st.sampled_from(["heun", "euler"]),
)  # fmt: skip
def test_the_formula_is_the_count(steps, nodes, repeats, low, main):
    restarts = [[nodes, repeats, low, 75.0]]
    times = levels("edm", steps, 0.002, 80.0)
    if times[np.abs(times - low).argmin()] >= 75:
        return
    point = {"steps": steps, "restarts": restarts, "main": main}
    assert LAW.exact(point).value == LAW.printed(point).value
    assert formula(steps, [], main) == (2 * steps - 1 if main == "heun" else steps)


def test_the_sampler_keeps_a_gaussian_and_contracts_a_wrong_mean():
    generator, n = np.random.default_rng(3), 20_000
    interval = Restart(30, 4, 0.3, 3.0)
    times = levels("edm", 200, 0.002, 80.0)
    reached = times[np.abs(times - 0.3).argmin()]

    def denoise(x, t):
        return x / (1 + t * t)

    offset = 40.0
    start = offset + math.hypot(1, 80) * generator.standard_normal((n, 1))
    x = run(start, denoise, 200, [interval], generator)
    a = math.hypot(1, reached) / math.hypot(1, 3.0)
    expected = offset / math.hypot(1, 80) * a**4
    assert abs(x.mean() - expected) < 4 / n**0.5 + 2e-3
    assert x.var() == pytest.approx(1.0, abs=4 * (2 / n) ** 0.5 + 5e-3)
    inflated = run(start, denoise, 200, [interval], generator, noise=1.2)
    assert inflated.var() > 1.1


def test_no_restart_is_the_main_solver():
    """One step to 0 is the denoiser; without restarts nothing is drawn."""
    x = run(np.array([[80.0]]), lambda x, t: x / (1 + t * t), 512, [], np.random.default_rng(0))
    assert x[0, 0] == pytest.approx(0.99992188, abs=2e-4)


@pytest.mark.parametrize(
    "row", [[1, 2, 0.1, 1], [3.5, 2, 0.1, 1], [3, 0, 0.1, 1], [3, 2, 1, 0.1], [3, 2, 0.1]]
)
def test_impossible_intervals(row):
    with pytest.raises(ValueError, match="levels of 2 or more"):
        LAW.exact({"steps": 18, "restarts": [row]})


def test_two_restarts_at_one_level():
    rows = [[3, 1, 0.1, 1.0], [3, 1, 0.1001, 2.0]]
    with pytest.raises(ValueError, match="more levels"):
        LAW.exact({"steps": 18, "restarts": rows})
