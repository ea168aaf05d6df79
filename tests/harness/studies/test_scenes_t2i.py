"""The study of text to image: its arms are what it says, and its claims mean what they state.

Claims are decided on made-up rows of a world in which each holds, in one in which each is the other
way round, and where the gate is shut.
"""

from dataclasses import replace
from typing import Any

import pytest

from harness.cell import Cell
from harness.claims.decide import decide_all
from harness.records.record import Record, measured
from harness.sample.rendering import Rendering
from harness.scale import Sizes, read_sizes
from harness.scenes.suite import Suite
from harness.studies.scenes_t2i import GUIDANCE, STUDY, cells, training
from harness.train.condition import Condition

SIZES = read_sizes("cpu")
STAGES = {"render", "train", "sample", "geneval", "measure"}
SEEN = {
    "captions-are-drawn": "mechanism seen",
    "guidance-raises-alignment": "mechanism seen",
    "strong-guidance-costs-likeness": "mechanism seen",
    "binding-is-hardest": "mechanism seen",
}


def by_label(sizes: Sizes = SIZES) -> dict[tuple[Any, Any], Cell]:
    return {(c.labels()["arm"], c.labels().get("guidance")): c for c in cells(sizes)}


def stages(cell: Cell) -> dict[str, Any]:
    return {stage.name: stage.params for stage in cell.stages}


def test_there_are_a_ceiling_chance_and_the_model_and_its_floor_at_each_guidance() -> None:
    found = by_label()
    expected = {("renderer", None), ("chance", None)}
    expected |= {(arm, w) for w in (0.0, 1.0, 2.0, 4.0) for arm in ("model", "shuffled")}
    assert set(found) == expected
    assert len(cells(SIZES)) == len(expected)
    pairing = {"renderer": "own", "chance": "any", "model": "own", "shuffled": "task"}
    for (arm, _), cell in found.items():
        assert stages(cell)["geneval"].pairing == pairing[str(arm)]
        assert set(stages(cell)) <= STAGES
        assert cell.replicates == 3


def test_ceiling_and_chance_are_one_rendering_of_the_data_that_the_model_sees() -> None:
    found = by_label()
    one, other = (stages(found[arm, None]) for arm in ("renderer", "chance"))
    assert one["render"] == other["render"] == Rendering(
        training(SIZES).dataset, Suite(SIZES.scene_samples)
    )  # fmt: skip
    assert "train" not in one


def test_model_and_floor_are_the_same_samples_at_their_own_guidance_of_one_training() -> None:
    found = by_label()
    for w in GUIDANCE:
        model, shuffled = (stages(found[arm, w]) for arm in ("model", "shuffled"))
        assert model["train"] == shuffled["train"] == training(SIZES)
        assert model["sample"] == shuffled["sample"]
        assert model["sample"].guidance == w
        assert model["sample"].sampler.kwargs() == {"steps": 18}
        assert model["measure"].metrics == ("fd_random_conv",)


def test_every_image_is_asked_for_by_one_suite() -> None:
    suite = Suite(SIZES.scene_samples)
    for cell in cells(SIZES):
        found = stages(cell)
        assert found["geneval"].suite == suite
        if "sample" in found:
            assert found["sample"].suite == suite
            assert found["sample"].count == 6 * SIZES.scene_samples


def test_the_training_sees_clean_scenes_and_is_told_nine_in_ten() -> None:
    asked = training(SIZES)
    assert (asked.pool, asked.corruption) == ("oracle", None)
    assert asked.condition == Condition("caption", 0.1)
    assert asked.dataset.kwargs() == SIZES.scenes
    assert (asked.images, asked.batch) == (SIZES.scene_images, 128)
    assert (asked.log_sigma_mean, asked.log_sigma_std) == (0.7, 1.2)
    assert asked.basis.kwargs() == {"patch": 8, "keep": 32}
    free = training(replace(SIZES, scenes={"size": 32, "layout": "free", "count": 60000}))
    assert free.network.kwargs() == {"width": 256, "depth": 6, "heads": 8}
    assert free.basis.kwargs() == {"patch": 8, "keep": 96}


def world(**changes: float) -> list[Record]:
    """Rows in which every claim holds, with some numbers changed; three replicates."""
    given = {
        "renderer": 0.998, "chance": 0.2, "shuffled": 0.2, "model 0": 0.4, "model 1": 0.6,
        "model 2": 0.6, "model 4": 0.6, "gap": 0.5, "floor gap": 0.1, "FD 0": 1.0, "FD 4": 2.0,
        **changes,
    }  # fmt: skip
    found: list[Record] = []

    def add(metric: str, value: float, **params: Any) -> None:
        for replicate in range(3):
            found.append(
                measured(
                    value + 0.001 * (replicate - 1) * (-1 if params["arm"] == "model" else 1),
                    study="scenes_t2i",
                    cell_id=" ".join(str(each) for each in params.values()),
                    params=params,
                    replicate=replicate,
                    metric=metric,
                    unit="1",
                    tier="tolerance",
                )
            )

    for arm in ("renderer", "chance"):
        add("geneval", given[arm], arm=arm)
    for w in GUIDANCE:
        add("geneval", given[f"model {w:g}"], arm="model", guidance=w)
        add("geneval", given["shuffled"], arm="shuffled", guidance=w)
        add("binding_gap", given["gap"], arm="model", guidance=w)
        add("binding_gap", given["floor gap"], arm="shuffled", guidance=w)
        add("fd_random_conv", given["FD 4" if w == 4 else "FD 0"], arm="model", guidance=w)
    return found


def words(**changes: float) -> dict[str, str]:
    verdicts = decide_all(STUDY.claims, world(**changes), "cpu", True)
    return {claim.id: each.word for claim, each in zip(STUDY.claims, verdicts)}


def test_claims_are_seen_where_they_hold() -> None:
    assert words() == SEEN


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        ("captions-are-drawn", {"model 1": 0.1}),  # at one guidance of four
        ("guidance-raises-alignment", {"model 2": 0.3}),
        ("strong-guidance-costs-likeness", {"FD 4": 0.5}),
        ("binding-is-hardest", {"gap": -0.5}),
        ("binding-is-hardest", {"floor gap": 0.9}),
    ],
)
def test_a_claim_is_reversed_where_the_other_direction_holds(
    claim: str, changes: dict[str, float]
) -> None:
    assert words(**changes) == {**SEEN, claim: "mechanism reversed"}


@pytest.mark.parametrize("changes", [{"renderer": 0.98}, {"chance": 0.999}])
def test_no_verdict_counts_where_the_detector_is_at_fault(changes: dict[str, float]) -> None:
    assert set(words(**changes).values()) == {"not resolved here"}
    assert words(renderer=0.992) == SEEN


def test_margins_are_five_points_of_a_score_and_a_tenth_of_a_distance() -> None:
    found = {
        reading.metric: (reading.margin, reading.scale)
        for claim in STUDY.claims
        for reading in claim.rule.metrics  # type: ignore[union-attr]
    }
    assert found == {
        "geneval": (0.05, "difference"),
        "binding_gap": (0.05, "difference"),
        "fd_random_conv": (0.1, "log_ratio"),
    }
