"""Loops of finite samples: the recursion against loops in which every sample is drawn."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.loops import fresh_data, stationary_error
from theory.loops.finite_loop import FiniteLoop, expected, forgetting, paths, promised
from theory.loops.stationary_error import Loop

check = settings(max_examples=15, deadline=None, derandomize=True)
LAW = FiniteLoop()
loops = st.builds(
    Loop,
    st.integers(2, 500),
    st.integers(1, 2000),
    st.one_of(st.floats(0, 20), st.just(math.inf)),
)


def by_hand(
    n: int, k: int, gamma: float, b: float, fresh: bool, generations: int, starts: list[float]
) -> np.ndarray:
    """Means and variances [2, s, chains] of the last generation, every sample drawn by itself.

    starts: means of first models of variance 2, or none to start from the fit.
    """
    rng, chains = np.random.default_rng(7), 4000
    share = 0.0 if math.isinf(gamma) else 1 / (1 + gamma)
    real = rng.standard_normal((chains, n))
    m, v = real.mean(1)[None], real.var(1)[None]
    if starts:
        m = np.tile(np.array(starts)[:, None], (1, chains))
        v = np.full_like(m, 2.0)
    for _ in range(generations):
        real = rng.standard_normal((chains, n)) if fresh else real
        kept, noise = rng.random((chains, k)) < share, rng.standard_normal((chains, k))
        samples = np.where(kept, m[..., None] + np.sqrt(v)[..., None] * noise, b + noise)
        whole = np.concatenate([np.tile(real, (len(m), 1, 1)), samples], axis=2)
        m, v = whole.mean(2), whole.var(2)
    return np.stack([m, v])


@pytest.mark.parametrize(
    ("n", "k", "gamma", "b", "fresh"),
    [
        (10, 10, 0.0, 0.0, False),
        (10, 20, 0.5, 0.0, False),
        (10, 20, 0.5, 0.8, False),
        (20, 10, math.inf, 0.5, False),
        (10, 10, 0.0, 0.0, True),
        (10, 20, 1.0, -0.6, True),
    ],
)
def test_the_recursion_is_the_mean_of_loops_drawn_by_hand_and_of_its_own(
    n: int, k: int, gamma: float, b: float, fresh: bool
) -> None:
    loop, t = Loop(n, k, gamma), 4
    *_, (own_m, own_v) = paths(loop, t, 20_000, np.random.default_rng(1), b, fresh)
    own = np.stack([own_m, own_v])
    found = expected(loop, t, b, fresh)[-1]
    for m, v in (by_hand(n, k, gamma, b, fresh, t, []), own):
        for sample, value in ((m[0] ** 2, found.error), (v[0], found.variance)):
            assert abs(sample.mean() - value) < 4 * sample.std() / math.sqrt(len(sample))


@pytest.mark.parametrize(("gamma", "fresh"), [(0.0, False), (0.5, False), (2.0, True)])
def test_two_loops_forget_their_starts_by_the_factor(gamma: float, fresh: bool) -> None:
    loop, t = Loop(12, 24, gamma), 3
    exact = 1.5 * forgetting(loop, t)
    assert forgetting(loop, t) == pytest.approx((2 / (3 * (1 + gamma))) ** 3, rel=1e-12)
    starts = ((2.0, 2.0), (0.5, 2.0))
    *_, (own, _) = paths(loop, t, 20_000, np.random.default_rng(1), 0.0, fresh, starts)
    for m in (by_hand(12, 24, gamma, 0.0, fresh, t, [2.0, 0.5])[0], own):
        gap = m[0] - m[1]
        assert abs(gap.mean() - exact) < 4 * gap.std() / math.sqrt(len(gap))


def test_the_first_generations_by_hand() -> None:
    n, k, gamma = 10, 5, 1.0
    first, second = expected(Loop(n, k, gamma), 1)
    assert first == (0.1, 0.9, 0.1)
    # m' = (10 xbar + sum of samples) / 15, with half of the five samples at m = xbar
    corrected = (1 - 0.25 * 0.1) / k  # variance of their mean, given m, on the mean over m
    noise = (10 / 15) ** 2 / n + (5 / 15) ** 2 * corrected
    assert second.step == pytest.approx(noise, rel=1e-12)
    both = (10 / 15 + 5 / 15 * 0.5) ** 2 / n  # xbar itself
    assert second.error == pytest.approx(both + (5 / 15) ** 2 * corrected, rel=1e-12)
    assert second.variance == pytest.approx(1 - second.error, rel=1e-12)


@check
@given(loops, st.integers(0, 30))
def test_without_correction_a_fixed_set_costs_less_than_half_and_fresh_ones_pay(
    loop: Loop, t: int
) -> None:
    bare = loop._replace(gamma=0.0)
    assert loop.real * expected(bare, t)[-1].error < 1.5
    found = [each.error for each in expected(bare, 30, fresh=True)]
    assert found[1] < found[0] == 1 / loop.real
    assert all(b <= a * (1 + 1e-12) for a, b in pairwise(found))
    full = expected(loop._replace(gamma=math.inf), max(t, 1))[-1]
    assert full.error == pytest.approx(1 / (loop.real + loop.synthetic), rel=1e-12)


@pytest.mark.parametrize(("k", "gamma", "b"), [(5, 0.0, 0.0), (10, 0.7, 0.0), (40, 2.0, 0.0)])
def test_large_sets_end_where_the_stationary_laws_say(k: int, gamma: float, b: float) -> None:
    n, k = 10**6, k * 10**5
    found = expected(Loop(n, k, gamma), 200, b)[-1].error
    assert found == pytest.approx(stationary_error.stationary(Loop(n, k, gamma), b), rel=1e-5)
    fresh = expected(Loop(n, k, 0.0), 200, fresh=True)[-1].error
    assert fresh == pytest.approx(fresh_data.stationary(n, k), rel=1e-5)


@check
@given(loops, st.integers(0, 12))
def test_the_printed_bound_holds_where_it_says_something(loop: Loop, t: int) -> None:
    gamma = "full" if math.isinf(loop.gamma) else loop.gamma
    point = {"lambda": loop.ratio, "gamma": gamma, "n": loop.real, "generations": t}
    printed, promise = LAW.printed(point), promised(loop, t)
    beyond = loop.ratio >= (1 if math.isinf(loop.gamma) else (1 + loop.gamma) / (2 + loop.gamma))
    if abs(loop.ratio - 1) > 1e-9:
        assert LAW.void(point) == beyond == (promise is None)
    if printed is not None:
        assert LAW.exact(point).value <= printed.value * (1 + 1e-12)
    if promise is not None:
        assert forgetting(loop, t) <= promise * (1 + 1e-12)


def test_the_printed_bound_by_hand_and_for_fresh_data() -> None:
    point = {"lambda": 0.4, "gamma": 1.0, "n": 50, "generations": 2}
    q = 0.4 / 0.6 / 2
    step = max(each.step for each in expected(Loop(50, 20, 1.0), 2)[1:])
    total = math.sqrt(step) * (1 + q + q * q) + q * q / math.sqrt(50)
    assert LAW.printed(point).value == pytest.approx(total**2, rel=1e-12)
    assert LAW.printed({**point, "bias": 0.1}) is None
    fresh = {**point, "real": "fresh", "gamma": 0.0}
    assert LAW.printed(fresh).value == 1 / 50
    assert LAW.printed({**fresh, "gamma": 0.5}) is None


def test_what_stands_beside_is_by_the_error_of_other_loops() -> None:
    point = {"lambda": 1.0, "gamma": 0.5, "n": 50, "generations": 3, "bias": 1.0, "real": "fresh"}

    def error(**changes: object) -> float:
        return LAW.exact({**point, **changes}).value

    beside = LAW.sharper({**point, "chains": 20_000}, np.random.default_rng(0))
    plain = error(gamma=0.0, bias=0.0)
    assert beside["added_by_correction"].value == pytest.approx(error() / plain - 1, rel=1e-12)
    assert beside["saved_by_fresh"].value == pytest.approx(1 - error() / error(real="fixed"))
    assert beside["growth"].value == pytest.approx(50 * error())
    for name, value in (("simulated", error()), ("variance_simulated", beside["variance"].value)):
        assert abs(beside[name].value - value) < 4 * beside[name].standard_error
    with pytest.raises(ValueError, match="fewer than one synthetic sample"):
        LAW.exact({**point, "lambda": 0.01})
