"""The ablations of imperfect images together: what they cost, and that each has a U-Net."""

import pytest

from harness.cell import Cell, nested
from harness.run.bill import core_seconds
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.studies.study import Study

CPU, SMOKE = read_sizes("cpu"), read_sizes("smoke")
MINUTES = 150  # core-minutes: 75 minutes on two cores
PHOTOGRAPHS = (
    "ambient_blur", "ambient_blur_more", "ambient_jpeg", "ambient_motion", "ambient_other",
    "ambient_loss", "ambient_ood", "annotators", "clean_fraction", "tweedie_noisy_only",
)  # fmt: skip
UNETS = (*PHOTOGRAPHS, "memorisation")
ALL = (*UNETS, "class_tilt", "ambient_scenes", "gmm_bridge")


def grid(study: str, sizes=CPU) -> list[Cell]:
    return STUDIES[study].cells(sizes)


def unets(study: str) -> list[Cell]:
    return [cell for cell in grid(study) if cell.labels().get("network") == "unet"]


def test_all_of_them_fit_their_minutes_where_shared_work_is_done_once() -> None:
    cells = [cell for study in ALL for cell in grid(study)]
    assert sum(core_seconds(cells)) / 60 <= MINUTES


@pytest.mark.parametrize("study", UNETS)
def test_each_has_a_pair_of_u_nets_that_replicates_tell_apart(study: str) -> None:
    found = unets(study)
    clean = [cell for cell in found if cell.labels()["arm"] == "clean"]
    assert len(clean) == 1  # the baseline of the table
    assert len(found) > len(clean)
    for cell in found:
        assert cell.replicates == 3
        assert cell.stages[0].params.network.name == "unet"
        same = [stage.params for stage in clean[0].stages[1:]]
        assert [stage.params for stage in cell.stages[1:]] == same  # read alike
    others = [c for c in grid(study) if c not in found]
    others = [c for c in others if c.stages[0].name not in ("annotate", "excess")]
    assert all(c.stages[0].params.network.name == "mlp" for c in others)


def test_class_tilt_has_the_contrast_of_its_pools_with_a_u_net() -> None:
    found = unets("class_tilt")
    arms = [(cell.labels()["arm"], cell.labels().get("pool")) for cell in found]
    assert arms == [("clean", None), ("gated", "every class"), ("gated", "0 to 4")]
    assert all(cell.replicates == 2 for cell in found)


def test_the_u_nets_of_one_contrast_are_trained_once() -> None:
    blurred = {cell.cell_id for cell in unets("ambient_blur")}
    assert {cell.cell_id for cell in unets("clean_fraction")} == blurred
    assert blurred < {cell.cell_id for cell in unets("ambient_loss")}
    noisy = {cell.cell_id for cell in unets("tweedie_noisy_only")}
    assert {cell.cell_id for cell in unets("ambient_other")} == noisy


@pytest.mark.parametrize("study", UNETS)
def test_smoke_has_every_arm_network_and_kind_of_annotator_and_objective(study: str) -> None:
    def kinds(cells: list[Cell]) -> set[str]:
        asked = [stage.params for cell in cells for stage in cell.stages]
        parts = {each.name for params in asked for each in nested(params)}
        return parts | {str(cell.labels()["arm"]) for cell in cells}

    images = {"pixelate", "gaussian_noise", "box_mask", "saturation", "procedural"}
    assert kinds(grid(study)) - kinds(grid(study, SMOKE)) <= images


@pytest.mark.parametrize(("count", "most"), [(10, 9), (17, 9), (18, 9), (28, 9), (3, 9), (19, 1)])
def test_jobs_are_as_even_as_their_number_allows(count: int, most: int) -> None:
    some = (grid("annotators") + grid("cep"))[:count]
    jobs = Study("s", "t", "q", lambda sizes: some).shards(CPU, most)
    assert [cell for job in jobs for cell in job] == some
    assert len(jobs) == -(-count // most)  # no more than whole ones would be
    assert max(map(len, jobs)) == -(-count // len(jobs))
