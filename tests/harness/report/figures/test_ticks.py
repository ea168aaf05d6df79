"""Ticks of changes: three or more, round, and apart, whatever the axis."""

import math
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report import style
from harness.report.figures.ticks import LEAST, Tick, changes, differences, heaviest, label, width

ENDS = st.tuples(st.floats(-2, -0.05), st.floats(0.05, 2))


def apart(found: list[Tick], scale: float) -> bool:
    ends = [(t.at * scale - width(t.label) / 2, t.at * scale + width(t.label) / 2) for t in found]
    return all(a[1] < b[0] for a, b in pairwise(ends))


@settings(max_examples=60, deadline=None)
@given(ENDS, st.floats(90, 400))
def test_labels_stand_apart_and_say_where_they_are(
    ends: tuple[float, float], points: float
) -> None:
    low, high = ends
    for make, value in ((changes, lambda x: 100 * math.expm1(x)), (differences, float)):
        found = make(low, high, points)
        assert apart(found, points / (high - low))
        assert any(tick.at == 0 for tick in found)
        for tick in found:
            assert low - 1e-9 <= tick.at <= high + 1e-9
            said = float(tick.label.replace("−", "-"))
            assert math.isclose(said, value(tick.at), rel_tol=1e-6, abs_tol=1e-9)


def test_a_narrow_panel_has_three() -> None:
    with style.applied("any"):
        for low, high in ((-0.09, 0.11), (-0.2, 2.9), (-0.9, 0.9)):
            assert len(changes(low, high, 50)) >= LEAST


def test_the_heaviest_set_is_taken() -> None:
    ticks = [Tick(0, "0", 1.0), Tick(1, "1", 1.5), Tick(2, "2", 1.0)]
    assert heaviest(ticks, 100, 1) == ticks
    assert heaviest(ticks, 4, 3) == [ticks[1]] or len(heaviest(ticks, 4, 3)) == 2
    assert heaviest(ticks, 0.1, 3) == [ticks[1]]


def test_labels_have_a_sign_and_no_digit_too_many() -> None:
    assert [label(x) for x in (-0.5, 0, 0.25, 900)] == ["−0.5", "0", "+0.25", "+900"]
    assert [label(x, True) for x in (-0.5, 0, 0.25, 900)] == ["−.5", "0", ".25", "900"]
