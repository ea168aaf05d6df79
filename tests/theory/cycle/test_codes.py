"""The law of the codes: worked variances, the encoder's own, sizes under a wrong model."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.cycle.code_size import CodeSize, pull
from theory.cycle.code_variance import CodeVariance, divergence
from theory.cycle.encoder import encode, gaussian
from theory.cycle.reconstruction import spaced
from theory.schedule import alpha_bar, beta

check = settings(max_examples=20, deadline=None, derandomize=True)
VARIANCE, SIZE = CodeVariance(), CodeSize()
times, variances = st.integers(1, 999), st.floats(0.01, 100)


@pytest.mark.parametrize(
    ("time", "worked"),
    [(1, 2.199079), (2, 1.635762), (10, 1.157607), (100, 1.018222), (500, 1.000858)],
)
def test_worked_variances_of_unit_data(time, worked):
    found = {
        noise: VARIANCE.exact({"time": time, "variance": 1.0, "noise": noise}).value
        for noise in ("beta", "beta_tilde")
    }
    assert found["beta"] == pytest.approx(1, rel=1e-12)
    assert found["beta_tilde"] == pytest.approx(worked, abs=5.1e-7)
    betas, abar = beta("linear"), alpha_bar("linear")
    tilde = betas[time] * (1 - abar[time]) / (1 - abar[time + 1])
    assert found["beta_tilde"] == pytest.approx(betas[time] / tilde, rel=1e-9)


@pytest.mark.parametrize(("variance", "worked"), [(0.25, 1.156576), (4.0, 1.157866)])
def test_worked_variances_of_other_data(variance, worked):
    found = VARIANCE.exact({"time": 10, "variance": variance, "noise": "beta_tilde"}).value
    assert found == pytest.approx(worked, abs=5.1e-7)


@check
@given(times, variances, st.sampled_from(["linear", "cosine"]), st.sampled_from(["", "_tilde"]))
def test_variance_by_conditioning(time, variance, schedule, kind):
    """(V_{t-1} - (1 - beta_t) V_{t-1}^2 / V_t) / sigma_t^2."""
    abar = alpha_bar(schedule)
    step = 1 - abar[time + 1] / abar[time]
    before, after = (abar[t] * variance + 1 - abar[t] for t in (time, time + 1))
    noise = step if not kind else step * (1 - abar[time]) / (1 - abar[time + 1])
    point = {"schedule": schedule, "time": time, "variance": variance, "noise": f"beta{kind}"}
    known = (before - (1 - step) * before**2 / after) / noise
    assert VARIANCE.exact(point).value == pytest.approx(known, rel=1e-6)
    beside = VARIANCE.sharper(point)
    assert beside["low"].value <= VARIANCE.exact(point).value * (1 + 1e-12)
    assert VARIANCE.exact(point).value <= beside["high"].value * (1 + 1e-12)


@pytest.mark.parametrize("noise", ["beta", "beta_tilde"])
def test_the_range_over_all_data_is_attained(noise):
    point = {"time": 5, "noise": noise}
    found = [VARIANCE.exact({**point, "variance": v}).value for v in (1e-9, 1.0, 1e9)]
    assert found == sorted(found)
    beside = VARIANCE.sharper({**point, "variance": 1.0})
    assert found[0] == pytest.approx(beside["low"].value, rel=1e-4)
    assert found[2] == pytest.approx(beside["high"].value, rel=1e-4)


@pytest.mark.parametrize("variance", [0.25, 4.0])
def test_the_encoder_draws_codes_of_this_variance_and_independent(variance):
    abar, n = spaced("linear", 20), 20_000
    draws = np.random.default_rng(11)
    x0 = math.sqrt(variance) * draws.standard_normal((n, 1))
    codes = encode(x0, gaussian(variance, abar), abar, 1.0, draws).noises[::-1, :, 0]  # t = 2 ..
    for time in (1, 2, 10, 19):
        point = {"steps": 20, "time": time, "variance": variance, "noise": "beta_tilde"}
        exact = VARIANCE.exact(point).value
        assert abs(codes[time - 1].var() / exact - 1) < 4 * math.sqrt(2 / n)
    apart = np.corrcoef(codes) - np.eye(19)
    assert np.abs(apart).max() < 4.5 / math.sqrt(n)  # the largest of 171


def test_below_eta_one_the_codes_are_correlated():
    abar, n = spaced("linear", 20), 5000
    draws = np.random.default_rng(11)
    x0 = draws.standard_normal((n, 1))
    codes = encode(x0, gaussian(1.0, abar), abar, 0.1, draws).noises[:, :, 0]
    neighbours = np.diag(np.corrcoef(codes), 1)  # from t = T down
    print(f"correlations of neighbours {neighbours}")
    assert neighbours[-1] > 0.9
    assert (neighbours[3:] > 4 / math.sqrt(n)).all()


def test_kl_is_that_of_two_normals():
    point = {"time": 1, "variance": 1.0, "noise": "beta_tilde"}
    v = VARIANCE.exact(point).value
    assert VARIANCE.sharper(point)["kl"].value == pytest.approx((v - 1 - math.log(v)) / 2)
    assert divergence(1e-9) == pytest.approx(1e-18 / 4, rel=1e-8)
    assert divergence(0.01 * (1 - 1e-12)) == pytest.approx(divergence(0.01 * (1 + 1e-12)), rel=1e-9)
    unit = {**point, "noise": "beta"}
    assert VARIANCE.exact(unit).value == 1.0
    assert VARIANCE.sharper(unit)["kl"].value == 0.0


@check
@given(times, variances, st.sampled_from(["linear", "cosine"]))
def test_at_eta_one_and_the_exact_score_size_is_variance(time, variance, schedule):
    point = {"schedule": schedule, "time": time, "variance": variance}
    size = SIZE.exact({**point, "model": variance, "eta": 1.0}).value
    known = VARIANCE.exact({**point, "noise": "beta_tilde"}).value
    assert size == pytest.approx(known, rel=1e-7)
    assert SIZE.sharper({**point, "model": variance, "eta": 1.0})["exact_score"].value == size


@check
@given(times, st.floats(0.01, 1))
def test_the_pull_is_a_difference_of_roots(time, eta):
    abar = alpha_bar("linear")
    before, after = abar[time], abar[time + 1]
    sigma2 = eta**2 * (1 - after / before) * (1 - before) / (1 - after)
    c = math.sqrt(before) - math.sqrt((1 - before - sigma2) * after / (1 - after))
    assert pull(before, after, eta) == pytest.approx(c**2 / sigma2, rel=1e-6)


@pytest.mark.parametrize(("model", "eta"), [(1.0, 0.1), (0.25, 1.0), (3.0, 0.3)])
def test_size_by_monte_carlo(model, eta):
    abar, n = spaced("linear", 20), 20_000
    draws = np.random.default_rng(13)
    x0 = draws.standard_normal((n, 1))
    codes = encode(x0, gaussian(model, abar), abar, eta, draws).noises[::-1, :, 0]
    for time in (1, 4, 12, 19):
        point = {"steps": 20, "time": time, "variance": 1.0, "model": model, "eta": eta}
        squares = codes[time - 1] ** 2
        exact = SIZE.exact(point).value
        assert abs(squares.mean() - exact) < 4 * squares.std() / math.sqrt(n)


def test_the_excess_grows_as_one_over_eta_squared():
    etas = np.array([0.003, 0.01, 0.03])
    point = {"time": 100, "variance": 1.0, "model": 0.25}
    excess = [SIZE.exact({**point, "eta": eta}).value - 1 for eta in etas]
    slope = np.polyfit(np.log(etas), np.log(excess), 1)[0]
    print(f"slope {slope:.4f}, declared -2")
    assert slope == pytest.approx(-2, abs=5e-3)


def test_the_excess_is_the_variational_bound():
    """KL of the posterior and the model's step, two normals of variance betatilde, on average."""
    point = {"time": 50, "variance": 1.0, "model": 0.5, "eta": 1.0}
    betas, abar = beta("linear"), alpha_bar("linear")
    before, after, step = abar[50], abar[51], betas[50]
    w0 = math.sqrt(before) * step / (1 - after)
    tilde = step * (1 - before) / (1 - after)
    gain = math.sqrt(after) * 0.5 / (after * 0.5 + 1 - after)
    error = (1 - math.sqrt(after) * gain) ** 2 + gain**2 * (1 - after)
    known = w0**2 * error / (2 * tilde)
    assert SIZE.sharper(point)["half_excess"].value == pytest.approx(known, rel=1e-9)
    assert (SIZE.exact(point).value - 1) / 2 == pytest.approx(known, rel=1e-9)


@check
@given(times, variances, variances, st.floats(0.01, 1))
def test_a_wrong_model_never_has_smaller_codes(time, variance, model, eta):
    point = {"time": time, "variance": variance, "model": model, "eta": eta}
    least = SIZE.sharper(point)["exact_score"].value
    assert 1 < least <= SIZE.exact(point).value * (1 + 1e-12)


def test_impossible_codes_are_refused():
    for law in (VARIANCE, SIZE):
        for change, match in (
            ({"time": 0}, "time="),
            ({"time": 1000}, "time=1000 of 1000 steps"),
            ({"variance": 0.0}, "variance="),
            ({"steps": 2000}, "at most 1000"),
        ):
            with pytest.raises(ValueError, match=match):
                law.exact({**law.example, **change})
    with pytest.raises(ValueError, match="eta="):
        SIZE.exact({**SIZE.example, "eta": 0.0})
    with pytest.raises(ValueError, match="more noise"):
        SIZE.exact({**SIZE.example, "eta": 50.0})
