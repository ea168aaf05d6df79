"""What the report opens with says what calibration's rows say, good or bad."""

from typing import Any

import pytest

from harness.report.opening import FALSE, PLANTED, opening


def row(what: str, metric: str, counted: int, ok: bool) -> dict[str, Any]:
    stated = 0.05 if what == FALSE else 0.8
    rate = {"studies": 32, "counted": counted, "rate": counted / 32, "low": 0.01, "high": 0.2}
    return {"what": what, "metric": metric, "stated": stated, "ok": ok, **rate}


def test_both_rates_stand_with_their_counts_and_intervals() -> None:
    rows = [row(FALSE, "denoising_loss", 2, True), row(PLANTED, "denoising_loss", 24, True)]
    false, planted = opening(rows)
    assert "agrees with the stated 5 %" in false.text
    assert "found in 80 % of studies is found at a rate that agrees" in planted.text
    assert false.rates[0].counted == "2 of 32"
    assert planted.rates[0].rate == "75.0 %"
    assert false.rates[0].interval == "1.0 to 20.0 %"
    assert false.rates[0].metric == "held-out loss"
    assert false.kept


@pytest.mark.parametrize(("what", "words"), [(FALSE, "more often"), (PLANTED, "less often")])
def test_a_rate_that_is_not_kept_is_said_first_and_names_its_metric(what: str, words: str) -> None:
    rows = [row(what, "denoising_loss", 2, True), row(what, "spectrum_distance", 9, False)]
    (sentence,) = opening(rows)
    assert f"{words} " in sentence.text
    assert "on spectrum distance:" in sentence.text
    assert "held-out loss" not in sentence.text
    assert not sentence.kept
    assert [rate.kept for rate in sentence.rates] == [True, False]


def test_without_calibration_nothing_is_said() -> None:
    assert opening([]) == ()
