"""What the classifier's threshold measures: worked levels, orderings, sampled classifiers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory.ambient.threshold_rule import (
    ClassifierMean,
    ThresholdRule,
    accepted_level,
    accuracy,
    accuracy_level,
    distance_level,
    mean_probability,
)
from theory.density import density
from theory.distance import total_variation, vincze_le_cam

RULE, MEAN = ThresholdRule(), ClassifierMean()
shape = st.floats(1, 12)
pairs = st.one_of(
    st.tuples(*[st.builds(lambda a, b: f"beta({a!r},{b!r})", shape, shape)] * 2),
    st.tuples(
        *[st.builds(lambda m, s: f"normal({m!r},{s!r})", st.floats(-2, 2), st.floats(0.2, 2))] * 2
    ),
)
check = settings(max_examples=20, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("p", "q", "epsilon", "accepted", "tv", "printed"),
    [
        ("normal(0,1)", "normal(1,1)", 0.05, 1.124, 0.260, 7.91),
        ("normal(0,1)", "normal(1,1)", 0.03, 1.71, 0.199, 13.3),
        ("normal(0,1)", "normal(0,0.5)", 0.05, 0.407, 0.244, 1.736),
    ],
)
def test_worked_levels(p, q, epsilon, accepted, tv, printed):
    point = {"p": p, "q": q, "epsilon": epsilon}
    sharper = RULE.sharper(point)
    assert RULE.exact(point).value == pytest.approx(
        accepted, abs=5.1e-3 if epsilon < 0.05 else 5e-4
    )
    assert sharper["tv"].value == pytest.approx(tv, abs=5.1e-4)
    assert RULE.printed(point).value == pytest.approx(printed, rel=4e-3)
    assert sharper["accuracy_rule"].value == pytest.approx(RULE.printed(point).value, rel=1e-9)


def test_two_normals_of_one_spread_in_closed_form():
    """TV = 2 Phi(m / (2 sqrt(s^2 + sigma^2))) - 1 <= epsilon, solved for sigma."""
    level = distance_level(density("normal(0,1)"), density("normal(1,1)"), 0.05)
    assert level == pytest.approx(math.sqrt((0.5 / stats.norm.ppf(0.525)) ** 2 - 1), rel=1e-12)


@pytest.mark.parametrize("sigma", [0.3, 1.124, 7.9])
def test_the_identity_against_a_sampled_classifier(sigma):
    rng, n = np.random.default_rng(0), 40_000
    p, q = density("normal(0,1)"), density("normal(1,1)")
    x = q.sample((n,), rng) + sigma * rng.standard_normal(n)
    c = 1 / (1 + np.exp((x - 0.5) / (1 + sigma**2)))
    exact = mean_probability(p.noised(sigma), q.noised(sigma))
    assert abs(c.mean() - exact) < 4 * c.std() / math.sqrt(n)
    assert exact == pytest.approx(
        0.5 - vincze_le_cam(p.noised(sigma), q.noised(sigma)) / 4, abs=1e-12
    )
    # of samples of both kinds, the share that c > 1/2 gets right
    y = p.sample((n,), rng) + sigma * rng.standard_normal(n)
    right = np.concatenate([x > 0.5, y < 0.5])
    value = accuracy(p.noised(sigma), q.noised(sigma))
    assert abs(right.mean() - value) < 4 * right.std() / math.sqrt(2 * n)


@check
@given(pairs, st.floats(0.05, 5))
def test_the_mean_probability_and_the_accuracy_are_bounded_by_total_variation(pair, sigma):
    point = {"p": pair[0], "q": pair[1], "sigma": sigma}
    exact, beside = MEAN.exact(point).value, {k: v.value for k, v in MEAN.sharper(point).items()}
    assert exact == pytest.approx(beside["identity"], abs=1e-12)
    assert beside["at_least"] - 1e-12 <= exact <= beside["at_most"] + 1e-12
    assert MEAN.printed(point).value <= beside["at_least"] + 1e-12
    assert beside["accuracy_tv"] == pytest.approx(beside["tv"], abs=1e-11)
    swapped = MEAN.exact({"p": pair[1], "q": pair[0], "sigma": sigma}).value
    assert swapped == pytest.approx(exact, abs=1e-12)  # int p q / (p + q) is symmetric


@settings(max_examples=6, deadline=None, derandomize=True)
@given(pairs, st.sampled_from([0.02, 0.05, 0.1]))
def test_the_levels_enclose_the_rules_own(pair, epsilon):
    p, q = density(pair[0]), density(pair[1])
    level = accepted_level(p, q, epsilon)
    assert level <= distance_level(p, q, 2 * epsilon) * (1 + 1e-9)
    assert level >= distance_level(p, q, math.sqrt(2 * epsilon)) * (1 - 1e-9)
    tv = total_variation(p.noised(level), q.noised(level))
    assert tv <= math.sqrt(2 * epsilon) * (1 + 1e-9)
    if level > 0:
        assert mean_probability(p.noised(level), q.noised(level)) == pytest.approx(0.5 - epsilon)
        assert tv >= 2 * epsilon * (1 - 1e-9)
        assert accuracy_level(p, q, epsilon) == pytest.approx(
            distance_level(p, q, epsilon), rel=1e-9
        )


def test_levels_have_the_unit_of_the_line():
    small, large = (
        accepted_level(density(f"normal(0,{s})"), density(f"normal({s},{s / 2})"), 0.05)
        for s in (1.0, 100.0)
    )
    assert large == pytest.approx(100 * small, rel=1e-11)


def test_the_rule_does_not_see_how_many_samples_there_are():
    """Mean-matched pair: accepted without noise at 0.45 and 0.47, from 0.146 on at 0.49, while
    the errors cross at 0.63 with 100 clean samples and at 2.5 with 1600."""
    pair = {"p": "beta(2,2)", "q": "beta(4,4)"}
    assert RULE.exact({**pair, "epsilon": 0.05}).value == 0.0
    assert RULE.exact({**pair, "epsilon": 0.03}).value == 0.0
    assert RULE.exact({**pair, "epsilon": 0.01}).value == pytest.approx(0.146, abs=5.1e-4)
    assert RULE.exact({"p": "beta(2,2)", "q": "beta(2,2)"}).value == 0.0


def test_atoms_count_without_noise():
    """Half an atom that only p has is never confused; the common half is, at 1/3 to 2/3."""
    p, q = density("0.5*atoms(0)+0.5*beta(2,2)"), density("beta(2,2)")
    assert mean_probability(p, q) == pytest.approx(0.5 * 1 / 1.5, rel=1e-12)
    assert accuracy(p, q) == pytest.approx(0.5 * (0.5 + 1.0), rel=1e-12)
    shared = density("atoms(0,1,1)"), density("atoms(0,0,1)")
    assert mean_probability(*shared) == pytest.approx(2 * (1 / 3) * (2 / 3), rel=1e-12)
    assert mean_probability(density("atoms(0)"), density("atoms(1)")) == 0.0


def test_the_mean_probability_is_its_integral():
    p, q = stats.beta(2, 5), stats.beta(5, 2)
    exact = integrate.quad(lambda x: p.pdf(x) * q.pdf(x) / (p.pdf(x) + q.pdf(x)), 0, 1)[0]
    assert mean_probability(density("beta(2,5)"), density("beta(5,2)")) == pytest.approx(exact)
