"""Claims as the report shows them: words, numbers and marks that say the same."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.claims.claim import read_claims
from harness.claims.verdict import WORDS
from harness.records.record import Record
from harness.report.verdicts import EDGE, LETTERS, WIDTH, Mark, decided
from harness.studies import STUDIES

CONDITION: dict[str, Any] = {
    "condition": "blur=0.4", "metric": "denoising_loss", "unit": "log ratio", "n": 8,
    "word": "mechanism seen",
    "effect": math.log(0.9), "low": math.log(0.8), "high": math.log(1.0), "p_value": 0.01,
    "p_holm": 0.02, "smallest_resolvable": math.log(1.5), "replicates_needed": 3, "dropped": [],
}  # fmt: skip
VERDICT: dict[str, Any] = {
    "outcome": "seen", "word": "mechanism seen", "reason": "r", "numbers": {}, "pools": [],
    "conditions": [CONDITION, {**CONDITION, "condition": "blur=0.8", "effect": 0.1}],
    **{name: CONDITION[name] for name in ("effect", "low", "high", "p_value", "p_holm", "unit")},
}  # fmt: skip
READING = {"metric": "denoising_loss", "margin": 0.02}


def line(verdict: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "c",
        "study": "s",
        "rule": {"kind": "PairedEffect", "metrics": [READING]},
        "verdict": verdict,
    }


def value_at(mark: Mark, x: float, margin: float) -> float:
    """The value at a position, from the two that are known: the line is 0, the band the margin."""
    assert mark.line is not None
    assert mark.margin is not None
    return (x - mark.line) / (mark.margin[1] - mark.line) * margin


def test_a_log_ratio_is_shown_in_per_cent_and_drawn_to_scale() -> None:
    first, second = decided(line(VERDICT)).tests
    assert first.effect == "−10.0 [−20.0, 0.0] %"
    assert (first.smallest, first.needed, first.p) == ("50 %", "+3", "0.02")
    assert (first.main, second.main) == (True, False)
    mark = first.mark
    assert mark is not None
    assert mark.line == WIDTH / 2
    for position, name in ((mark.low, "low"), (mark.middle, "effect"), (mark.high, "high")):
        got = value_at(mark, position, 0.02)
        assert got == pytest.approx(CONDITION[name], abs=2e-3)
    assert mark.whole


def test_an_interval_that_leaves_the_drawing_says_so() -> None:
    wide = {**CONDITION, "low": -50.0, "high": 50.0}
    mark = decided(line({**VERDICT, "conditions": [wide]})).tests[0].mark
    assert mark is not None
    assert not mark.whole
    assert (mark.low, mark.high) == (EDGE, WIDTH - EDGE)


def test_what_was_not_measured_has_no_number_and_no_mark() -> None:
    names = ("effect", "low", "high", "p_holm", "smallest_resolvable", "replicates_needed")
    lost = {**CONDITION, **dict.fromkeys(names), "dropped": ["no rows"]}
    (test,) = decided(line({**VERDICT, "conditions": [lost], "effect": None})).tests
    assert (test.effect, test.p, test.smallest, test.needed, test.mark) == (
        "–",
        "–",
        "–",
        "–",
        None,
    )
    assert test.dropped == ("no rows",)
    assert not test.main


def test_a_share_is_drawn_against_its_threshold() -> None:
    numbers = {"threshold": 0.9}
    one = decided(
        line({**VERDICT, "conditions": [], "numbers": numbers, "effect": 0.75, "low": 0.5,
              "high": 1.0})
    )  # fmt: skip
    assert one.effect == "75 % of cells [50, 100]"
    assert one.mark is not None
    inner = WIDTH - 2 * EDGE
    assert one.mark.line == pytest.approx(EDGE + 0.9 * inner, abs=0.01)
    assert (one.mark.low, one.mark.high) == (EDGE + 0.5 * inner, WIDTH - EDGE)


def test_a_counted_share_is_drawn_against_what_is_allowed() -> None:
    numbers = {"allowed": 0.005, "trials": 50}
    given = {**VERDICT, "conditions": [], "numbers": numbers, "effect": 0.0, "low": 0.0}
    one = decided(line({**given, "high": 0.01}))
    assert one.effect == "0 % of 50 [0, 1]"
    assert one.mark is not None
    inner = WIDTH - 2 * EDGE
    assert one.mark.low == one.mark.middle == EDGE
    assert one.mark.high == pytest.approx(EDGE + inner / 1.1, abs=0.01)
    assert one.mark.line == pytest.approx(EDGE + inner / 2.2, abs=0.01)
    assert one.about == "share from 0, with its 95 % interval; line: 0.5 %"
    far = decided(line({**given, "high": 0.0004})).mark  # what is allowed is still drawn
    assert far is not None
    assert far.line == pytest.approx(EDGE + inner / 1.1, abs=0.01)


def test_a_tightness_is_drawn_on_a_logarithmic_axis_from_one() -> None:
    numbers = {"tightness_low": 10.0, "tightness_high": 100.0}
    one = decided(line({**VERDICT, "conditions": [], "numbers": numbers, "effect": 10.0}))
    assert one.effect == "bound / exact from 10 to 100"
    assert one.mark is not None
    assert one.mark.line == EDGE
    third = (WIDTH - 2 * EDGE) / 3  # the axis ends at 1000
    assert one.mark.low == pytest.approx(EDGE + third, abs=0.01)
    assert one.mark.high == pytest.approx(EDGE + 2 * third, abs=0.01)


def test_every_outcome_has_its_own_letter() -> None:
    assert set(LETTERS) == set(WORDS["paper"])
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_every_line_that_a_run_leaves_can_be_shown(
    build: Callable[..., Path], blur: list[Record], laws: list[Record]
) -> None:
    shown = [decided(one) for one in read_claims(build(blur, laws) / "claims.jsonl")]
    assert len(shown) == sum(len(STUDIES[r[0].study].claims) for r in (blur, laws))
    for one in shown:
        assert one.effect or one.tests
        shut = "the gate is shut" in one.verdict["reason"]
        wanted = {"split": (2,)}.get(one.verdict["outcome"], (1,))
        assert sum(test.main for test in one.tests) in ((0,) if shut or not one.tests else wanted)
        assert (one.effect == "the gate is shut") == shut
