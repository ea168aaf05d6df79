"""What the bounds say at the scale of images."""

import math

import pytest
from scipy import optimize

from theory.ambient.vacuity import (
    BoundSwitch,
    DobrushinCoefficient,
    distance_for,
    with_bias,
    without_bias,
)

COEFFICIENT, SWITCH = DobrushinCoefficient(), BoundSwitch()
DIAMETER = 2 * math.sqrt(3072)
IMAGES = {"n1": 5000, "n2": 45_000, "lipschitz_clean": 10.0, "lipschitz_biased": 10.0}


@pytest.mark.parametrize(("sigma", "theta"), [(3.0, 1.0), (30.0, 0.935), (80.0, 0.512)])
def test_the_coefficient_on_cifar_images(sigma, theta):
    point = {"diameter": DIAMETER, "sigma": sigma}
    assert pytest.approx(110.9, abs=0.051) == DIAMETER
    assert COEFFICIENT.exact(point).value == pytest.approx(theta, abs=5.1e-4)
    assert COEFFICIENT.void(point) == (sigma < 55)
    assert COEFFICIENT.exact(point).value <= COEFFICIENT.sharper(point)["linear"].value
    assert COEFFICIENT.sharper(point)["linear"].value < COEFFICIENT.printed(point).value


def test_the_bound_says_something_from_half_the_diameter_on():
    assert COEFFICIENT.void({"diameter": DIAMETER, "sigma": 55.4})
    assert not COEFFICIENT.void({"diameter": DIAMETER, "sigma": 55.5})


def test_the_bounds_cross_far_above_any_noise_in_use():
    point = {**IMAGES, "tv": 1.0, "diameter": DIAMETER}
    assert SWITCH.printed(point).value == pytest.approx(4.8e3, rel=5e-3)
    assert SWITCH.exact(point).value == pytest.approx(5.54e5, rel=5e-3)
    assert SWITCH.sharper(point)["order_wanted"].value == pytest.approx(0.04, abs=5e-4)


def test_the_crossings_are_those_of_the_bounds_written_out():
    n1, n, w, lipschitz = 5000, 50_000, 0.9, 10.0

    def order(sigma, tv=1.0):
        def bound(m):
            logs = math.log(2 * m * lipschitz / 0.05)
            return 1 / m + 1 / (sigma**2 * m) + math.sqrt(logs / m) / sigma

        return bound(n1) - bound(n) - w * tv / sigma

    def explicit(sigma):
        def bound(m):
            grid = m * lipschitz
            value = lipschitz / (2 * grid)
            value += 1 / (2 * grid * sigma**2 * math.sqrt(2 * math.pi * math.e))
            return value + math.sqrt(math.log(2 * grid / 0.05) / (4 * math.pi * m)) / sigma

        return bound(n1) - bound(n) - w * DIAMETER / (2 * sigma)

    point = {**IMAGES, "tv": 1.0, "diameter": DIAMETER}
    assert SWITCH.printed(point).value == pytest.approx(optimize.brentq(order, 10, 1e5), rel=1e-9)
    assert SWITCH.exact(point).value == pytest.approx(optimize.brentq(explicit, 10, 1e7), rel=1e-9)
    wanted = SWITCH.sharper(point)["order_wanted"].value
    assert order(3.0, wanted) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("explicit", [False, True])
def test_the_wanted_distance_puts_the_crossing_there(explicit):
    clean, mixed = without_bias(5000, 45_000, 10.0, 10.0, explicit)
    distance = distance_for(clean, mixed, 0.9, 3.0)
    assert with_bias(clean, mixed, 0.9 * distance).switch() == pytest.approx(3.0, rel=1e-9)


def test_without_a_distance_the_larger_sample_is_better_everywhere():
    assert SWITCH.printed({**IMAGES, "tv": 0.0}).value == 0.0
