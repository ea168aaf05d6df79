"""The Gaussian loop of mean and variance: worked numbers, moments, the theorem near and far."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory.gaussian import wasserstein2_squared
from theory.loops.contraction import true_factor
from theory.loops.gaussian_iteration import GaussianIteration, Model, after, error

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = GaussianIteration()
START = {"mean": 2.0, "variance": 4.0}
NEAR = {"mean": 0.01, "variance": 1.01}


@pytest.mark.parametrize(
    ("lam", "gamma", "expected"),
    [
        (0.5, 0, [(0.666667, 2.888889), (0.222222, 1.728395), (0.0740741, 1.253772)]),
        (0.5, 1, [(0.333333, 2.055556), (0.0555556, 1.191358), (0.00925926, 1.032322)]),
        (4.0, 1, [(0.8, 3.16), (0.32, 2.0176), (0.128, 1.431616)]),
    ],
)
def test_worked_numbers(lam, gamma, expected):
    for t, (mean, variance) in enumerate(expected, 1):
        found = LAW.sharper({"lambda": lam, "gamma": gamma, **START, "generations": t})
        assert found["mean"].value == pytest.approx(mean, rel=2e-6)
        assert found["variance"].value == pytest.approx(variance, rel=2e-6)


def generation(model: Model, target: Model, lam: float, gamma: float) -> Model:
    """One generation as it is defined, from the moments of data and corrected model."""
    m = (target.mean + lam * (model.mean + gamma * target.mean) / (1 + gamma)) / (1 + lam)
    second = [law.variance + law.mean**2 for law in (target, model)]
    e2 = (second[0] + lam * (second[1] + gamma * second[0]) / (1 + gamma)) / (1 + lam)
    return Model(m, e2 - m * m)


models = st.builds(Model, st.floats(-3, 3), st.floats(0.2, 5))


@check
@given(models, models, st.floats(0.05, 5), st.floats(0, 5), st.integers(1, 8))
def test_the_closed_form_is_the_iteration(start, target, lam, gamma, t):
    model = start
    for _ in range(t):
        model = generation(model, target, lam, gamma)
    factor = true_factor(lam, gamma)
    found = after(start, target, factor, t)
    assert found.mean == pytest.approx(model.mean, abs=1e-11)
    assert found.variance == pytest.approx(model.variance, rel=1e-10)
    natural = [np.array([m.mean / m.variance, -1 / (2 * m.variance)]) for m in (model, target)]
    assert error(start, target, factor, t, "natural") == pytest.approx(
        float(np.linalg.norm(natural[0] - natural[1])), abs=1e-9
    )
    moments = [np.array([m.mean, m.variance + m.mean**2]) for m in (model, target)]
    assert error(start, target, factor, t, "moments") == pytest.approx(
        float(np.linalg.norm(moments[0] - moments[1])), abs=1e-9
    )


@check
@given(models, models, st.floats(0.05, 5), st.floats(0, 5), st.integers(1, 8))
def test_w2_and_the_factor_in_the_moments(start, target, lam, gamma, t):
    assume(abs(start.mean - target.mean) > 1e-3)
    point = {
        "lambda": lam,
        "gamma": gamma,
        **start._asdict(),
        "generations": t,
        "target_mean": target.mean,
        "target_variance": target.variance,
        "coordinates": "moments",
    }
    found = LAW.sharper(point)
    model = after(start, target, true_factor(lam, gamma), t)
    laws = [(np.array([m.mean]), np.array([[m.variance]])) for m in (model, target)]
    w2 = math.sqrt(wasserstein2_squared(*laws[0], *laws[1]))
    assert found["w2"].value == pytest.approx(w2, abs=1e-7)
    assert found["last_factor"].value == pytest.approx(true_factor(lam, gamma), rel=1e-9)
    assert found["speed_up"].value == pytest.approx((1 + gamma) ** t, rel=1e-9)
    assert LAW.printed(point) is None
    assert LAW.void(point)


@pytest.mark.parametrize(
    ("lam", "gamma", "fails"),
    [(0.1, 0.0, True), (0.25, 0.0, True), (0.25, 1.0, True), (0.45, 5.0, True), (0.4, 0.0, False)],
)
def test_the_theorem_holds_near_and_not_far(lam, gamma, fails):
    for t in range(1, 8):
        near = {"lambda": lam, "gamma": gamma, **NEAR, "generations": t}
        assert LAW.exact(near).value <= LAW.printed(near).value
    first = {"lambda": lam, "gamma": gamma, **START, "generations": 1}
    broken = LAW.exact(first).value > LAW.printed(first).value
    assert broken is fails
    ratio = LAW.printed(first).value / 0.625  # |(1/2, -1/8) - (0, -1/2)|
    assert ratio == pytest.approx(lam / (1 - lam) / (1 + gamma), rel=1e-12)


@pytest.mark.parametrize("coordinates", ["moments", "natural"])
def test_the_measured_rate_is_the_declared_factor(coordinates):
    t = np.arange(8, 20)
    errors = [
        LAW.exact(
            {
                "lambda": 2.0,
                "gamma": 0.5,
                **START,
                "generations": int(k),
                "coordinates": coordinates,
            }
        ).value
        for k in t
    ]
    slope = np.polyfit(t, np.log(errors), 1)[0]
    print(f"slope {slope:.6f}, declared {math.log(true_factor(2.0, 0.5)):.6f}")
    assert slope == pytest.approx(math.log(true_factor(2.0, 0.5)), abs=2e-3)


def test_the_loop_in_samples():
    """A fit to very many samples follows the population."""
    rng = np.random.default_rng(5)
    lam, gamma, n = 0.5, 1.0, 400_000
    mean, variance = 2.0, 4.0
    for t in (1, 2):
        model = mean + math.sqrt(variance) * rng.standard_normal(n // 2)
        corrected = np.where(rng.random(n // 2) < 0.5, rng.standard_normal(n // 2), model)
        data = np.concatenate([rng.standard_normal(n), corrected])
        mean, variance = data.mean(), data.var()
        exact = after(Model(2.0, 4.0), Model(0.0, 1.0), true_factor(lam, gamma), t)
        assert abs(mean - exact.mean) < 4 * math.sqrt(2 * exact.variance / n)
        assert abs(variance - exact.variance) < 4 * math.sqrt(12 / n) * exact.variance


def test_a_start_at_the_target_is_refused():
    with pytest.raises(ValueError, match="those of the data"):
        LAW.exact({"lambda": 0.5, "mean": 0.0, "variance": 1.0, "generations": 1})
