"""Loops at finite n: stationary error, break-even strength, biased correctors, no real data."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.loops.biased_corrector import BiasedCorrector, tolerable_bias, weight
from theory.loops.stationary_error import (
    Loop,
    StationaryError,
    break_even,
    fixed_point,
    loop_of,
    simulated,
    stationary,
)
from theory.loops.synthetic_only import SyntheticOnly, errors, settled

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW, BIASED, ALONE = StationaryError(), BiasedCorrector(), SyntheticOnly()
loops = st.builds(
    Loop,
    st.integers(2, 500),
    st.integers(1, 2000),
    st.one_of(st.floats(0, 20), st.just(math.inf)),
)


@pytest.mark.parametrize(
    ("lam", "gamma", "expected", "measured", "error"),
    [
        (0.5, 0, 0.0250000, 0.0245402, 0.00025),
        (0.5, 0.1, 0.0232019, 0.0227756, 0.00023),
        (0.5, 1, 0.0173913, 0.0170541, 0.00017),
        (0.5, 5, 0.0144325, 0.0141592, 0.00014),
        (1.0, 0, 0.0266667, 0.0261595, 0.00026),
        (1.0, 1, 0.0142412, 0.0139180, 0.00014),
    ],
)
def test_worked_numbers(lam, gamma, expected, measured, error):
    found = LAW.exact({"lambda": lam, "gamma": gamma, "n": 50}).value
    assert found == pytest.approx(expected, abs=5.1e-8)
    assert abs(found - measured) < 4 * error


@pytest.mark.parametrize(
    ("n", "k", "gamma"), [(50, 25, 0), (50, 25, 0.1), (50, 50, 1), (20, 100, 5), (5, 20, math.inf)]
)
@pytest.mark.parametrize("corrector", [0.0, 0.6])
def test_the_formula_is_the_mean_of_simulated_loops(n, k, gamma, corrector):
    """Another simulation than the law's: every sample is drawn."""
    rng = np.random.default_rng(11)
    chains, generations = 4000, 30
    loop = Loop(n, k, gamma)
    share = 0.0 if math.isinf(gamma) else 1 / (1 + gamma)
    real = rng.standard_normal((chains, n)).sum(axis=1)
    m = real / n
    for _ in range(min(generations, 3 + int(-9 / math.log(max(loop.factor, 1e-3))))):
        kept = rng.random((chains, k)) < share
        samples = np.where(kept, m[:, None], corrector) + rng.standard_normal((chains, k))
        m = (real + samples.sum(axis=1)) / (n + k)
    square = m**2
    assert abs(square.mean() - stationary(loop, corrector)) < 4 * square.std() / math.sqrt(chains)
    drift = fixed_point(loop, corrector)
    assert abs(m.mean() - drift) < 4 * m.std() / math.sqrt(chains)


@pytest.mark.parametrize(("k", "gamma", "b"), [(25, 0, 0.0), (100, 0.3, 0.0), (50, 2.0, 0.4)])
def test_the_simulation_of_the_law_agrees(k, gamma, b):
    loop = Loop(50, k, gamma)
    square = simulated(loop, 60_000, np.random.default_rng(2), b) ** 2
    assert abs(square.mean() - stationary(loop, b)) < 4 * square.std() / math.sqrt(60_000)


@check
@given(st.integers(2, 500), st.integers(1, 2000))
def test_without_correction_the_loop_always_loses(n, k):
    lam = k / n
    value = stationary(Loop(n, k, 0.0))
    assert n * value == pytest.approx((1 + 3 * lam) / (1 + 2 * lam), rel=1e-12)
    assert 1 < n * value < 1.5


@check
@given(st.integers(2, 500), st.integers(1, 2000))
def test_full_correction_is_real_data(n, k):
    assert stationary(Loop(n, k, math.inf)) == pytest.approx(1 / (n + k), rel=1e-12)
    assert stationary(Loop(n, k, 1e13)) == pytest.approx(1 / (n + k), rel=1e-10)


@check
@given(loops, st.floats(-2, 2))
def test_the_formula_solves_its_own_recursion(loop, b):
    lam, n = loop.ratio, loop.real
    gamma = loop.gamma
    keep = 0.0 if math.isinf(gamma) else 1 / (1 + gamma)
    pull = (1 - keep) * b  # the part of a corrected sample's mean that does not depend on m
    value, drift = stationary(loop, b), fixed_point(loop, b)
    with_real = 1 / ((1 + lam) * (1 - loop.factor) * n)  # E[xbar m]
    spread = keep * (1 - keep) * (value - 2 * b * drift + b * b)
    mean_square = (
        1 / n + 2 * lam * keep * with_real
        + lam**2 * (keep**2 * value + 2 * keep * pull * drift + pull**2 + (1 + spread) / (lam * n))
    )  # fmt: skip
    assert mean_square / (1 + lam) ** 2 == pytest.approx(value, rel=1e-9)


@check
@given(loops)
def test_stronger_correction_is_better_and_bounds_hold(loop):
    if not math.isinf(loop.gamma):
        assert stationary(loop) >= stationary(Loop(loop.real, loop.synthetic, loop.gamma + 0.5))
    point = {
        "lambda": loop.ratio,
        "gamma": "full" if math.isinf(loop.gamma) else loop.gamma,
        "n": loop.real,
    }
    exact, sharper, printed = LAW.exact(point).value, LAW.sharper(point), LAW.printed(point)
    assert exact == pytest.approx(stationary(loop), rel=1e-12)
    assert sharper["extra_real"].value <= exact * (1 + 1e-12)
    assert exact <= sharper["coherent_bound"].value * (1 + 1e-12)
    if printed is not None:
        assert sharper["coherent_bound"].value <= printed.value * (1 + 1e-12)


@pytest.mark.parametrize("n", [10, 50, 1000])
@pytest.mark.parametrize("lam", [0.1, 0.5, 1.0, 4.0])
def test_the_break_even_strength(n, lam):
    k = loop_of(n, lam, 0.0).synthetic
    gamma = break_even(n, k)
    assert n * stationary(Loop(n, k, gamma)) == pytest.approx(1, rel=1e-12)
    assert stationary(Loop(n, k, gamma * 0.99)) > 1 / n > stationary(Loop(n, k, gamma * 1.01))
    assert gamma < 1


def test_the_break_even_strength_is_one_for_few_synthetic_samples():
    assert break_even(1_000_000, 100) == pytest.approx(1, abs=2e-3)
    lam = 1e-5
    for gamma in (0.0, 0.5, 2.0):  # to first order in lambda
        value = 1e6 * stationary(Loop(1_000_000, 10, gamma))
        assert (value - 1) / lam == pytest.approx(2 / (1 + gamma) - 1, abs=1e-3)


def test_the_bound_as_printed_is_void_beyond_its_lambda():
    assert LAW.void({"lambda": 0.5, "gamma": 0.0, "n": 50})
    assert not LAW.void({"lambda": 0.5, "gamma": 0.1, "n": 50})
    point = {"lambda": 0.4, "gamma": 1.0, "n": 50}
    loop = Loop(50, 20, 1.0)
    step = 1 / (1.4**2 * 50) + loop.noise * (1 + stationary(loop) / 4)
    assert LAW.printed(point).value == pytest.approx(step / (1 - 0.4 / 0.6 / 2) ** 2, rel=1e-12)


def test_a_biased_corrector_moves_the_fixed_point():
    for lam, gamma, b in ((0.5, 1.0, 0.5), (2.0, 3.0, -1.0), (0.3, 0.0, 1.0)):
        a = lam / ((1 + lam) * (1 + gamma))
        expected = (lam * gamma * b / (1 + gamma)) / ((1 + lam) * (1 - a))
        point = {"lambda": lam, "gamma": gamma, "bias": b, "spread": 0.4, "n": 100}
        assert BIASED.exact(point).value == pytest.approx(expected, rel=1e-12, abs=1e-300)
        assert BIASED.printed(point).value == 0.0
        m, e2 = 0.0, 1.0  # the iteration itself
        for _ in range(300):
            m = lam * (m + gamma * b) / (1 + gamma) / (1 + lam)
            e2 = (1 + lam * (e2 + gamma * (0.4 + b * b)) / (1 + gamma)) / (1 + lam)
        found = BIASED.sharper(point)
        assert BIASED.exact(point).value == pytest.approx(m, rel=1e-12, abs=1e-300)
        assert found["variance"].value == pytest.approx(e2 - m * m, rel=1e-12)
        w2 = math.hypot(m, math.sqrt(e2 - m * m) - 1)
        assert found["w2"].value == pytest.approx(w2, abs=1e-12)
    assert weight(2.0, math.inf) == pytest.approx(2 / 3)


@check
@given(loops)
def test_the_tolerable_bias_is_where_the_loop_stops_to_pay(loop):
    bias = tolerable_bias(loop)
    if bias is None:
        assert stationary(loop) >= 1 / loop.real
    else:
        assert stationary(loop, bias) == pytest.approx(1 / loop.real, rel=1e-9)
        assert stationary(loop, -bias) == pytest.approx(stationary(loop, bias), rel=1e-12)
        if math.isinf(loop.gamma):
            lam = loop.ratio
            assert bias == pytest.approx(math.sqrt((1 + lam) / (lam * loop.real)), rel=1e-9)


def test_too_few_synthetic_samples_are_refused():
    for law, point in ((LAW, {"n": 10}), (BIASED, {"n": 10, "bias": 0.1})):
        with pytest.raises(ValueError, match="fewer than one synthetic sample"):
            law.exact({"lambda": 0.05, **point})
    assert loop_of(100, 0.29, 0.0).synthetic == 29


def test_replaced_and_accumulated_samples():
    walk = errors(50, 0.0, 100, "replace")
    assert walk == pytest.approx([(t + 1) / 50 for t in range(101)], rel=1e-12)
    pile = errors(50, 0.0, 100, "accumulate")
    assert pile[-1] == pytest.approx(sum(1 / i**2 for i in range(1, 102)) / 50, rel=1e-12)
    assert errors(50, 0.0, 20_000, "accumulate")[-1] == pytest.approx(math.pi**2 / 300, rel=4e-5)
    assert errors(50, math.inf, 9, "accumulate")[-1] == pytest.approx(1 / 500, rel=1e-12)
    for gamma in (0.1, 1.0, 7.0):
        assert errors(50, gamma, 400, "replace")[-1] == pytest.approx(settled(50, gamma), rel=1e-12)
        few = Loop(1, 100_000_000, gamma)  # lambda to infinity
        assert stationary(few) == pytest.approx(settled(100_000_000, gamma), rel=1e-6)
    assert settled(50, 0.0) is None


@pytest.mark.parametrize(("gamma", "power"), [(0.2, -1 / 3), (0.6, -0.75), (4.0, -1.0)])
def test_accumulated_and_corrected_errors_vanish_at_their_rate(gamma, power):
    found = np.array(errors(50, gamma, 200_000, "accumulate"))
    t = np.array([25_000, 50_000, 100_000, 200_000])
    slope = np.polyfit(np.log(t), np.log(found[t]), 1)[0]
    print(f"slope {slope:.4f}, declared {power:.4f}")
    assert slope == pytest.approx(power, abs=0.02)


@pytest.mark.parametrize("regime", ["replace", "accumulate"])
@pytest.mark.parametrize("gamma", [0.0, 0.5, "full"])
def test_loops_without_real_data_simulated(regime, gamma):
    rng = np.random.default_rng(8)
    n, chains, share = 10, 5000, {0.0: 1.0, 0.5: 2 / 3, "full": 0.0}[gamma]
    batches = [rng.standard_normal((chains, n)).mean(axis=1)]
    for _ in range(6):
        m = np.mean(batches, axis=0) if regime == "accumulate" else batches[-1]
        kept = rng.random((chains, n)) < share
        batch = np.where(kept, m[:, None], 0.0) + rng.standard_normal((chains, n))
        batches.append(batch.mean(axis=1))
    square = (np.mean(batches, axis=0) if regime == "accumulate" else batches[-1]) ** 2
    point = {"n": n, "gamma": gamma, "generations": 6, "regime": regime, "chains": 20_000}
    exact = ALONE.exact(point).value
    assert abs(square.mean() - exact) < 4 * square.std() / math.sqrt(chains)
    own = ALONE.sharper(point, rng)["simulated"]
    assert abs(own.value - exact) < 4 * own.standard_error
