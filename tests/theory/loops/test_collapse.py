"""Collapse, sampling bias, fresh data: worked numbers, identities, loops drawn by the sample."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from theory.loops.collapse import Collapse, log_c4, mean_log_step
from theory.loops.fresh_data import FreshData
from theory.loops.sampling_bias import SamplingBias, moments, settled

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW, BIASED, FRESH = Collapse(), SamplingBias(), FreshData()


@pytest.mark.parametrize(("n", "c4"), [(5, 0.9399856), (10, 0.9726593), (50, 0.9949113)])
def test_worked_numbers(n, c4):
    assert math.exp(log_c4(n)) == pytest.approx(c4, abs=5.1e-8)
    chi = integrate.quad(lambda x: x * stats.chi.pdf(x, n - 1), 0, np.inf)[0] / math.sqrt(n - 1)
    assert math.exp(log_c4(n)) == pytest.approx(chi, rel=1e-9)


def test_fifty_generations_of_fifty():
    point = {"n": 50, "generations": 50, "chains": 20_000}
    exact = LAW.exact(point).value
    assert exact == pytest.approx(0.7748511, abs=5.1e-8)
    assert abs(exact - 0.775026) < 4 * 0.0014
    found = LAW.sharper(point, np.random.default_rng(0))
    assert mean_log_step(50) == pytest.approx(-0.01027349, abs=5.1e-9)
    # 50 x -0.01027349 = -0.5136745, to the digits of the step
    assert found["mean_log"].value == pytest.approx(-0.5136745, abs=50 * 5.1e-9)
    assert found["mean_variance"].value == 1.0
    assert abs(0.99964 - found["mean_variance"].value) < 4 * 0.0056
    for name, truth in (("simulated", exact), ("mean_log_simulated", found["mean_log"].value)):
        assert abs(found[name].value - truth) < 4 * found[name].standard_error
    assert math.exp(log_c4(100)) == pytest.approx(0.9974780, abs=5.1e-8)


@pytest.mark.parametrize("estimator", ["unbiased", "maximum_likelihood"])
def test_the_variance_shrinks_by_the_bias_and_the_divisor_in_each_generation(estimator):
    n, bias = 12, 0.8
    factor = bias * ((n - 1) / n if estimator == "maximum_likelihood" else 1)
    for t in (1, 3, 40):
        point = {"n": n, "generations": t, "sampling_bias": bias, "estimator": estimator}
        found = LAW.sharper(point)
        assert found["log_mean_variance"].value == pytest.approx(t * math.log(factor), rel=1e-12)
        assert found["mean_variance"].value == pytest.approx(factor**t, rel=1e-12)


@pytest.mark.parametrize("n", [2, 3, 7, 39, 40, 41, 42, 43, 100, 10_000, 10**7])
def test_wallis_identity_and_recursion_of_the_logarithm(n):
    product = log_c4(n) + log_c4(n + 1)
    assert product == pytest.approx(0.5 * math.log1p(-1 / n), rel=1e-9)
    # psi(a + 1) = psi(a) + 1/a
    a = (n - 1) / 2
    step = 0.5 * (1 / a - math.log1p(1 / a))
    assert mean_log_step(n + 2) - mean_log_step(n) == pytest.approx(step, rel=1e-6)
    assert mean_log_step(n) < log_c4(n) < 0


def test_the_rate_is_a_quarter_over_n():
    n = np.array([100, 1000, 10_000, 100_000])
    slope, offset = np.polyfit(np.log(n), np.log([-log_c4(int(k)) for k in n]), 1)
    print(f"slope {slope:.5f}, factor {math.exp(offset):.5f}")
    assert slope == pytest.approx(-1, abs=2e-3)
    assert -log_c4(10**6) * 4e6 == pytest.approx(1, rel=1e-5)
    life = LAW.sharper({"n": 1000, "generations": 1})["half_life"].value
    assert life == pytest.approx(4000 * math.log(2), rel=2e-3)


@pytest.mark.parametrize("estimator", ["unbiased", "maximum_likelihood"])
@pytest.mark.parametrize("bias", [1.0, 0.8])
def test_a_loop_drawn_sample_by_sample(estimator, bias):
    rng = np.random.default_rng(4)
    n, t, chains = 12, 5, 8000
    mean, sigma = np.zeros(chains), np.ones(chains)
    for _ in range(t):
        data = mean[:, None] + math.sqrt(bias) * sigma[:, None] * rng.standard_normal((chains, n))
        mean, sigma = data.mean(axis=1), data.std(axis=1, ddof=estimator == "unbiased")
    point = {"n": n, "generations": t, "sampling_bias": bias, "estimator": estimator}
    found = LAW.sharper(point)
    truths = (LAW.exact(point), found["mean_variance"], found["mean_log"])
    for sample, truth in zip((sigma, sigma**2, np.log(sigma)), truths):
        assert abs(sample.mean() - truth.value) < 4 * sample.std() / math.sqrt(chains)


@check
@given(st.integers(2, 300), st.integers(1, 60), st.floats(0.1, 1))
def test_the_means_are_ordered_and_fall(n, t, bias):
    point = {"n": n, "generations": t, "sampling_bias": bias}
    found = LAW.sharper(point)
    exact = LAW.exact(point).value
    assert found["typical"].value < exact < math.sqrt(found["mean_variance"].value) * (1 + 1e-12)
    assert LAW.exact({**point, "generations": t + 1}).value < exact
    fitted = {**point, "estimator": "maximum_likelihood"}
    ratio = LAW.exact(fitted).value / exact
    assert ratio == pytest.approx((1 - 1 / n) ** (t / 2), rel=1e-9)


def test_a_mean_that_rests_on_rare_loops_is_not_measured():
    rng = np.random.default_rng(0)
    assert "simulated" in LAW.sharper({"n": 50, "generations": 90}, rng)
    found = LAW.sharper({"n": 5, "generations": 20}, rng)
    assert "simulated" not in found
    truth = found["mean_log"].value
    assert abs(found["mean_log_simulated"].value - truth) < (
        4 * found["mean_log_simulated"].standard_error
    )
    spread = 20 * float(special.polygamma(1, 2)) / 4
    expected = math.sqrt(spread / 2000)
    assert found["mean_log_simulated"].standard_error == pytest.approx(expected, rel=0.1)


def test_samples_without_spread_are_refused():
    with pytest.raises(ValueError, match="without spread"):
        LAW.exact({"n": 10, "generations": 3, "sampling_bias": 0.0})
    with pytest.raises(ValueError, match="without spread"):
        BIASED.exact({"fresh": 0, "synthetic": 9, "sampling_bias": 0.0, "generations": 3})
    with pytest.raises(ValueError, match="fresh=1"):
        BIASED.exact({"fresh": 1, "synthetic": 9, "sampling_bias": 0.5, "generations": 3})


@check
@given(st.integers(2, 300), st.floats(0.05, 1), st.integers(1, 60))
def test_the_fully_synthetic_loop_keeps_the_power_of_its_bias(synthetic, bias, t):
    point = {"fresh": 0, "synthetic": synthetic, "sampling_bias": bias, "generations": t}
    assert BIASED.exact(point).value == pytest.approx(bias**t, rel=1e-12)
    assert BIASED.printed(point).value == pytest.approx(bias**t, rel=1e-12)
    assert not BIASED.void(point)
    mean_error = sum(bias**i for i in range(1, t + 1)) / synthetic
    assert moments(0, synthetic, bias, t)[1] == pytest.approx(mean_error, rel=1e-9)


@pytest.mark.parametrize(
    ("fresh", "synthetic", "bias"), [(4, 8, 0.5), (10, 5, 1.0), (2, 18, 0.8), (0, 9, 0.9)]
)
def test_moments_of_a_biased_loop_drawn_sample_by_sample(fresh, synthetic, bias):
    rng = np.random.default_rng(9)
    t, chains = 4, 8000
    mean, variance = np.zeros(chains), np.ones(chains)
    for _ in range(t):
        width = np.sqrt(bias * variance)[:, None]
        fake = mean[:, None] + width * rng.standard_normal((chains, synthetic))
        data = np.concatenate([fake, rng.standard_normal((chains, fresh))], axis=1)
        mean, variance = data.mean(axis=1), data.var(axis=1, ddof=1)
    expected = moments(fresh, synthetic, bias, t)
    for sample, truth in zip((variance, mean**2), expected):
        assert abs(sample.mean() - truth) < 4 * sample.std() / math.sqrt(chains)
    point = {"fresh": fresh, "synthetic": synthetic, "sampling_bias": bias, "generations": t}
    found = BIASED.sharper({**point, "chains": 20_000}, rng)
    for name, truth in zip(("simulated", "mean_error_simulated"), expected):
        assert abs(found[name].value - truth) < 4 * found[name].standard_error
    if fresh:
        assert BIASED.printed(point) is None
        long = moments(fresh, synthetic, bias, 2000)
        assert long == pytest.approx(settled(fresh, synthetic, bias), rel=1e-9)


@check
@given(st.integers(2, 8), st.integers(2, 8), st.floats(0.1, 1), st.integers(1, 6))
def test_moments_of_a_biased_loop_from_the_covariance_of_its_samples(fresh, synthetic, bias, t):
    """Synthetic samples share the mean of their model: E m^2 in every pair of them."""
    size = fresh + synthetic
    fake = np.arange(size) < synthetic
    centring = np.eye(size) - 1 / size
    variance, mean_square = 1.0, 0.0
    for _ in range(t):
        covariance = np.diag(np.where(fake, bias * variance, 1.0))
        covariance += mean_square * np.outer(fake, fake)  # [N, N]
        variance = np.trace(centring @ covariance) / (size - 1)
        mean_square = covariance.sum() / size**2
    found = moments(fresh, synthetic, bias, t)
    assert found == pytest.approx((variance, mean_square), rel=1e-11)


@check
@given(st.floats(0.05, 1), st.floats(0.02, 0.98))
def test_fresh_data_keep_their_share_of_the_variance(bias, w):
    synthetic = round(w * 1_000_000)
    found = settled(1_000_000 - synthetic, synthetic, bias)[0]
    w = synthetic / 1_000_000
    assert found == pytest.approx((1 - w) / (1 - w * bias), rel=1e-3)
    assert (1 - w) * (1 - 1e-9) <= found
    point = {"fresh": 1_000_000 - synthetic, "synthetic": synthetic, "sampling_bias": bias}
    large = BIASED.sharper({**point, "generations": 1})["large_sample"].value
    assert large == pytest.approx((1 - w) / (1 - w * bias), rel=1e-12)
    assert found == pytest.approx(large, rel=1e-3)
    loss = 1 - (1 - w) / (1 - w * bias)
    if bias < 0.99:
        assert w == pytest.approx(loss / (loss + (1 - loss) * (1 - bias)), rel=1e-9)


@pytest.mark.parametrize(
    ("synthetic", "value", "measured", "error"),
    [
        (0, 0.01, None, None),
        (100, 0.006666667, None, None),
        (300, 0.005714286, 0.0057664, 0.000058),
        (900, 0.005263158, None, None),
    ],
)
def test_the_fresh_data_loop(synthetic, value, measured, error):
    point = {"fresh": 100, "synthetic": synthetic, "chains": 20_000}
    found = FRESH.sharper(point, np.random.default_rng(1))
    assert FRESH.exact(point).value == pytest.approx(value, abs=5.1e-10)
    if measured is not None:
        assert abs(FRESH.exact(point).value - measured) < 4 * error
    assert abs(found["simulated"].value - value) < 4 * found["simulated"].standard_error
    assert found["at_least"].value == pytest.approx(0.005, rel=1e-12)
    assert FRESH.printed(point).value == pytest.approx(0.01, rel=1e-12)


@check
@given(st.integers(1, 1000), st.integers(0, 100_000), st.floats(0.1, 10))
def test_fresh_data_bounds_and_effective_number(fresh, synthetic, variance):
    point = {"fresh": fresh, "synthetic": synthetic, "variance": variance}
    found, exact = FRESH.sharper(point), FRESH.exact(point).value
    assert found["at_least"].value < exact * (1 + 1e-12)
    assert found["all_real"].value <= exact * (1 + 1e-12)
    assert exact <= FRESH.printed(point).value * (1 + 1e-12)
    assert variance / exact == pytest.approx(found["effective_samples"].value, rel=1e-12)
    n, w = fresh + synthetic, synthetic / (fresh + synthetic)
    assert w**2 * exact + variance / n == pytest.approx(exact, rel=1e-9)  # its own recursion
