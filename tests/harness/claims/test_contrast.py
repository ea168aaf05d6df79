"""Pairing: which rows meet, what is dropped, and what is refused."""

import math

import numpy as np
import pytest

from harness.claims.contrast import contrast, mean_contrast, select
from harness.problem import Problem

NAN = math.nan


def test_the_effect_is_paired_by_replicate_on_either_scale(rows) -> None:
    table = rows("gated", [1.0, 2.0, 4.0]) + rows("clean", [2.0, 2.0, 2.0])[::-1]
    found = contrast(table, "loss", "gated", "clean")
    assert found.values == pytest.approx([-math.log(2), 0, math.log(2)])
    assert found.replicates == (0, 1, 2)
    assert found.unit == "log ratio"
    found = contrast(table, "loss", "gated", "clean", scale="difference")
    assert found.values == (-1, 0, 2)
    assert found.unit == "nats"


def test_rounding_is_no_effect(rows) -> None:
    for scale in ("log_ratio", "difference"):
        for size, expected in ((0.9e-9, 0), (1.1e-9, 5)):
            table = rows("gated", [1e6 * (1 + size)] * 5) + rows("clean", [1e6] * 5)
            found = contrast(table, "loss", "gated", "clean", {}, scale)
            assert sum(value != 0 for value in found.values) == expected


def test_a_missing_replicate_is_dropped_from_both_and_named(rows) -> None:
    table = rows("gated", [1.0, 3.0, 4.0, 5.0]) + rows("clean", [2.0, 2.0, 2.0])
    found = contrast(table, "loss", "gated", "clean")
    assert found.replicates == (0, 1, 2)
    assert found.dropped == ("replicate 3: clean has no row",)


def test_survivors_do_not_speak_for_replicates_that_were_lost(rows) -> None:
    table = rows("gated", [1.0, NAN, 4.0]) + rows("clean", [2.0, 2.0, 2.0])
    found = contrast(table, "loss", "gated", "clean")
    assert found.values == ()
    assert "replicate 1: gated diverged (the value is nan)" in found.problem


def test_a_row_without_the_factor_is_shared_by_all_its_levels(rows) -> None:
    table = rows("clean", [1.0, 1.0]) + rows("gated", [2.0, 3.0], blur=0.4)
    table += rows("gated", [5.0, 7.0], blur=0.8)
    values = [
        contrast(table, "loss", "gated", "clean", {"blur": blur}, "difference").values
        for blur in (0.4, 0.8)
    ]
    assert values == [(1, 2), (4, 6)]
    assert contrast(table, "loss", "gated", "clean", {"blurr": 0.4}).values == ()


def test_an_arm_can_be_any_factors_and_overrides_the_condition(rows) -> None:
    table = rows("clean", [1.0], blur=0.0) + rows("gated", [3.0], blur=0.4)
    found = contrast(
        table, "loss", "gated", {"arm": "clean", "blur": 0.0}, {"blur": 0.4}, "difference"
    )
    assert found.values == (2,)
    assert found.baseline == "arm=clean blur=0.0"
    assert select(rows("x", [1.0]), "loss", {}, {"sampler": "heun"}) == []


def test_two_cells_for_one_replicate_are_refused_naming_the_factor(rows) -> None:
    table = rows("gated", [1.0], blur=0.4) + rows("gated", [1.0], blur=0.8)
    with pytest.raises(Problem, match=r"tells them apart: blur"):
        contrast(table + rows("clean", [1.0]), "loss", "gated", "clean")
    with pytest.raises(Problem, match="log_ratio, difference"):
        contrast(table, "loss", "gated", "clean", {"blur": 0.4}, "ratio")


def test_what_cannot_be_paired_says_why(rows) -> None:
    clean = rows("clean", [1.0, 2.0])
    assert "no rows of loss for gated" in contrast(clean, "loss", "gated", "clean").problem
    both = contrast(clean + rows("gated", [NAN, NAN]), "loss", "gated", "clean")
    assert "replicate 1: gated diverged" in both.problem
    zero = contrast(clean + rows("gated", [0.0, 1.0]), "loss", "gated", "clean")
    assert "no logarithm" in zero.problem
    assert zero.values == both.values == ()
    fine = contrast(clean + rows("gated", [0.0, 1.0]), "loss", "gated", "clean", {}, "difference")
    assert fine.values == (-1, -1)


def test_the_mean_over_conditions_is_taken_within_replicates(rows) -> None:
    generator = np.random.default_rng(1)
    values = generator.normal(size=(2, 4))
    table = rows("clean", [0.0] * 4)
    for blur, own in zip((0.4, 0.8), values):
        table += rows("gated", own, blur=blur)
    each = [
        contrast(table, "loss", "gated", "clean", {"blur": blur}, "difference")
        for blur in (0.4, 0.8)
    ]
    assert mean_contrast(each).values == pytest.approx(values.mean(0))
    assert mean_contrast(each).averaged == 2
    short = [each[0], contrast(table[:-1], "loss", "gated", "clean", {"blur": 0.8}, "difference")]
    assert mean_contrast(short).replicates == (0, 1, 2)
    assert "blur=0.8: replicate 3" in mean_contrast(short).dropped[0]
