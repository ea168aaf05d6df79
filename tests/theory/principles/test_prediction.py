"""Predictions: each from its own definition, each from each other, on every path."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.mixture import Mixture
from theory.principles.conversion import Conversion
from theory.principles.prediction import (
    KINDS,
    PATHS,
    convert,
    determinant,
    form,
    path,
    predict,
)

LAW = Conversion()
check = settings(max_examples=20, deadline=None, derandomize=True)
inside = st.tuples(st.sampled_from(PATHS), st.floats(0.05, 0.95))


def full_mixture(seed, d=3, k=4):
    generator = np.random.default_rng(seed)
    roots = generator.standard_normal((k, d, d))
    weights, means = generator.dirichlet(np.ones(k)), 2 * generator.standard_normal((k, d))
    law = Mixture(weights, means, roots @ roots.transpose(0, 2, 1) / d + 0.05 * np.eye(d))
    return law, 2 * generator.standard_normal((20, d))


@check
@given(inside)
def test_the_rates_of_a_path_are_its_derivatives(place):
    name, t = place
    at, step = path(name, t), 1e-5
    after, before = path(name, t + step), path(name, t - step)
    assert at.alpha_rate == pytest.approx((after.alpha - before.alpha) / (2 * step), abs=1e-8)
    assert at.sigma_rate == pytest.approx((after.sigma - before.sigma) / (2 * step), abs=1e-7)
    change = 2 * math.log(after.alpha / after.sigma) - 2 * math.log(before.alpha / before.sigma)
    assert at.log_ratio_rate == pytest.approx(-change / (2 * step), rel=1e-6)


@check
@given(inside)
def test_a_determinant_is_that_of_its_form(place):
    at = path(*place)
    for kind in KINDS:
        a, b = form(kind, at)
        assert determinant(kind, at) == pytest.approx(at.alpha * b - at.sigma * a, rel=1e-12)
    if place[0] in ("vp", "ou"):
        assert determinant("v", at) == pytest.approx(1, abs=1e-15)
    velocity = {"vp": math.pi / 2, "ve": 1, "linear": 1, "ou": at.alpha / at.sigma}
    assert determinant("velocity", at) == pytest.approx(velocity[place[0]], rel=1e-12)


@check
@given(inside, st.integers(0, 10**6))
def test_every_conversion_on_mixtures_with_full_covariances(place, seed):
    at = path(*place)
    law, x = full_mixture(seed)
    own = {kind: predict(law, x, kind, at) for kind in KINDS}
    for source, target in itertools.product(KINDS, KINDS):
        found = convert(own[source], x, source, target, at)
        size = np.abs(own[target]).max() + np.abs(x).max() * (1 + 1 / at.sigma + 1 / at.alpha)
        rounding = 1e-13 * size * max(1, abs(determinant(target, at) / determinant(source, at)))
        np.testing.assert_allclose(found, own[target], rtol=0, atol=rounding)


def test_the_score_is_the_gradient_of_the_log_density():
    at = path("linear", 0.4)
    law, x = full_mixture(1)
    noised, step = law.noised(at.sigma, at.alpha), 1e-5
    for axis in range(3):
        move = step * np.eye(3)[axis]
        slope = (noised.log_density(x + move) - noised.log_density(x - move)) / (2 * step)
        np.testing.assert_allclose(predict(law, x, "score", at)[:, axis], slope, atol=1e-6)


@pytest.mark.parametrize("kind", ["data", "noise", "v", "velocity"])
@pytest.mark.parametrize("name", PATHS)
def test_a_prediction_is_a_conditional_mean_by_bayes_rule(name, kind):
    """E[A x_0 + B eps | x] as a quotient of two integrals over x_0."""
    at, law, x = path(name, 0.3), Mixture([0.3, 0.7], [[-1.0], [1.0]], [0.09, 0.25]), 0.4
    a, b = form(kind, at)

    def joint(x0, power):
        eps = (x - at.alpha * x0) / at.sigma
        weight = math.exp(law.log_density(np.array([[x0]]))[0] - eps**2 / 2)
        return (a * x0 + b * eps) ** power * weight

    top, bottom = (
        integrate.quad(joint, -5, 5, args=(k,), epsabs=1e-13, limit=200)[0] for k in (1, 0)
    )
    found = predict(law, np.array([[x]]), kind, at)[0, 0]
    assert found == pytest.approx(top / bottom, rel=1e-9)


def test_one_component_in_closed_form():
    """N(m, V): every prediction is affine in x."""
    law, at, x = Mixture([1.0], [[2.0]], 0.5), path("vp", 0.3), np.array([[0.7]])
    total = at.alpha**2 * 0.5 + at.sigma**2
    offset = 0.7 - at.alpha * 2.0
    expected = {
        "data": 2 + at.alpha * 0.5 / total * offset,
        "noise": at.sigma / total * offset,
        "score": -offset / total,
    }
    for kind, value in expected.items():
        assert predict(law, x, kind, at)[0, 0] == pytest.approx(value, rel=1e-14)


def test_flow_matching_on_the_cosine_path_is_v_prediction():
    law, x = full_mixture(2)
    at = path("vp", 0.37)
    velocity, v = (predict(law, x, kind, at) for kind in ("velocity", "v"))
    np.testing.assert_allclose(velocity, math.pi / 2 * v, rtol=1e-12)


def test_rectified_flow_is_noise_less_data():
    law, x = full_mixture(3)
    at = path("linear", 0.37)
    data, noise, velocity = (predict(law, x, kind, at) for kind in ("data", "noise", "velocity"))
    np.testing.assert_allclose(velocity, noise - data, rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", ["vp", "linear"])
def test_without_signal_noise_says_nothing_and_v_everything(name):
    point = {**LAW.example, "path": name, "time": 1.0}
    for source in ("noise", "score"):
        assert LAW.void({**point, "source": source, "target": "data"})
        assert LAW.printed({**point, "source": source, "target": "data"}) is None
        assert LAW.sharper({**point, "source": source, "target": "data"}) == {}
    for source in ("v", "velocity"):
        at = {**point, "source": source, "target": "data"}
        assert not LAW.void(at)
        assert LAW.printed(at).value == pytest.approx(LAW.exact(at).value, rel=1e-13)
        mean = np.array(LAW.example["weights"]) @ np.array(LAW.example["means"])
        assert LAW.exact(at).value == pytest.approx(mean[0], rel=1e-13)  # x says nothing


def test_the_identity_for_v_needs_preserved_variance():
    """x_0 = alpha x - sigma v holds on vp and ou, and not on the linear path or for ve."""
    for name in PATHS:
        point = {**LAW.example, "path": name, "time": 0.5, "source": "v", "target": "data"}
        exact = LAW.exact(point).value
        shortcut = LAW.sharper(point)["preserving_only"].value
        assert (shortcut == pytest.approx(exact, rel=1e-12)) == (name in ("vp", "ou"))


@check
@given(inside, st.floats(0.1, 10), st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_rotating_the_data_rotates_the_prediction(place, angle, source, target):
    at = path(*place)
    law, x = full_mixture(4, d=2)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    turned = Mixture(law.weights, law.means @ turn.T, turn @ law.covariances @ turn.T)
    first = convert(predict(law, x, source, at), x, source, target, at)
    second = convert(predict(turned, x @ turn.T, source, at), x @ turn.T, source, target, at)
    scale = 1 + np.abs(first).max() + np.abs(x).max() / min(at.alpha, at.sigma) ** 2
    np.testing.assert_allclose(second, first @ turn.T, rtol=0, atol=1e-11 * scale)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": 1.5}, "give t > 0 and at most 1"),
        ({"variances": [0.1, 0.2]}, "2 variances; give one of each"),
        ({"at": [0.1]}, "give one dimension"),
    ],
)
def test_what_makes_no_sense_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        LAW.exact({**LAW.example, **change})


def test_converting_from_what_says_nothing_is_refused():
    with pytest.raises(ValueError, match="a noise that is a function of x alone; give another"):
        convert(np.zeros(1), np.zeros(1), "noise", "data", path("vp", 1.0))
