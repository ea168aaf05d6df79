"""The figure of loops: generations, drifts and exact curves, from the rows as they are left."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from harness.records.record import Record
from harness.report import style
from harness.report.figures.self_consuming import ARMS, draw, drift, trail
from harness.report.results import Results
from harness.run.collect import records
from harness.scale import read_sizes
from harness.studies.self_consuming import STUDY
from harness.studies.self_consuming_cells import LATE
from harness.theorem import row
from harness.train.gaussian_loop import _row, readings

METRICS = ("fd_random_conv", "coverage_trained_digits", "class_accuracy_trained_digits")


@pytest.fixture(scope="module")
def loops() -> list[Record]:
    """A Fréchet distance that grows by a factor of its own in each generation, the rest falls."""
    found: list[Record] = []
    for cell in STUDY.cells(read_sizes("cpu")):
        labels = cell.labels()
        if labels["data"] == "Gaussian":
            asked = replace(cell.stages[0].params, chains=200)
            rows = [
                _row(f"{name}/{t}", value, asked)
                for t, values in enumerate(readings(asked))
                for name, value in values.items()
            ]
        else:
            rows = []
            for k in range(cell.replicates):
                for t in range(int(labels["generations"]) + 1):
                    power = math.exp(0.1 * t * float(labels.get("lambda", 0)) + 0.01 * k)
                    values = dict(zip(METRICS, (0.6 * power, 0.5 / power, 0.8 / power)))
                    rows += [row(k, f"{name}/{t}", x, "1") for name, x in values.items()]
        found += records(STUDY.name, cell, rows)
    return found


def drawn(found: list[Record]) -> Figure:
    with style.applied(STUDY.name):
        made = draw(Results(STUDY.name, "cpu", found))
        made.set_layout_engine("none")  # which only takes time
        made.draw_without_rendering()
    return made


@pytest.fixture(scope="module")
def picture(loops: list[Record]) -> Figure:
    return drawn(loops)


def curve(axes: Any, number: int) -> np.ndarray:
    """The points [T, 2] of a line with marks, among those of some generations."""
    lines = [line for line in axes.get_lines() if len(line.get_xdata()) > 2]
    return np.array(lines[number].get_data(), float).T


def test_a_trail_is_the_mean_over_trajectories_with_its_standard_error(
    loops: list[Record],
) -> None:
    groups = Results(STUDY.name, "cpu", loops).groups
    wanted = {"arm": "none", "until": "last", "lambda": 1.0, "data": "digits"}
    group = next(g for g in groups if wanted.items() <= g.params.items())
    t, middle, error = trail(group, METRICS[0])
    assert t.tolist() == [0, 1, 2, 3, 4]
    values = 0.6 * np.exp(0.1 * t[:, None] + 0.01 * np.arange(8))
    assert middle == pytest.approx(values.mean(1))
    assert error == pytest.approx(values.std(1, ddof=1) / 8**0.5)
    assert drift(group, METRICS[0]) == pytest.approx([math.exp(0.4)] * 8)
    assert [len(each) for each in trail(group, "fd_random")] == [0, 0, 0]
    assert [len(each) for each in trail(None, METRICS[0])] == [0, 0, 0]
    assert len(drift(None, METRICS[0])) == 0
    gaussian = next(
        g for g in groups if {"arm": "none", "data": "Gaussian"}.items() <= g.params.items()
    )
    t, middle, error = trail(gaussian, "error")
    own = gaussian.of("error/3")[0]
    assert (t[3], middle[3], error[3]) == (3, own.value, own.standard_error)


def test_panels_show_gaussians_digits_and_drifts(picture: Figure) -> None:
    axes = picture.get_axes()
    assert [each.get_title(loc="left")[:3] for each in axes] == [f"({c})" for c in "abcdefghi"]
    apart = curve(axes[0], 0)  # lambda = 1/4 without correction, exact
    assert apart[:, 1] == pytest.approx([(0.25 / 1.25) ** t for t in range(5)])
    bounds = [line for line in axes[0].get_lines() if line.get_linestyle() == "--"]
    promised = [np.asarray(line.get_ydata(), float) for line in bounds if len(line.get_ydata()) > 2]
    assert promised[0] == pytest.approx([(1 / 3) ** t for t in range(5)])
    assert not [
        line
        for line in axes[1].get_lines()
        if line.get_linestyle() == "--" and len(line.get_ydata()) > 2
    ]
    assert curve(axes[2], 0)[0, 1] == pytest.approx(1)  # n E m^2 of generation 0
    none = curve(axes[3], 0)
    assert none[:, 0].tolist() == list(range(LATE + 1))
    assert none[:, 1] == pytest.approx(none[0, 1] * np.exp(0.1 * none[:, 0]))
    assert axes[3].get_yscale() == "log"
    for at in (4, 5):
        assert (np.diff(curve(axes[at], 0)[:, 1]) < 0).all()
    for ratio, bars in zip((0.25, 0.5, 1.0, 2.0), axes[6].containers, strict=True):
        found = np.asarray(bars.lines[0].get_ydata(), float)  # type: ignore[attr-defined]
        assert found == pytest.approx([math.exp(0.4 * ratio)] * 4)
    assert [text.get_text() for text in axes[6].get_xticklabels()] == ["0", "0.1", "1", "∞"]
    for each in (axes[3], *axes[6:]):
        low, high = each.get_ylim()
        assert sum(low <= at <= high for at in each.get_yticks()) >= 3
    titles = [legend.get_title().get_text() for legend in picture.legends]
    assert titles[0].startswith("(a), (b)")
    assert titles[1].startswith("(c)")
    assert titles[1].endswith("; (d) to (f): n = 3 to 8")
    assert titles[2] == "(g) to (i): n = 3 to 8"
    names = [text.get_text() for text in picture.legends[1].get_texts()]
    assert names == [
        "none",
        "fresh",
        "synthetic",
        "centres, γ = 1",
        "oracle, γ = 1",
        "biased, γ = 1",
    ]


def test_it_can_be_drawn_of_few_rows_or_of_none(loops: list[Record]) -> None:
    few = [each for each in loops if each.params["data"] == "digits" and each.replicate == 0]
    assert len(drawn(few).get_axes()) == 9
    assert len(drawn([each for each in loops if "/" not in each.metric] or few[:1]).get_axes()) == 9


def test_arms_differ_in_marker_and_colour() -> None:
    assert len({look.marker for look in ARMS.values()}) == len(ARMS)
    assert len({look.colour for look in ARMS.values()}) == len(ARMS)
