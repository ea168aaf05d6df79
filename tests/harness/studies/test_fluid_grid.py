"""The grid moves one thing at a time, at equal sizes and operations; planted effects are found."""

import math
from typing import Any

import numpy as np
import pytest

from harness.cell import Cell
from harness.claims.decide import decide_all
from harness.claims.verdict import Verdict
from harness.records.record import Record, measured
from harness.run.bill import bill, class_names, image_shape
from harness.scale import read_sizes
from harness.studies.fluid_grid import STUDY
from harness.studies.fluid_grid_cells import (
    CONTINUOUS,
    DISCRETE,
    EVEN,
    GRID,
    IMAGES,
    MASKED,
    MIDDLE,
    OPERATIONS,
    QUANTISED,
    RANDOM,
    RASTER,
    SCENES,
    SIZES,
    SQUARED,
    UPDATES,
    cell,
    cells,
)
from harness.studies.fluid_grid_orders import LOSSES
from harness.tokenwise.counting import form_of, parameters_of, words_of
from harness.tokenwise.training import TokenTraining

CPU, GPU, SMOKE = (read_sizes(scale) for scale in ("cpu", "gpu", "smoke"))


def stage(cell: Cell, name: str) -> Any:
    return next(each.params for each in cell.stages if each.name == name)


def of(sizes: Any, **labels: Any) -> list[Cell]:
    return [c for c in cells(sizes) if labels.items() <= c.labels().items()]


def test_what_an_arm_is_called_is_what_it_is() -> None:
    for each in cells(CPU) + cells(GPU) + cells(SMOKE):
        told, asked = each.labels(), stage(each, "train_tokens")
        assert asked.order.name == {EVEN: MASKED}.get(str(told["order"]), told["order"])
        assert ("least" in asked.order.kwargs()) == (told["order"] == EVEN)
        heads = {DISCRETE: "cross_entropy", SQUARED: "squared"}
        assert asked.head.name == heads.get(str(told["arm"]), "diffusion")
        discrete = told["arm"] == DISCRETE
        assert asked.tokeniser.name == ("codebook" if discrete else "patches")
        assert (asked.source is not None) == (told["arm"] == QUANTISED)
        assert (asked.dataset.name == "scenes") == (told["data"] == SCENES)
        assert asked.condition.kind == ("caption" if told["data"] == SCENES else "label")
    quantised = stage(of(CPU, arm=QUANTISED, data=IMAGES)[0], "train_tokens")
    codes = stage(of(CPU, arm=DISCRETE, data=IMAGES)[0], "train_tokens")
    assert quantised.source == codes.tokeniser


def test_the_grid_has_five_sizes_and_what_tells_it_apart_two() -> None:
    for arm, order in [*GRID, (SQUARED, MASKED)]:
        found = of(CPU, data=IMAGES, arm=arm, order=order, budget=UPDATES)
        assert [c.labels()["size"] for c in found] == list(SIZES)
    apart = [(arm, order) for arm in (CONTINUOUS, DISCRETE) for order in (RANDOM, EVEN)]
    for arm, order in [*apart, (QUANTISED, MASKED)]:
        assert [c.labels()["size"] for c in of(CPU, data=IMAGES, arm=arm, order=order)] == [2, 4]
    scenes = [(c.labels()["arm"], c.labels()["order"]) for c in of(CPU, data=SCENES)]
    orders = (RASTER, RANDOM, MASKED, EVEN)
    assert scenes == [(a, o) for a in (CONTINUOUS, DISCRETE) for o in orders]
    assert {c.replicates for c in cells(CPU)} == {3}
    assert len({(c.labels()["arm"], c.labels()["order"]) for c in cells(SMOKE)}) == 10


def test_arms_of_a_contrast_share_all_but_what_they_are() -> None:
    shared = ("dataset", "condition", "batch", "rate", "warmup", "constant", "ema", "images")
    for data in (IMAGES, SCENES):
        found = [stage(c, "train_tokens") for c in of(CPU, data=data, budget=UPDATES)]
        assert len({tuple(str(getattr(each, name)) for name in shared) for each in found}) == 1
        drawn = {stage(c, "sample_tokens") for c in of(CPU, data=data)}
        assert len(drawn) == 1


@pytest.mark.parametrize("sizes", [CPU, GPU], ids=["cpu", "gpu"])
def test_models_of_a_size_have_as_many_parameters_as_it_says(sizes: Any) -> None:
    """Within 8 %; those of 10 million are counted for one kind of data alone."""
    seen: dict[Any, None] = {}
    for each in cells(sizes):
        asked: TokenTraining = stage(each, "train_tokens")
        if sizes is GPU and (each.labels()["size"] > 3 or each.labels()["data"] == SCENES):
            continue
        key = (asked.dataset.name, asked.network, asked.head, asked.tokeniser.name)
        if key in seen:
            continue
        seen[key] = None
        form = form_of(asked, image_shape(asked.dataset))
        classes = tuple("0123456789")
        if asked.dataset.name != "cifar10":
            classes = class_names(asked.dataset)
        parts = asked.order, asked.network, asked.head
        count = parameters_of(form, *parts, words_of(asked, classes))
        assert abs(count / float(each.labels()["parameters"]) - 1) < 0.08, (each, count)


@pytest.mark.parametrize("sizes", [CPU, GPU], ids=["cpu", "gpu"])
def test_equal_operations_are_equal(sizes: Any) -> None:
    for order in (RASTER, MASKED):
        where = {"data": IMAGES, "size": MIDDLE, "order": order}
        (more,) = of(sizes, arm=DISCRETE, budget=OPERATIONS, **where)
        (own,) = of(sizes, arm=CONTINUOUS, budget=UPDATES, **where)
        counted = [bill(each)["counted"]["train_tokens"] for each in (more, own)]
        assert counted[0] / counted[1] == pytest.approx(1, abs=0.01)


def test_sampling_draws_every_token_of_the_form_that_it_has() -> None:
    for each in of(CPU, order=MASKED) + of(GPU, order=MASKED):
        asked = stage(each, "train_tokens")
        length = form_of(asked, image_shape(asked.dataset)).length
        assert 16 <= length <= 64
        assert asked.order.kwargs()["steps"] < length


def planted(**effects: float) -> list[Record]:
    """Rows of every cell with the laws that are claimed; effects: overrides of their sizes."""
    e = {"head": -0.5, "order": -0.3, "attention": -0.3, "squared": 1.5, "quantised": 0.25,
         "small": 0.6, "loss": 0.2, "shares": -0.3, "scenes": 0.4, **effects}  # fmt: skip
    rng = np.random.default_rng(5)
    found = []
    for each in cells(CPU):
        told = each.labels()
        arm, order = str(told["arm"]), str(told["order"])
        n = float(told["parameters"])
        seen = e["order"] + e["attention"]
        rank = {RASTER: 0.0, RANDOM: e["order"], MASKED: seen, EVEN: seen + e["shares"]}[order]
        gain = {CONTINUOUS: e["head"], QUANTISED: e["head"] + e["quantised"],
                SQUARED: e["head"] + e["squared"], DISCRETE: 0.0}[arm]  # fmt: skip
        if told["size"] == 1 and arm == CONTINUOUS:
            gain += e["small"] - e["head"]
        behind = e["scenes"] * (arm == CONTINUOUS)
        if told["data"] == SCENES:
            gain = behind
        fd = math.exp(rank + gain) * (n / 1e5) ** -0.5
        loss = (0.3 + (n / 1e5) ** -0.4) * math.exp(e["loss"] * (order != RASTER))
        score = 0.5 - 0.4 * rank - 0.5 * behind
        for replicate in range(each.replicates):
            values = {
                "fd_random_conv": fd,
                LOSSES.get(arm, "token_loss/squared"): loss,
                **({f"geneval{t}": score for t in ("", "/two_object", "/position")}
                   if told["data"] == SCENES else {}),
            }  # fmt: skip
            found += [
                measured(
                    value * math.exp(0.01 * rng.standard_normal()), study=STUDY.name,
                    cell_id=each.cell_id, params=told, replicate=replicate, metric=metric,
                    unit="1", tier="tolerance",
                )
                for metric, value in values.items()
            ]  # fmt: skip
    return found


def verdicts(rows: list[Record]) -> dict[str, Verdict]:
    found = decide_all(STUDY.claims, rows, "cpu", True)
    return {each.claim: each for each in found}


def test_every_claim_is_seen_where_it_was_planted() -> None:
    found = verdicts(planted(loss=0.8))
    assert {name: v.outcome for name, v in found.items() if v.outcome != "seen"} == {}


def test_the_reverse_of_every_planted_effect_is_reversed() -> None:
    found = verdicts(
        planted(
            head=0.5, order=0.3, attention=0.3, shares=0.3, squared=-1.5, small=-0.9, scenes=-0.4
        )
    )
    for name in (
        "continuous-beats-discrete", "discrete-wins-at-smallest",
        "continuous-beats-discrete-at-equal-operations", "masked-beats-raster-on-alignment",
        "order-effect-on-alignment", "attention-effect-on-alignment", "squared-error-is-far-worse",
        "masked-beats-raster-on-likeness", "diffusion-head-beats-cross-entropy-on-codes",
        "shares-effect-on-likeness", "shares-effect-on-alignment",
        "even-attention-effect-on-likeness", "even-attention-effect-on-alignment",
        "even-beats-raster-on-likeness", "even-beats-raster-on-alignment",
        "discrete-wins-on-scenes",
    ):  # fmt: skip
        assert found[name].outcome == "reversed", name


def test_order_and_attention_are_told_apart() -> None:
    found = verdicts(planted(attention=0.0))
    assert found["order-effect-on-alignment"].outcome == "seen"
    assert found["attention-effect-on-alignment"].outcome in ("unresolved", "equivalent")
    found = verdicts(planted(order=0.0))
    assert found["order-effect-on-alignment"].outcome in ("unresolved", "equivalent")
    assert found["attention-effect-on-alignment"].outcome == "seen"


def test_a_loss_that_ranks_orders_as_samples_do_refutes_that_it_does_not() -> None:
    found = verdicts(planted(loss=-0.6))
    assert found["loss-ranks-sizes-not-orders"].outcome == "reversed"
    assert found["loss-says-raster-samples-say-masked"].outcome == "split"


def test_one_cell_by_hand() -> None:
    each = cell(CPU, IMAGES, DISCRETE, MASKED, 5, OPERATIONS)
    asked = stage(each, "train_tokens")
    assert asked.network.kwargs()["width"] == 132
    assert asked.order.kwargs() == {"steps": 8}
    assert asked.images == round(1.456 * 32_000)
    assert stage(each, "sample_tokens").guidance == 0
    assert stage(cell(CPU, SCENES, DISCRETE, RASTER, 3), "sample_tokens").guidance == 1


def test_evenly_masked_models_learn_every_share_of_hidden_tokens_alike() -> None:
    """Of 16 tokens each number of hidden ones comes in a sixteenth, to 4 standard errors."""
    from harness.streams import torch_generator
    from harness.tokens import ORDERS

    asked = stage(of(CPU, order=EVEN, data=IMAGES)[0], "train_tokens").order
    order = ORDERS[asked.name](**asked.kwargs())
    streams = [torch_generator("even", 0, "shares", "cpu")]
    n = 40_000
    hidden = order.hidden(order.permutations(n, 16, streams), streams)
    counts = np.bincount(hidden.sum(-1).flatten().numpy(), minlength=17)
    assert counts[0] == 0
    assert np.abs(counts[1:] / n - 1 / 16).max() < 4 * math.sqrt(15 / 256 / n) + 0.002
