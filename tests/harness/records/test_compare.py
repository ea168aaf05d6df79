"""Comparison of two sets of records: each kind of difference, and its error rates."""

from dataclasses import replace

import numpy as np
import pytest

from harness.records.compare import compare
from harness.records.costs import Cost
from harness.records.record import TIERS, Record, measured, unmeasured


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


def test_missing_rows_fail_and_added_rows_do_not_and_both_are_named() -> None:
    rows = _group(np.arange(3.0)) + [_row(1.0, 0, 7, metric=f"m{k}") for k in range(5)]
    less = compare(rows, rows[:2])
    assert [failure.kind for failure in less.failures] == ["missing"] * 6
    assert not less.ok
    more = compare(rows[:2], rows)
    assert more.ok
    assert (less.missing, less.added, more.missing, more.added) == (6, 0, 0, 6)
    named = ("s cell=0 [0000] loss: 1 row", "s cell=7 [0007] m0, m1, m2 and 2 more: 5 rows")
    assert less.only_reference == more.only_new == named
    assert less.only_new == more.only_reference == ()
    for one, head in ((less, "missing: rows of the reference alone"), (more, "new: rows that")):
        text, lines = str(one), one.markdown().splitlines()
        assert head in text
        assert all(name in text for name in named)
        assert any(line.startswith(f"| {head}") for line in lines)
        assert r"| s cell=0 \[0000\] loss: 1 row |" in lines
    assert less.markdown().startswith("### **Rows are missing**")
    assert more.markdown().startswith("### No result moved")


def test_a_cost_is_shown_and_never_judged() -> None:
    old = [_row(10.0, k, unit="s", tier=tier, metric=tier) for tier in TIERS for k in range(3)]
    new = [replace(row, value=900.0 + (row.replicate or 0), n=5) for row in old]
    found = compare(old, new, [Cost("blur on one", "minutes", 2.0, None)])
    assert found.ok
    assert found.groups == ()
    shown = [(cost.reference, cost.new) for cost in found.costs]
    assert shown == [
        (2.0, None),
        *[(10.0, new) for new in (900.0, 900.0, 901.0, 901.0, 902.0, 902.0)],
    ]
    lines = str(found).splitlines()
    assert "cost (not judged)" in lines[2]
    assert lines[3].split() == ["blur", "on", "one", "minutes", "2", "none"]
    assert "| s cell=0 \\[0000\\] \\#1 exact | s | 10 | 901 |" in found.markdown()
    gone = compare(old, new[1:])
    assert [failure.kind for failure in gone.failures] == ["missing"]


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
