"""Arms differ in what they are called by; the grid's trainings are shared; planted effects."""

import math
from typing import Any

import pytest

from harness.cell import Cell
from harness.claims.decide import decide_all
from harness.claims.verdict import Verdict
from harness.records.record import measured
from harness.run.bill import core_seconds
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.studies.fluid_grid import STUDY as GRID
from harness.studies.fluid_length import LONG, SHORT, SINGLE, STUDY, TOKENS, trained
from harness.studies.fluid_length_more import STUDY as MORE
from harness.studies.study import chosen
from harness.tokens import ORDERS

CPU, GPU, SMOKE = (read_sizes(scale) for scale in ("cpu", "gpu", "smoke"))
SWEEPS = ("ambient_scaling", "cep_scaling", "synthetic_scaling", "fluid_grid", "fluid_length",
          "fluid_length_more")  # fmt: skip


def training(cell: Cell) -> Any:
    return cell.stages[0].params


def test_a_cell_of_one_length_is_the_training_of_the_grid() -> None:
    grid = {str(training(cell)) for cell in GRID.cells(CPU)}
    short = [cell for cell in STUDY.cells(CPU) if cell.labels()["length"] == SHORT]
    assert [str(training(cell)) in grid for cell in short] == [True, False]  # even has other sizes
    for sizes in (CPU, GPU):
        for arm in ("raster", "random", "masked", "even", SINGLE):
            one, long = (training(trained(sizes, arm, length)) for length in (SHORT, LONG))
            assert long.images == LONG * one.images
            assert str(long).replace(str(long.images), "N") == str(one).replace(
                str(one.images), "N"
            )


@pytest.mark.parametrize("sizes", [CPU, GPU], ids=["cpu", "gpu"])
def test_one_by_one_is_even_drawn_a_token_a_step(sizes: Any) -> None:
    single, even = (training(trained(sizes, arm, LONG)).order for arm in (SINGLE, "even"))
    tokens = TOKENS[sizes.device]
    one, several = (ORDERS.make(each) for each in (single, even))
    assert one.counts(tokens) == (1,) * tokens
    assert sum(several.counts(tokens)) == tokens
    assert len(several.counts(tokens)) == tokens / (2 if sizes is CPU else 4)
    told = [{k: v for k, v in each.kwargs().items() if k != "steps"} for each in (single, even)]
    assert single.name == even.name == "masked"
    assert told[0] == told[1]


def test_the_part_in_make_is_small_and_the_rest_keeps_to_its_budget() -> None:
    assert sum(core_seconds(STUDY.cells(CPU))) < 6 * 60 * 2  # six minutes on two cores
    assert STUDY.name in chosen("default")
    assert MORE.name not in chosen("default")
    every = [cell for name in SWEEPS for cell in STUDIES[name].cells(CPU)]
    assert sum(core_seconds(every)) < 120 * 60 * 2
    for study in (STUDY, MORE):
        assert sum(core_seconds(study.cells(SMOKE))) < 30


def verdicts(distance: dict[tuple[str, float], float]) -> dict[str, Verdict]:
    """The claims of both studies where arms have these distances, two per cent apart by run."""
    rows = [
        measured(
            distance[str(cell.labels()["arm"]), float(str(cell.labels()["length"]))]
            * math.exp(0.02 * math.sin(7 * i + 3 * replicate)),
            study=study.name, cell_id=cell.cell_id, params=cell.labels(), replicate=replicate,
            metric="fd_random_conv", unit="1", tier="tolerance",
        )
        for study in (STUDY, MORE)
        for i, cell in enumerate(study.cells(CPU))
        for replicate in range(3)
    ]  # fmt: skip
    found = decide_all([*STUDY.claims, *MORE.claims], rows, "cpu", True)
    return {verdict.claim: verdict for verdict in found}


PLANTED = {
    ("raster", 1.0): 2.0, ("raster", 3.0): 1.5, ("raster", 8.0): 1.0,
    ("even", 1.0): 8.0, ("even", 3.0): 4.0, ("even", 8.0): 2.0,
    ("masked", 1.0): 10.0, ("masked", 8.0): 14.0, ("random", 8.0): 2.8, (SINGLE, 8.0): 2.01,
}  # fmt: skip


def test_planted_distances_are_found() -> None:
    found = {name: str(verdict.outcome) for name, verdict in verdicts(PLANTED).items()}
    assert found == {
        "even-beats-raster-after-eight-lengths": "reversed",
        "even-gains-from-length": "seen",
        "raster-gains-from-length": "seen",
        "length-brings-even-nearer-to-raster": "seen",
        "order-effect-after-eight-lengths": "reversed",
        "attention-effect-after-eight-lengths": "seen",
        "several-at-once-cost-likeness": "equivalent",
        "shares-effect-after-eight-lengths": "seen",
        "masked-gains-from-length": "reversed",
    }


def test_what_was_known_before_is_no_confirmation() -> None:
    assert not any(claim.confirmatory for claim in (*STUDY.claims, *MORE.claims))
