"""No mark of data lies outside its panel: in any layout, of published values and of made-up ones.

``test_show`` asks it of every study at made-up values, ``test_figure_words`` of the published ones
whose words it reads. Here stand the other published ones, and what is outside.
"""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.records.publish import published
from harness.report import FIGURES, style
from harness.report.figures import heads
from harness.report.layouts import LAYOUTS, layout
from harness.report.results import Results
from harness.run.code import ROOT

from .figure_marks import outside
from .test_figure_words import GROWN, LONG, NARROW, PUBLISHED

REST = [name for name in LAYOUTS if name in PUBLISHED and name not in (*LONG, *NARROW, *GROWN)]


@pytest.mark.parametrize("study", REST)
def test_the_published_figure_holds_its_marks(study: str) -> None:
    results = Results(study, "cpu", published(ROOT / "results", "cpu", study))
    with style.applied(study):
        figure: Figure = FIGURES[layout(study).figure](results)
        assert outside(figure) == []


@pytest.fixture
def axes() -> Axes:
    """Axes from 1 to 10 both ways."""
    made = style.figure(2.0).subplots()
    made.set(xlim=(1, 10), ylim=(1, 10), title="one")
    return made


def seen(axes: Axes) -> list[str]:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return outside(figure)


@pytest.mark.parametrize("place", [(0.9, 5), (10.1, 5), (5, 0.9), (5, 10.1)])
def test_a_mark_beyond_any_end_is_seen_and_one_on_it_is_not(
    axes: Axes, place: tuple[float, float]
) -> None:
    axes.plot(*zip(place, (2, 2), (1, 10)), "o")
    axes.set_title("(a) one", loc="left")
    assert seen(axes) == ["1 in (a) one"]


def test_a_line_alone_and_a_level_may_leave_and_what_was_never_drawn_is_no_mark(axes: Axes) -> None:
    axes.plot([2, 3], [-5, 20])
    axes.axhline(50)
    axes.axvline(0.1)
    axes.plot([2, 20], [2, 20], "o")[0].set_visible(False)
    axes.plot([2, 20, 4], [2, 20, 4], "o", markevery=2)
    axes.plot([2, np.nan], [np.nan, 20], "o")
    axes.plot([20], [0.5], "o", transform=axes.transAxes)
    assert seen(axes) == []


def test_intervals_dots_and_bars_are_marks(axes: Axes) -> None:
    axes.vlines([2, 3], [2, 3], [20, 4])
    axes.errorbar([4], [5], [8])
    axes.scatter([2, 30], [2, 3])
    axes.bar([5], [40], bottom=2)
    axes.set(xlim=(1, 10), ylim=(1, 10))
    # one end of the first, both of the second, one dot, two corners of the bar
    assert seen(axes) == ["6 in 0"]


def test_a_mark_that_a_logarithm_has_no_place_for_is_outside(axes: Axes) -> None:
    axes.plot([2, 3, 4], [2, 0, -1], "o")
    axes.set_yscale("log")
    axes.set_ylim(1, 10)
    assert len(seen(axes)) == 1


def test_a_head_on_that_end_and_of_that_colour_tells_of_what_lies_beyond(axes: Axes) -> None:
    axes.plot([5, 6], [-3, 5], "o", color=style.BLUE)
    axes.plot([5], [1], "v", color=style.VERMILION)
    axes.plot([5], [10], "^", color=style.BLUE)
    axes.plot([5], [2], "v", color=style.BLUE)
    assert len(seen(axes)) == 1  # another colour, another end, not on the end
    axes.plot([5], [1], "v", color=style.BLUE)
    assert seen(axes) == []


def test_series_that_leave_get_a_head_where_they_do(axes: Axes) -> None:
    """Once for each time that one goes beyond an end, at the first place beyond, or the last."""
    axes.plot(range(1, 10), [5, 5, 0, 0, 5, 0, 0, 12, 5], "o", color=style.BLUE)
    axes.plot([2, 3, 4], [0, 0.5, 4], "s", color=style.GREEN)
    axes.plot([2, 3], [20, 30], "D", color=style.BLACK)
    axes.plot([2, 3], [20, 30], color=style.GREY)  # no marks
    axes.plot([20, 3], [20, 3], "s", color=style.PURPLE)  # beyond the side, not this end
    before = len(axes.lines)
    heads.leaving(axes)
    found = {
        (str(line.get_color()), str(line.get_marker())): np.asarray(line.get_xydata()).tolist()
        for line in axes.lines[before:]
    }
    assert found == {
        (style.BLUE, "v"): [[3, 1], [6, 1]],
        (style.BLUE, "^"): [[8, 10]],
        (style.GREEN, "v"): [[3, 1]],
        (style.BLACK, "^"): [[2, 10]],
    }
