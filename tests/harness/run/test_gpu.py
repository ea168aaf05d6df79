"""The scale of one card over all studies: short jobs, each with effects that are paired."""

import pytest

from harness.run.card import LIMIT, job_seconds
from harness.run.plan import Plan
from harness.studies import STUDIES

IMAGES = ("ambient_blur", "ambient_blur_more", "ambient_jpeg", "ambient_motion", "annotators",
          "clean_fraction", "ambient_ood")  # fmt: skip
SHOWN = [study for study in STUDIES if STUDIES[study].ready]


@pytest.mark.parametrize("study", SHOWN)
def test_no_job_is_longer_than_nine_minutes(study: str) -> None:
    shards = Plan.read("gpu", study).shards(study)
    for shard in shards:
        assert job_seconds(shard) <= LIMIT, [str(cell) for cell in shard]
    plain = [cell for shard in STUDIES[study].shards(Plan.read("gpu").sizes) for cell in shard]
    assert [cell for shard in shards for cell in shard] == plain


@pytest.mark.parametrize("study", IMAGES)
def test_most_jobs_hold_arms_of_one_contrast_with_all_their_replicates(study: str) -> None:
    """The first, with the baseline, and the one of the U-Net, among them."""
    shards = Plan.read("gpu", study).shards(study)
    arms = [{cell.labels()["arm"] for cell in shard} for shard in shards]
    assert len(arms[0]) >= 2
    assert "clean" in arms[0]
    assert sum(len(shard) > 1 for shard in shards) >= 0.7 * len(shards)
    unet = [
        {cell.labels()["arm"] for cell in shard}
        for shard in shards
        if shard[0].labels().get("network") == "unet"
    ]
    assert not unet or {"clean", "gated"} <= unet[0]


def test_other_scales_and_a_number_of_cells_a_job_are_cut_as_they_were() -> None:
    study = "ambient_blur"
    for scale, per_job in (("cpu", None), ("smoke", None), ("gpu", 4)):
        plan = Plan.read(scale, study, per_job)
        assert plan.shards(study) == STUDIES[study].shards(plan.sizes, per_job)


def test_the_first_cells_on_a_card_are_the_four_arms_of_the_unet() -> None:
    cells = Plan.read("gpu", "ambient_blur").cells("ambient_blur")
    arms = [c.labels()["arm"] for c in cells if c.labels()["network"] == "unet"]
    assert arms == ["clean", "gated", "all", "oracle"]
