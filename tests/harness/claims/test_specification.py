"""Specification curves: every choice once, each with the effect that it names."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from harness.claims.contrast import contrast
from harness.claims.paired import PairedEffect
from harness.claims.reading import Reading
from harness.claims.specification import Curve, Specification, curve
from harness.records.record import Record, measured

Rows = Callable[..., list[Record]]
LOSS = Reading("denoising_loss", "lower", margin=0.02)
FD = Reading("fd_one", "lower", margin=0.1)


def rule(*readings: Reading, **condition: object) -> PairedEffect:
    return PairedEffect(readings, "gated", "clean", (condition,) if condition else ({},))  # type: ignore[arg-type]


def chosen(found: Curve, data: str) -> list[Specification]:
    return [one for one in found.specifications if one.data == data]


def test_each_pair_of_cells_is_one_condition_with_the_effect_of_its_contrast(rows: Rows) -> None:
    table = [
        *rows("clean", (1.0, 2.0), "fd_one", network="mlp"),
        *rows("clean", (4.0, 4.0), "fd_one", network="unet"),
        *rows("gated", (0.5, 1.0), "fd_one", network="mlp", blur=0.4),
        *rows("gated", (2.0, 2.0), "fd_one", network="mlp", blur=0.8),
        *rows("gated", (1.0, 1.0), "fd_one", network="unet", blur=0.8),
    ]
    found = curve("c", rule(FD, network="mlp"), table)
    whole = {one.condition: one for one in chosen(found, "all")}
    assert {name: one.effect for name, one in whole.items()} == pytest.approx(
        {
            "blur=0.4 network=mlp": -math.log(2),
            "blur=0.8 network=mlp": math.log(2) / 2,
            "blur=0.8 network=unet": -math.log(4),
        }
    )
    assert {name for name, one in whole.items() if one.planned} == {
        "blur=0.4 network=mlp",
        "blur=0.8 network=mlp",
    }
    assert whole["blur=0.8 network=unet"].cells == (
        "gated [('blur', 0.8), ('network', 'unet')]",
        "clean [('network', 'unet')]",
    )
    assert found.agree == pytest.approx(2 / 3)
    assert found.one_run == pytest.approx(4 / 6)  # of 2.0 against 1.0 and 2.0, none is lower
    effects = [one.effect for one in found.specifications]
    assert effects == sorted(effects)  # lower is claimed: the most favourable stands first


def test_a_distance_is_read_by_every_extractor_and_another_metric_by_itself(rows: Rows) -> None:
    table = []
    for metric in ("fd_one", "fd_two", "fd_two/class", "recall", "fdr"):
        table += rows("clean", (1.0, 1.0), metric)
        table += rows("gated", (0.5, 0.5), metric)
    found = curve("c", rule(FD, Reading("recall", "higher")), table)
    whole = chosen(found, "all")
    assert sorted((one.metric, one.claimed, one.planned) for one in whole) == [
        ("fd_one", -1, True),
        ("fd_two", -1, False),
        ("recall", 1, True),
    ]


def test_without_a_photograph_is_the_weighted_mean_of_the_others(rows: Rows) -> None:
    losses = {"clean": (16 / 4, 10.0, 2.0), "gated": (17 / 4, 5.0, 4.0)}
    table: list[Record] = []
    for arm, (loss, cat, cup) in losses.items():
        table += rows(arm, (loss, loss), "denoising_loss")
        for name, value, images in (("cat", cat, 1), ("cup", cup, 3)):
            for replicate in range(2):
                table.append(
                    measured(
                        value, study="s", cell_id=f"{arm} []", params={"arm": arm},
                        replicate=replicate, metric=f"denoising_loss/{name}", unit="nats",
                        tier="tolerance", n=images,
                    )
                )  # fmt: skip
    found = curve("c", rule(LOSS), table)
    left = {one.left: one.effect for one in chosen(found, "without a photograph")}
    assert left == pytest.approx({"cat": math.log(2), "cup": -math.log(2)})
    assert [one.effect for one in chosen(found, "all")] == pytest.approx([math.log(17 / 16)])
    assert found.agree == pytest.approx(1 / 3)
    assert (found.resolved_for, found.resolved_against, found.intervals) == (1, 2, 3)


@given(st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=2, max_size=6))
def test_single_replicates_have_the_mean_of_all_and_the_interval_is_that_of_t(
    pairs: list[tuple[float, float]],
) -> None:
    table = [
        measured(
            values[arm == "gated"], study="s", cell_id=arm, params={"arm": arm},
            replicate=replicate, metric="fd_one", unit="", tier="tolerance",
        )
        for replicate, values in enumerate(pairs)
        for arm in ("clean", "gated")
    ]  # fmt: skip
    found = curve("c", rule(FD), table)
    (whole,) = chosen(found, "all")
    runs = [one.effect for one in chosen(found, "one replicate")]
    assert len(runs) == len(pairs) == whole.n
    assert np.mean(runs) == pytest.approx(whole.effect, abs=1e-12)
    half = t.ppf(0.975, len(runs) - 1) * np.std(runs, ddof=1) / math.sqrt(len(runs))
    assert whole.high is not None
    assert whole.high - whole.effect == pytest.approx(half, abs=1e-9)
    expected = contrast(table, "fd_one", "gated", "clean")
    assert np.mean(expected.values) == whole.effect
    assert all(one.low is None and not one.planned for one in chosen(found, "one replicate"))


def test_the_nearest_baseline_is_taken_and_no_cell_stands_against_itself(rows: Rows) -> None:
    """A baseline of one's own setting goes before one that is shared by all."""
    table = [
        *rows("gated", (1.0,), "fd_one", setting="a", level=1),
        *rows("gated", (2.0,), "fd_one", setting="a", level=2),
        *rows("gated", (4.0,), "fd_one", level=1),
    ]
    levels = PairedEffect((FD,), {"arm": "gated", "level": 2}, {"arm": "gated", "level": 1})
    found = curve("c", levels, table)
    assert [(one.condition, one.effect) for one in found.specifications] == [
        ("setting=a", pytest.approx(math.log(2)))
    ]
    assert curve("c", PairedEffect((FD,), "gated", {"arm": "gated"}), table).specifications == ()


def test_a_choice_without_numbers_is_no_choice(rows: Rows) -> None:
    table = [*rows("clean", (1.0, 1.0), "fd_one"), *rows("gated", (0.5, float("nan")), "fd_one")]
    assert curve("c", rule(FD), table) == Curve("c", ())
    assert Curve("c", ()).agree is None
