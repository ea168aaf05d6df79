"""Errors under conversion: the factor, its table, and what low precision loses."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.density import density
from theory.line_mixture import mixture
from theory.principles.amplification import Amplification, factor
from theory.principles.field import difference, divergence, mean_square
from theory.principles.precision import Precision, terms
from theory.principles.prediction import KINDS, PATHS, convert, path, predict

AMPLIFICATION, PRECISION = Amplification(), Precision()
check = settings(max_examples=20, deadline=None, derandomize=True)
P = mixture(density("0.3*normal(-1,0.3)+0.7*normal(1,0.3)"))
Q = mixture(density("0.35*normal(-1,0.3)+0.65*normal(1,0.35)"))
inside = st.tuples(st.sampled_from(PATHS), st.floats(0.05, 0.95))


@check
@given(inside, st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_an_error_is_scaled_by_the_ratio_of_determinants(place, source, target):
    point = {
        **AMPLIFICATION.example,
        "path": place[0], "time": place[1], "source": source, "target": target,
    }  # fmt: skip
    exact = AMPLIFICATION.exact(point).value
    assert AMPLIFICATION.printed(point).value == pytest.approx(exact, rel=1e-9)
    beside = AMPLIFICATION.sharper(point)
    product = beside["source_error"].value * beside["amplification"].value
    assert product == pytest.approx(exact, rel=1e-9)


@check
@given(inside, st.floats(-1, 1), st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_a_constant_error_too(place, delta, source, target):
    """What a network adds to its prediction comes out times the factor, at any x."""
    at, x = path(*place), np.linspace(-2, 2, 9)[:, None]
    own = predict(P, x, source, at)
    moved = convert(own + delta, x, source, target, at) - convert(own, x, source, target, at)
    size = factor(source, target, at)
    np.testing.assert_allclose(np.abs(moved), abs(delta) * size, rtol=0, atol=1e-11 * (1 + size))


@pytest.mark.parametrize("t", [0.02, 0.5, 0.98])
def test_the_table_of_factors(t):
    vp, linear = path("vp", t), path("linear", t)
    ratio = vp.sigma / vp.alpha
    table = {
        ("noise", "data"): ratio,
        ("data", "noise"): 1 / ratio,
        ("noise", "v"): 1 / vp.alpha,
        ("data", "v"): 1 / vp.sigma,
        ("v", "data"): vp.sigma,
        ("v", "noise"): vp.alpha,
        ("noise", "score"): 1 / vp.sigma,
    }
    for (source, target), value in table.items():
        assert factor(source, target, vp) == pytest.approx(value, rel=1e-12)
    rectified = {
        ("noise", "velocity"): 1 / (1 - t),
        ("data", "velocity"): 1 / t,
        ("velocity", "data"): t,
        ("velocity", "noise"): 1 - t,
    }
    for (source, target), value in rectified.items():
        assert factor(source, target, linear) == pytest.approx(value, rel=1e-12)


@check
@given(st.floats(0.01, 0.99))
def test_v_and_the_velocity_of_the_linear_path_never_amplify(t):
    for target in ("data", "noise"):
        assert factor("v", target, path("vp", t)) <= 1
        assert factor("velocity", target, path("linear", t)) <= 1
    assert max(factor("noise", "data", path("vp", t)), factor("data", "noise", path("vp", t))) >= 1


def test_at_the_end_of_the_path_noise_is_void():
    point = {**AMPLIFICATION.example, "time": 1.0}
    assert AMPLIFICATION.void(point)
    assert set(AMPLIFICATION.sharper(point)) == {"source_error"}
    assert AMPLIFICATION.exact(point).value == pytest.approx(0.1, rel=1e-12)  # E p less E q


def test_the_field_is_measured_under_the_first_law():
    """Against a Monte Carlo mean, within 4 standard errors."""
    at, generator, n = path("vp", 0.4), np.random.default_rng(0), 100_000
    x = at.alpha * P.sample(n, generator)[:, 0] + at.sigma * generator.standard_normal(n)
    squares = difference(P, Q, x, "noise", at) ** 2
    found = mean_square(P, Q, "noise", at)
    assert abs(squares.mean() - found) < 4 * squares.std() / math.sqrt(n)


def test_the_divergence_of_normal_laws_in_closed_form():
    one, other = (mixture(density(text)) for text in ("normal(1,0.7)", "normal(1.3,0.9)"))
    at = path("ou", 0.4)
    first, second = (at.alpha**2 * v + at.sigma**2 for v in (0.49, 0.81))
    ratio = first / second
    expected = 0.5 * (ratio - 1 - math.log(ratio) + (0.3 * at.alpha) ** 2 / second)
    assert divergence(one, other, at) == pytest.approx(expected, rel=1e-11)
    assert divergence(one, one, at) == 0.0
    near = mixture(density("normal(1,0.70000001)"))
    r = 2e-8 * 0.49 * at.alpha**2 / 0.7 / first  # a change of the variance by 1.4e-8
    assert divergence(one, near, at) == pytest.approx(r**2 / 4, rel=1e-6)


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize(
    ("name", "time", "source", "target"),
    [
        ("ve", 20.0, "noise", "data"),
        ("ve", 0.01, "data", "noise"),
        ("vp", 0.99, "noise", "data"),
        ("vp", 0.5, "v", "data"),
        ("linear", 0.7, "velocity", "noise"),
    ],
)
def test_rounding_stays_within_its_bound(precision, name, time, source, target):
    point = {
        **PRECISION.example,
        "path": name, "time": time, "source": source, "target": target, "precision": precision,
    }  # fmt: skip
    found = PRECISION.exact(point, np.random.default_rng(0))
    bound = PRECISION.printed(point).value
    unit = 2.0**-24 if precision == "float32" else 2.0**-11
    lost = 10 ** PRECISION.sharper(point)["digits_lost"].value
    assert bound == pytest.approx(4 * unit / (1 - 4 * unit) * lost, rel=1e-12)
    assert 0.02 * bound < found.value < bound  # and the bound is no more than 50 times too large


def test_every_point_is_within_the_bound():
    at = path("ve", 5.0)
    x = np.linspace(-20, 20, 4001)
    one = terms(P, x, "noise", "data", at)
    off = np.abs(one.rounded("float32") - one.target)
    bound = 4 * 2.0**-24 / (1 - 2.0**-22) * (abs(one.of_x * x) + abs(one.of_value * one.value))
    assert (off <= bound).all()


def test_half_precision_at_high_noise_keeps_no_digit():
    point = {**PRECISION.example, "precision": "float16", "time": 500.0}
    assert PRECISION.void(point)
    assert PRECISION.exact(point, np.random.default_rng(0)).value > 0.05
    single = {**point, "precision": "float32"}
    assert not PRECISION.void(single)
    assert PRECISION.exact(single, np.random.default_rng(0)).value < 1e-4


def test_v_loses_nothing_at_any_noise_level():
    for time in (0.001, 0.5, 0.999):
        point = {**PRECISION.example, "path": "vp", "time": time, "source": "v"}
        assert PRECISION.sharper(point)["digits_lost"].value < 0.5


def test_digits_are_lost_as_the_amplification_grows():
    """kappa = RMS(|x| + sigma |E eps|) / RMS(E[x_0|x]), of order 2 sigma / |E x_0| for ve."""
    sigma = np.array([20.0, 40.0, 80.0])
    lost = [
        PRECISION.sharper({**PRECISION.example, "time": float(s)})["digits_lost"].value
        for s in sigma
    ]
    slope = np.polyfit(np.log10(sigma), lost, 1)[0]
    print(f"slope {slope:.4f}, declared 1")
    assert slope == pytest.approx(1, abs=0.01)


def test_an_overflow_and_a_silent_source_are_refused():
    with pytest.raises(ValueError, match="an overflow of float16"):
        PRECISION.exact(
            {**PRECISION.example, "path": "ve", "time": 1e5, "precision": "float16"},
            np.random.default_rng(0),
        )
    with pytest.raises(ValueError, match="says nothing at time=1"):
        PRECISION.printed({**PRECISION.example, "path": "vp", "time": 1.0})
