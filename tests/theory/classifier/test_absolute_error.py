"""The absolute error: by simulation, the nearest mean on a line, another class off it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from theory.classifier.absolute_error import AbsoluteError, absolute_error
from theory.schedule import alpha_bar

LAW = AbsoluteError()
POINT = {"x": [0.3], "mean_0": [1.0], "mean_1": [-1.0], "variance": 1.0}
check = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_the_closed_form_by_simulation(schedule):
    generator, n, v = np.random.default_rng(12), 60_000, 0.4
    offset = np.array([0.7, -1.5])
    left = alpha_bar(schedule)[1:][generator.integers(1000, size=n)][:, None]
    noise = generator.standard_normal((n, 2))
    marginal = left * v + 1 - left
    # x = offset and the mean at 0
    noisy = np.sqrt(left) * offset + np.sqrt(1 - left) * noise
    predicted = np.sqrt(1 - left) * noisy / marginal
    errors = abs(noise - predicted).sum(axis=1)
    found = absolute_error(offset, v, schedule)
    assert errors.mean() == pytest.approx(found, abs=4 * errors.std() / math.sqrt(n))


@pytest.mark.parametrize("offset", [[0.05], [0.7, -1.5], [0.0, 30.0]])
def test_the_terms_are_means_of_folded_normals(offset):
    v, left = 0.4, alpha_bar("linear")[1:][:, None]
    marginal = left * v + 1 - left
    alpha, b = left * v / marginal, np.sqrt(left * (1 - left)) * np.array(offset) / marginal
    folded = stats.foldnorm.mean(np.abs(b) / alpha, scale=alpha)
    expected = folded.sum(axis=1).mean()
    assert absolute_error(np.array(offset), v) == pytest.approx(expected, rel=1e-9)


@check
@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5), st.floats(0.01, 10))
def test_on_a_line_it_is_the_nearest_mean(x, first, second, variance):
    if abs(abs(x - first) - abs(x - second)) < 1e-6:
        return
    errors = [absolute_error(np.array([x - mean]), variance) for mean in (first, second)]
    assert (errors[0] < errors[1]) == (abs(x - first) < abs(x - second))


def test_off_a_line_it_prefers_few_axes():
    """At a distance of 8 against 0.66 * 8 * sqrt(2) = 7.47 deviations it takes the farther mean."""
    point = {"x": [0.0, 0.0], "mean_0": [8.0, 0.0], "mean_1": [5.28, 5.28], "variance": 1.0}
    assert LAW.exact(point).value > 1
    assert LAW.sharper(point)["squared"].value > 1
    assert LAW.printed(point).value < 1


def test_near_the_means_it_agrees_with_the_squared_error():
    """f is quadratic for |b| well below alpha, and so is their sum: the nearer mean again."""
    point = {"x": [0.0, 0.0], "mean_0": [0.08, 0.0], "mean_1": [0.0528, 0.0528], "variance": 1.0}
    assert LAW.exact(point).value > 1
    assert LAW.printed(point).value > 1


def test_it_depends_on_the_axes_where_bayes_does_not():
    turn = math.sqrt(0.5)
    flat = {"x": [0.0, 0.0], "mean_0": [3.0, 0.0], "mean_1": [0.0, 3.2], "variance": 1.0}
    tilted = {**flat, "mean_0": [3 * turn, 3 * turn], "mean_1": [-3.2 * turn, 3.2 * turn]}
    assert LAW.exact(tilted).value == pytest.approx(LAW.exact(flat).value, rel=1e-12)
    assert LAW.sharper(tilted)["squared"].value == pytest.approx(
        LAW.sharper(flat)["squared"].value, rel=1e-12
    )
    assert abs(LAW.printed(tilted).value - LAW.printed(flat).value) > 1e-3


def test_worked_odds():
    """(0.7^2 - 1.3^2) / 2 nats for Bayes, 0.08205624 of (0.7^2 - 1.3^2) for the squared error."""
    assert LAW.exact(POINT).value == pytest.approx(math.exp(-0.6), rel=1e-12)
    assert LAW.sharper(POINT)["squared"].value == pytest.approx(math.exp(-0.0984674875), rel=1e-9)
