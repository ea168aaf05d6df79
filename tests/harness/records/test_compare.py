"""Comparison of two sets of records: each kind of difference, and its error rates."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from harness.records.compare import LEVEL, compare
from harness.records.record import Record, measured, unmeasured


def _row(value: float, replicate: int | None = 0, cell: int = 0, **more: object) -> Record:
    row = {
        "study": "s",
        "cell_id": f"{cell:04}",
        "params": {"cell": cell},
        "replicate": replicate,
        "metric": "loss",
        "unit": "nats",
        "tier": "tolerance",
        **more,
    }
    return measured(value, **row)


def _group(values: np.ndarray, cell: int = 0) -> list[Record]:
    return [_row(float(value), replicate, cell) for replicate, value in enumerate(values)]


def test_the_same_rows_are_the_same() -> None:
    rows = [*_group(np.arange(4.0)), _row(2.0, None, 1, tier="exact")]
    found = compare(rows, rows)
    assert found.ok
    assert (found.common, found.missing, found.added, found.changed) == (5, 0, 0, 0)
    assert [group.test for group in found.groups] == ["equal"]


@pytest.mark.parametrize(
    ("value", "new", "same"),
    [
        (1.0, 1.0 + 0.9e-9, True),
        (1.0, 1.0 + 1.1e-9, False),
        (-1e6, -1e6 * (1 + 0.9e-9), True),
        (-1e6, -1e6 * (1 + 1.1e-9), False),
        (0.0, 0.9e-12, True),
        (0.0, 1.1e-12, False),
        (1e-13, -1e-13, True),
    ],
)
def test_exact_rows_agree_to_a_billionth(value: float, new: float, same: bool) -> None:
    found = compare([_row(value, tier="exact")], [_row(new, tier="exact")])
    assert found.ok is same
    assert [failure.kind for failure in found.failures] == ([] if same else ["value"])


def test_missing_rows_fail_and_added_rows_do_not() -> None:
    rows = _group(np.arange(3.0))
    assert compare(rows, rows[:2]).failures[0].kind == "missing"
    assert not compare(rows, rows[:2]).ok
    more = compare(rows[:2], rows)
    assert more.ok
    assert more.added == 1


def test_a_changed_status_or_meaning_fails_in_either_tier() -> None:
    row = _row(1.0)
    fields = row.config()
    for name in ("value", "standard_error", "status", "reason", "schema_version"):
        fields.pop(name)
    failed = unmeasured("timeout", "after 9 s", **fields)
    for old, new in [(row, failed), (failed, row)]:
        found = compare([old], [new])
        assert [failure.kind for failure in found.failures] == ["status"]
        assert found.changed == 1
    assert compare([failed], [failed]).ok
    for change in ({"unit": "bits"}, {"higher_is_better": True}, {"tier": "exact"}):
        found = compare([row], [replace(row, **change)])
        assert [failure.kind for failure in found.failures] == ["meaning"]
    exact = _row(1.0, tier="exact", n=3)
    assert [f.kind for f in compare([exact], [replace(exact, n=4)]).failures] == ["meaning"]


def test_each_test_is_the_one_that_scipy_has() -> None:
    generator = np.random.default_rng(3)
    old, new = generator.normal(size=(2, 6))
    paired = compare(_group(old), _group(new)).groups[0]
    assert paired.test == "paired"
    assert paired.p == pytest.approx(stats.ttest_rel(new, old).pvalue, rel=1e-9)
    assert (paired.reference, paired.new) == pytest.approx((old.mean(), new.mean()))
    apart = [replace(row, replicate=row.replicate + 10) for row in _group(new[:4])]
    welch = compare(_group(old), apart).groups[0]
    assert welch.test == "welch"
    p = stats.ttest_ind(new[:4], old, equal_var=False).pvalue
    assert welch.p == pytest.approx(p, rel=1e-9)
    one = [_row(1.0, None, standard_error=0.3)], [_row(2.0, None, standard_error=0.4)]
    single = compare(*one).groups[0]
    assert single.test == "standard error"
    assert single.p == pytest.approx(2 * stats.norm.sf(2.0), rel=1e-9)


def test_one_row_without_an_error_is_not_comparable_unless_it_is_equal() -> None:
    found = compare([_row(1.0)], [_row(1.1)])
    assert found.ok
    assert found.not_comparable[0].p_holm is None
    assert "not comparable" in str(found)
    half = compare([_row(1.0, standard_error=0.1)], [_row(1.1)])
    assert half.groups[0].test == "not comparable"
    assert compare([_row(1.0)], [_row(1.0 + 1e-7)]).groups[0].test == "equal"


def test_a_shift_is_a_shift_after_holm_over_all_groups() -> None:
    noise = np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0])
    old = [row for cell in range(20) for row in _group(np.zeros(6), cell)]
    quiet = [row for cell in range(1, 20) for row in _group(noise, cell)]
    p = stats.ttest_1samp(2.2 + noise, 0).pvalue
    assert 20 * p > LEVEL > p  # one test would see it, twenty do not
    assert compare(old, [*_group(2.2 + noise), *quiet]).ok
    assert not compare(old[:6], _group(2.2 + noise)).ok
    moved = compare(old, [*_group(9 + noise), *quiet])
    assert [shift.row for shift in moved.shifts] == ["s cell=0 [0000] loss"]
    assert not moved.ok


def test_nothing_moved_reports_a_shift_at_the_stated_rate() -> None:
    generator = np.random.default_rng(11)
    trials, groups = 150, 4
    false = 0
    for _ in range(trials):
        values = generator.normal(size=(2, groups, 4))
        old, new = ([r for c in range(groups) for r in _group(side[c], c)] for side in values)
        false += not compare(old, new).ok
    assert false / trials < LEVEL + 4 * np.sqrt(LEVEL * (1 - LEVEL) / trials)


def test_a_group_without_spread_that_moved_is_a_shift() -> None:
    found = compare(_group(np.zeros(3)), _group(np.ones(3)))
    assert found.groups[0].p == 0
    assert not found.ok


def test_the_text_is_an_aligned_table_that_counts_what_it_leaves_out() -> None:
    old = [_row(1.0, 0, cell, tier="exact") for cell in range(50)]
    new = [_row(2.0, 0, cell, tier="exact") for cell in range(50)]
    lines = str(compare(old, new)).splitlines()
    assert lines[0].startswith("50 rows in both (50 changed)")
    assert lines[-1] == "... and 10 more"
    columns = {line.index("1.0") for line in lines[3:-1]}
    assert len(columns) == 1
    assert lines[2].index("reference") in columns


def test_the_summary_for_a_pull_request_says_so_in_its_first_line_and_has_no_markup() -> None:
    old = [_row(1.0, 0, cell, tier="exact", metric="a_b|c*") for cell in range(50)]
    new = [_row(2.0, 0, cell, tier="exact", metric="a_b|c*") for cell in range(50)]
    assert compare(old, old).markdown().splitlines()[0] == "### No result moved"
    lines = compare(old, new).markdown().splitlines()
    assert lines[0] == "### **Results moved**"
    assert lines[2].startswith("50 rows in both (50 changed)")
    assert lines[-1] == "and 10 more"
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 42
    assert {line.replace("\\|", "").count("|") for line in table} == {5}
    assert r"a\_b\|c\*" in table[2]
