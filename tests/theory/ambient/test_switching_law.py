"""The square-root law of the switching level: measured, predicted, and of the printed bounds."""

import math

import numpy as np
import pytest
from scipy import optimize

from theory.ambient.switching_bound import Setting, explicit_bounds
from theory.ambient.switching_law import (
    SwitchingLaw,
    differences,
    drawn,
    measured_switch,
    two_moment_switch,
)
from theory.ambient.switching_point import large_noise_errors, predicted_switch
from theory.density import density

LAW = SwitchingLaw()


def setting(q="beta(4,4)", n1=100, n2=900):
    return Setting(density("beta(2,2)"), density(q), n1, n2)


def test_the_measured_level_at_100_clean_samples_is_the_worked_one():
    """0.634 of 150 data sets on a fine grid; its own error is like that of the one here."""
    value, error, _ = measured_switch(setting(), 0.68, 150, np.random.default_rng(0))
    assert abs(value - 0.634) < 4 * math.sqrt(2) * error
    assert error < 0.1


def test_the_measured_level_at_25_lies_where_the_errors_cross():
    value, error, _ = LAW.exact({**LAW.example, "datasets": 200}, np.random.default_rng(1))
    assert 0.25 - 4 * error < value < 0.34 + 4 * error
    predicted = LAW.sharper(LAW.example)["leading"].value
    assert predicted == pytest.approx(0.34, abs=5.1e-3)
    assert value < predicted - 4 * error  # at few samples the expansion is not yet good


def test_the_level_is_a_zero_of_the_mean_difference_of_its_own_data_sets():
    case = setting(n1=25, n2=225)
    value, error, _ = measured_switch(case, 0.34, 60, np.random.default_rng(2))
    batches = drawn(case, 60, np.random.default_rng(2))
    at = [differences(case, s, batches) for s in (value - 3 * error, value, value + 3 * error)]
    assert at[0].mean() < 0 < at[2].mean()
    assert abs(at[1].mean()) < 0.1 * at[1].std() / math.sqrt(60)


def normals(n1, n2):
    """A pair whose levels lie far above its spread, where an estimate needs few cells."""
    return Setting(density("normal(0,1)"), density("normal(0,0.5)"), n1, n2)


def test_the_standard_error_is_the_spread_over_repetitions():
    rng, repeats = np.random.default_rng(3), 8
    found = [measured_switch(normals(40, 360), 3.2, 20, rng) for _ in range(repeats)]
    spread = np.std([level.value for level in found], ddof=1)
    stated = np.median([level.standard_error for level in found])
    assert abs(math.log(spread / stated)) < 4 / math.sqrt(2 * repeats)


def test_more_clean_data_raise_the_level_as_their_root():
    levels, errors = [], []
    for n1, datasets in ((25, 100), (400, 40)):
        case = normals(n1, 9 * n1)
        value, error, _ = measured_switch(
            case, predicted_switch(case), datasets, np.random.default_rng(n1)
        )
        levels.append(value)
        errors.append(error / value)
    slope = math.log(levels[1] / levels[0]) / math.log(16)
    tolerance = 4 * math.hypot(*errors) / math.log(16)
    print(f"slope {slope:.3f}, declared 0.5, tolerance {tolerance:.3f}")
    assert abs(slope - 0.5) < tolerance


def test_the_expansion_to_two_moments_lies_a_little_above_the_leading_level():
    for n1 in (100, 1600):
        case = setting(n1=n1, n2=9 * n1)
        leading = predicted_switch(case)
        level = two_moment_switch(case, leading)
        clean, mixed = large_noise_errors(case, level)
        assert clean == pytest.approx(mixed, rel=1e-10)
        assert 1.01 < level / leading < 1.05


def test_the_printed_crossing_grows_as_the_number_of_clean_samples():
    """t_min tends to TV D n1: its exponent falls to 1, where the level's own is 1/2."""
    growth = [
        LAW.sharper({**LAW.example, "n1": n, "n2": 9 * n})["growth"].value
        for n in (100, 1600, 100_000)
    ]
    assert growth[0] > growth[1] > growth[2] > 1
    assert growth[2] == pytest.approx(1.0, abs=0.02)
    assert LAW.sharper(LAW.example)["leading_growth"].value == pytest.approx(0.5, rel=1e-12)
    level = LAW.printed({**LAW.example, "n1": 10**8, "n2": 9 * 10**8}).value
    assert level == pytest.approx(0.18019506647 * 1e8, rel=1e-2)


def test_the_printed_crossing_is_where_the_bounds_are_equal():
    bounds = explicit_bounds(setting())
    level = LAW.printed({**LAW.example, "n1": 100, "n2": 900}).value

    def excess(sigma):
        clean, mixed = bounds.at(sigma)
        return mixed - clean

    assert level == pytest.approx(optimize.brentq(excess, 1, 50, xtol=1e-12), rel=1e-10)
    assert level == pytest.approx(5.138, abs=5.1e-4)


def test_biased_data_that_always_help_have_the_level_zero():
    level = measured_switch(setting("beta(2.2,2.2)", 10, 5000), 0.05, 20, np.random.default_rng(0))
    assert level.value == 0.0


@pytest.mark.parametrize("q", ["beta(3,2)", "beta(2,2)"])
def test_laws_without_a_level_are_refused(q):
    with pytest.raises(ValueError, match="no level exists"):
        LAW.exact({**LAW.example, "q": q}, np.random.default_rng(0))
