"""What guided sampling draws: worked numbers, moments by an ODE solver, the orderings proved."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.ctrl.guided_law import GUIDANCES, STARTS, GuidedLaw, output
from theory.ctrl.tilt import Tilt

LAW = GuidedLaw()
POINT = {"gamma": 1.0, "y": 1.5, "noise_variance": 0.5, "start": "tilted", "guidance": "soft"}
check = settings(max_examples=20, deadline=None, derandomize=True)
tilts = st.builds(
    Tilt,
    st.floats(0.05, 20),
    st.floats(-3, 3),
    st.floats(0.05, 5),
    st.floats(-2, 2),
    st.floats(0.1, 5),
)


def moments(**point):
    return [LAW.exact({**POINT, **point, "moment": name}).value for name in ("mean", "variance")]


@pytest.mark.parametrize(
    ("gamma", "mean", "variance"),
    [(0.5, 0.75, 0.5), (1, 1.0, 0.3333333), (3, 1.2857143, 0.1428571)],
)
def test_the_soft_optimum_has_the_precision_one_plus_gamma_over_noise(gamma, mean, variance):
    point = {**POINT, "gamma": float(gamma)}
    assert LAW.printed({**point, "moment": "mean"}).value == pytest.approx(mean, abs=5.1e-8)
    assert LAW.printed({**point, "moment": "variance"}).value == pytest.approx(variance, abs=5.1e-8)
    assert variance == pytest.approx(1 / (1 + gamma / 0.5), abs=5.1e-8)


@pytest.mark.parametrize(
    ("gamma", "horizon", "guidance", "start", "mean", "variance"),
    [
        (0.5, 8.0, "soft", "tilted", 0.75, 0.5),
        (0.5, 8.0, "soft", "normal", 0.74999996, 0.5),
        (0.5, 8.0, "classifier", "normal", 0.6339746, 0.5493061),
        (0.5, 8.0, "plug_in", "normal", 0.9481808, 0.4323324),
        (1.0, 0.5, "soft", "tilted", 1.0, 0.3333333),
        (1.0, 0.5, "soft", "normal", 0.8375264, 0.3509318),
        (1.0, 0.5, "classifier", "normal", 0.8375264, 0.3509318),
        (1.0, 0.5, "plug_in", "normal", 1.0763197, 0.2594044),
        (1.0, 8.0, "soft", "tilted", 1.0, 0.3333333),
        (1.0, 8.0, "soft", "normal", 0.99999996, 0.3333333),
        (1.0, 8.0, "classifier", "normal", 0.99999996, 0.3333333),
        (1.0, 8.0, "plug_in", "normal", 1.2969970, 0.2454211),
    ],
)
def test_worked_numbers(gamma, horizon, guidance, start, mean, variance):
    found = moments(gamma=gamma, horizon=horizon, guidance=guidance, start=start)
    assert found == pytest.approx([mean, variance], abs=5.1e-8)


def pull_line(tilt, guidance, t):
    """The pull ``c0 + c1 x`` of a guidance, written in x_t and t."""
    r, v, mu = math.exp(-t), tilt.prior_variance, tilt.prior_mean
    marginal = r * r * v + 1 - r * r
    gain = r * v / marginal
    left = v * (1 - r * r) / marginal
    gamma, noise = tilt.gamma, tilt.noise_variance
    scale = {
        "soft": 1 / (noise / gamma + left),
        "classifier": gamma / (noise + left),
        "plug_in": gamma / noise,
    }[guidance]
    return gain * scale * (tilt.y - mu + gain * r * mu), -gain * gain * scale


@pytest.mark.parametrize("guidance", GUIDANCES)
@pytest.mark.parametrize("start", STARTS)
def test_the_closed_form_solves_the_moment_equations(guidance, start):
    """The moments of the reverse equation in x and t, for a prior other than N(0, 1)."""
    tilt, horizon = Tilt(2.3, 1.1, 0.4, -0.6, 1.7), 1.2
    mu, v, r = tilt.prior_mean, tilt.prior_variance, math.exp(-horizon)
    tilted = [r * tilt.mean, r * r * tilt.variance + 1 - r * r]
    begin = tilted if start == "tilted" else [0.0, 1.0]

    def rates(time, state):
        t = horizon - time
        decay = math.exp(-t)
        marginal = decay * decay * v + 1 - decay * decay
        c0, c1 = pull_line(tilt, guidance, t)
        mean, variance = state
        drift = mean + 2 * (decay * mu - mean) / marginal + 2 * (c0 + c1 * mean)
        return [drift, 2 * variance * (1 - 2 / marginal + 2 * c1) + 2]

    solved = integrate.solve_ivp(rates, (0, horizon), begin, rtol=1e-11, atol=1e-12).y[:, -1]
    assert output(tilt, guidance, start, horizon) == pytest.approx(tuple(solved), rel=1e-8)


@check
@given(tilts, st.floats(0.05, 6))
def test_the_optimal_pull_from_the_tilted_start_is_exact_at_every_horizon(tilt, horizon):
    mean, variance = output(tilt, "soft", "tilted", horizon)
    assert mean == pytest.approx(tilt.mean, rel=1e-9, abs=1e-12)
    assert variance == pytest.approx(tilt.variance, rel=1e-9)


@check
@given(tilts, st.floats(0.05, 6), st.sampled_from(STARTS))
def test_classifier_guidance_is_the_optimal_pull_at_power_one(tilt, horizon, start):
    tilt = Tilt(1.0, tilt.y, tilt.noise_variance, tilt.prior_mean, tilt.prior_variance)
    assert output(tilt, "classifier", start, horizon) == pytest.approx(
        output(tilt, "soft", start, horizon), rel=1e-12
    )


@check
@given(tilts)
def test_classifier_guidance_overdoes_powers_above_one_and_underdoes_those_below(tilt):
    mean, variance = output(tilt, "classifier", "tilted", math.inf)
    way, over = tilt.y - tilt.prior_mean, 1 if tilt.gamma > 1 else -1
    slack = 1e-12
    assert over * (mean - tilt.mean) * math.copysign(1, way) >= -slack
    assert over * (tilt.variance - variance) >= -slack
    if abs(tilt.gamma - 1) > 0.2 and abs(way) > 0.1:
        assert abs(mean - tilt.mean) > 1e-5 * abs(way)


@check
@given(tilts, st.floats(0.5, 6))
def test_the_plug_in_is_too_near_and_too_narrow_at_every_power(tilt, horizon):
    mean, variance = output(tilt, "plug_in", "tilted", horizon)
    assert abs(tilt.y - mean) <= abs(tilt.y - tilt.mean) + 1e-12
    assert variance < tilt.variance


@pytest.mark.parametrize("guidance", ["classifier", "plug_in"])
def test_a_weak_control_is_drawn_right_to_first_order(guidance):
    """The error of the mean falls as the square of gamma v / tau^2; what follows is its cube."""
    noise = np.geomspace(300, 3000, 5)
    miss = []
    for each in noise:
        tilt = Tilt(3.0, 1.5, each)
        miss.append(abs(output(tilt, guidance, "tilted", math.inf)[0] - tilt.mean))
    slope = np.polyfit(np.log(noise), np.log(miss), 1)[0]
    print(f"slope {slope:.4f}, declared -2")
    assert slope == pytest.approx(-2, abs=0.02)


def test_power_one_half_has_the_logarithm():
    expected = 0.5 * math.log(3)
    assert output(Tilt(0.5, 1.5, 0.5), "classifier", "tilted", math.inf)[1] == pytest.approx(
        expected, rel=1e-12
    )
    near = output(Tilt(0.5 + 1e-7, 1.5, 0.5), "classifier", "tilted", math.inf)[1]
    assert near == pytest.approx(expected, rel=1e-6)


def test_the_infinite_horizon_is_the_limit_from_either_start():
    for guidance in GUIDANCES:
        for start in STARTS:
            point = {**POINT, "gamma": 3.0, "guidance": guidance, "start": start}
            point |= {"moment": "mean", "horizon": 14.0}
            limit = LAW.sharper(point)["infinite_horizon"].value
            assert LAW.exact(point).value == pytest.approx(limit, abs=1e-11)


@check
@given(tilts, st.sampled_from(GUIDANCES), st.sampled_from(STARTS), st.floats(0.1, 6))
def test_a_reflection_of_the_line_reflects_what_is_drawn(tilt, guidance, start, horizon):
    mirrored = Tilt(tilt.gamma, -tilt.y, tilt.noise_variance, -tilt.prior_mean, tilt.prior_variance)
    mean, variance = output(tilt, guidance, start, horizon)
    assert output(mirrored, guidance, start, horizon) == pytest.approx((-mean, variance))


def test_paths_of_the_guided_equation_end_in_the_law():
    """Euler steps of dD = k (y - D) dq + dB, started at D of N(0, 1), within 4 standard errors."""
    tilt, horizon, n, steps = Tilt(3.0, 1.5, 0.5), 8.0, 20_000, 400
    generator = np.random.default_rng(5)
    (mean, variance), clock = output(tilt, "classifier", "normal", horizon), tilt.clock(horizon)
    r, step = math.exp(-horizon), clock / steps
    drawn = r * generator.standard_normal(n)
    for index in range(steps):
        s = clock - (index + 0.5) * step
        drawn += tilt.gamma * (tilt.y - drawn) / (tilt.noise_variance + s) * step
        drawn += math.sqrt(step) * generator.standard_normal(n)
    bias = 3 * step  # of the steps, to first order
    assert drawn.mean() == pytest.approx(mean, abs=4 * math.sqrt(variance / n) + bias)
    assert drawn.var() == pytest.approx(variance, abs=4 * variance * math.sqrt(2 / n) + bias)
