"""The figure of text to image: each panel shows its own metric of its own arm, with its error.

Every number of the made-up records differs from every other, so that a mark in a wrong place shows.
"""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.geneval.vocabulary import TASKS
from harness.records.record import Record
from harness.report import FIGURES, style
from harness.report.results import Results
from harness.report.words import words

Read = Callable[..., Results]
Rows = Callable[..., list[Record]]
STRENGTHS = (4.0, 0.0, 1.0)  # the cells of a file are in no order
PAIR = np.array([0.9, 1.1])  # two replicates of a mean of 1, whose standard error is 0.1


def value(arm: str, w: float, metric: str) -> float:
    """A number of its own, between 0 and 0.9."""
    arms = ("renderer", "chance", "model", "shuffled")
    metrics = ("geneval", "binding_gap", "fd_random_conv", *(f"geneval/{task}" for task in TASKS))
    return (1 + arms.index(arm) + 4 * metrics.index(metric) + 36 * w / 5) / 80


def drawn(records: list[Record], results: Read) -> Figure:
    with style.applied("scenes_t2i"):
        figure: Figure = FIGURES["scenes_t2i"](results(records))
        figure.draw_without_rendering()
    return figure


@pytest.fixture(scope="module")
def records(rows: Rows) -> list[Record]:
    found: list[Record] = []
    scores = ("geneval", "binding_gap", *(f"geneval/{task}" for task in TASKS))
    for arm in ("chance", "renderer"):
        for metric in scores:
            found += rows(metric, PAIR * value(arm, 0, metric), "scenes_t2i", arm=arm)
    for w in STRENGTHS:
        for arm in ("shuffled", "model"):
            metrics = (*scores, "fd_random_conv") if arm == "model" else scores
            for metric in metrics:
                numbers = PAIR * value(arm, w, metric)
                found += rows(metric, numbers, "scenes_t2i", arm=arm, guidance=w)
    return found


@pytest.fixture(scope="module")
def figure(records: list[Record], results: Read) -> Figure:
    return drawn(records, results)


def check(axes: Axes, name: str, arm: str, metric: str) -> None:
    """The marks of a series are the means by strength, its bars their standard errors."""
    (container,) = [c for c in axes.containers if str(c.get_label()) == name]
    expected = [value(arm, w, metric) for w in sorted(STRENGTHS)]
    line, _, (bars,) = container.lines
    assert line.get_ydata() == pytest.approx(expected)
    assert [round(float(x)) for x in line.get_xdata()] == [0, 1, 2]
    half = [np.ptp(segment[:, 1]) / 2 for segment in bars.get_segments()]
    assert half == pytest.approx([0.1 * each for each in expected])


def test_the_score_stands_over_its_floor(figure: Figure) -> None:
    check(figure.axes[0], "model", "model", "geneval")
    check(figure.axes[0], "shuffled captions", "shuffled", "geneval")
    assert len(figure.axes[0].containers) == 2


def test_renderer_and_chance_are_level_lines_of_their_own(figure: Figure) -> None:
    found = {str(line.get_label()): line for line in figure.axes[0].get_lines()}
    for arm, look in (("renderer", "--"), ("chance", ":")):
        assert found[arm].get_linestyle() == look
        expected = value(arm, 0, "geneval")
        assert found[arm].get_ydata() == pytest.approx([expected, expected])


def test_each_task_has_its_own_series(figure: Figure) -> None:
    assert len(figure.axes[1].containers) == len(TASKS)
    for task in TASKS:
        check(figure.axes[1], words(f"geneval/{task}"), "model", f"geneval/{task}")


def test_the_distance_is_that_of_the_model(figure: Figure) -> None:
    (container,) = figure.axes[2].containers
    expected = [value("model", w, "fd_random_conv") for w in sorted(STRENGTHS)]
    assert container.lines[0].get_ydata() == pytest.approx(expected)
    assert figure.axes[2].get_ylim()[0] == 0


def test_strengths_stand_in_order_under_their_names(figure: Figure) -> None:
    for axes in figure.axes:
        assert [each.get_text() for each in axes.get_xticklabels()] == ["0", "1", "4"]


def test_a_replicate_that_diverged_is_left_out_and_a_cell_without_any_has_no_mark(
    records: list[Record], rows: Rows, results: Read
) -> None:
    def without(arm: str, w: float, numbers: list[float]) -> list[Record]:
        where = {"arm": arm, "guidance": w}
        kept = [r for r in records if dict(r.params) != where or r.metric != "geneval"]
        return kept + rows("geneval", numbers, "scenes_t2i", **where)

    gone = drawn(without("model", 1.0, [np.nan, np.nan]), results).axes[0].containers[0]
    assert gone.lines[0].get_xdata().tolist() == [0, 2]
    half = drawn(without("model", 1.0, [np.nan, 0.7]), results).axes[0].containers[0]
    assert half.lines[0].get_ydata()[1] == 0.7
