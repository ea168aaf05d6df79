"""The contraction of loops: worked numbers, the Jacobian of fitted loops, any parameterisation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from theory.loops.contraction import (
    Contraction,
    mismatch,
    printed_factor,
    printed_threshold,
    sharp_factor,
    true_factor,
)
from theory.loops.misspecified import LIPSCHITZ, Misspecified, constants, curvature, transport
from theory.loops.parameterisation import COORDINATES, Parameterisation
from theory.loops.parameterisation import curvature as scale_curvature
from theory.loops.parameterisation import lipschitz as scale_lipschitz

check = settings(max_examples=20, deadline=None, derandomize=True)
lambdas, gammas = st.floats(1e-3, 50), st.floats(0, 20)
LAW, WRONG, WRITTEN = Contraction(), Misspecified(), Parameterisation()


@pytest.mark.parametrize(
    ("lam", "gamma", "exact", "printed"),
    [
        (0.25, 0, 0.2, 1 / 3),
        (0.25, 1, 0.1, 1 / 6),
        (0.49, 0, 0.3288590604026846, 0.9607843137254902),
        (0.5, 0, 1 / 3, 1.0),
        (0.5, 0.1, 0.30303030303030304, 0.9090909090909091),
        (1.0, 0, 0.5, None),
        (1.0, 1, 0.25, None),
        (2.0, 0, 2 / 3, None),
        (2.0, 1, 1 / 3, None),
    ],
)
def test_worked_numbers(lam, gamma, exact, printed):
    point = {"lambda": lam, "gamma": gamma}
    assert LAW.exact(point).value == pytest.approx(exact, rel=1e-12)
    if printed is None:
        assert LAW.printed(point) is None
    else:
        assert LAW.printed(point).value == pytest.approx(printed, rel=1e-12)
    assert LAW.void(point) is (printed is None or printed >= 1)
    assert LAW.sharper(point)["sharp_bound"].value == pytest.approx(exact, rel=1e-12)


@check
@given(gammas, st.floats(1, 5))
def test_the_theorem_is_void_from_its_threshold_on(gamma, kappa):
    edge = printed_threshold(gamma, kappa)
    assert edge == pytest.approx((1 + gamma) / ((2 + gamma) * kappa), rel=1e-12)
    assert printed_factor(edge, gamma, kappa) == pytest.approx(1, rel=1e-9)
    assert printed_factor(edge * 0.999, gamma, kappa) < 1
    rho = edge * kappa / (1 - edge * kappa)
    assert rho / (1 + gamma) == pytest.approx(1, rel=1e-9)


@check
@given(lambdas, gammas, st.floats(0.2, 5), st.floats(0, 2), st.floats(0, 2), st.floats(-1, 1))
def test_every_loop_is_stable_and_obeys_both_bounds(lam, gamma, alpha, slope, epsilon, side):
    information = max(alpha + side * slope * epsilon, 1e-3 * alpha)
    epsilon = max(epsilon, abs(information - alpha) / slope if slope else 0.0)
    if slope == 0:
        information = alpha
    point = {
        "lambda": lam,
        "gamma": gamma,
        "alpha": alpha,
        "information": information,
        "lipschitz": slope,
        "epsilon": epsilon * (1 + 1e-9),
    }
    exact, sharper, printed = LAW.exact(point).value, LAW.sharper(point), LAW.printed(point)
    assert 0 < exact < 1 / (1 + gamma)
    assert sharper["log_factor"].value < 0
    assert exact <= sharper["sharp_bound"].value * (1 + 1e-12)
    if printed is not None:
        assert sharper["sharp_bound"].value <= printed.value * (1 + 1e-12)
    scaled = {**point, "alpha": 7 * alpha, "information": 7 * information, "lipschitz": 7 * slope}
    assert LAW.exact(scaled).value == pytest.approx(exact, rel=1e-12)


@check
@given(lambdas, gammas)
def test_correction_speeds_up_by_one_plus_gamma(lam, gamma):
    assert true_factor(lam, 0.0) / true_factor(lam, gamma) == pytest.approx(1 + gamma, rel=1e-12)
    if lam < 1:
        ratio = printed_factor(lam, gamma) / true_factor(lam, gamma)
        assert ratio == pytest.approx((1 + lam) / (1 - lam), rel=1e-9)
    assert true_factor(lam, math.inf) == 0.0
    assert true_factor(1e12, gamma) == pytest.approx(1 / (1 + gamma), rel=1e-9)


def test_constants_of_two_models_are_refused():
    with pytest.raises(ValueError, match="further apart than epsilon L"):
        LAW.exact({"lambda": 0.3, "information": 2.0})
    with pytest.raises(ValueError, match="or full"):
        LAW.exact({"lambda": 0.3, "gamma": -1.0})
    assert LAW.exact({"lambda": 0.3, "gamma": "full"}).value == 0.0


def logistic_step(theta: float, lam: float, gamma: float, spread: float) -> float:
    """One generation of the logistic loop by quadrature and root finding."""
    x = np.linspace(-60, 60, 6001)
    step = x[1] - x[0]
    data = stats.norm.pdf(x, scale=spread)
    model = (stats.logistic.pdf(x, theta) + gamma * stats.logistic.pdf(x)) / (1 + gamma)
    weight = (data + lam * model) * step
    return optimize.brentq(lambda to: weight @ np.tanh((x - to) / 2), -3, 3, xtol=1e-14)


@pytest.mark.parametrize(
    ("lam", "gamma", "spread"), [(0.4, 0, 1.0), (3.0, 0.5, 4.0), (1.0, 2, 0.5)]
)
def test_the_factor_of_a_wrong_model_is_that_of_its_fitted_loop(lam, gamma, spread):
    h = 1e-3
    slope = (logistic_step(h, lam, gamma, spread) - logistic_step(-h, lam, gamma, spread)) / (2 * h)
    point = {"lambda": lam, "gamma": gamma, "spread": spread}
    assert WRONG.exact(point).value == pytest.approx(slope, rel=1e-5)
    assert logistic_step(0.0, lam, gamma, spread) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("spread", [0.05, 0.3, 1.0, 1.59, 1.6, 1.8138, 3.0, 20.0])
def test_constants_of_the_logistic_family(spread):
    gap = lambda x: abs(stats.logistic.sf(x) - stats.norm.sf(x / spread))  # noqa: E731
    area = sum(integrate.quad(gap, a, b, limit=200)[0] for a, b in ((0, 3), (3, 40), (40, 400)))
    assert transport(spread) == pytest.approx(2 * area, abs=1e-7)
    nodes, weights = special.roots_hermitenorm(180)
    mean = weights @ (0.5 / np.cosh(spread * nodes / 2) ** 2) / math.sqrt(2 * math.pi)
    if spread < 4:
        assert curvature(spread) == pytest.approx(mean, rel=1e-6)
    x = np.linspace(0, 6, 100_001)
    hessian = -0.5 / np.cosh(x / 2) ** 2
    assert np.diff(hessian).max() / (x[1] - x[0]) == pytest.approx(LIPSCHITZ, rel=1e-7)
    found = constants(spread)
    assert found.information <= found.kappa
    assert found.information == pytest.approx(1 / 3 / found.alpha, rel=1e-12)
    assert found.kappa == pytest.approx(1 + found.epsilon * LIPSCHITZ / found.alpha, rel=1e-12)


@check
@given(lambdas, gammas, st.floats(0.05, 10))
def test_a_wrong_model_obeys_the_bounds(lam, gamma, spread):
    point = {"lambda": lam, "gamma": gamma, "spread": spread}
    exact, printed = WRONG.exact(point).value, WRONG.printed(point)
    assert exact <= WRONG.sharper(point)["sharp_bound"].value * (1 + 1e-12)
    if printed is not None:
        assert exact <= printed.value
        constant = WRONG.sharper(point)["kappa"].value
        assert printed.value == pytest.approx(printed_factor(lam, gamma, constant), rel=1e-12)


def log_density(x: float, theta: float, coordinate: str) -> float:
    variance = {
        "precision": lambda: 1 / theta,
        "log_variance": lambda: math.exp(theta),
        "deviation": lambda: theta**2,
        "variance": lambda: theta,
    }[coordinate]()
    return -0.5 * math.log(variance) - x * x / (2 * variance)


@pytest.mark.parametrize("coordinate", COORDINATES)
@pytest.mark.parametrize("variance", [0.4, 1.0, 2.5])
def test_curvature_and_slope_by_finite_differences(coordinate, variance):
    at = {
        "precision": 1 / variance,
        "log_variance": math.log(variance),
        "deviation": math.sqrt(variance),
        "variance": variance,
    }[coordinate]
    h = 1e-4 * max(abs(at), 0.1)

    def hessian(x: float) -> float:
        values = [log_density(x, at + s * h, coordinate) for s in (-1, 0, 1)]
        return (values[0] - 2 * values[1] + values[2]) / h**2

    # the Hessian is a + b x^2: its mean over data of that variance is a + b variance
    assert scale_curvature(coordinate, variance) == pytest.approx(
        -hessian(math.sqrt(variance)), rel=1e-5
    )
    radius = 3.0
    slope = (hessian(radius + 0.01) - hessian(radius - 0.01)) / 0.02
    assert scale_lipschitz(coordinate, variance, radius) == pytest.approx(
        abs(slope), rel=1e-3, abs=1e-4
    )


@pytest.mark.parametrize(
    ("coordinate", "times"),
    [("precision", 0), ("log_variance", 2), ("deviation", 3), ("variance", 4)],
)
@pytest.mark.parametrize("variance", [0.4, 1.0, 2.5])
def test_kappa_in_four_parameterisations(coordinate, times, variance):
    point = {"lambda": 0.2, "coordinate": coordinate, "epsilon": 0.1, "variance": variance}
    if times == 0:  # the natural parameter: no Lipschitz constant is needed
        assert WRITTEN.printed(point).value == pytest.approx(0.25, rel=1e-12)
        assert WRITTEN.exact(point).value == pytest.approx(1 / 6, rel=1e-12)
    else:
        assert WRITTEN.printed(point) is None  # not Lipschitz on the line
        assert WRITTEN.void(point)
    kappa = WRITTEN.sharper({**point, "radius": 3.0})["kappa"].value
    assert kappa == pytest.approx(1 + times * 0.1 * 3.0 / variance, rel=1e-12)
    edge = WRITTEN.sharper({**point, "radius": 3.0})["printed_threshold"].value
    assert edge == pytest.approx(0.5 / kappa, rel=1e-12)


def test_a_fitted_scale_has_the_same_factor_in_every_parameterisation():
    """The variance mixes linearly; its error and that of any function of it shrink alike."""
    lam, gamma, target = 0.7, 0.4, 1.3
    variance = target * (1 + 1e-6)
    after = (target + lam * (variance + gamma * target) / (1 + gamma)) / (1 + lam)
    for written in (lambda v: v, math.sqrt, math.log, lambda v: 1 / v):
        ratio = (written(after) - written(target)) / (written(variance) - written(target))
        assert ratio == pytest.approx(true_factor(lam, gamma), rel=1e-4)


def test_the_sharp_bound_uses_kappa():
    assert mismatch(2.0, 0.5, 0.4) == pytest.approx(1.1)
    assert sharp_factor(0.5, 1.0, 1.1) == pytest.approx(0.55 / 1.55 / 2, rel=1e-12)
