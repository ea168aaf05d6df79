"""What a run asks for is tried before anything runs, and a wrong part names its cell."""

from typing import Any

import numpy as np
import pytest

from harness.cell import Cell, Stage, factors, part
from harness.problem import Problem
from harness.run import collect
from harness.run.asked import check_parts
from harness.run.flow import check
from harness.sample.sampling import Sampling
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.studies.arms import trained

SIZES = read_sizes("smoke")
BLUR = part("gaussian_blur", sigma=0.8)


def cell(**training: object) -> Cell:
    return trained("gated", SIZES, 2, corruption=BLUR, **training)


WRONG = {
    "a level above the grid": ({"annotator": part("fixed", sigma_min=100.0)}, "100.0"),
    "an unknown key": ({"annotator": part("fixed", sigma=1.0)}, "its parameters are sigma_min"),
    "a buffer below 1": ({"objective": part("denoising", buffer=0.5)}, "buffer"),
    "a misspelt key": ({"objective": part("denoising", bufer=2.0)}, "its parameters are buffer"),
    "no such annotator": ({"annotator": part("spectre")}, "did you mean 'spectral'"),
    "a blur below 0": ({"corruption": part("gaussian_blur", sigma=-1.0)}, "-1"),
    "a wrong part of a part": (
        {"annotator": part("shuffled", of=part("fixed", sigma_min=-1.0))},
        "-1.0",
    ),
    "an oracle of blur": ({"annotator": part("oracle")}, "corrupt by gaussian_noise"),
    "a level at the top": (
        {"annotator": part("fixed", sigma_min=80.0)},
        "no imperfect image admitted at any noise level",
    ),
    "a buffered level at the top": (
        {
            "annotator": part("fixed", sigma_min=50.0),
            "objective": part("denoising", buffer=1.6),
        },
        "with the buffer 1.6",
    ),
    "nothing clean": ({"clean_fraction": 1e-5}, "images clean"),
}


def test_levels_and_shares_that_leave_something_pass() -> None:
    every: tuple[dict[str, Any], ...] = (
        {"annotator": part("fixed", sigma_min=79.0)},
        {"annotator": part("fixed", sigma_min=80.0, sigma_max=0.1)},
        {"annotator": part("oracle"), "corruption": part("gaussian_noise", sigma=0.2)},
        {"clean_fraction": 0.001},
    )
    for given in every:
        check_parts("mine", [trained("gated", SIZES, 2, **{"corruption": BLUR, **given})])


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_part_stops_with_its_cell_and_the_fix(given: dict[str, object], said: str) -> None:
    asked = {"corruption": BLUR, **given}
    wrong = trained("gated", SIZES, 2, **asked)  # type: ignore[arg-type]
    with pytest.raises(Problem) as found:
        check_parts("mine", [cell(), wrong])
    for expected in (said, "arm=gated network=mlp", "mine"):
        assert expected in str(found.value)


def test_a_wrong_sampler_stops_too() -> None:
    wrong = Cell(factors(arm="a"), (Stage("sample", Sampling(10, part("heun", step=3))),), 1)
    with pytest.raises(Problem, match=r"heun\(step=3\) in the cell arm=a of mine"):
        check_parts("mine", [wrong])


@pytest.mark.parametrize("scale", ["smoke", "cpu", "gpu", "published"])
def test_every_study_asks_for_parts_that_can_be_built(scale: str) -> None:
    sizes = read_sizes(scale)
    for name in STUDIES:
        check_parts(name, STUDIES[name].cells(sizes))


def test_a_run_is_stopped_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    study = STUDIES["ambient_blur"]
    wrong = cell(annotator=part("fixed", sigma_min=100.0))
    monkeypatch.setitem(study.__dict__, "cells", lambda sizes: [wrong])
    with pytest.raises(Problem, match="of ambient_blur"):
        check("smoke", "ambient_blur")


def test_parts_are_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    monkeypatch.setattr(
        "harness.annotate.fixed.Fixed.__post_init__", lambda self: built.append(self)
    )
    check_parts("mine", [cell(annotator=part("fixed", sigma_min=np.pi))] * 3)
    assert len(built) == 1


def test_a_truth_value_is_not_taken_for_the_number_that_it_equals() -> None:
    fine, wrong = (cell(annotator=part("fixed", sigma_min=level)) for level in (1, 1.0))
    check_parts("mine", [fine, wrong])
    one, true = (
        Cell(factors(arm=str(n)), (Stage("sample", Sampling(10, part("heun", steps=n))),), 1)
        for n in (1, True)
    )
    built: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.table.Table.make", lambda self, named: built.append(named))
        check_parts("mine", [one, true, one])
    assert len(built) == 2


def test_a_problem_in_a_run_names_study_and_cell(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> list[dict[str, Any]]:
        raise Problem("863 of 1438 images", "720", "give a smaller share")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(collect, "run_cell", stopped)
    first = STUDIES["ambient_blur"].shards(SIZES)[0][0]
    shards = len(STUDIES["ambient_blur"].shards(SIZES))
    with pytest.raises(Problem) as found:
        collect.run_shard("ambient_blur", f"0-of-{shards}", "smoke", None, 1)
    assert found.value.asked == f"863 of 1438 images in the cell {first} of ambient_blur"
    assert (found.value.got, found.value.fix) == ("720", "give a smaller share")


def test_a_setting_that_no_cell_can_have_names_its_study(monkeypatch: pytest.MonkeyPatch) -> None:
    def cells(sizes: Any) -> list[Cell]:
        return [cell(clean_fraction=0.0)]

    monkeypatch.setitem(STUDIES["ambient_blur"].__dict__, "cells", cells)
    with pytest.raises(Problem, match=r"clean_fraction=0.0 in a cell of ambient_blur; got a share"):
        check("smoke", "ambient_blur")
