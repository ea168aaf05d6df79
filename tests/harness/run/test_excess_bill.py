"""The bill of an excess risk on the line: held to the core-seconds that cells took."""

import pytest

from harness.cell import Cell
from harness.run.bill import bill
from harness.scale import read_sizes
from harness.studies import STUDIES

MEASURED = {  # core-seconds: scale, network, n1, arm
    ("cpu", "mlp", 1600, "clean"): 20.0,
    ("cpu", "mlp", 1600, "all"): 52.5,
    ("cpu", "optimum", 1600, "all"): 37.1,
    ("cpu", "optimum", 800, "all"): 19.2,
    ("smoke", "optimum", 100, "all"): 0.82,
    ("smoke", "mlp", 100, "all"): 1.88,
}


def cell_of(scale: str, network: str, n1: int, arm: str) -> Cell:
    wanted = {"data": "line", "network": network, "n1": n1, "arm": arm}
    cells = STUDIES["ambient_scaling"].cells(read_sizes(scale))
    return next(cell for cell in cells if cell.labels() == wanted)


@pytest.mark.parametrize("which", MEASURED, ids=str)
def test_what_a_cell_took_is_its_bill_to_a_quarter(which) -> None:
    assert bill(cell_of(*which))["seconds"]["excess"] == pytest.approx(MEASURED[which], rel=0.25)


def test_only_trainings_have_operations_three_passes_an_image_of_every_copy_and_data_set() -> None:
    cell = cell_of("cpu", "mlp", 100, "clean")
    asked = cell.stages[0].params
    forward = 2 * 32 * (2 * 1 + 2 * (64 + 2 * 32))  # of 32 wide, 2 blocks, one number in and out
    expected = 3 * forward * 100_000 * asked.copies * asked.datasets * cell.replicates
    assert asked.copies == 2
    assert bill(cell)["flops"] == expected
    assert bill(cell_of("cpu", "optimum", 100, "clean"))["flops"] == 0
