"""Classes of different spread: worked thresholds and error rates, simulation, Bayes is best."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from theory.classifier.class_loss import coefficients
from theory.classifier.two_variances import Ball, ErrorRate, Threshold, ball, bayes, error_rate
from theory.schedule import alpha_bar

RATE, LINE = ErrorRate(), Threshold()
check = settings(max_examples=20, deadline=None, derandomize=True)


def point(first, second, dimension, **more):
    return {"variance_0": first, "variance_1": second, "dimension": dimension, **more}


def errors(*at, **more):
    return RATE.exact(point(*at, **more)).value, RATE.printed(point(*at, **more)).value


def test_worked_threshold():
    at = point(1.0, 4.0, 1)
    assert LINE.exact(at).value == pytest.approx(1.3595560, abs=5.1e-8)
    assert LINE.printed(at).value == pytest.approx(1.3746892, abs=5.1e-8)
    assert LINE.exact(at).value == pytest.approx(math.sqrt(math.log(4) / 0.75), rel=1e-14)


@pytest.mark.parametrize(
    ("first", "second", "dimension", "exact", "printed"),
    [
        (1.0, 4.0, 1, 0.33866272, 0.33868111),
        (1.0, 4.0, 10, 0.066155375, 0.066385573),
        (0.01, 0.04, 1, 0.33866272, 0.33888293),
        (0.01, 0.04, 10, 0.066155375, 0.068838972),
        (4.0, 16.0, 10, 0.066155375, 0.066158917),
    ],
)
def test_worked_error_rates(first, second, dimension, exact, printed):
    found = errors(first, second, dimension)
    assert found == (pytest.approx(exact, abs=5.1e-9), pytest.approx(printed, abs=5.1e-9))


def test_worked_error_rates_in_fifty_dimensions():
    """3.249920e-4 and 3.482870e-4; the second is 3.4828691e-4, less by one in the last digit.

    For even d the tail of chi-squared is a Poisson sum, an independent route to the same digits.
    """
    exact, printed = errors(1.0, 4.0, 50)
    assert exact == pytest.approx(3.249920e-4, abs=5.1e-11)
    assert printed == pytest.approx(3.482870e-4, abs=1.1e-10)
    squared = LINE.printed(point(1.0, 4.0, 50)).value ** 2
    below = [stats.poisson.cdf(24, squared / v / 2) for v in (1.0, 4.0)]
    assert printed == pytest.approx(0.5 * (below[0] + 1 - below[1]), rel=1e-10)
    assert printed == pytest.approx(3.4828691e-4, abs=5.1e-12)


def test_worked_gap_of_very_unequal_spreads():
    exact, printed = errors(0.01, 1.0, 10)
    assert printed > 10 * exact


@pytest.mark.parametrize(("pair", "value"), [((1.0, 4.0), 0.091109566), ((0.01, 0.04), 0.10556407)])
def test_worked_error_rates_of_one_step(pair, value):
    """Step 500 as the released code counts, from 0; the other count gives another number."""
    assert errors(*pair, 10, weighting="single", step=500)[1] == pytest.approx(value, rel=5.1e-8)
    assert errors(*pair, 10, weighting="single", step=499)[1] != pytest.approx(value, rel=1e-5)


@check
@given(
    st.floats(0.01, 5),
    st.floats(1.2, 50),
    st.integers(1, 30),
    st.floats(0, 2),
    st.floats(0.05, 0.95),
)
def test_the_weights_of_the_bound_with_log_priors_are_bayes(narrow, ratio, dimension, way, prior):
    at = (narrow, narrow * ratio, dimension)
    more = {"distance": way * math.sqrt(narrow), "prior": prior}
    exact, printed = errors(*at, **more, weighting="elbo", log_prior="added")
    assert printed == pytest.approx(exact, rel=1e-9, abs=1e-14)
    for weighting in ("uniform", "ddpm", "single"):
        assert errors(*at, **more, weighting=weighting)[1] >= exact * (1 - 1e-9)


def test_uniform_times_are_bayes_for_no_pair_of_different_spreads():
    for pair in ((1.0, 4.0), (0.01, 0.04), (0.01, 1.0), (4.0, 16.0), (0.25, 1.0)):
        for dimension in (1, 5, 20):
            for schedule in ("linear", "cosine"):
                exact, printed = errors(*pair, dimension, schedule=schedule)
                assert printed > exact * (1 + 1e-7)


def test_the_ratio_to_bayes_grows_exponentially_with_the_dimension():
    """By the exponents of Chernoff: log(printed / exact) / d tends to their difference."""
    variances = np.array([0.01, 1.0])

    def exponent(energy, slope):
        level = float((energy[1] - energy[0]) / (slope[0] - slope[1]))  # R^2 / d
        return min(0.5 * (level / v - 1 - math.log(level / v)) for v in variances)

    declared = exponent(*bayes(variances)) - exponent(*coefficients(variances, "uniform"))
    logs = [math.log(np.divide(*errors(0.01, 1.0, d)[::-1])) for d in (40, 80)]
    assert (logs[1] - logs[0]) / 40 == pytest.approx(declared, rel=0.05)


@check
@given(st.floats(0.01, 100), st.integers(1, 20))
def test_bayes_has_no_units(unit, dimension):
    expected = errors(1.0, 4.0, dimension)[0]
    assert errors(unit, 4 * unit, dimension)[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("added", ["added", "left out"])
def test_the_error_rate_by_simulation(added):
    """The rule as it is, of simulated points: means apart, unequal priors, 3 dimensions."""
    generator, n, prior, distance = np.random.default_rng(8), 20_000, 0.35, 0.9
    variances = np.array([0.3, 1.1])
    left = alpha_bar("linear")[1:]
    marginal = left * variances[:, None] + 1 - left
    energy = ((left * variances[:, None] / marginal) ** 2).mean(axis=1)
    slope = (left * (1 - left) / marginal**2).mean(axis=1)
    label = (generator.random(n) < prior).astype(int)
    x = np.sqrt(variances[label])[:, None] * generator.standard_normal((n, 3))
    x[:, 0] += distance * label
    away = x - np.array([[distance, 0, 0]])
    losses = [3 * energy[k] + slope[k] * (at**2).sum(axis=1) for k, at in enumerate((x, away))]
    odds = math.log((1 - prior) / prior) if added == "added" else 0.0
    wrong = ((losses[0] - losses[1] > odds) != label).mean()
    at = point(0.3, 1.1, 3, distance=distance, prior=prior, log_prior=added)
    printed = RATE.printed(at).value
    assert wrong == pytest.approx(printed, abs=4 * math.sqrt(printed * (1 - printed) / n))
    beside = RATE.sharper(at)
    parts = (1 - prior) * beside["class_0"].value + prior * beside["class_1"].value
    assert parts == pytest.approx(printed, rel=1e-12)


def test_no_other_radius_does_better_than_bayes():
    variances = np.array([0.5, 2.0])
    found = ball(*bayes(variances), 4, 0.8, math.log(0.6 / 0.4))

    def error(squared):
        return error_rate(Ball(squared, *found[1:]), variances, 4, 0.4)

    best = optimize.minimize_scalar(
        error, bounds=(0.1, 60), method="bounded", options={"xatol": 1e-9}
    )
    assert best.x == pytest.approx(found.squared_radius, rel=1e-5)


def test_a_common_prior_can_leave_the_narrow_class_no_room():
    """log(pi_0 / pi_1) so low that no point is class 0's: the error is the share of class 0."""
    at = point(1.0, 1.1, 1, prior=0.99, log_prior="added")
    assert errors(1.0, 1.1, 1, prior=0.99)[0] == pytest.approx(0.01, rel=1e-12)
    assert RATE.printed(at).value == pytest.approx(0.01, rel=1e-12)


def test_equal_or_falling_spreads_are_refused():
    for pair in ((1.0, 1.0), (4.0, 1.0)):
        with pytest.raises(ValueError, match=r"variance_0=.*give the narrower class as class 0"):
            RATE.exact(point(*pair, 2))
        with pytest.raises(ValueError, match="narrower class"):
            LINE.sharper(point(*pair, 2))


def test_calibration_of_the_slopes():
    at = point(1.0, 4.0, 2)
    assert LINE.sharper(at)["sharp_0"].value == pytest.approx(2 * 0.08205624, abs=1.1e-8)
    for value in LINE.sharper({**at, "weighting": "elbo"}).values():
        assert value.value == pytest.approx(1, rel=1e-12)
