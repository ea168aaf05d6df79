"""One form: it finds the law, whatever the units, and as low as a search by another optimiser."""

import numpy as np
import pytest
from scipy.optimize import minimize

from harness.problem import Problem
from harness.scaling import FORMS
from harness.scaling.descent import minimise
from harness.scaling.fit import fit, suited
from harness.scaling.form import Frame
from harness.scaling.huber import loss

from .made_up import TRUTH, law, sizes


@pytest.mark.parametrize("name", FORMS)
def test_exact_points_give_the_law_back(name) -> None:
    x = sizes(name)
    found = fit(name, x, law(name, x))
    assert found.done
    for parameter, value in TRUTH[name].items():
        assert found.parameters[parameter] == pytest.approx(value, rel=1e-6), parameter
    assert np.abs(found.residuals).max() < 1e-10
    np.testing.assert_allclose(found.predict(4 * x), law(name, 4 * x), rtol=1e-6)


def test_the_synthetic_points_of_vpnls_are_recovered() -> None:
    """E 1.69, A 406.4, B 410.7, alpha 0.34, beta 0.28: 8 budgets, 16 shapes each."""
    budget, shape = np.meshgrid(np.geomspace(1e18, 1e22, 8), np.geomspace(1 / 8, 8, 16))
    n = np.sqrt(budget / 120).ravel() * shape.ravel()
    x = np.stack([n, budget.ravel() / 6 / n], 1)
    y = 1.69 + 406.4 * x[:, 0] ** -0.34 + 410.7 * x[:, 1] ** -0.28
    got = fit("two_powers_with_floor", x, y).parameters
    expected = {"E": 1.69, "A": 406.4, "alpha": 0.34, "B": 410.7, "beta": 0.28}
    assert got == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("name", FORMS)
def test_units_change_parameters_as_they_must_and_nothing_else(name) -> None:
    """N in thousands, the loss in bits: exponents stay, E and A scale, residuals are the same."""
    x = sizes(name)
    y = law(name, x) * np.exp(0.02 * np.random.default_rng(1).standard_normal(len(x)))
    one, other = fit(name, x, y), fit(name, x / 1000, y / np.log(2))
    np.testing.assert_allclose(other.residuals, one.residuals, atol=1e-7)
    assert other.total == pytest.approx(one.total, rel=1e-9)
    a, b = one.parameters, other.parameters
    rates = {"kappa": 1000, "lambda": 1000, "N0": 1e-3, "alpha": 1, "beta": 1}
    for parameter in a:
        factor = rates.get(parameter, 1 / np.log(2))
        exponent = {"A": "alpha", "B": "beta"}.get(parameter)
        if exponent in a:
            factor *= 1000.0 ** -a[exponent]
        assert b[parameter] == pytest.approx(factor * a[parameter], rel=1e-5), parameter


@pytest.mark.parametrize("name", ["power_with_floor", "broken_power", "two_powers_with_floor"])
@pytest.mark.parametrize("delta", [1e-3, 1.0])
def test_no_start_of_another_optimiser_ends_lower(name, delta) -> None:
    """Numerical gradients, Powell and L-BFGS-B in turn, from 3 random starts around the points."""
    x, form, rng = sizes(name), FORMS[name], np.random.default_rng(2)
    y = law(name, x) * np.exp(0.03 * rng.standard_t(3, len(x)))
    found = fit(name, x, y, delta)
    frame = Frame.of(x, y)
    features, wanted = form.features(x, frame), np.log(y) - frame.level

    def total(theta: np.ndarray) -> float:
        return 1e3 * float(loss(form.level(theta[None], features)[0] - wanted, delta).sum())

    best = np.inf
    for _ in range(3):
        theta = found.theta + rng.normal(0, 0.5, len(found.theta))
        for method in ("L-BFGS-B", "Nelder-Mead"):
            theta = minimize(total, theta, method=method, options={"maxiter": 400}).x
        best = min(best, total(theta) / 1e3)
    assert found.done
    assert found.total <= best * (1 + 1e-9)
    assert found.total == pytest.approx(total(found.theta) / 1e3)


def test_the_sum_is_minimised_and_not_the_squares() -> None:
    """One point off by e leaves an absolute loss where the others are, and moves least squares."""
    x = sizes("power")
    y = law("power", x)
    y[2] *= np.e
    absolute, squares = fit("power", x, y, 1e-6), fit("power", x, y, 100.0)
    assert absolute.parameters["alpha"] == pytest.approx(TRUTH["power"]["alpha"], rel=1e-4)
    slope = -np.polyfit(np.log(x[:, 0]), np.log(y), 1)[0]
    assert squares.parameters["alpha"] == pytest.approx(slope, rel=1e-9)
    assert abs(slope - TRUTH["power"]["alpha"]) > 0.01


def test_what_cannot_be_fitted_is_refused() -> None:
    x = sizes("power")
    with pytest.raises(Problem, match=r"two_powers.*2 variables.*got 1.*power_with_floor"):
        fit("two_powers", x, law("power", x))
    with pytest.raises(Problem, match=r"4 parameters of broken_power.*3 sizes"):
        fit("broken_power", x[[0, 0, 1, 1, 2, 2]], np.arange(1.0, 7.0))
    with pytest.raises(Problem, match="did you mean 'power'"):
        fit("powr", x, law("power", x))
    with pytest.raises(Problem, match="delta 0"):
        fit("power", x, law("power", x), delta=0)
    assert suited(1) == ["power_with_floor", "power", "broken_power", "exponential"]


def test_of_several_optima_the_lowest_is_kept() -> None:
    """Noise without a law has several; some start, the first too, ends above another."""
    x, differ, later = sizes("power_with_floor"), 0, 0
    for seed in range(8):
        y = np.exp(0.3 * np.random.default_rng(seed).standard_normal(len(x)))
        found = fit("power_with_floor", x, y)
        features, wanted = found.form.features(x, found.frame), np.log(y) - found.frame.level
        starts = found.form.starts(features, np.exp(wanted), found.delta, 3)
        totals = minimise(found.form, features, wanted[None], starts, found.delta).total
        assert found.total == pytest.approx(totals.min(), rel=1e-12)
        differ += totals.max() > totals.min() * 1.001
        later += totals[0] > totals.min() * 1.001
    assert differ >= 2
    assert later >= 1
