"""Groups of tolerance rows: what counts as nothing, which test they get, and its p-value."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from harness.records import pooled, shift
from harness.records.pooled import CAUTION
from harness.records.record import Record, measured
from harness.records.shift import LEVEL, NEGLIGIBLE, Shift, group, judge


def _row(value: float, replicate: int | None = 0, cell: int = 0, **more: object) -> Record:
    row = {
        "study": "s",
        "cell_id": f"{cell:04}",
        "params": {},
        "replicate": replicate,
        "metric": "loss",
        "unit": "nats",
        "tier": "tolerance",
        **more,
    }
    return measured(value, **row)


def _side(values: np.ndarray, first: int = 0, **more: object) -> list[Record]:
    return [_row(float(value), first + k, **more) for k, value in enumerate(values)]


def _judged(*pairs: tuple[list[Record], list[Record]]) -> list[Shift]:
    return list(judge(group(f"g{k}", *sides) for k, sides in enumerate(pairs)))


def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No caution: the p-value of a group without others is then that of a t test."""
    monkeypatch.setattr(pooled, "CAUTION", 1.0)


def test_a_group_without_others_has_the_t_test_that_scipy_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _alone(monkeypatch)
    monkeypatch.setattr(shift, "NEGLIGIBLE", 0.0)
    monkeypatch.setattr(shift, "ROUNDING", 0.0)
    generator = np.random.default_rng(3)
    old, new = generator.normal(size=(2, 6))
    new += 1
    (paired,) = _judged((_side(old), _side(new)))
    assert paired.test == "paired"
    assert paired.p == pytest.approx(stats.ttest_rel(new, old).pvalue, rel=0.04)  # a grid of sigma
    assert (paired.reference, paired.new) == pytest.approx((old.mean(), new.mean()))
    (apart,) = _judged((_side(old), _side(new[:4], first=10)))
    assert apart.test == "unpaired"
    assert apart.p == pytest.approx(stats.ttest_ind(new[:4], old).pvalue, rel=0.04)


def test_the_pairs_alone_give_a_paired_group_its_means() -> None:
    old, new = np.array([1.0, 2.0, 50.0]), np.array([1.5, 2.25, 90.0])
    (found,) = _judged((_side(old), [*_side(new[:2]), _row(90.0, 7)]))
    assert (found.test, found.reference, found.new) == ("paired", 1.5, 1.875)


def test_two_single_rows_have_the_normal_test_of_their_errors() -> None:
    sides = [_row(1.0, None, standard_error=0.3)], [_row(2.0, None, standard_error=0.4)]
    (single,) = _judged(sides)
    assert single.test == "standard error"
    assert single.p == pytest.approx(2 * stats.norm.sf((1 - NEGLIGIBLE * 0.3) / 0.5), rel=1e-9)
    trained = [[replace(row, replicate=0) for row in side] for side in sides]
    (found,) = _judged((trained[0], trained[1]))
    assert (found.test, found.p) == ("standard error", single.p)


def test_one_pair_takes_its_spread_from_the_others_of_its_study() -> None:
    noise = np.array([-1.0, 1.0, -1.0, 1.0])
    error = {"standard_error": 1.0}
    others = [
        (_side(np.zeros(4), cell=c, **error), _side(noise, cell=c, **error)) for c in range(9)
    ]
    for move, moved in ((2.0, False), (12.0, True)):
        lone = [_row(0.0, 0, 99, **error)], [_row(move, 0, 99, **error)]
        found = _judged(*others, lone)
        assert found[-1].test == "pooled"
        assert found[-1].moved is moved
    other_study = [_row(0.0, 0, 99, study="z")], [_row(12.0, 0, 99, study="z")]
    assert _judged(*others, other_study)[-1].test == "not comparable"


def test_one_row_without_an_error_is_not_comparable_unless_it_is_equal() -> None:
    for old, new in (({}, {}), ({"standard_error": 0.1}, {})):
        (found,) = _judged(([_row(1.0, **old)], [_row(1.1, **new)]))
        assert (found.test, found.p, found.p_holm, found.moved) == (
            "not comparable", None, None, False,
        )  # fmt: skip
    (found,) = _judged(([_row(1.0)], [_row(1.0 + 0.9e-6)]))
    assert (found.test, found.p_holm) == ("equal", 1.0)


@pytest.mark.parametrize("part", [0.9, 1.1])
def test_less_than_a_hundredth_of_the_error_is_nothing(part: float) -> None:
    """As another processor moves numbers: each replicate by nearly the same."""
    recorded = {"standard_error": 0.5}
    old = np.array([0.1, -0.3, 0.2])
    new = old + part * NEGLIGIBLE * 0.5 * np.array([1, 0.999, 0.998])
    (found,) = _judged((_side(old, **recorded), _side(new, **recorded)))
    assert (found.test == "equal") is (part < 1)
    assert not found.moved
    spread = float(old.std(ddof=1))  # where no error is recorded
    (found,) = _judged((_side(old), _side(old + part * NEGLIGIBLE * spread)))
    assert (found.test == "equal") is (part < 1)
    assert not found.moved


def test_a_shift_without_spread_is_seen() -> None:
    (found,) = _judged((_side(np.zeros(3)), _side(np.ones(3))))
    assert found.moved
    old = np.random.default_rng(1).normal(size=4)
    error = {"standard_error": 1.0}
    (found,) = _judged((_side(old, **error), _side(old + 1.0, **error)))
    assert found.moved  # the spread is not below a hundredth of the error: t = 200


def test_rows_without_an_error_are_pooled_within_their_metric_relative_to_the_value() -> None:
    generator = np.random.default_rng(5)
    sides = []
    for cell in range(40):
        size = 10.0 ** (cell % 5)
        old = size * (1 + 0.1 * generator.normal(size=3))
        sides.append((_side(old, cell=cell), _side(old * (1 + 0.1 * generator.normal(size=3)))))
    calm = _judged(*sides)
    assert not any(found.moved for found in calm)
    moved = [_row(row.value * 1.7, row.replicate) for row in sides[4][0]]  # ten deviations
    assert _judged(*sides[:4], (sides[4][0], moved), *sides[5:])[4].moved


@pytest.mark.parametrize(
    ("cells", "shared", "alone", "seen"),
    [(9, 0.9, 0, 0), (9, -0.9, 0, 0), (4, 0.9, 0, 4), (9, 4, 0, 9), (9, 0.9, 4, 1), (9, 0, 0, 0)],
)
def test_what_all_cells_share_counts_as_the_instruments_up_to_one_error(
    cells: int, shared: float, alone: float, seen: int
) -> None:
    """Rows with an error of 10 whose replicates agree to a fifth; ``alone`` moves one cell."""
    noise = np.array([-2.0, 2.0, -2.0, 2.0, 0.0, 0.0])
    old = _side(np.zeros(6), standard_error=10.0)
    sides = [
        (old, _side(10 * (shared + alone * (k == 2)) + noise, standard_error=10.0))
        for k in range(cells)
    ]
    assert sum(found.moved for found in _judged(*sides)) == seen


def test_holm_counts_the_groups_that_are_not_equal() -> None:
    noise = np.array([-1.0, 1.0, -1.0, 1.0])
    error = {"standard_error": 1.0}

    def sides(effect: float) -> tuple[list[Record], list[Record]]:
        return _side(np.zeros(4), **error), _side(effect + noise, **error)

    same = _side(np.zeros(4), **error), _side(np.zeros(4), **error)
    found = _judged(*[sides(0.5 * k) for k in range(8)], *[same] * 5)
    p = [one.p or 0.0 for one in found[:8]]
    assert found[7].p_holm == pytest.approx(8 * p[7])
    assert 8 * p[7] < 0.5
    assert [one.p_holm for one in found[8:]] == [1.0] * 5


def test_nothing_moved_reports_a_shift_at_the_stated_rate_and_six_errors_are_seen() -> None:
    """A study of 20 groups of 5 pairs in three metrics, a quarter of them equal byte for byte."""
    generator = np.random.default_rng(11)
    trials, false, seen = 80, 0, 0
    for _ in range(trials):
        sides = []
        for k in range(20):
            size = (0.1, 1.0, 30.0)[k % 3]
            named = {"metric": f"m{k % 3}", "standard_error": size}
            old, noise = generator.normal(size=(2, 5)) * size
            new = old + noise * (k % 4 > 0)
            sides.append((_side(old, **named), _side(new, **named)))
        false += any(found.moved for found in _judged(*sides))
        old, new = sides[1]
        by = 6 * 1.0 / np.sqrt(5) + NEGLIGIBLE
        moved = [replace(row, value=(row.value or 0.0) + by) for row in new]
        seen += _judged(sides[0], (old, moved), *sides[2:])[1].moved
    assert false / trials <= LEVEL + 4 * np.sqrt(LEVEL * (1 - LEVEL) / trials)
    assert seen / trials >= 0.9 - 4 * np.sqrt(0.09 / trials)
    assert CAUTION > 1
