"""Condition numbers and iterations of a linear denoiser, against gradient descent itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.difficulty.condition_number import ConditionNumber, condition_numbers
from theory.difficulty.divergence import noising
from theory.difficulty.iterations import PREDICTIONS, Iterations, excess_weights, iterations

NUMBERS = np.arange(1, 65.0)
IMAGE = 16 * NUMBERS**-2 / (NUMBERS**-2).sum()
KAPPA, COUNT = ConditionNumber(), Iterations()
check = settings(max_examples=20, deadline=None, derandomize=True)
WORKED = [
    (1, 3932.008, 10595),
    (10, 2286.304, 6365),
    (50, 305.4333, 947),
    (100, 84.76126, 274),
    (400, 3.378863, 10),
    (600, 1.260790, 3),
    (800, 1.015064, 1),
    (1000, 1.000396, 1),
]


@pytest.mark.parametrize(("t", "kappa", "count"), WORKED)
def test_worked_numbers(t, kappa, count):
    point = {"variances": IMAGE.tolist(), "t": t, "schedule": "linear"}
    assert KAPPA.exact(point).value == pytest.approx(kappa, rel=5e-7)
    assert COUNT.exact(point).value == count
    assert not KAPPA.void(point)


def test_iterations_at_two_hundred_steps():
    point = {"variances": IMAGE.tolist(), "t": 200, "schedule": "linear"}
    assert COUNT.exact(point).value == 65


@check
@given(
    st.lists(st.floats(1e-3, 50), min_size=2, max_size=5),
    st.sampled_from(["linear", "cosine", "constant"]),
)
def test_the_condition_number_falls_for_every_spectrum(variances, schedule):
    found = condition_numbers(schedule, 1000, np.array(variances))
    assert found[0] == pytest.approx(max(variances) / min(variances), rel=1e-12)
    assert (np.diff(found) <= 1e-14).all()
    assert found[-1] >= 1
    if max(variances) > 1.01 * min(variances):
        assert (np.diff(found)[:100] < 0).all()


def test_it_is_that_of_the_second_moments():
    generator = np.random.default_rng(1)
    rotation = np.linalg.qr(generator.standard_normal((4, 4)))[0]
    variances = np.array([5.0, 1.0, 0.3, 0.02])
    data = rotation @ np.diag(variances) @ rotation.T
    left = noising("cosine", 1000)[0][200]
    expected = np.linalg.cond(left * data + (1 - left) * np.eye(4))
    point = {"variances": variances.tolist(), "t": 200, "schedule": "cosine"}
    assert KAPPA.exact(point).value == pytest.approx(expected, rel=1e-10)
    assert KAPPA.printed({**point, "t": 201}) == KAPPA.exact(point)
    assert KAPPA.sharper(point)["rate"].value == pytest.approx(1 - 1 / expected)


def test_one_variance_in_all_directions_has_no_order():
    point = {"variances": [3.0, 3.0], "t": 5, "schedule": "linear"}
    assert KAPPA.exact(point).value == 1.0
    assert KAPPA.void(point)
    for law in (KAPPA, COUNT):
        with pytest.raises(ValueError, match="t=1001"):
            law.exact({**point, "t": 1001})


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("error", ["relative", "absolute"])
def test_counts_by_gradient_descent_on_the_loss(prediction, error):
    """Not from the formula: the loss of W is taken from the joint second moments."""
    variances, t, tolerance = np.array([3.0, 0.5, 0.05]), 120, 1e-2
    a = noising("linear", 1000)[0][t]
    moments = np.diag(a * variances + 1 - a)  # of x_t
    data, noise = np.diag(np.sqrt(a) * variances), np.sqrt(1 - a) * np.eye(3)  # with x_t
    cross = {
        "noise": noise,
        "data": data,
        "velocity": np.sqrt(a) * noise - np.sqrt(1 - a) * data,
    }[prediction]
    best, w, n = cross @ np.linalg.inv(moments), np.zeros((3, 3)), 0
    step = 1 / np.diag(moments).max()

    def excess(w: np.ndarray) -> float:
        return float(np.trace((w - best) @ moments @ (w - best).T))

    goal = tolerance * (excess(w) if error == "relative" else 1)
    while excess(w) > goal:
        w, n = w - step * (w @ moments - cross), n + 1
    point = {"variances": variances.tolist(), "t": t, "schedule": "linear"}
    point |= {"prediction": prediction, "error": error, "tolerance": tolerance}
    assert COUNT.exact(point).value == n
    assert n > 1


def test_the_data_are_learned_sooner_than_the_noise():
    point = {"variances": IMAGE.tolist(), "t": 1, "schedule": "linear"}
    counts = {p: COUNT.exact({**point, "prediction": p}).value for p in PREDICTIONS}
    assert counts == {"noise": 10595, "data": 2323, "velocity": 10608}
    assert COUNT.printed(point) is None
    assert COUNT.void(point)
    assert COUNT.printed({**point, "t": 2}) == COUNT.exact(point)


@check
@given(st.lists(st.floats(0.01, 20), min_size=1, max_size=4), st.floats(0.05, 0.95))
def test_no_fewer_would_do(variances, left):
    data = np.array(variances)
    weights = excess_weights("noise", left, data)
    noised = 1 + left * (data - 1)
    goal = 1e-3 * weights.sum()
    n = iterations("noise", left, data, goal)
    losses = [(weights * (1 - noised / noised.max()) ** (2 * k)).sum() for k in (n - 1, n)]
    assert losses[1] <= goal * (1 + 1e-9)
    assert losses[0] > goal * (1 - 1e-9)


def test_nothing_to_learn_takes_no_iteration():
    point = {"variances": [1.0], "t": 9, "schedule": "linear", "prediction": "velocity"}
    assert COUNT.exact(point).value == 0
    assert COUNT.sharper(point)["slowest"].value == 0
    assert COUNT.exact({**point, "prediction": "noise"}).value == 1


def test_the_slowest_direction_sets_the_count():
    point = {"variances": [4.0, 0.01], "t": 100, "schedule": "linear"}
    slowest = COUNT.sharper(point)["slowest"].value
    assert COUNT.exact(point).value == pytest.approx(slowest, abs=1)
