"""The figure: no mark hides another, everything has its name, and quotes stand where they may."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from harness.geneval.detections import Header
from harness.geneval.generator import published_prompts
from harness.geneval.results import Result
from harness.geneval.rules import Judgement, Rules
from harness.geneval.score import score
from harness.geneval.vocabulary import COCO, TASKS
from harness.report import style
from harness.scenes.captions import SCENES
from harness.streams import numpy_generator
from harness.t2i import figure
from harness.t2i.judging import Judged
from harness.t2i.outcome import Outcome, table


def outcome(**changes) -> Outcome:
    """Two images of every third published prompt, the first of them right."""
    prompts = [*published_prompts()[::3], *published_prompts()[1:9]]
    results = [
        Result.of(f"{n}/{i}.png", p, Judgement(not i, "none" if i else "", {"cow": []}))
        for n, p in enumerate(dict.fromkeys(prompts))
        for i in range(2)
    ]
    header = Header("mask2former", {}, COCO, {"prompt_variant": "raw"})
    judged = Judged(tuple(results), COCO, Rules(), header, None, {"prompts": "0" * 64})
    made = score(results, numpy_generator("test", 0, "figure"), 100)
    return Outcome(replace(judged, **changes), made, 0)


def drawn(asked: Outcome):
    """The axes with a score on them."""
    axes = style.figure(2.8, 5.0).subplots()
    figure.draw(axes, asked)
    return axes


def test_no_two_quoted_marks_share_a_place_and_none_lies_in_a_box() -> None:
    axes = drawn(outcome())
    quoted = [line for line in axes.get_lines() if "quoted" in str(line.get_label())]
    assert len(quoted) == 3
    places = np.concatenate([line.get_xdata() for line in quoted])
    assert len(places) == 3 * 7
    assert np.diff(np.sort(places)).min() > 0.1  # of a task's width
    offset = places - np.floor(places)
    assert offset.min() > figure.HALF + 0.05
    assert offset.max() < 1 - figure.HALF - 0.05
    assert places.max() < axes.get_xlim()[1]
    assert [line.get_ydata()[-1] for line in quoted] == [0.43, 0.55, 0.61]


def test_a_box_is_the_interval_over_prompts_and_a_line_the_mean() -> None:
    asked = outcome()
    axes = drawn(asked)
    boxes = [each for each in axes.patches if isinstance(each, Rectangle)]
    rows = [*asked.score.tasks, asked.score]
    means = [*(task.mean for task in asked.score.tasks), asked.score.overall]
    lines = [each for each in axes.collections if isinstance(each, LineCollection)]
    assert len(boxes) == len(lines) == len(rows) == len(TASKS) + 1
    for place, (box, line, row, mean) in enumerate(zip(boxes, lines, rows, means)):
        low, high = row.bootstrap
        assert (box.get_y(), box.get_y() + box.get_height()) == pytest.approx((low, high))
        assert box.get_x() + box.get_width() / 2 == pytest.approx(place)
        assert line.get_segments()[0][:, 1] == pytest.approx([mean, mean])
        assert line.get_segments()[0][:, 0] == pytest.approx([place - 0.17, place + 0.17])


def test_the_legend_names_the_model_its_detector_and_its_interval_and_fits() -> None:
    long = outcome(header=Header("$x^" + "m" * 20 + " and more" * 9, {}, COCO))
    with style.applied("geneval"):
        for asked, name in ((outcome(), "mask2former"), (long, "$x^mmm")):
            page = figure.page(asked)
            page.draw_without_rendering()
            (legend,) = page.legends
            texts = [text.get_text() for text in legend.get_texts()]
            assert len(texts) == 4
            assert "mean and 95 %\ninterval over prompts" in texts[0]
            assert name in texts[0]
            box, whole = legend.get_window_extent(), page.bbox
            assert whole.x0 <= box.x0
            assert box.x1 <= whole.x1
            assert box.y1 <= whole.y1
            assert box.y0 >= page.axes[0].get_window_extent().y1


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": Rules(threshold=0.1)},
        {"vocabulary": SCENES},
        {"header": Header("d", {}, COCO, {"prompt_variant": "rewritten"})},
    ],
    ids=["rules", "vocabulary", "prompts"],
)
def test_published_scores_stand_beside_what_is_comparable_alone(changes) -> None:
    asked = outcome(**changes)
    assert not asked.quotable
    assert "quoted" not in table(asked)
    assert not [line for line in drawn(asked).get_lines() if "quoted" in str(line.get_label())]
    assert outcome().quotable
    assert "quoted" in table(outcome())
    assert outcome(rules=None, header=None).quotable  # a published file of results


def test_rules_unlike_the_published_ones_are_warned_of() -> None:
    asked = outcome(rules=Rules(threshold=0.1, max_objects=20))
    (warning,) = asked.warnings
    assert "threshold 0.1 for 0.3, max_objects 20 for 16; no published score" in warning
    assert outcome().warnings == ()


def test_the_same_score_gives_the_same_bytes() -> None:
    one, other = (figure.files(outcome()) for _ in range(2))
    assert one == other
    assert set(one) == {"pdf", "svg", "png"}
