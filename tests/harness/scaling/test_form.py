"""Every form: its derivatives, its units, and its starts."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import nnls

from harness.scaling import FORMS
from harness.scaling.form import Frame
from harness.scaling.sums import _non_negative

RNG = np.random.default_rng
THETA = {  # in the frame: a floor, amplitudes and exponents of different sizes
    "power_with_floor": [-0.4, -0.9, 0.5],
    "power": [-0.1, 0.3],
    "broken_power": [0.1, 0.2, 0.7, -0.3],
    "exponential": [-0.4, 0.3, 2.1],
    "two_powers_with_floor": [-1.0, -0.8, 0.4, -1.3, 0.6],
    "two_powers": [-0.8, 0.4, -0.5, 0.6],
    "two_exponentials": [-1.0, 0.1, 1.3, -0.2, 3.0],
}


def made(name: str):
    """A form, sizes, the frame, features and some theta ``[3, p]``."""
    form = FORMS[name]
    x = np.exp(RNG(1).uniform(8, 13, (11, form.variables)))
    frame = Frame.of(x, np.exp(RNG(2).normal(1, 0.3, 11)))
    theta = np.array(THETA[name]) + 0.1 * RNG(3).standard_normal((3, len(THETA[name])))
    return form, x, frame, form.features(x, frame), theta


def in_units(name: str, q: dict[str, float], x: np.ndarray) -> np.ndarray:
    """The formulas as they are printed, in the units of the points."""
    n, d = x[:, 0], x[:, -1]
    floor = q.get("E", 0.0)
    if name == "broken_power":
        return (
            q["A"] * n ** -q["alpha"] * (1 + (n / q["N0"]) ** 2) ** ((q["alpha"] - q["beta"]) / 2)
        )
    if name == "exponential":
        return floor + q["A"] * np.exp(-q["kappa"] * n)
    if name == "two_exponentials":
        return floor + q["A"] * np.exp(-q["kappa"] * n) + q["B"] * np.exp(-q["lambda"] * d)
    found = floor + q["A"] * n ** -q["alpha"]
    return found + q["B"] * d ** -q["beta"] if "B" in q else found


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_its_formula_in_the_units_of_the_points(name) -> None:
    form, x, frame, features, theta = made(name)
    for each in theta:
        printed = form.printed(each, frame)
        values = np.where(form.logged, np.exp(printed), printed)
        expected = in_units(name, dict(zip(form.parameters, values)), x)
        got = np.exp(form.level(each[None], features)[0] + frame.level)
        np.testing.assert_allclose(got, expected, rtol=1e-10)


@pytest.mark.parametrize("name", FORMS)
def test_held_undoes_printed(name) -> None:
    form, _, frame, _, theta = made(name)
    np.testing.assert_allclose(form.held(form.printed(theta, frame), frame), theta, rtol=1e-10)


@pytest.mark.parametrize("name", FORMS)
def test_slopes_and_bends_are_those_of_finite_differences(name) -> None:
    form, _, _, features, theta = made(name)
    p, h = theta.shape[1], 1e-5
    value = form.at(theta, features)
    np.testing.assert_allclose(value.f, form.level(theta, features), rtol=1e-12, atol=1e-13)
    c = RNG(4).standard_normal(value.f.shape)
    bend = value.bend(c)
    for j in range(p):
        off = h * np.eye(p)[j]
        up, down = form.at(theta + off, features), form.at(theta - off, features)
        np.testing.assert_allclose(value.slope[:, j], (up.f - down.f) / (2 * h), atol=1e-8)
        second = ((up.slope - down.slope) / (2 * h) * c[:, None]).sum(2)  # [B, p]
        np.testing.assert_allclose(bend[:, j], second, atol=1e-7)


@pytest.mark.parametrize("name", FORMS)
def test_a_start_is_near_the_law_of_exact_points(name) -> None:
    """On the grid's steps: the log residual of the best start is at most a few per cent."""
    form, _, _, features, theta = made(name)
    y = np.exp(form.level(theta[:1], features)[0])
    starts = form.starts(features, y, 1e-3, 3)
    assert 1 <= len(starts) <= 3
    off = form.level(starts, features) - np.log(y)
    assert np.abs(off).mean(1).min() < 0.04
    assert np.abs(off).mean(1).argmin() == 0


def test_the_linear_part_is_non_negative_least_squares() -> None:
    rng = RNG(5)
    columns = [np.ones((1, 9)) / rng.uniform(1, 2, 9), *rng.uniform(0.1, 3, (2, 6, 9)) ** 2]
    index = [np.zeros(36, int), *(np.array(i) for i in zip(*product(range(6), range(6))))]
    got = _non_negative(columns, index)
    for c in range(36):
        basis = np.stack([column[i[c]] for column, i in zip(columns, index)], 1)
        np.testing.assert_allclose(got[c], nnls(basis, np.ones(9))[0], atol=1e-7)
    assert (got == 0).any()
    assert (got > 0).all(1).any()
