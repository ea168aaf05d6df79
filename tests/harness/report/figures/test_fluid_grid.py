"""The figure of the grid: lines of the arms that a panel is of, ceilings as levels, intervals."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer

from harness.records.record import Record, measured
from harness.report import style
from harness.report.figures.fluid_grid import COLOURS, SPREAD, draw, interval
from harness.report.results import Results
from harness.scale import read_sizes
from harness.studies.fluid_grid_cells import cells
from harness.tokenwise.loss import loss_of

HEADS = {"discrete": "cross_entropy", "squared": "squared"}


def rows() -> list[Record]:
    found = []
    for each in cells(read_sizes("cpu")):
        told = each.labels()
        values = {
            loss_of(HEADS.get(str(told["arm"]), "diffusion")): 2.0,
            "fd_random_conv": 3.0 if told["budget"] == "updates" else 1.0,
            "ceiling_fd_random_conv": 0.25 if told["arm"] == "discrete" else 0.125,
        }
        if told["data"] == "scenes":
            values |= {"geneval": 0.5, "ceiling_geneval": 1.0}
        found += [
            measured(
                value * (1 + 0.1 * replicate), study="fluid_grid", cell_id=each.cell_id,
                params=told, replicate=replicate, metric=metric, unit="1", tier="tolerance",
            )
            for metric, value in values.items()
            for replicate in range(3)
        ]  # fmt: skip
    return found


@pytest.fixture(scope="module")
def results() -> Results:
    return Results("fluid_grid", "cpu", rows(), cache=Path("none"))


def test_each_panel_has_the_lines_of_its_arms(results: Results) -> None:
    with style.applied("fluid_grid"):
        a, b, c, d = draw(results).axes[:4]
    lines = {
        axes: [each for each in axes.containers if isinstance(each, ErrorbarContainer)]
        for axes in (a, b, c, d)
    }
    assert [len(lines[axes]) for axes in (a, b, c, d)] == [5, 6, 12, 8]
    colours = {each[0].get_color() for each in lines[a]}
    assert colours == {COLOURS["continuous"], COLOURS["quantised"]}
    assert {each[0].get_color() for each in lines[b]} == {COLOURS["discrete"]}
    hollow = [each for each in lines[c] if each[0].get_fillstyle() == "none"]
    assert [list(each[0].get_ydata()) for each in hollow] == [[pytest.approx(1.1)]] * 2
    assert all(list(each[0].get_xdata()) == [pytest.approx(100_000 * SPREAD**2)] for each in hollow)
    longest = max(lines[c], key=lambda each: len(each[0].get_xdata()))
    assert list(longest[0].get_xdata()) == [20_000, 45_000, 100_000, 220_000, 500_000]


def test_ceilings_are_levels_of_patches_and_of_codes(results: Results) -> None:
    with style.applied("fluid_grid"):
        _, _, c, d = draw(results).axes[:4]
    for axes, levels in ((c, (0.1375, 0.275)), (d, (1.1, 1.1))):
        flat = [line for line in axes.get_lines() if len(set(line.get_ydata())) == 1]
        found = [line.get_ydata()[0] for line in flat if line.get_color() == style.GREY]
        assert found == pytest.approx(levels)


def test_marks_of_one_size_stand_around_its_tick(results: Results) -> None:
    with style.applied("fluid_grid"):
        d = draw(results).axes[3]
    marks = [each for each in d.containers if isinstance(each, ErrorbarContainer)]
    x = np.array([each[0].get_xdata()[0] for each in marks])
    assert list(d.get_xticks()) == [100_000]
    assert np.exp(np.log(x).mean()) == pytest.approx(100_000)
    assert len(set(x)) == len(marks)
    assert d.get_xlim()[0] < x.min() < x.max() < d.get_xlim()[1]


def test_an_interval_is_that_of_student(results: Results) -> None:
    group = next(g for g in results.groups if g.values("fd_random_conv"))
    middle, half = interval(group, "fd_random_conv") or (0.0, 0.0)
    values = np.array(list(group.values("fd_random_conv").values()))
    assert middle == pytest.approx(values.mean())
    assert half == pytest.approx(4.302653 * values.std(ddof=1) / 3**0.5)
    assert interval(group, "geneval") is None
