"""Classes of one covariance: the temperature, the nearest mean, anisotropy, priors."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from theory.classifier.class_loss import WEIGHTINGS, loss
from theory.classifier.shared_covariance import SharedCovariance
from theory.classifier.temperature import Temperature, slope
from theory.schedule import alpha_bar

LAW, HEAT = SharedCovariance(), Temperature()
check = settings(max_examples=20, deadline=None, derandomize=True)
spread = st.floats(1e-3, 1e3)


def errors(**point):
    return LAW.exact(point).value, LAW.printed(point).value


def test_worked_temperature():
    assert HEAT.exact({"variance": 1.0}).value == 0.5
    assert HEAT.printed({"variance": 1.0}).value == pytest.approx(0.08205624, abs=5.1e-9)
    averaged = {"variance": 1.0, "dimension": 3072, "reduction": "mean"}
    assert HEAT.printed(averaged).value == pytest.approx(0.08205624 / 3072, abs=5.1e-9 / 3072)
    odds = 99 ** (0.08205624 / 0.5)
    assert HEAT.sharper({"variance": 1.0})["said_at_99"].value == pytest.approx(
        odds / (1 + odds), abs=1e-7
    )


@check
@given(spread, st.sampled_from(["linear", "cosine"]))
def test_the_softmax_is_too_flat_by_two_at_least(v, schedule):
    assert 0 < slope(v, "uniform", schedule) <= 1 / (4 * v)
    assert slope(v, "elbo") == pytest.approx(1 / (2 * v), rel=1e-12)


@check
@given(st.integers(0, 10_000))
def test_any_weighting_of_the_times_chooses_the_nearest_mean(seed):
    generator = np.random.default_rng(seed)
    weights = generator.exponential(size=1000) * (generator.random(1000) < 0.1)
    v, means, x = generator.exponential(), generator.normal(size=(5, 3)), generator.normal(size=3)
    distances = ((x - means) ** 2).sum(axis=1)
    total = [weights @ loss(v, alpha_bar("linear")[1:], each, 3) for each in distances]
    assert np.argmin(total) == np.argmin(distances)


@check
@given(
    st.lists(st.floats(0.1, 2), min_size=1, max_size=5),
    st.floats(0.01, 20),
    st.sampled_from(WEIGHTINGS),
    st.sampled_from(["linear", "cosine"]),
)
def test_one_isotropic_covariance_and_equal_priors_are_bayes(difference, v, weighting, schedule):
    point = {"difference": difference, "covariance": [v] * len(difference)}
    exact, printed = errors(**point, weighting=weighting, schedule=schedule)
    assert printed == pytest.approx(exact, rel=1e-12)
    distance = np.linalg.norm(difference) / math.sqrt(v)
    assert exact == pytest.approx(stats.norm.sf(distance / 2), rel=1e-11)


@check
@given(
    st.lists(st.tuples(st.floats(0.1, 2), st.floats(0.01, 20)), min_size=2, max_size=4),
    st.floats(0.05, 0.95),
)
def test_the_weights_of_the_bound_with_log_priors_are_bayes(axes, prior):
    difference, variances = (list(column) for column in zip(*axes))
    point = {"difference": difference, "covariance": variances, "prior": prior}
    exact, printed = errors(**point, weighting="elbo", log_prior="added")
    assert printed == pytest.approx(exact, rel=1e-10)
    for weighting in WEIGHTINGS:
        for added in ("added", "left out"):
            _, other = errors(**point, weighting=weighting, log_prior=added)
            assert other >= exact * (1 - 1e-10)


def test_an_anisotropic_covariance_is_enough_to_lose():
    exact, printed = errors(difference=[1.0, 1.0], covariance=[1.0, 0.01])
    assert printed > 1.01 * exact
    aligned = errors(difference=[1.0, 0.0], covariance=[1.0, 0.01])
    assert aligned[1] == pytest.approx(aligned[0], rel=1e-12)


def test_the_error_rate_by_simulation():
    """The rule as it is: summed errors over the steps, of simulated points of both classes."""
    generator, n, prior = np.random.default_rng(6), 20_000, 0.3
    difference, variances = np.array([0.8, 0.5]), np.array([1.0, 0.05])
    point = {"difference": list(difference), "covariance": list(variances), "prior": prior}
    left = alpha_bar("linear")[1:]
    slopes = [(left * (1 - left) / (left * v + 1 - left) ** 2).mean() for v in variances]
    label = generator.random(n) < prior
    x = np.sqrt(variances) * generator.standard_normal((n, 2)) + label[:, None] * difference
    gain = (slopes * (x**2 - (x - difference) ** 2)).sum(axis=1)  # L_0 - L_1
    for added, odds in (("left out", 0.0), ("added", math.log(0.7 / 0.3))):
        wrong = ((gain > odds) != label).mean()
        printed = LAW.printed({**point, "log_prior": added}).value
        assert wrong == pytest.approx(printed, abs=4 * math.sqrt(printed * (1 - printed) / n))


def test_no_other_direction_does_better_than_bayes():
    """The error of every linear rule, minimised numerically."""
    difference, matrix = np.array([0.8, 0.5, -0.3]), np.diag([1.0, 0.05, 0.4])
    matrix[0, 1] = matrix[1, 0] = 0.1
    prior = 0.3

    def error(rule):
        direction, offset = rule[:3], rule[3]
        width = math.sqrt(direction @ matrix @ direction)
        first = stats.norm.sf(offset / width)
        second = stats.norm.cdf((offset - direction @ difference) / width)
        return (1 - prior) * first + prior * second

    best = optimize.minimize(error, [1, 1, 0, 0.5], method="Nelder-Mead", options={"fatol": 1e-13})
    point = {"difference": difference, "covariance": matrix.tolist(), "prior": prior}
    assert LAW.exact(point).value == pytest.approx(best.fun, rel=1e-6)


def test_log_priors_at_the_wrong_temperature_move_the_line_too_far():
    point = {"difference": [2.0], "covariance": [1.0], "prior": 0.2}
    exact, without = errors(**point)
    _, added = errors(**point, log_prior="added")
    assert without > exact
    assert added > exact
    # the line lies log(4) / (2 B D) beyond the middle instead of log(4) / D
    place = 1 + math.log(4) / (2 * 0.08205623962365455 * 2)
    expected = 0.8 * stats.norm.sf(place) + 0.2 * stats.norm.cdf(place - 2)
    assert added == pytest.approx(expected, rel=1e-9)


@check
@given(st.floats(0.05, 0.95), st.floats(0, 2 * math.pi))
def test_names_and_axes_of_the_classes_do_not_matter(prior, angle):
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    difference, matrix = np.array([0.8, 0.5]), np.diag([1.0, 0.05])
    point = {"difference": difference, "covariance": matrix.tolist(), "prior": prior}
    turned = {"difference": turn @ difference, "covariance": (turn @ matrix @ turn.T).tolist()}
    for added in ("added", "left out"):
        expected = errors(**point, log_prior=added)
        assert errors(**turned, prior=1 - prior, log_prior=added) == pytest.approx(
            expected, rel=1e-9
        )


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"difference": [0.0, 0.0]}, "one mean and one covariance"),
        ({"difference": [1.0]}, "dimensions"),
        ({"covariance": [1.0, 0.0]}, "covariance"),
        ({"prior": 1.0}, "prior"),
        ({"step": 1000}, "step"),
    ],
)
def test_impossible_parameters_are_refused(changes, match):
    with pytest.raises(ValueError, match=match):
        LAW.printed({"difference": [1.0, 1.0], "covariance": [1.0, 0.1], **changes})
