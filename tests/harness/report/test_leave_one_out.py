"""Leaving one photograph out, against its closed form."""

import math
from collections.abc import Callable

import pytest

from harness.records.record import Record
from harness.report.layouts import layout
from harness.report.leave_one_out import leave_one_out, left_out
from harness.report.results import Group, Results

Rows = Callable[..., list[Record]]
SHOWN = layout("ambient_blur")
IMAGES = {"cat": 1, "cup": 3}
CLEAN = {"cat": (10.0, 20.0), "cup": (2.0, 4.0)}
GATED = {"cat": (5.0, 10.0), "cup": (4.0, 8.0)}


@pytest.fixture
def records(rows: Rows) -> list[Record]:
    found = []
    for arm, losses, more in (("clean", CLEAN, {}), ("gated", GATED, {"blur": 0.4})):
        for name, values in losses.items():
            where = {"arm": arm, "network": "mlp", **more}
            found += rows(f"denoising_loss/{name}", values, images=IMAGES[name], **where)
    return found


def groups(records: list[Record]) -> list[Group]:
    return Results("ambient_blur", "smoke", records).groups


def test_each_effect_is_that_of_the_weighted_mean_of_the_others(records: list[Record]) -> None:
    clean, gated = groups(records)
    found = left_out(gated, clean)
    assert found is not None
    # all: (1 * 5 + 3 * 4) / 4 = 17 / 4 against (1 * 10 + 3 * 2) / 4 = 16 / 4, in both replicates
    assert found.everything == pytest.approx(math.log(17 / 16), rel=1e-12)
    assert found.without == pytest.approx({"cat": math.log(2), "cup": -math.log(2)}, rel=1e-12)
    assert found.n == 2
    assert not found.keeps_sign


def test_the_table_has_every_photograph_in_per_cent(records: list[Record]) -> None:
    part = leave_one_out(Results("ambient_blur", "smoke", records), SHOWN)
    assert part.header[3:] == ("all", "cat", "cup", "sign kept")
    assert part.body == (("MLP", "0.4", "gated", "+6.25", "+100.00", "−50.00", "no"),)
    assert [row["left_out"] for row in part.tidy] == ["", "cat", "cup"]


def test_a_replicate_that_lacks_a_photograph_is_left_out_whole(
    records: list[Record], rows: Rows
) -> None:
    kept = [
        row
        for row in records
        if not (row.params["arm"] == "gated" and row.metric.endswith("cat") and row.replicate == 1)
    ]
    clean, gated = groups(kept)
    found = left_out(gated, clean)
    assert found is not None
    assert found.n == 1


def test_one_photograph_cannot_be_left_out(rows: Rows) -> None:
    found = rows("denoising_loss/cat", [1.0], images=1, arm="clean", network="mlp")
    found += rows("denoising_loss/cat", [2.0], images=1, arm="gated", network="mlp", blur=0.4)
    part = leave_one_out(Results("ambient_blur", "smoke", found), SHOWN)
    assert part.body == (("MLP", "0.4", "gated", "–", "–"),)
    assert part.tidy == ()
