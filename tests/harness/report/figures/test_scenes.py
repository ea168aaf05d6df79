"""The figures of scenes: every mark at its own value and place, and none behind another."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.geneval.vocabulary import TASKS
from harness.records.record import Record
from harness.report import FIGURES, style
from harness.report.detection import interval
from harness.report.results import Results

Read = Callable[..., Results]


def drawn(found: Results) -> Figure:
    with style.applied(found.study):
        figure: Figure = FIGURES[found.study](found)
        figure.draw_without_rendering()
    return figure


def series(axes: Axes) -> dict[str, np.ndarray]:
    """The marks of a panel by the name of their series: [marks, 2]."""
    return {
        str(container.get_label()): np.array(container.lines[0].get_xydata())
        for container in axes.containers
    }


def ticks(axis) -> dict[float, str]:
    texts = [each.get_text() for each in axis.get_ticklabels()]
    return dict(zip(axis.get_ticklocs(), texts))


@pytest.fixture(scope="module")
def detector(detections: list[Record], results: Read) -> Figure:
    return drawn(results(detections))


def test_each_severity_has_a_place_with_its_name(detector: Figure) -> None:
    names = [list(ticks(axes.xaxis).items()) for axes in detector.axes]
    assert names == [
        [(0, "none"), (1, "0.6"), (2, "1")],
        [(0, "none"), (1, "0.4")],
        [(0, "none"), (1, "75"), (2, "25")],  # the quality, the worse the further right
    ]


def test_nothing_wrong_stands_at_a_tick_of_its_own(detector: Figure) -> None:
    axes = detector.axes[0]
    assert ticks(axes.yaxis)[0.0] == "0"
    assert ticks(axes.yaxis)[1e-5] == "0.001 %"
    low, first = (axes.transData.transform((0, y))[1] for y in (0.0, 1e-5))
    assert first - low > 8  # pixels of 100 an inch
    assert axes.get_ylim()[0] == 0


def test_marks_are_the_shares_with_their_intervals(
    detector: Figure, detections: list[Record]
) -> None:
    (blurred,) = [
        row
        for row in detections
        if row.metric == "detection_error" and dict(row.params)["severity"] == 0.6
    ]
    container = next(c for c in detector.axes[0].containers if "detector" in c.get_label())
    share, low, high = interval(blurred)
    assert container.lines[0].get_ydata()[1] == share
    (segments,) = [bars.get_segments() for bars in container.lines[2]]
    assert segments[1][:, 1] == pytest.approx([low, high])


def test_marks_of_a_severity_stand_beside_each_other_and_at_no_other(detector: Figure) -> None:
    for axes in detector.axes:
        found = series(axes)
        assert set(found) == {"24 px, grid: detector", "24 px, grid: verdict"}
        places = np.concatenate([marks[:, 0] for marks in found.values()])
        assert np.diff(np.sort(places)).min() > 0.15
        assert np.abs(places - np.round(places)).max() < 0.5
        for marks in found.values():
            assert np.round(marks[:, 0]).tolist() == list(range(len(axes.get_xticks())))


@pytest.fixture(scope="module")
def model(guided: list[Record], results: Read) -> Figure:
    return drawn(results(guided))


def test_no_task_hides_another(model: Figure) -> None:
    """All tasks of the fixture have one value: they differ in their place alone."""
    found = series(model.axes[1])
    assert len(found) == len(TASKS)
    places = np.array([marks[:, 0] for marks in found.values()])
    assert np.diff(places, axis=0).min() > 0.1
    assert np.round(places).tolist() == [[0.0, 1.0]] * len(TASKS)
    assert ticks(model.axes[1].xaxis) == {0: "0", 1: "2"}


def test_marks_on_the_edge_are_whole(model: Figure, detector: Figure) -> None:
    for axes in (*model.axes, *detector.axes):
        assert all(not c.lines[0].get_clip_on() for c in axes.containers)


def test_a_task_has_one_name(model: Figure) -> None:
    names = {text.get_text() for axes in model.axes[:2] for text in axes.get_legend().get_texts()}
    assert {"color attribute", "shuffled captions", "single object"} <= names
    assert not {"color attr", "shuffled"} & names
