"""Where biased data help: measured ratios against the expansion, and against the bounds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.ambient.kernel_estimate import mean_of
from theory.ambient.switching_bound import Setting, explicit_bounds, order_bounds
from theory.ambient.switching_point import (
    SwitchingPoint,
    large_noise_errors,
    paired_errors,
    predicted_switch,
    ratio_of,
    two_moments,
)
from theory.density import density
from theory.distance import total_variation
from theory.law import Value

LAW = SwitchingPoint()
MATCHED, SHIFTED, NEAR = "beta(4,4)", "beta(3,2)", "beta(2.1,2)"


def setting(q, n1=100, n2=900, p="beta(2,2)"):
    return Setting(density(p), density(q), n1, n2)


def gain(case: Setting, sigma: float, datasets: int, rng: np.random.Generator) -> Value:
    """e1 - e2, positive where biased data help."""
    clean, mixed = paired_errors(case, sigma, datasets, rng)
    return mean_of(clean - mixed)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(-3, 3), st.floats(-2, 2))
def test_two_moments_is_its_integral(alpha, beta):
    z = np.linspace(-12, 12, 100_001)
    sum_ = np.abs(alpha * z + beta * (z * z - 1)) * stats.norm.pdf(z)
    exact = 0.5 * integrate.trapezoid(sum_, z)
    assert two_moments(np.array([alpha]), beta)[0] == pytest.approx(exact, abs=1e-7)


@pytest.mark.parametrize(("q", "limit"), [(MATCHED, 0.2884768580), (SHIFTED, 5.044), (NEAR, 0.635)])
def test_at_large_noise_the_ratio_is_the_expansion(q, limit):
    clean, mixed = large_noise_errors(setting(q), 5.0)
    value, error, _ = LAW.exact(
        {**LAW.example, "q": q, "sigma": 5.0, "datasets": 500}, np.random.default_rng(0)
    )
    assert mixed / clean == pytest.approx(limit, abs=5.1e-4)
    assert abs(value - mixed / clean) < 4 * error


def test_with_different_means_the_ratio_does_not_fall_and_no_switch_exists():
    ratios = [large_noise_errors(setting(SHIFTED), s) for s in (5.0, 50.0, 500.0)]
    values = [mixed / clean for clean, mixed in ratios]
    assert values == pytest.approx([values[-1]] * 3, rel=1e-3)
    bias = math.sqrt(math.pi / 2) * 0.9 * 0.1 * 10 / math.sqrt(0.05)
    assert values[-1] == pytest.approx(bias, rel=1e-4)
    assert predicted_switch(setting(SHIFTED)) is None
    assert predicted_switch(setting("beta(2,2)")) is None


def test_the_predicted_switch_grows_with_the_clean_data():
    assert predicted_switch(setting(MATCHED)) == pytest.approx(0.68, abs=5.1e-3)
    assert predicted_switch(setting(MATCHED, 25, 225)) == pytest.approx(0.34, abs=5.1e-3)
    levels = [predicted_switch(setting(MATCHED, n, 9 * n)) for n in (25, 100, 1600)]
    assert np.diff(np.log(levels)) == pytest.approx(0.5 * np.log([4, 16]), rel=1e-12)
    # four moments first differ at the fourth: the switch grows as n1^(1/6)
    levels = [predicted_switch(setting("normal(0,1)", n, n, p="atoms(-1,1)")) for n in (100, 6400)]
    assert math.log(levels[1] / levels[0]) == pytest.approx(math.log(64) / 6, rel=1e-12)


@pytest.mark.parametrize(("n1", "below", "above"), [(100, 0.4, 0.9), (25, 0.13, 0.4)])
def test_the_measured_switch_lies_near_the_predicted_one(n1, below, above):
    case, predicted = setting(MATCHED, n1, 9 * n1), predicted_switch(setting(MATCHED, n1, 9 * n1))
    assert below < predicted < above
    worse = gain(case, below, 400, np.random.default_rng(1))
    better = gain(case, above, 400, np.random.default_rng(1))
    assert worse.value < -4 * worse.standard_error
    assert better.value > 4 * better.standard_error


def test_the_bounds_are_wrong_in_both_readings_somewhere():
    """Mean-matched pair: explicit constants refuse at 1, where data help; orders accept at 0.2."""
    rng = np.random.default_rng(2)
    case = setting(MATCHED)
    for sigma, helps, right in ((1.0, True, (False, True)), (0.2, False, (True, False))):
        found = gain(case, sigma, 300, rng)
        assert abs(found.value) > 4 * found.standard_error
        assert (found.value > 0) == helps
        pairs = [bounds(case).at(sigma) for bounds in (explicit_bounds, order_bounds)]
        assert tuple((b1 > b2) == helps for b1, b2 in pairs) == right
    assert explicit_bounds(setting("normal(0.5,0.2)")) is None


def test_the_clean_samples_are_shared():
    """Without biased weight to speak of, both errors are the same on every data set."""
    errors = paired_errors(setting(MATCHED, 4000, 1), 0.1, 20, np.random.default_rng(0))
    assert np.corrcoef(errors)[0, 1] > 0.99
    assert np.abs(errors[1] / errors[0] - 1).max() < 0.05


@pytest.mark.parametrize(
    ("q", "sigma", "worked"),
    [
        (MATCHED, 0.12, 2.39),
        (MATCHED, 0.5, 1.23),
        (MATCHED, 1.0, 0.65),
        (MATCHED, 2.0, 0.42),
        (MATCHED, 5.0, 0.31),
        (SHIFTED, 0.12, 3.2),
        (SHIFTED, 0.5, 4.8),
        (SHIFTED, 5.0, 5.4),
        (NEAR, 0.12, 0.46),
        (NEAR, 1.0, 0.64),
        (NEAR, 5.0, 0.56),
    ],
)
def test_the_table_of_ratios(q, sigma, worked):
    """n1 = 100, n2 = 900; the worked ratios are of 150 data sets, as those here are."""
    point = {**LAW.example, "q": q, "sigma": sigma, "datasets": 150}
    value, error, _ = LAW.exact(point, np.random.default_rng(int(100 * sigma)))
    assert abs(value - worked) < 4 * math.sqrt(2) * error


@pytest.mark.parametrize(("q", "tv"), [(MATCHED, 0.180), (SHIFTED, 0.187), (NEAR, 0.022)])
def test_the_pairs_of_the_table(q, tv):
    assert total_variation(density("beta(2,2)"), density(q)) == pytest.approx(tv, abs=5.1e-4)


@pytest.mark.parametrize(("q", "worked"), [(MATCHED, 0.86), (SHIFTED, 0.89), (NEAR, 0.33)])
def test_at_very_small_noise_the_table_has_the_larger_sample_win(q, worked):
    value, error, _ = ratio_of(*paired_errors(setting(q), 0.01, 60, np.random.default_rng(4)))
    assert abs(value - worked) < 4 * math.sqrt(1 + 60 / 150) * error + 0.005
    assert value < 1 - 4 * error


def test_the_standard_error_of_the_ratio_is_its_spread():
    case, rng, repeats = setting(MATCHED, 20, 20), np.random.default_rng(0), 50
    ratios = [ratio_of(*paired_errors(case, 0.3, 60, rng)) for _ in range(repeats)]
    spread = np.std([r.value for r in ratios], ddof=1)
    stated = np.mean([r.standard_error for r in ratios])
    assert abs(math.log(spread / stated)) < 4 / math.sqrt(2 * repeats)


def test_a_law_without_spread_has_no_ratio():
    with pytest.raises(ValueError, match="without spread"):
        LAW.exact({**LAW.example, "p": "atoms(0)"}, np.random.default_rng(0))
