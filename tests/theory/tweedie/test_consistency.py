"""Consistency: the equation, its only anchored solution, and what the residual does not see."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.density import density
from theory.line_mixture import mixture
from theory.tweedie.consistency import Consistency, error, residual, residual_at
from theory.tweedie.continuation import Continuation, continued, gain, integrated
from theory.tweedie.residual_estimator import Setting
from theory.tweedie.transition import denoise, minimal_error

CONTINUATION, CONSISTENCY = Continuation(), Consistency()
check = settings(max_examples=20, deadline=None, derandomize=True)
PAIR = "0.3*normal(-1,0.3)+0.7*normal(1,0.3)"
NORMAL = "normal(0.4,0.9643650760992956)"  # the mean and the variance of the pair
levels = st.tuples(st.floats(0.1, 1), st.floats(0.05, 0.95))


def test_the_denoiser_of_a_mixture_solves_the_equation():
    """dh/dtau = (h - x) h' / tau + h'' / 2, by finite differences of fourth order."""
    law, tau, step = mixture(density(PAIR)), 0.5, 1e-2
    x = np.linspace(-2, 2, 41)

    def h(at, t):
        return denoise(law, at, math.sqrt(t))

    def slope(f):
        return (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step)

    second = (
        16 * (h(x + step, tau) + h(x - step, tau))
        - (h(x + 2 * step, tau) + h(x - 2 * step, tau))
        - 30 * h(x, tau)
    ) / (12 * step**2)
    in_time, in_space = slope(lambda s: h(x, tau + s)), slope(lambda s: h(x + s, tau))
    right = (h(x, tau) - x) * in_space / tau + second / 2
    np.testing.assert_allclose(in_time, right, rtol=0, atol=1e-5)


def test_a_matrix_denoiser_that_is_no_gradient_also_solves_it():
    """tau dA/dtau = A (A - 1) for A = (1 + C tau)^-1, C of no symmetry."""
    c, tau, step = np.array([[1.0, 0.7], [-0.2, 2.0]]), 0.4, 1e-4

    def a(t):
        return np.linalg.inv(np.eye(2) + c * t)

    derivative = (a(tau + step) - a(tau - step)) / (2 * step)
    np.testing.assert_allclose(tau * derivative, a(tau) @ (a(tau) - np.eye(2)), rtol=0, atol=1e-8)


@check
@given(st.floats(0.01, 10), levels)
def test_the_anchored_solution_is_the_exact_denoiser(variance, pair):
    sigma_n, share = pair
    point = {"variance": variance, "sigma_n": sigma_n, "lower": share * sigma_n}
    assert not CONTINUATION.void(point)
    assert CONTINUATION.exact(point).value == pytest.approx(
        CONTINUATION.printed(point).value, rel=1e-10
    )


@check
@given(st.floats(0.05, 3), levels)
def test_the_closed_form_solves_the_equation_from_any_anchor(anchor, pair):
    sigma_n, share = pair
    closed = continued(anchor, sigma_n, share * sigma_n)
    assert integrated(anchor, sigma_n, share * sigma_n) == pytest.approx(closed, rel=1e-10)


def test_a_wrong_anchor_implies_another_law_or_none():
    point = {"variance": 0.25, "sigma_n": 1.0, "lower": 0.1, "anchor_error": 0.5}
    beside = CONTINUATION.sharper(point)
    implied = beside["implied_variance"].value
    assert implied == pytest.approx(0.3 / 0.7, rel=1e-12)  # gain 0.2 becomes 0.3
    assert CONTINUATION.void(point)
    assert CONTINUATION.exact(point).value == pytest.approx(gain(implied, 0.1), rel=1e-10)
    beyond = CONTINUATION.sharper({**point, "anchor_error": 5.0})  # a gain of 1.2
    assert "implied_variance" not in beyond
    assert beyond["closed_form"].value > 1


def test_the_amplification_of_an_anchor_error():
    point = {"variance": 0.01, "sigma_n": 1.0, "lower": 0.1, "anchor_error": 1e-6}
    beside = CONTINUATION.sharper(point)
    wrong = continued((1 + 1e-6) * gain(0.01, 1.0), 1.0, 0.1) - gain(0.01, 0.1)
    measured = wrong / (1e-6 * gain(0.01, 1.0))
    assert beside["amplification"].value == pytest.approx(measured, rel=1e-6)
    small = beside["small_error_amplification"].value
    assert small == pytest.approx(0.01 * (1.01 / 0.02) ** 2, rel=1e-12)  # 25.5 times
    assert beside["amplification"].value == pytest.approx(small, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"lower": 1.0}, "give lower < sigma_n"), ({"anchor_error": -1.5}, "above -1")],
)
def test_an_impossible_continuation_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        CONTINUATION.exact({**CONTINUATION.example, **change})


def point(above, below, sigma_n=0.5, sigma=0.7, lower=0.2):
    return {
        "p": PAIR, "above": above, "below": below,
        "sigma_n": sigma_n, "sigma": sigma, "lower": lower,
    }  # fmt: skip


def test_anchored_and_consistent_is_exact():
    found = CONSISTENCY.sharper(point(PAIR, PAIR))
    assert found["residual"].value == found["anchor_error"].value == found["error"].value == 0.0
    least = CONSISTENCY.exact(point(PAIR, PAIR)).value
    assert CONSISTENCY.printed(point(PAIR, PAIR)).value == least
    assert found["consistency_alone"].value == least
    assert least == pytest.approx(minimal_error(mixture(density(PAIR)), 0.2), rel=1e-12)
    assert not CONSISTENCY.void(point(PAIR, PAIR))


@pytest.mark.parametrize("below", [NORMAL, "normal(0,1)", "0.35*normal(-1,0.3)+0.65*normal(1,0.3)"])
def test_anchored_and_wrong_has_a_residual(below):
    found = CONSISTENCY.sharper(point(PAIR, below))
    assert found["residual"].value > 1e-3
    assert found["anchor_error"].value == 0.0
    assert found["error"].value > 1e-3
    least = minimal_error(mixture(density(PAIR)), 0.2)
    loss = CONSISTENCY.exact(point(PAIR, below)).value
    assert loss == pytest.approx(least + found["error"].value ** 2, rel=1e-12)
    assert CONSISTENCY.void(point(PAIR, below))
    assert "consistency_alone" not in found


def test_consistent_and_not_anchored_is_wrong():
    """The control: the exact denoiser of another law is consistent, and 0.1 off."""
    found = CONSISTENCY.sharper(point(NORMAL, NORMAL))
    assert found["residual"].value == 0.0
    assert found["anchor_error"].value > 0.05
    assert found["error"].value == pytest.approx(0.0996, abs=5e-5)
    promised = found["consistency_alone"].value
    assert CONSISTENCY.exact(point(NORMAL, NORMAL)).value > 1.2 * promised
    assert CONSISTENCY.void(point(NORMAL, NORMAL))


def test_pairs_below_the_noise_of_the_data_see_nothing():
    inside = point(PAIR, NORMAL, sigma=0.4)
    assert CONSISTENCY.sharper(inside)["residual"].value == 0.0
    assert CONSISTENCY.sharper(inside)["error"].value > 0.09
    assert CONSISTENCY.void(inside)


def test_the_loss_is_what_a_sample_shows():
    """E |h(X_lower) - X_0|^2 on draws, within 4 standard errors."""
    generator, n = np.random.default_rng(6), 100_000
    clean = density(PAIR).sample((n,), generator)
    noisy = clean + 0.2 * generator.standard_normal(n)
    squares = (denoise(mixture(density(NORMAL)), noisy, 0.2) - clean) ** 2
    loss = CONSISTENCY.exact(point(PAIR, NORMAL)).value
    assert abs(squares.mean() - loss) < 4 * squares.std() / math.sqrt(n)


@check
@given(st.floats(0.1, 2), st.floats(0.1, 2), st.floats(0.1, 1), st.floats(1, 3), st.floats(-2, 2))
def test_the_residual_of_normal_laws_in_closed_form(a, b, sigma_n, ratio, x):
    sigma = sigma_n * ratio
    above, below = (mixture(density(f"normal(0.3,{sd!r})")) for sd in (a, b))
    found = residual_at(np.array([x]), above, below, sigma_n, sigma)[0]
    formula = (x - 0.3) * sigma_n**2 * (b**2 - a**2)
    formula /= (a**2 + sigma**2) * (b**2 + sigma_n**2)
    assert found == pytest.approx(formula, rel=1e-9, abs=1e-12)


def test_the_residual_is_what_trajectories_show():
    """Drawn through both halves of the splice, at one starting point, within 4 standard errors."""
    above, below = mixture(density(PAIR)), mixture(density(NORMAL))
    setting = Setting(above, above, below, 0.5, 0.7, 0.2)
    generator = np.random.default_rng(5)
    for x in (-0.8, 0.1, 1.3):
        ends = denoise(below, setting.step(np.full(100_000, x), generator), 0.2)
        off = ends - denoise(above, np.array([x]), 0.7)
        found = residual_at(np.array([x]), above, below, 0.5, 0.7)[0]
        assert abs(off.mean() - found) < 4 * off.std() / math.sqrt(len(off))


@check
@given(st.floats(0.2, 5), st.floats(-3, 3))
def test_errors_and_residuals_have_the_units_of_the_data(scale, shift):
    def pair(unit, origin):
        places = (origin, origin + unit)
        return tuple(mixture(density(f"normal({place!r},{unit!r})")) for place in places)

    first, second = pair(1.0, 0.0), pair(scale, shift)
    one = residual(first[0], *first, 0.5, 0.7, 0.2), error(*first, 0.2)
    levels = [scale * level for level in (0.5, 0.7, 0.2)]
    other = residual(second[0], *second, *levels), error(*second, levels[2])
    assert other == pytest.approx([scale * value for value in one], rel=1e-9)


def test_fine_structure_is_hidden_exponentially_by_the_noise_of_the_data():
    """Residual of a comb of spacing l beside its envelope: exp(-2 pi^2 sigma_n^2 / l^2).

    Under the envelope N(0, 1) the noise counts as sigma_n^2 / (1 + sigma_n^2): the two points of
    the comb that explain an x are nearer to 0 than x is.
    """
    places = np.arange(-28, 29) / 4
    weights = np.exp(-0.5 * places**2 / (1 - 0.05**2))
    teeth = zip((weights / weights.sum()).tolist(), places.tolist())
    comb = density("+".join(f"{w!r}*normal({x!r},0.05)" for w, x in teeth))
    envelope, below = mixture(density("normal(0,1)")), mixture(comb)
    noise = np.array([0.12, 0.14, 0.16, 0.18])
    found = [residual(envelope, envelope, below, s, s, 0.03) for s in noise]
    seen = noise**2 / (1 + noise**2)
    slope = np.polyfit(seen, np.log(np.array(found) / seen), 1)[0]
    print(f"slope {slope:.1f}, declared {-2 * math.pi**2 / 0.25**2:.1f}")
    assert slope == pytest.approx(-2 * math.pi**2 / 0.25**2, rel=0.01)
    assert error(envelope, below, 0.03) > 300 * found[-1]  # while below it stays


def test_a_level_that_does_not_fall_is_refused():
    with pytest.raises(ValueError, match="give lower < sigma"):
        CONSISTENCY.exact(point(PAIR, PAIR, lower=0.7))
