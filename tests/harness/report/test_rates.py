"""The calibration's table: the numbers of the calibration itself, written and read back."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.claims.calibration import false_verdict_rate, planted_power
from harness.problem import Problem
from harness.records.record import Record
from harness.report.layouts import layout
from harness.report.rates import part_of, rates, read_rates
from harness.report.results import Results
from harness.report.sheet import Sheet, csv_text

Rows = Callable[..., list[Record]]
Read = Callable[..., Results]
SHOWN = layout("calibration")
COLUMNS = ("metric", "what", "studies", "counted", "rate", "low", "high", "stated", "ok")


def log_ratios(records: list[Record], metric: str) -> list[float]:
    arms = {
        arm: [r.value or 0.0 for r in records if r.metric == metric and r.params["arm"] == arm]
        for arm in ("copy 0", "copy 1")
    }
    return [math.log(x) - math.log(y) for x, y in zip(arms["copy 1"], arms["copy 0"])]


def test_the_rates_are_the_calibrations_on_the_paired_log_ratios(
    pairs: list[Record], results: Read
) -> None:
    part = rates(results(pairs), SHOWN)
    metrics = ("denoising_loss", "fd_zca_pixels")
    effects = {metric: log_ratios(pairs, metric) for metric in metrics}
    expected = [*false_verdict_rate(effects, 2), *planted_power(effects, 2)]
    assert [(r["metric"], r["what"]) for r in part.tidy] == [(c.metric, c.what) for c in expected]
    for row, one in zip(part.tidy, expected):
        assert (row["studies"], row["counted"], row["ok"]) == (4, one.counted, one.ok)
        numbers = [row[name] for name in ("rate", "low", "high", "stated", "effect")]
        assert numbers == [one.rate, one.low, one.high, one.stated, one.effect]


def test_the_file_has_the_stated_columns_and_reads_back_the_same(
    pairs: list[Record], results: Read, tmp_path: Path
) -> None:
    part = rates(results(pairs), SHOWN)
    path = tmp_path / "calibration.csv"
    path.write_text(csv_text(Sheet("calibration", "", (part,))), encoding="utf-8")
    assert tuple(path.read_text("utf-8").splitlines()[0].split(",")[:9]) == COLUMNS
    again = read_rates(path)
    assert part_of(again).body == part.body
    assert [{name: row[name] for name in COLUMNS} for row in again] == [
        {name: row[name] for name in COLUMNS} for row in part.tidy
    ]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.csv"
    path.write_text("metric,ok\nloss,perhaps\n", encoding="utf-8")
    with pytest.raises(Problem, match="make it again"):
        read_rates(path)


def test_too_few_pairs_are_said_and_not_counted(rows: Rows, results: Read) -> None:
    kind = {"study": "calibration"}
    found = rows("a", [1.0, 2.0, 3.0], arm="copy 0", **kind)
    found += rows("a", [1.0, math.nan, 3.5], arm="copy 1", **kind)
    found += rows("b", [1.0], arm="copy 0", **kind) + rows("b", [1.0], arm="copy 1", **kind)
    part = rates(results(found), SHOWN)
    assert not part.tidy
    assert any("diverged: arm copy 1, metric a, replicate 1" in note for note in part.notes)
    assert any("a is not calibrated" in note and "replicate 1" in note for note in part.notes)
    assert "b is not calibrated: 1 pairs, too few for one group" in part.notes
