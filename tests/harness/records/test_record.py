"""Records: what is refused, what a divergence becomes, and that a row survives its own JSON."""

import json
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.problem import Problem
from harness.records.record import (
    READABLE,
    Record,
    from_json,
    from_mapping,
    measured,
    plain_json,
    unmeasured,
)

ROW = {
    "study": "s",
    "cell_id": "0123",
    "params": {"arm": "clean", "blur": 0.4},
    "metric": "loss",
    "unit": "nats",
    "tier": "tolerance",
    "replicate": 3,
}
names = st.text(min_size=1, max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)
plain = st.none() | st.booleans() | st.integers() | finite | st.text(max_size=8)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any valid record."""
    row = {
        "study": draw(names),
        "cell_id": draw(names),
        "params": draw(st.dictionaries(names, plain, max_size=3)),
        "metric": draw(names),
        "unit": draw(st.text(max_size=5)),
        "tier": draw(st.sampled_from(["exact", "tolerance"])),
        "replicate": draw(st.none() | st.integers(0, 99)),
        "higher_is_better": draw(st.none() | st.booleans()),
        "n": draw(st.none() | st.integers(0, 10**9)),
    }
    if draw(st.booleans()):
        return measured(draw(finite), draw(st.none() | finite.map(abs)), **row)
    status = draw(st.sampled_from(["failed", "diverged", "timeout", "skipped"]))
    return unmeasured(status, draw(names), **row)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(records())
def test_a_row_survives_its_json_bit_for_bit(row: Record) -> None:
    line = row.json()
    again = from_json(line, "here")
    assert again == row
    assert again.json() == line
    assert "\n" not in line
    assert list(json.loads(line)) == sorted(row.config())
    assert pickle.loads(pickle.dumps(row)) == row


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(), st.none() | st.floats())
def test_a_row_is_ok_iff_all_its_numbers_are_finite(value: float, error: float | None) -> None:
    row = measured(value, None if error is None else abs(error), **ROW)
    finite_both = math.isfinite(value) and (error is None or math.isfinite(error))
    assert row.ok is finite_both is (row.value is not None)
    assert row.status == ("ok" if finite_both else "diverged")
    assert finite_both or (row.standard_error is None and row.reason)


def test_a_divergence_says_what_the_number_was() -> None:
    assert measured(math.nan, **ROW).reason == "the value is nan"
    assert measured(-math.inf, **ROW).reason == "the value is -inf"
    assert measured(1.0, math.inf, **ROW).reason == "the standard error is inf"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"value": math.nan}, "finite value"),
        ({"value": True}, "finite value"),
        ({"value": "1"}, "finite value"),
        ({"value": None}, "status ok"),
        ({"standard_error": -0.1}, "standard_error >= 0"),
        ({"status": "failed"}, "either a number or a failure"),
        ({"status": "failed", "value": None}, "a reason"),
        ({"status": "fine"}, "ok, failed, diverged, timeout, skipped"),
        ({"reason": "because"}, "no reason"),
        ({"tier": "loose"}, "exact, tolerance"),
        ({"replicate": -1}, "whole replicate"),
        ({"replicate": True}, "whole replicate"),
        ({"n": 2.0}, "whole n"),
        ({"higher_is_better": "yes"}, "direction"),
        ({"study": ""}, "a study"),
        ({"metric": None}, "a metric"),
        ({"unit": None}, "a unit"),
        ({"params": [1]}, "params"),
        ({"params": {"a": [1]}}, "plain params"),
        ({"params": {"a": math.inf}}, "finite params"),
        ({"params": {1: 1}}, "plain params"),
        ({"schema_version": "2.0.0"}, "1.0.0"),
    ],
)
def test_a_field_that_is_not_as_described_is_refused(change: dict, named: str) -> None:
    with pytest.raises(Problem, match=named):
        Record(**{**ROW, "value": 1.0, **change})


def test_reading_names_the_place_the_key_and_the_readable_versions() -> None:
    good = measured(1.0, **ROW).config()
    with pytest.raises(Problem, match=r"f:7.*unknown key 'host', 'when'"):
        from_mapping({**good, "when": 1, "host": "x"}, "f:7")
    with pytest.raises(Problem, match=r"f:7.*missing key 'unit'"):
        from_mapping({k: v for k, v in good.items() if k != "unit"}, "f:7")
    with pytest.raises(Problem, match=rf"f:7.*'9.0.0'.*{READABLE[-1]}"):
        from_mapping({**good, "schema_version": "9.0.0", "when": 1}, "f:7")
    with pytest.raises(Problem, match=r"f:7.*a list"):
        from_mapping([good], "f:7")
    with pytest.raises(Problem, match=r"f:7: a record with a known tier"):
        from_mapping({**good, "tier": "x"}, "f:7")


def test_what_strict_json_has_not_is_refused() -> None:
    line = measured(1.0, **ROW).json()
    for broken, named in [
        (line.replace('"value":1.0', '"value":NaN'), "NaN"),
        (line[:-1] + ',"unit":"m"}', "'unit' twice"),
        (line[:-1], "f:1"),
        ("  ", "an empty line"),
    ]:
        with pytest.raises(Problem, match=named):
            from_json(broken, "f:1")
    with pytest.raises(Problem, match="finite value"):
        from_json(line.replace('"value":1.0', '"value":1e999'), "f:1")


def test_rows_do_not_share_their_params() -> None:
    params = {"arm": "clean"}
    row = measured(1.0, **{**ROW, "params": params})
    params["arm"] = "all"
    assert row.params == {"arm": "clean"}


def test_json_that_is_nested_too_deeply_is_named() -> None:
    with pytest.raises(Problem, match=r"one JSON value at f:3.*restore the file"):
        plain_json("[" * 100_000, "f:3")
