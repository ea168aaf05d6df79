"""Published figures are legible: no word on another, none beyond the page, no axis without a name.

``test_show`` asks the same of every study at made-up values. Here stand the published ones whose
words are long or many.
"""

import pytest
from matplotlib.figure import Figure

from harness.report import FIGURES, style
from harness.report.command import results_of
from harness.report.layouts import LAYOUTS, layout
from harness.run.code import ROOT

from .figure_marks import outside
from .figure_words import beyond, overlapping, unnamed, words_of

REFERENCE = ROOT / "results" / "v1"
PUBLISHED = {path.parent.name for path in (REFERENCE / "cpu").glob("*/records.jsonl")}
NARROW = ("painters_laws", "ambient_losses", "self_consuming", "metric_sensitivity")
GROWN = ("fluid_grid", "ambient_scaling", "cep_scaling", "synthetic_scaling")
LONG = [name for name in LAYOUTS if name in PUBLISHED and layout(name).figure == "arms"]


@pytest.mark.parametrize("study", [*LONG, *NARROW, *GROWN])
def test_the_published_figure_is_legible(study: str) -> None:
    with style.applied(study):
        figure: Figure = FIGURES[layout(study).figure](results_of(study, "cpu", REFERENCE))
        words = words_of(figure)
    assert len(words) > 9
    assert overlapping(words) == []
    assert beyond(words, figure) == []
    assert unnamed(figure) == []
    assert outside(figure) == []


def bare() -> Figure:
    made = style.figure(2.0)
    made.set_layout_engine("none")
    return made


def test_words_on_one_another_are_seen_and_those_side_by_side_are_not() -> None:
    made = bare()
    made.text(0.5, 0.5, "one word")
    made.text(0.52, 0.52, "another")
    made.text(0.5, 0.8, "apart")
    assert overlapping(words_of(made)) == [("one word", "another")]


def test_turned_words_are_apart_where_only_the_boxes_around_them_meet() -> None:
    for gap, met in ((0.06, 0), (0.01, 1)):
        made = bare()
        for at in (0.4, 0.4 + gap):
            made.text(at, 0.8, "a long damage", rotation=60, ha="right", rotation_mode="anchor")
        words = words_of(made)
        assert len(words) == 2
        assert len(overlapping(words)) == met


def test_words_beyond_the_page_are_seen_on_each_side() -> None:
    made = bare()
    for x, y in ((-0.01, 0.5), (0.99, 0.4), (0.5, -0.02), (0.5, 0.99), (0.5, 0.5)):
        made.text(x, y, f"at {x:g}, {y:g}")
    assert len(beyond(words_of(made), made)) == 4


def test_an_axis_of_numbers_needs_a_name_its_own_or_that_of_its_row() -> None:
    made = bare()
    one, other = made.subplots(1, 2)
    one.plot([0, 1], [0, 1])
    other.plot([0, 1], [0, 1])
    one.set(xlabel="x", ylabel="y")
    other.set_title("b", loc="left")
    assert unnamed(made) == ["x of b"]
    other.set_xticks([0, 1], ["clean", "all"])
    assert unnamed(made) == []
    one.set_ylabel("")
    assert len(unnamed(made)) == 2


def test_what_is_not_drawn_is_no_word() -> None:
    made = bare()
    axes = made.subplots()
    axes.set(xlim=(0, 3), xticks=[0, 3, 7], yticks=[])
    axes.set_xlim(0, 3)
    axes.set_title("hidden").set_visible(False)
    assert {text.get_text() for text in words_of(made)} == {"0", "3"}
    axes.axison = False
    assert words_of(made) == {}
