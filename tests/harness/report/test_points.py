"""What the page draws is what the records hold: values, errors, units, states and levels."""

import base64
import gzip
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from scipy import stats

from harness.records.record import Record
from harness.report.layouts import LAYOUTS
from harness.report.points import packed, points
from harness.report.results import Results

Rows = Callable[..., list[Record]]
Made = Callable[..., Results]


def of(found: dict[str, Any], metric: str) -> list[list[Any]]:
    """The points of a metric."""
    at = [name for name, *_ in found["metrics"]].index(metric)
    rows: list[list[Any]] = found["rows"][at]
    return rows


def test_a_point_is_the_mean_of_its_replicates_with_its_standard_error(
    rows: Rows, results: Made
) -> None:
    values = [1.0, 2.0, 4.0, 5.0]
    arm = {"arm": "gated", "network": "mlp"}
    other = rows("fd_random_conv", [1.0], **arm)  # of another unit
    found = points(results([*rows("denoising_loss", values, **arm), *other]))
    ((cell, value, error, n, asked, unit, each),) = of(found, "denoising_loss")
    assert (cell, value, n, asked, each) == (0, 3.0, 4, 4, values)
    assert error == pytest.approx(math.sqrt(10 / 3) / 2, rel=1e-5)
    assert found["units"][unit] == "nats"
    assert found["metrics"][0] == ["denoising_loss", "held-out loss", -1]
    assert found["t"]["4"] == pytest.approx(stats.t.ppf(0.975, 3), abs=1e-4)


def test_of_many_replicates_the_mean_alone_is_told(rows: Rows, results: Made) -> None:
    found = points(results(rows("denoising_loss", range(1, 18), arm="gated")))
    ((_, value, _, n, *rest),) = of(found, "denoising_loss")
    assert (value, n) == (9.0, 17)
    assert len(rest) == 2


def test_a_row_without_a_number_says_why(rows: Rows, results: Made) -> None:
    found = points(results(rows("denoising_loss", [2.0, math.nan, 4.0], arm="gated")))
    ((_, value, _, n, asked, _, each, why),) = of(found, "denoising_loss")
    assert (value, n, asked, each) == (3.0, 2, 3, [2.0, 4.0])
    assert why.startswith("diverged: ")
    found = points(results(rows("denoising_loss", [math.nan], arm="gated")))
    ((_, value, error, n, *_),) = of(found, "denoising_loss")
    assert (value, error, n) == (None, None, 0)


def test_a_single_row_has_its_own_error_and_no_rounding_for_one(
    law: Callable[..., list[Record]], results: Made
) -> None:
    drawn = {"exact": 0.5, "printed": 1.0}
    found = points(
        results(law("contraction_tv", drawn, {"exact": 0.01, "printed": 1e-16}, sigma=1.0))
    )
    assert of(found, "exact") == [[0, 0.5, 0.01, 1, 1, 0]]
    assert of(found, "printed") == [[0, 1.0, None, 1, 1, 0]]
    statement, source, trivial = found["laws"]["contraction tv"]
    assert "TV(P_sigma, Q_sigma)" in statement
    assert "Daras et al. 2025" in source
    assert trivial == 1.0


def test_levels_stand_in_the_order_of_the_table_and_an_absent_one_is_null(
    rows: Rows, results: Made
) -> None:
    arms: list[tuple[str, dict[str, float]]] = [
        ("oracle", {}), ("gated", {"blur": 0.8}), ("all", {"blur": 0.4}), ("clean", {}),
    ]  # fmt: skip
    records = [
        row
        for arm, more in arms
        for row in rows("denoising_loss", [1.0], arm=arm, network="mlp", **more)
    ]
    found = points(results(records))
    factors = dict(found["factors"])
    assert factors["arm"] == ["clean", "all", "gated", "oracle"]
    assert factors["blur"] == ["0.4", "0.8"]
    at = [name for name, _ in found["factors"]].index("blur")
    levels = {cell[0]: cell[at + 1] for cell in found["cells"]}
    assert sorted(levels.values(), key=str) == [0, 1, None, None]


def test_every_row_of_every_study_is_there(studies: dict[str, list[Record]], results: Made) -> None:
    for study, records in studies.items():
        if study not in LAYOUTS:
            continue
        found = points(results(records))
        asked = {(row.cell_id, row.metric) for row in records if row.metric != "cell"}
        told = {
            (found["cells"][row[0]][0], name)
            for (name, *_), line in zip(found["metrics"], found["rows"])
            for row in line
        }
        assert told == asked, study
        lengths = [len(levels) for _, levels in found["factors"]]
        for _, *places in found["cells"]:
            assert all(at is None or 0 <= at < n for at, n in zip(places, lengths, strict=True))


def test_what_is_packed_is_unpacked_whole_and_the_same_twice(rows: Rows, results: Made) -> None:
    found = {"s": points(results(rows("denoising_loss", [1.0, 2.0], arm="gated")))}
    text = packed(found)
    assert text == packed(found)
    assert json.loads(gzip.decompress(base64.b64decode(text))) == json.loads(json.dumps(found))
