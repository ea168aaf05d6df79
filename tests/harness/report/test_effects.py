"""Paired effects: those of the claims where a claim tests them, else each with its own variance."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from harness.claims.decide import decide_all
from harness.problem import Problem
from harness.records.record import Record
from harness.report.effect import Effect, every_effect
from harness.report.effects import _smallest, effects, resolvable
from harness.report.layout import Layout
from harness.report.layouts import layout
from harness.report.results import Results
from harness.studies.ambient_blur import STUDY

Rows = Callable[..., list[Record]]
Read = Callable[..., Results]
SHOWN = layout("ambient_blur")


def one(found: tuple[Effect, ...], metric: str, **params: object) -> Effect:
    (effect,) = [
        e
        for e in found
        if e.metric == metric and all(e.group.params.get(k) == v for k, v in params.items())
    ]
    return effect


def test_a_tested_effect_is_the_claims_own(blur: list[Record], build: Callable[..., Path]) -> None:
    folder = build(blur)
    results = Results.read("ambient_blur", folder)
    verdict = decide_all(STUDY.claims, blur, "smoke", False)[0]
    assert verdict.claim == "gated-beats-clean"
    tested = {(c.metric, c.condition): c for c in verdict.conditions}
    assert len(tested) == 8
    for (metric, condition), c in tested.items():
        sigma = float(condition.split()[0].removeprefix("blur="))
        e = one(every_effect(results, SHOWN), metric, arm="gated", network="mlp", blur=sigma)
        assert (e.effect, e.low, e.high, e.n) == (c.effect, c.low, c.high, c.n)
        assert (e.p_holm, e.smallest, e.needed) == (
            c.p_holm,
            c.smallest_resolvable,
            c.replicates_needed,
        )
        assert e.claim == "gated-beats-clean"
    part = effects(results, SHOWN)
    marked = [row[2] for row in part.body if row[4].endswith("†")]
    assert marked == ["gated", "gated", "gated"]  # two blurs of the MLP, one of the U-Net


def test_an_exploratory_effect_is_a_paired_t_interval(blur: list[Record], results: Read) -> None:
    e = one(every_effect(results(blur), SHOWN), "denoising_loss", arm="ambient", blur=0.4)
    arms = {
        name: np.array(
            [
                row.value
                for row in blur
                if row.metric == "denoising_loss"
                and row.params["arm"] == name
                and row.params["network"] == "mlp"
                and row.params.get("blur", 0.4) == 0.4
            ]
        )
        for name in ("ambient", "clean")
    }
    d = np.log(arms["ambient"]) - np.log(arms["clean"])
    low, high = stats.t.interval(0.95, 7, d.mean(), d.std(ddof=1) / math.sqrt(8))
    assert (e.effect, e.low, e.high) == pytest.approx((d.mean(), low, high), rel=1e-9)
    assert (e.n, e.claim, e.p_holm) == (8, "", None)
    # 80 % power in the noncentral t distribution, at the level of 5 %
    shift = (e.smallest or 0) * math.sqrt(8) / d.std(ddof=1)
    limit = stats.t.ppf(0.975, 7)
    assert stats.nct.sf(limit, 7, shift) == pytest.approx(0.8, abs=1e-4)


def test_an_arm_of_few_replicates_misses_none(blur: list[Record], results: Read) -> None:
    part = effects(results(blur), SHOWN)
    assert part.notes == ()
    assert {row[2]: row[3] for row in part.body if row[0] == "MLP"}["all"] == "3"


def test_a_lost_replicate_is_named_and_leaves_no_effect(rows: Rows, results: Read) -> None:
    found = []
    for metric, _ in SHOWN.against.readings if SHOWN.against else ():
        found += rows(metric, [1.0, 2.0, 3.0], arm="clean", network="mlp")
        found += rows(metric, [2.0, math.nan, 3.0], arm="gated", network="mlp", blur=0.4)
    part = effects(results(found), SHOWN)
    assert len(part.notes) == 4  # one for each reading: no effect stands on the survivors
    assert all("replicate 1" in note and "diverged" in note for note in part.notes)
    assert part.body[0][3:5] == ("0 of 3", "not measured")
    assert resolvable(results(found), SHOWN).notes == ()


def test_a_failed_arm_is_not_measured_and_says_why(rows: Rows, failed: Rows, results: Read) -> None:
    found = rows("denoising_loss", [1.0, 2.0], arm="clean", network="mlp")
    found += failed("boom", 2, arm="gated", network="mlp", blur=0.4)
    part = effects(results(found), SHOWN)
    assert part.body[0][3:] == ("0 of 2", "not measured", *3 * ("–",))  # the others not asked
    asked = "network MLP, blur 0.4, arm gated"
    assert f"held-out loss: no rows of it for {asked}" in part.notes


def test_a_metric_that_is_not_asked_of_a_cell_is_no_missing_pair(
    rows: Rows, failed: Rows, results: Read
) -> None:
    """It is said once; a metric that was asked, of one side or of cells that failed, is missing."""

    def arms(metric: str, network: str, values: list[float]) -> list[Record]:
        found = rows(metric, values, arm="clean", network=network)
        return found + rows(metric, values[::-1], arm="gated", network=network, blur=0.4)

    found = arms("denoising_loss", "mlp", [1.0, 2.0, 4.0]) + arms(
        "fd_random_conv", "unet", [1.0, 2.0, 5.0]
    )
    part = effects(results(found), SHOWN)
    table = {row[0]: row[3:6] for row in part.body}
    assert table["MLP"][0::2] == ("3", "–")
    assert table["U-Net"][:2] == ("3", "–")
    assert part.notes == ("–: this metric is not asked of such cells.",)
    assert {(row["network"], row["metric"], row["n"]) for row in part.tidy} == {
        ("mlp", "denoising_loss", 3),
        ("unet", "fd_random_conv", 3),
    }
    lost = rows("fd_random_conv", [1.0, 2.0, 3.0], arm="clean", network="mlp")
    part = effects(results(found + lost), SHOWN)
    table = {row[0]: row[3:6] for row in part.body}
    assert table["MLP"][0::2] == ("0 of 3", "not measured")
    where = "network MLP, blur 0.4, arm gated"
    assert part.notes[1:] == (f"FD random conv: no rows of it for {where}",)
    both = failed("boom", 2, arm="clean", network="dit")
    both += failed("boom", 2, arm="gated", network="dit", blur=0.4)
    part = effects(results(both), SHOWN)
    assert part.body[0][3:] == ("0 of 2", *4 * ("not measured",))
    assert len(part.notes) == 1  # of four metrics, one reason


def test_a_setting_without_its_own_baseline_is_held_against_the_shared_one(
    further: list[Record], results: Read
) -> None:
    shown = layout("ambient_blur_more")
    found = every_effect(results(further), shown)
    own = one(found, "denoising_loss", setting="2 % clean", arm="gated")
    shared = one(found, "denoising_loss", setting="4 times longer", arm="gated")
    assert own.baseline.params["setting"] == "2 % clean"
    assert shared.baseline.params["setting"] == "headline"


def test_a_cell_without_any_baseline_is_named(rows: Rows, results: Read) -> None:
    found = rows("denoising_loss", [1.0, 2.0], arm="clean", network="mlp")
    found += rows("denoising_loss", [1.0, 2.0], arm="gated", network="unet", blur=0.4)
    part = effects(results(found), SHOWN)
    assert part.body == ()
    assert part.notes == (
        "network U-Net, blur 0.4, arm gated: no cell of the arm clean to hold it against",
    )


def test_many_cells_of_an_arm_without_a_baseline_are_counted_in_one_note(
    rows: Rows, results: Read
) -> None:
    found = rows("denoising_loss", [1.0, 2.0], arm="clean", network="mlp")
    for blur in (0.4, 0.6, 0.8):
        found += rows("denoising_loss", [1.0, 2.0], arm="gated", network="unet", blur=blur)
    found += rows("denoising_loss", [1.0, 2.0], arm="all", network="unet", blur=0.4)
    assert effects(results(found), SHOWN).notes == (
        "network U-Net, blur 0.4, arm all: no cell of the arm clean to hold it against",
        "arm gated, 3 cells: no cell of the arm clean to hold them against",
    )


def test_a_cell_without_any_of_the_readings_takes_no_part(rows: Rows, results: Read) -> None:
    """Such as that of a closed form beside trained arms: neither measured nor missing."""
    found = rows("denoising_loss", [1.0, 2.0], arm="clean", network="mlp")
    for network in ("mlp", "none"):
        found += rows("error", [0.5, 0.6], arm="gated", network=network, blur=0.4)
    part = effects(results(found), SHOWN)
    assert (part.body, part.notes) == ((), ())


def test_two_baselines_are_refused(rows: Rows, results: Read) -> None:
    found = rows("denoising_loss", [1.0, 2.0], arm="clean", network="mlp")
    found += rows("denoising_loss", [1.0, 2.0], arm="clean", network="mlp", blur=0.4)
    found += rows("denoising_loss", [1.0, 2.0], arm="gated", network="mlp", blur=0.4)
    with pytest.raises(Problem, match=r"one baseline for arm=gated blur=0\.4 network=mlp"):
        every_effect(results(found), SHOWN)


def test_effects_need_a_layout_that_names_a_baseline(blur: list[Record], results: Read) -> None:
    with pytest.raises(Problem, match="no arm to hold the others against"):
        effects(results(blur), Layout())


def test_exact_values_miss_no_baseline_and_great_numbers_are_many(
    rows: Rows, results: Read
) -> None:
    found = rows("denoising_loss", [1.0, 2.0, 3.0], arm="clean", network="mlp")
    found += rows("denoising_loss", [1.0001, 1.9999, 3.0001], arm="gated", network="mlp", blur=0.4)
    law = rows("denoising_loss", [1.0], arm="all", network="population", blur=0.4)
    exact = [replace(row, tier="exact") for row in law]
    for rest, count in ((exact, 0), (law, 1)):
        notes = effects(results(found + rest), SHOWN).notes
        assert sum("to hold it against" in note for note in notes) == count
    close = rows("denoising_loss", [1.0101, 1.9801, 3.0004], arm="gated", network="mlp", blur=0.4)
    (e, *_) = every_effect(results(found[:3] + close), SHOWN)
    for needed, said in ((999, "(+999)"), (1000, "(+many)"), (None, "(+many)")):
        assert _smallest(replace(e, needed=needed)).endswith(said)
