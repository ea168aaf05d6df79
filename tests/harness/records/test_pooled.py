"""A pooled variance between its two limits, one for all groups and one for each; error rates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.records import pooled
from harness.records.pooled import CAUTION, deviations, p_values
from harness.records.rates import LEVEL, Design, alarms, critical, rates


def _only(monkeypatch: pytest.MonkeyPatch, tau: float) -> None:
    """Hold tau at one of its values."""
    monkeypatch.setattr(pooled, "PRIOR", np.where(tau == pooled.TAU, 1.0, 1e-300))


@pytest.mark.parametrize(("groups", "pairs"), [(6, 3), (2, 2), (40, 4), (300, 8)])
def test_with_equal_variances_it_is_the_t_test_with_a_pooled_variance(
    monkeypatch: pytest.MonkeyPatch, groups: int, pairs: int
) -> None:
    _only(monkeypatch, 0.0)
    squares = np.random.default_rng(groups).chisquare(pairs - 1, groups)
    degrees = np.full(groups, pairs - 1.0)
    error = np.sqrt(squares.sum() / degrees.sum() / pairs)
    for shift, most in ((1.0, 1.05), (3.0, 1.3), (5.0, 2.2)):  # a coarse grid errs upward
        p = p_values(np.full(groups, shift * error), np.full(groups, pairs), squares, degrees)
        expected = min(1.0, CAUTION * 2 * float(stats.t.sf(shift, degrees.sum())))
        assert p.min() > 0.98 * expected
        assert p.max() < most * expected


def test_with_unlike_variances_each_group_has_nearly_its_own_t_test(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _only(monkeypatch, 3.0)
    sizes = np.exp(np.linspace(-4, 4, 9))
    degrees, pairs = np.full(9, 15.0), 16
    p = p_values(4.5 * sizes / np.sqrt(pairs), np.full(9, pairs), degrees * sizes**2, degrees)
    expected = CAUTION * 2 * stats.t.sf(4.5, 15)
    assert np.abs(np.log(p / expected)).max() < np.log(2.2)  # one t with 135 degrees: 100 below


def test_unlike_variances_are_found_out_and_a_group_that_has_none_takes_the_others() -> None:
    generator = np.random.default_rng(2)
    for spread, narrow in ((0.0, True), (1.0, False)):
        sigma = np.exp(spread * generator.standard_normal(100))
        squares = np.append(sigma**2 * generator.chisquare(3, 100), 0.0)
        degrees = np.append(np.full(100, 3.0), 0.0)
        values, weight = deviations(squares, degrees)
        assert weight.sum(1) == pytest.approx(1.0)
        mean = weight[-1] @ np.log(values)
        deviation = np.sqrt(weight[-1] @ (np.log(values) - mean) ** 2)  # of ln sigma, predicted
        assert bool(deviation < 0.25) is narrow
        assert narrow or abs(deviation - 1) < 0.5
        assert abs(mean) < 4 * max(deviation, 1) / 10


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.floats(0, 9), st.integers(1, 9), st.floats(1e-9, 1e9)), min_size=1, max_size=9
    ),
    st.floats(-30, 30),
)
def test_p_falls_with_the_effect_and_no_unit_changes_it(
    rows: list[tuple[float, int, float]], log_unit: float
) -> None:
    effects, pairs, squares = (np.array(column, dtype=float) for column in zip(*rows))
    unit = np.exp(log_unit)
    p = p_values(effects, pairs, squares, pairs - 1)
    again = p_values(-effects * unit, pairs, squares * unit**2, pairs - 1)
    np.testing.assert_allclose(again, p, rtol=1e-6, atol=1e-12)
    assert ((p >= 0) & (p <= 1)).all()
    assert (p_values(2 * effects, pairs, squares, pairs - 1) <= p).all()


def test_where_nothing_varies_any_effect_is_certain() -> None:
    two = np.array([2.0, 2.0])
    assert p_values(np.array([0.0, 1e-9]), two, 0 * two, two - 1).tolist() == [1.0, 0.0]


def test_an_unruly_group_hides_the_others_only_so_far_and_is_not_seen_itself() -> None:
    squares = np.random.default_rng(4).chisquare(3, 30)
    pairs, degrees, effects = np.full(30, 4.0), np.full(30, 3.0), np.zeros(30)
    effects[1] = 10 / np.sqrt(4)
    beside = []
    for times in (1, 1e2, 1e4):
        squares[0] = 3 * times**2
        effects[0] = 3 * times / np.sqrt(4)
        own, other = 30 * p_values(effects, pairs, squares, degrees)[:2]
        assert own > 0.1
        beside.append(other)
    assert beside[0] < beside[1] < beside[2] < 2 * beside[1]  # 10^4 in the place of 10^2
    assert beside[2] < 3 * LEVEL


@pytest.mark.parametrize(
    ("groups", "pairs", "spread", "tables"),
    [(5, 2, 1.0, 100), (5, 3, 0.5, 100), (30, 2, 0.5, 60), (30, 4, 0.5, 60), (100, 3, 0.25, 20)],
)
def test_false_alarms_stay_below_one_in_a_hundred_tables(
    groups: int, pairs: int, spread: float, tables: int
) -> None:
    rate, error, _ = rates(
        Design(groups, pairs, spread), (6.0,), tables, np.random.default_rng(groups + pairs)
    )
    assert rate <= LEVEL + 4 * error


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_heavy_noise_gives_no_more_false_alarms(spread: float) -> None:
    tables = 250
    found = alarms(Design(30, 3, spread, heavy=True), tables, np.random.default_rng(8))
    assert stats.binom.sf(found - 1, tables, LEVEL) > 1e-4


@pytest.mark.parametrize(("groups", "pairs"), [(5, 8), (30, 4), (100, 4), (300, 3)])
def test_a_shift_of_six_standard_errors_is_found_nine_times_in_ten(groups: int, pairs: int) -> None:
    tables = max(6, 600 // groups)
    _, _, found = rates(Design(groups, pairs), (0.0, 6.0, 12.0), tables, np.random.default_rng(3))
    assert found[0] < LEVEL
    assert found[1] >= 0.88
    assert found[2] > 0.999


def test_the_closed_form_of_a_table_is_what_counting_gives() -> None:
    design, generator = Design(8, 4, 0.5), np.random.default_rng(6)
    _, squares, _ = design.draw(generator)
    c = critical(design, squares)
    np.testing.assert_allclose(design.p(c, squares), LEVEL / 8, rtol=1e-3)
    assert (design.p(0.99 * c, squares) > LEVEL / 8).all()
    assert (design.p(1.01 * c, squares) < LEVEL / 8).all()
