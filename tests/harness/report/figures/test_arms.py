"""The figure of arms: what is cut off is marked, and a line is named by what it is."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from harness.records.record import Record
from harness.report.figures.arms import LIMIT, draw
from harness.report.results import Results
from harness.scale import read_sizes
from harness.studies import STUDIES

from ..made_up import records_of

Rows = Callable[..., list[Record]]
Read = Callable[..., Results]


def arms(rows: Rows, study: str, cells: list[tuple[dict[str, Any], list[float]]]) -> list[Record]:
    clean = rows("fd_random_conv", [1.0] * 3, study=study, arm="clean", network="mlp")
    found = [
        row
        for params, values in cells
        for row in rows("fd_random_conv", values, study=study, network="mlp", **params)
    ]
    return clean + found


def heads(figure: Figure) -> list[tuple[str, float, float]]:
    """Marker, place and height of every arrow head, in the panel of the distance."""
    axes = figure.axes[1]
    return [
        (str(line.get_marker()), float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in axes.get_lines()
        if line.get_marker() in ("<", ">")
    ]


def test_an_interval_that_goes_on_beyond_the_axis_ends_in_an_arrow_head(
    rows: Rows, results: Read
) -> None:
    wide = [0.5, 1.1, 1.9]  # its interval is many times its effect
    cells = [({"arm": "gated"}, [1.1, 1.11, 1.12]), ({"arm": "oracle"}, wide)]
    figure = draw(results(arms(rows, "ambient_loss", cells)))
    low, high = figure.axes[1].get_xlim()
    found = heads(figure)
    assert [(mark, at) for mark, at, _ in found] == [("<", low), (">", high)]
    assert high == pytest.approx(-low)
    assert len({y for _, _, y in found}) == 1
    largest = math.log(0.5 * 1.1 * 1.9) / 3
    assert high == pytest.approx(LIMIT * max(abs(largest), math.log(1.11)), rel=0.01)


def test_a_ratio_lies_by_its_logarithm_and_reads_in_per_cent(rows: Rows, results: Read) -> None:
    cells = [({"arm": arm}, [x] * 3) for arm, x in (("gated", 0.25), ("all", 4.0), ("oracle", 3.0))]
    figure = draw(results(arms(rows, "ambient_loss", cells)))
    axes = figure.axes[1]
    places = sorted(
        float(line.get_xdata()[0])
        for line in axes.get_lines()
        if line.get_marker() in ("o", "s", "v", "D") and len(line.get_xdata()) == 1
    )
    assert places == pytest.approx([-math.log(4), math.log(3), math.log(4)])
    labels = [text.get_text() for text in axes.get_xticklabels()]
    assert {"0", "+300"} <= set(labels)
    for at, text in zip(axes.get_xticks(), labels):
        assert 100 * math.expm1(at) == pytest.approx(float(text.replace("−", "-")))
    assert "log scale" in figure.legends[0].get_title().get_text()
    few = [({"arm": "gated"}, [1.1, 1.11, 1.12])]
    axes = draw(results(arms(rows, "ambient_loss", few))).axes[1]
    for at, text in zip(axes.get_xticks(), axes.get_xticklabels()):
        assert 100 * math.expm1(at) == pytest.approx(float(text.get_text().replace("−", "-")))


def test_an_interval_within_the_axis_has_none(rows: Rows, results: Read) -> None:
    cells = [({"arm": "gated"}, [1.1, 1.11, 1.12]), ({"arm": "oracle"}, [0.8, 0.81, 0.82])]
    assert heads(draw(results(arms(rows, "ambient_loss", cells)))) == []


def lines(figure: Figure) -> list[str]:
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_arms_that_no_annotator_can_touch_stand_on_a_line_that_says_so(
    rows: Rows, results: Read
) -> None:
    values = [1.1, 1.11, 1.12]
    bare = [({"arm": arm}, values) for arm in ("all", "oracle")]
    told = [({"arm": "gated", "annotator": "per image"}, values)]
    figure = draw(results(arms(rows, "annotators", bare + told)))
    assert sorted(lines(figure)) == ["MLP, no annotator", "MLP, per image"]
    assert lines(draw(results(arms(rows, "annotators", bare)))) == ["MLP"]


def test_a_long_name_is_broken_after_a_comma_alone(rows: Rows, results: Read) -> None:
    values = [1.1, 1.11, 1.12]
    named = {"data": "some photographs of cats", "annotator": "per image"}
    cells = [({"arm": "gated", **named}, values)]
    figure = draw(results(arms(rows, "annotators", cells)))
    assert lines(figure) == ["MLP, some photographs of cats,\nper image"]
    assert figure.axes[2].get_xlabel() == "high-frequency\nerror\n(difference)"


def test_a_gated_arm_without_a_level_has_the_studys_own_annotator(
    rows: Rows, results: Read
) -> None:
    values = [1.1, 1.11, 1.12]
    cells = [({"arm": arm}, values) for arm in ("all", "gated")]
    told = [({"arm": "gated", "annotator": "per image"}, values)]
    figure = draw(results(arms(rows, "annotators", cells + told)))
    assert sorted(lines(figure)) == ["MLP", "MLP, per image"]


def test_of_many_effects_a_few_far_ones_end_in_large_heads(rows: Rows, results: Read) -> None:
    cells = [({"arm": "gated", "blur": k / 10}, [1.05, 1.06, 1.07]) for k in range(1, 21)]
    far = ({"arm": "gated", "blur": 9.0}, [10.0, 10.1, 10.2])
    figure = draw(results(arms(rows, "ambient_loss", [*cells, far])))
    assert figure.axes[1].get_xlim()[1] < math.log(2)
    (head,) = [line for line in figure.axes[1].get_lines() if line.get_marker() == ">"]
    assert head.get_markersize() > 5
    assert head.get_ydata()[0] == 20  # type: ignore[index]
    few = draw(results(arms(rows, "ambient_loss", [*cells[:3], far])))
    assert few.axes[1].get_xlim()[1] > math.log(10)


def test_an_arm_alone_on_its_line_lies_on_it_and_a_number_has_its_factor(
    rows: Rows, results: Read
) -> None:
    cells = [({"arm": "gated", "blur": 0.4}, [1.1, 1.2, 1.3])]
    cells += [({"arm": arm, "blur": 0.8}, [1.1, 1.2, 1.3]) for arm in ("ambient", "buffered")]
    figure = draw(results(arms(rows, "ambient_loss", cells)))
    assert lines(figure) == ["MLP, blur 0.4", "MLP, blur 0.8"]
    dots = [x for x in figure.axes[1].get_lines() if len(x.get_xdata()) == 1]
    heights = sorted(float(line.get_ydata()[0]) for line in dots)
    assert heights[0] == 0
    assert heights[1] + heights[2] == pytest.approx(2)
    assert heights[1] < 1


def labels(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].get_yticklabels()]


def test_a_line_says_which_of_its_arms_another_study_has(rows: Rows, results: Read) -> None:
    study, found = "ambient_blur_more", []
    for setting in ("headline", "U-Net"):
        for arm in ("clean", "oracle"):
            values = [1.0 + len(arm) / 10] * 3
            found += rows("fd_random_conv", values, study=study, arm=arm, setting=setting)
    assert labels(draw(results(found))) == ["headline\n(gated is in ambient_blur)", "U-Net"]


def of_runs(study: str, blurs: dict[str, float]) -> Results:
    """Cells of a study with a label for a blur of the U-Net alone, and runs that tell all blurs."""
    cells = STUDIES[study].cells(read_sizes("smoke"))
    runs = []
    for cell in cells:
        config = cell.config()
        for stage in config:
            if stage.get("corruption"):
                stage["corruption"]["sigma"] = blurs[stage["network"]["name"]]
        runs.append({"cell_id": cell.cell_id, "config": config})
    return Results(study, "smoke", records_of(study, cells), runs, cache=Path("none"))


def test_lines_name_a_damage_that_their_configuration_alone_tells_where_they_differ_in_it() -> None:
    found = labels(draw(of_runs("ambient_loss", {"mlp": 0.6, "unet": 0.8})))
    assert "MLP, blur 0.6, plain" in found
    assert "U-Net, blur 0.8, plain" in found
    assert "MLP" in found  # the ceiling, which meets no blur
    assert not any("blur" in line for line in found if line == "MLP")


def test_a_damage_that_all_share_is_no_part_of_a_line() -> None:
    study = "annotators"
    cells = STUDIES[study].cells(read_sizes("smoke"))
    runs = [{"cell_id": cell.cell_id, "config": cell.config()} for cell in cells]
    found = labels(draw(Results(study, "smoke", records_of(study, cells), runs)))
    assert "MLP, spectral" in found
    assert not any("blur" in line for line in found)
