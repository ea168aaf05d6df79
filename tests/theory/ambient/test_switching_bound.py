"""The printed bounds as functions of the noise, and the level at which they cross."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ambient.kernel_estimate import explicit_terms, value_of
from theory.ambient.switching_bound import Bounds, Setting, explicit_bounds, order_bounds
from theory.density import density
from theory.distance import total_variation

term = st.floats(0.001, 10)
terms = st.tuples(term, term, term)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(terms, terms)
def test_the_switch_is_the_last_crossing(clean, mixed):
    bounds = Bounds(clean, mixed)
    sigma = np.geomspace(1e-6, 1e6, 2001)
    better = np.array([b2 < b1 for b1, b2 in map(bounds.at, sigma)])
    switch = bounds.switch()
    if switch is None:
        assert clean[0] <= mixed[0]
    elif switch < 1e-6:
        assert better.all()
    elif switch < 1e5:
        assert better[sigma > switch * 1.001].all()
        assert not better[sigma < switch * 0.999][-1]


def test_the_bounds_of_a_mean_matched_pair():
    p, q = density("beta(2,2)"), density("beta(4,4)")
    setting, sigma = Setting(p, q, 100, 900), 0.7
    tv = total_variation(p, q)
    assert tv == pytest.approx(0.180, abs=5.1e-4)
    clean, mixed = explicit_bounds(setting).at(sigma)
    blend = 0.1 * p.lipschitz + 0.9 * q.lipschitz
    assert clean == pytest.approx(value_of(explicit_terms(p.lipschitz, 100), sigma), rel=1e-14)
    expected = value_of(explicit_terms(blend, 1000), sigma) + 0.9 * tv / (2 * sigma)
    assert mixed == pytest.approx(expected, rel=1e-12)
    _, order = order_bounds(setting).at(sigma)
    logs = math.log(1000) + math.log(blend) + math.log(40)
    expected = 1e-3 + 1e-3 / sigma**2 + math.sqrt(logs / 1000) / sigma + 0.9 * tv / sigma
    assert order == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("q", "explicit"), [("beta(4,4)", 5.138), ("beta(3,2)", 5.990), ("beta(2.1,2)", 0.0)]
)
def test_the_verdict_hangs_on_the_constants(q, explicit):
    setting = Setting(density("beta(2,2)"), density(q), 100, 900)
    assert order_bounds(setting).switch() == 0.0
    assert explicit_bounds(setting).switch() == pytest.approx(explicit, abs=5.1e-4)


def test_no_bounds_where_their_assumptions_fail():
    for q in ("normal(0,1)", "atoms(0)", "beta(1,1)"):
        setting = Setting(density("beta(2,2)"), density(q), 10, 10)
        assert explicit_bounds(setting) is None
        assert order_bounds(setting) is None
