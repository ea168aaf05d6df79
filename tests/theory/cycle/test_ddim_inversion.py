"""DDIM inversion: its angles against the recursion of the sampler, its order, its best steps."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.cycle.ddim_inversion import DDIMInversion, angles, shrinkage
from theory.cycle.encoder import gaussian
from theory.cycle.reconstruction import spaced

check = settings(max_examples=20, deadline=None, derandomize=True)
LAW = DDIMInversion()
models, counts = st.floats(0.05, 20), st.integers(1, 300)


def there_and_back(x, model, abar):
    """The sampler's own steps, up and down, with the network at the known end of each step."""
    network = gaussian(model, abar)

    def move(x, here, there):
        noise = network(x, here)
        x0 = (x - math.sqrt(1 - abar[here]) * noise) / math.sqrt(abar[here])
        return math.sqrt(abar[there]) * x0 + math.sqrt(1 - abar[there]) * noise

    for t in range(1, len(abar)):
        x = move(x, t - 1, t)
    for t in range(len(abar) - 1, 0, -1):
        x = move(x, t, t - 1)
    return x


@check
@given(counts, models, st.sampled_from(["linear", "cosine"]))
def test_the_error_is_that_of_the_sampler_run_up_and_down(steps, model, schedule):
    back = there_and_back(np.array([[1.0, -2.0]]), model, spaced(schedule, steps))
    error = LAW.exact({"schedule": schedule, "steps": steps, "model": model}).value
    assert back[0] == pytest.approx((1 - error) * np.array([1.0, -2.0]), abs=1e-11)


@pytest.mark.parametrize("model", [0.25, 1.0, 4.0])
def test_the_error_is_of_order_one(model):
    steps = np.array([100, 200, 250, 500, 1000])
    errors = [LAW.exact({"steps": int(n), "model": model}).value for n in steps]
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    print(f"slope {slope:.4f}, declared -1")
    assert slope == pytest.approx(-1, abs=0.05)


def test_at_many_steps_the_leading_term_is_the_error():
    gaps = []
    for steps in (250, 500, 1000):
        point = {"steps": steps, "model": 1.0}
        gaps.append(LAW.sharper(point)["leading"].value / LAW.exact(point).value - 1)
    assert gaps == pytest.approx([2 * gaps[1], gaps[1], gaps[1] / 2], rel=0.1)
    assert 0 < gaps[-1] < 5e-3


@check
@given(st.integers(1, 300), models)
def test_no_steps_do_better_than_equal_angles(steps, model):
    point = {"steps": steps, "model": model}
    assert LAW.sharper(point)["at_least"].value <= LAW.exact(point).value * (1 + 1e-12)
    assert 0 < LAW.exact(point).value < 1
    assert LAW.sharper(point)["dpm_encoder"].value == 0.0


def test_a_small_error_keeps_its_digits():
    turns = np.full(4, 1e-9)
    assert shrinkage(turns) == pytest.approx(4e-18, rel=1e-9)
    assert shrinkage(np.array([0.3, 0.4])) == pytest.approx(
        1 - math.cos(0.3) ** 2 * math.cos(0.4) ** 2, rel=1e-14
    )


def test_angles_run_from_the_image_to_the_noise():
    phi = angles(spaced("linear", 100), 2.0)
    assert phi[0] == 0.0
    assert (np.diff(phi) > 0).all()
    assert phi[-1] == pytest.approx(math.pi / 2, abs=0.02)


@check
@given(models)
def test_one_step_is_a_right_angle_squared(model):
    abar = spaced("linear", 1)
    turn = math.atan(math.sqrt((1 - abar[1]) / (abar[1] * model)))
    assert LAW.exact({"steps": 1, "model": model}).value == pytest.approx(
        math.sin(turn) ** 2, rel=1e-12
    )


def test_impossible_samplers_are_refused():
    for change, match in (
        ({"steps": 0}, "steps="),
        ({"model": 0.0}, "model="),
        ({"steps": 1001}, "at most 1000"),
        ({"schedule": "flat"}, "linear"),
    ):
        with pytest.raises(ValueError, match=match):
            LAW.exact({**LAW.example, **change})
