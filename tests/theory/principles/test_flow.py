"""The flow: two velocities that are one, transport, steps, weights, and three integrals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from theory.density import density
from theory.line_mixture import mixture
from theory.mixture import Mixture
from theory.principles.euler_step import EulerStep, flow
from theory.principles.loss_weight import LossWeight, weight
from theory.principles.prediction import KINDS, PATHS, path, predict
from theory.principles.probability_flow import ProbabilityFlow, coefficients
from theory.principles.views import Views, integral

FLOW, WEIGHT, VIEWS, STEP = ProbabilityFlow(), LossWeight(), Views(), EulerStep()
check = settings(max_examples=20, deadline=None, derandomize=True)
PAIR, OTHER = "0.3*normal(-1,0.3)+0.7*normal(1,0.3)", "0.35*normal(-1,0.3)+0.65*normal(1,0.35)"
inside = st.tuples(st.sampled_from(PATHS), st.floats(0.05, 0.95))


@check
@given(inside, st.floats(-3, 3), st.floats(-3, 3))
def test_the_flow_of_flow_matching_is_the_probability_flow(place, x, y):
    point = {**FLOW.example, "path": place[0], "time": place[1], "at": [x, y]}
    beside = FLOW.sharper(point)
    exact = FLOW.exact(point).value
    rounding = 1e-13 * (1 + abs(exact) * beside["cancellation"].value)
    assert FLOW.printed(point).value == pytest.approx(exact, rel=1e-12, abs=rounding)
    assert beside["cancellation"].value >= 1 - 1e-12


def test_the_coefficients_of_known_equations():
    """dx = -x dt + sqrt(2) dW for ou; dx = sqrt(2 sigma) dW for ve."""
    assert coefficients(path("ou", 0.7)) == pytest.approx((-1, 2), rel=1e-13)
    assert coefficients(path("ve", 0.7)) == pytest.approx((0, 1.4), rel=1e-13)
    at = path("linear", 0.7)  # f = -1/(1 - t), g^2 = 2 t / (1 - t)
    assert coefficients(at) == pytest.approx((-1 / 0.3, 1.4 / 0.3), rel=1e-12)


@pytest.mark.parametrize("name", PATHS)
def test_the_velocity_solves_the_continuity_equation(name):
    """dp/dt = -d(p u)/dx, by central differences."""
    law, t, step = mixture(density(PAIR)), 0.4, 1e-4
    x = np.linspace(-2, 2, 21)

    def p(at, time):
        place = path(name, time)
        return np.exp(law.noised(place.sigma, place.alpha).log_density(at[:, None]))

    def current(at):
        return p(at, t) * predict(law, at[:, None], "velocity", path(name, t))[:, 0]

    in_time = (p(x, t + step) - p(x, t - step)) / (2 * step)
    in_space = (current(x + step) - current(x - step)) / (2 * step)
    np.testing.assert_allclose(in_time, -in_space, rtol=0, atol=2e-5)


@pytest.mark.parametrize("name", PATHS)
def test_the_flow_carries_quantiles_to_quantiles(name):
    """In one dimension the flow is monotone: the rank of a point does not change."""
    law, start, end = mixture(density(PAIR)), 0.8, 0.2

    def rank(x, t):
        at = path(name, t)
        noised = law.noised(at.sigma, at.alpha)
        return float(
            noised.weights @ special.ndtr((x - noised.means[:, 0]) / np.sqrt(noised.covariances))
        )

    for x in (-0.7, 0.1, 0.9):
        assert rank(flow(law, x, name, start, end), end) == pytest.approx(rank(x, start), abs=1e-9)


def test_the_reverse_drift_is_another_field():
    point = {**FLOW.example, "path": "ou", "time": 0.5}
    drift, squared = coefficients(path("ou", 0.5))
    beside = FLOW.sharper(point)["reverse_drift"].value
    x = point["at"][0]
    flow_part = FLOW.printed(point).value - drift * x
    assert beside - drift * x == pytest.approx(2 * flow_part, rel=1e-12)
    assert squared == pytest.approx(2, rel=1e-13)


def test_without_signal_the_score_form_is_void_and_the_flow_is_not():
    for name in ("vp", "linear"):
        point = {**FLOW.example, "path": name, "time": 1.0}
        assert FLOW.void(point)
        assert FLOW.sharper(point) == {}
        before = FLOW.exact({**point, "time": 1 - 1e-6}).value
        assert FLOW.exact(point).value == pytest.approx(before, abs=1e-4)
        near = FLOW.sharper({**point, "time": 1 - 1e-6})["cancellation"].value
        assert near > 1e5


@check
@given(inside, st.sampled_from(KINDS))
def test_the_weight_of_a_loss(place, kind):
    point = {**WEIGHT.example, "path": place[0], "time": place[1], "kind": kind}
    assert WEIGHT.exact(point).value == pytest.approx(WEIGHT.printed(point).value, rel=1e-9)


@pytest.mark.parametrize("t", [0.1, 0.5, 0.9])
def test_weights_that_the_literature_names(t):
    vp, linear = path("vp", t), path("linear", t)
    ratio = vp.alpha**2 / vp.sigma**2
    named = {
        ("vp", "noise"): ratio,  # Ho et al. 2020 against the loss in the data
        ("vp", "v"): ratio + 1,  # Salimans and Ho 2022
        ("linear", "velocity"): (1 + linear.alpha / linear.sigma) ** 2,
        ("vp", "data"): 1.0,
    }
    for (name, kind), value in named.items():
        beside = WEIGHT.sharper({**WEIGHT.example, "path": name, "time": t, "kind": kind})
        assert beside["relative_to_data"].value == pytest.approx(value, rel=1e-12)
        at = path(name, t)
        assert beside["exponential"].value == pytest.approx(at.sigma / at.alpha, rel=1e-12)
        assert beside["exponential"].value == pytest.approx(
            math.exp(-beside["log_ratio"].value / 2), rel=1e-12
        )
    half = math.exp(-WEIGHT.sharper({**WEIGHT.example, "time": t})["log_ratio"].value / 2)
    assert weight("velocity", linear) == pytest.approx(half, rel=1e-12)
    assert weight("velocity", vp) == pytest.approx(math.pi / 2 * vp.sigma / vp.alpha, rel=1e-12)
    assert weight("v", vp) == pytest.approx(2 / math.pi * vp.sigma / vp.alpha, rel=1e-12)
    for name in PATHS:  # likelihood weighting of the score
        at = path(name, t)
        squared = coefficients(at).diffusion_squared
        assert 0.5 * squared * weight("score", at) == pytest.approx(1, rel=1e-12)


def test_a_loss_without_difference_or_signal_is_refused():
    with pytest.raises(ValueError, match="give another q"):
        WEIGHT.exact({**WEIGHT.example, "q": PAIR})
    with pytest.raises(ValueError, match="without signal; give a time"):
        WEIGHT.printed({**WEIGHT.example, "time": 1.0})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PATHS)
def test_every_view_integrates_to_the_divergence(name, kind):
    point = {**VIEWS.example, "path": name, "kind": kind, "start": 0.15, "end": 0.85}
    exact = VIEWS.exact(point).value
    assert exact > 1e-3
    assert VIEWS.printed(point).value == pytest.approx(exact, rel=1e-9)


def test_the_path_enters_only_through_its_ends():
    """Between two ratios of noise to signal, 0.2 and 3, each path integrates to one number."""
    p, q = mixture(density(PAIR)), mixture(density(OTHER))
    ends = {
        "ve": (0.2, 3.0),
        "linear": (0.2 / 1.2, 3 / 4),
        "vp": (2 / math.pi * math.atan(0.2), 2 / math.pi * math.atan(3.0)),
        "ou": (0.5 * math.log1p(0.04), 0.5 * math.log1p(9.0)),
    }
    found = [integral(p, q, name, *pair, "noise") for name, pair in ends.items()]
    np.testing.assert_allclose(found, found[0], rtol=1e-9)


def test_an_interval_that_is_none_is_refused():
    with pytest.raises(ValueError, match="give start < end"):
        VIEWS.exact({**VIEWS.example, "start": 0.9})
    with pytest.raises(ValueError, match="without signal"):
        VIEWS.exact({**VIEWS.example, "end": 1.0})


@check
@given(inside, st.floats(0.3, 0.95), st.floats(-2, 2))
def test_an_euler_step_is_a_ddim_step_on_affine_paths(place, share, x):
    name, start = place
    point = {**STEP.example, "path": name, "start": start, "end": share * start, "at": x}
    exact, printed = STEP.exact(point).value, STEP.printed(point).value
    if name in ("ve", "linear"):
        assert printed == pytest.approx(exact, abs=1e-13)
        return
    here, there = path(name, start), path(name, share * start)
    step = share * start - start
    law, at = mixture(density(PAIR)), np.array([[x]])
    data, noise = (predict(law, at, kind, here)[0, 0] for kind in ("data", "noise"))
    gap = (there.alpha - here.alpha - step * here.alpha_rate) * data
    gap += (there.sigma - here.sigma - step * here.sigma_rate) * noise
    assert exact - printed == pytest.approx(gap, abs=1e-13)


@pytest.mark.parametrize("name", PATHS)
def test_both_steps_are_of_first_order(name):
    """Local error of second order in the step, against the flow."""
    steps = np.array([0.005, 0.01, 0.02])
    for metric in ("ddim_error", "euler_error"):
        found = [
            STEP.sharper({**STEP.example, "path": name, "start": 0.6, "end": 0.6 - s})[metric].value
            for s in steps.tolist()
        ]
        slope = np.polyfit(np.log(steps), np.log(found), 1)[0]
        print(f"{name} {metric}: slope {slope:.3f}, declared 2")
        assert slope == pytest.approx(2, abs=0.1)


def test_the_exact_flow_of_a_normal_law():
    """x goes to its standardised place: (x - alpha m) / sqrt(C) does not change."""
    law, x = Mixture([1.0], [[0.5]], 0.3), 0.9
    for name in PATHS:
        here, there = path(name, 0.8), path(name, 0.1)
        before, after = (at.alpha**2 * 0.3 + at.sigma**2 for at in (here, there))
        expected = 0.5 * there.alpha + math.sqrt(after / before) * (x - 0.5 * here.alpha)
        assert flow(law, x, name, 0.8, 0.1) == pytest.approx(expected, rel=1e-9)


def test_a_step_forward_is_refused():
    with pytest.raises(ValueError, match="give end < start"):
        STEP.exact({**STEP.example, "end": 0.9})


def test_the_divergence_along_a_path_falls_at_the_rate_of_the_score():
    """d KL / dt = -(g^2 / 2) E |score difference|^2, by quadrature over a short interval."""
    p, q = mixture(density(PAIR)), mixture(density(OTHER))
    total = integrate.quad(
        lambda t: 0.5 * coefficients(path("ou", t)).diffusion_squared * _score_gap(p, q, t),
        0.3,
        0.5,
        epsabs=1e-12,
    )[0]
    point = {**VIEWS.example, "path": "ou", "start": 0.3, "end": 0.5}
    assert VIEWS.exact(point).value == pytest.approx(total, rel=1e-8)


def _score_gap(p, q, t):
    at = path("ou", t)
    x = np.linspace(-9, 9, 2001)
    density_at = np.exp(p.noised(at.sigma, at.alpha).log_density(x[:, None]))
    gap = (predict(p, x[:, None], "score", at) - predict(q, x[:, None], "score", at))[:, 0]
    return float(density_at @ gap**2) * (x[1] - x[0])
