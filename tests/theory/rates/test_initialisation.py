"""A start from N(0, I): by an ODE solver for the moments, and its rates in T."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.gaussian import kullback_leibler, wasserstein2_squared
from theory.rates.initialisation import InitialisationKL, InitialisationW2, misses

KL, W2 = InitialisationKL(), InitialisationW2()
check = settings(max_examples=20, deadline=None, derandomize=True)
variances = st.one_of(st.floats(0.05, 0.9), st.floats(1.1, 20))


def point(variance, mean, horizon, sampler):
    return {"variances": [variance], "means": [mean], "horizon": horizon, "sampler": sampler}


@pytest.mark.parametrize(
    ("horizon", "ode", "sde", "digits"),
    [
        (1.0, 0.3133055, 0.1144556, 2e-7),
        (2.0, 0.05278148, 0.003620407, 2e-7),
        (4.0, 0.001005629, 1.3477e-6, 3e-5),
    ],
)
def test_a_variance_of_four(horizon, ode, sde, digits):
    assert W2.exact(point(4.0, 0.0, horizon, "ode")).value == pytest.approx(ode, rel=5e-7)
    assert W2.exact(point(4.0, 0.0, horizon, "sde")).value == pytest.approx(sde, rel=digits * 5)
    beside = W2.sharper(point(4.0, 0.0, horizon, "ode"))
    assert beside["sde"] == W2.exact(point(4.0, 0.0, horizon, "sde"))


def test_the_variance_of_the_sdes_output():
    missed = misses(np.array([4.0]), np.zeros(1), 1.0, "sde")[1][0]
    assert 4 + missed == pytest.approx(3.555277549, abs=5.1e-10)


@check
@given(variances, st.floats(-3, 3), st.floats(0.1, 4))
def test_moments_by_solving_for_them(v, mean, horizon):
    def moments(back: float, y: np.ndarray) -> list[float]:
        t = horizon - back
        r, big = math.exp(-t), 1 + (v - 1) * math.exp(-2 * t)
        a, b = 1 - 2 / big, 1 - 1 / big
        return [
            a * y[0] + 2 * r * mean / big,
            2 * a * y[1] + 2,
            b * y[2] + r * mean / big,
            2 * b * y[3],
        ]

    end = integrate.solve_ivp(moments, (0, horizon), [0, 1, 0, 1], rtol=1e-10, atol=1e-12).y[:, -1]
    for sampler, (m, big) in (("sde", end[:2]), ("ode", end[2:])):
        missed = misses(np.array([v]), np.array([mean]), horizon, sampler)
        assert mean + missed[0][0] == pytest.approx(m, rel=1e-6, abs=1e-7)
        assert v + missed[1][0] == pytest.approx(big, rel=1e-6)


@check
@given(variances, variances, st.floats(-2, 2), st.floats(0.1, 3), st.sampled_from(["sde", "ode"]))
def test_distances_are_those_of_the_two_normals(v1, v2, mean, horizon, sampler):
    v, m = np.array([v1, v2]), np.array([mean, 0.5])
    a, b = misses(v, m, horizon, sampler)
    at = {"variances": v.tolist(), "means": m.tolist(), "horizon": horizon, "sampler": sampler}
    expected = kullback_leibler(m, np.diag(v), m + a, np.diag(v + b))
    assert KL.exact(at).value == pytest.approx(expected, rel=1e-6)
    transport = math.sqrt(wasserstein2_squared(m, np.diag(v), m + a, np.diag(v + b)))
    assert W2.exact(at).value == pytest.approx(transport, rel=1e-5)


@check
@given(variances, st.floats(-5, 5), st.floats(0.05, 6))
def test_the_bounds_are_ordered(v, mean, horizon):
    sde, ode = (point(v, mean, horizon, sampler) for sampler in ("sde", "ode"))
    start, printed = KL.sharper(sde)["at_start"].value, KL.printed(sde).value
    slack = 1 + 1e-9
    assert KL.exact(sde).value <= start * slack
    assert KL.exact(ode).value == pytest.approx(start, rel=1e-9)
    assert start <= printed * slack
    assert W2.exact(sde).value < W2.exact(ode).value
    assert not KL.void(sde)


@pytest.mark.parametrize(
    ("mean", "sampler", "kl", "w2"),
    [(0.0, "ode", -4, -2), (0.0, "sde", -8, -4), (1.5, "ode", -2, -1), (1.5, "sde", -4, -2)],
)
def test_the_measured_rates_in_time(mean, sampler, kl, w2):
    times = np.linspace(4, 6, 5)
    for law, declared in ((KL, kl), (W2, w2)):
        values = [law.exact(point(3.0, mean, float(t), sampler)).value for t in times]
        slope = np.polyfit(times, np.log(values), 1)[0]
        print(f"slope {slope:.4f}, declared {declared}")
        assert slope == pytest.approx(declared, abs=0.01)


@check
@given(variances, st.floats(-2, 2), st.sampled_from(["sde", "ode"]))
def test_the_leading_term_leads(v, mean, sampler):
    late = point(v, mean, 7.0, sampler)
    assert W2.exact(late).value == pytest.approx(W2.printed(late).value, rel=1e-3)


@pytest.mark.parametrize("law", [KL, W2])
def test_a_start_that_is_exact_is_refused(law):
    with pytest.raises(ValueError, match="standard normal data"):
        law.exact({"variances": [1.0], "means": [0.0], "horizon": 1.0, "sampler": "sde"})
    with pytest.raises(ValueError, match="means of 1"):
        law.exact({"variances": [1.0, 2.0], "means": [0.0], "horizon": 1.0, "sampler": "sde"})
