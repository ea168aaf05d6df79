"""The figure of lengths: a line an order, points at their lengths, intervals of Student."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer

from harness.cell import Cell
from harness.records.record import measured
from harness.report import style
from harness.report.figures.fluid_length import COLOURS, SPREAD, draw
from harness.report.results import Results
from harness.scale import read_sizes
from harness.studies.fluid_length_more import STUDY
from harness.tokenwise.loss import loss_of

BASE = {"raster": 2.0, "random": 3.0, "masked": 9.0, "even": 8.0, "one by one": 7.0}
TWICE = (0.9, 1.0, 1.1)  # runs around a mean


def named(cell: Cell, factor: str) -> str:
    return str(cell.labels()[factor])


@pytest.fixture(scope="module")
def panels() -> tuple[Axes, Axes]:
    rows = [
        measured(
            value * share, study=STUDY.name, cell_id=cell.cell_id, params=cell.labels(),
            replicate=replicate, metric=metric, unit="1", tier="tolerance",
        )
        for cell in STUDY.cells(read_sizes("cpu"))
        for replicate, share in enumerate(TWICE)
        for metric, value in (
            ("fd_random_conv", BASE[named(cell, "arm")] / float(named(cell, "length"))),
            (loss_of("diffusion"), 1 / BASE[named(cell, "arm")]),
            ("ceiling_fd_random_conv", 0.25),
        )
    ]  # fmt: skip
    with style.applied(STUDY.name):
        a, b = draw(Results(STUDY.name, "cpu", rows, cache=Path("none"))).axes
    return a, b


def lines(axes: Axes) -> dict[str, ErrorbarContainer]:
    return {str(c.get_label()): c for c in axes.containers if isinstance(c, ErrorbarContainer)}


def test_each_order_has_its_line(panels: tuple[Axes, Axes]) -> None:
    for axes in panels:
        found = lines(axes)
        assert set(found) == set(BASE)
        assert {name: each[0].get_color() for name, each in found.items()} == COLOURS
    distance = lines(panels[0])
    for name, lengths in (("raster", (1, 3, 8)), ("even", (1, 3, 8)), ("masked", (1, 8)),
                          ("random", (8,)), ("one by one", (8,))):  # fmt: skip
        x, y = distance[name][0].get_xdata(), distance[name][0].get_ydata()
        assert list(y) == pytest.approx([BASE[name] / length for length in lengths])
        assert np.abs(np.log(np.asarray(x, float) / lengths)).max() <= 2 * np.log(SPREAD) + 1e-12


def test_bars_are_intervals_of_student(panels: tuple[Axes, Axes]) -> None:
    half = 4.302653 * float(np.std(TWICE, ddof=1)) / 3**0.5  # of the mean
    (segment,) = lines(panels[1])["random"][2][0].get_segments()
    assert segment[:, 1] == pytest.approx([(1 - half) / 3, (1 + half) / 3])


def test_the_ceiling_is_a_level_of_the_distance_alone(panels: tuple[Axes, Axes]) -> None:
    flat = [
        [line for line in axes.get_lines() if line.get_color() == style.GREY] for axes in panels
    ]
    assert [len(each) for each in flat] == [1, 0]
    assert np.asarray(flat[0][0].get_ydata()) == pytest.approx([0.25, 0.25])
