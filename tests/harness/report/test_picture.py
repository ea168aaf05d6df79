"""Figures in a style: formats, sizes, panels, and the same bytes each time."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from harness.cli import main
from harness.problem import Problem
from harness.records.record import Record
from harness.report import FIGURES, style
from harness.report.command import results_of
from harness.report.layouts import layout
from harness.report.panels import fit, keep, letters
from harness.report.picture import picture
from harness.report.results import Results
from harness.report.styles import PAPER, REPORT, SLIDES, STYLES, Style
from harness.run.code import ROOT

MAGIC = {"pdf": b"%PDF-", "svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n"}
Made = Callable[..., Results]


BELOW = ("gmm_bridge", "self_consuming", "annotators", "scenes_detector")  # legends of the whole


@pytest.fixture(scope="module")
def bridge() -> Results:
    return results_of("cep_bridge", "smoke", ROOT / "results" / "v1")


def drawn(found: Results, chosen: Style) -> Figure:
    figure: Figure = FIGURES[layout(found.study).figure](found)
    return figure


def sized(svg: bytes) -> tuple[float, float]:
    """Width and height of an SVG in inches."""
    found = re.search(rb'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    assert found
    return float(found[1]) / 72, float(found[2]) / 72


def test_each_format_is_what_its_name_says_and_the_same_each_time(bridge: Results) -> None:
    one, two = (picture(bridge, "slides", ("pdf", "svg", "png")) for _ in range(2))
    assert list(one) == list(MAGIC)
    for kind, start in MAGIC.items():
        assert one[kind].startswith(start)
        assert hashlib.sha256(one[kind]).digest() == hashlib.sha256(two[kind]).digest(), kind
    assert b"CreationDate" not in one["pdf"]
    assert b"<dc:date>" not in one["svg"]


@pytest.mark.parametrize(("name", "chosen"), [("paper", PAPER), ("slides", SLIDES)])
def test_a_style_has_its_width_and_its_text(
    name: str, chosen: Style, bridge: Results, tmp_path: Path
) -> None:
    whole = sized(picture(bridge, name, ("svg",))["svg"])
    base = sized(picture(bridge, "report", ("svg",))["svg"])
    assert whole[0] == pytest.approx(chosen.width, abs=0.01)
    assert whole[1] / base[1] == pytest.approx(chosen.factor, rel=0.01)
    one = sized(picture(bridge, name, ("svg",), "b")["svg"])
    assert one == pytest.approx((chosen.column, chosen.row), abs=0.01)
    with style.applied("cep_bridge", chosen):
        made = drawn(bridge, chosen)
        made.draw_without_rendering()
    sizes = {text.get_fontsize() for text in made.findobj(Text) if text.get_text()}  # type: ignore[attr-defined]
    assert min(sizes) == pytest.approx(7 * chosen.factor)
    fonts = {text.get_fontfamily()[0] for text in made.findobj(Text)}  # type: ignore[attr-defined]
    assert fonts == {"STIXGeneral" if chosen.serif else "DejaVu Sans"}


def test_the_report_is_drawn_as_it_is_without_a_style(bridge: Results) -> None:
    with style.applied("cep_bridge"):
        plain = style.saved(drawn(bridge, REPORT), ("svg",))
    assert plain == picture(bridge, "report", ("svg",))


def test_a_style_ends_where_it_was_applied() -> None:
    with style.applied("a", SLIDES):
        assert style.figure(1.0).get_size_inches()[0] == SLIDES.width
    assert style.figure(1.0).get_size_inches()[0] == REPORT.width


@pytest.mark.parametrize("study", BELOW)
def test_no_legend_of_the_whole_is_wider_than_the_figure(
    study: str, studies: dict[str, list[Record]], results: Made
) -> None:
    with style.applied(study, SLIDES):
        made = drawn(results(studies[study]), SLIDES)
        made.set_size_inches(8.0, 8.0)
        fit(made)
        made.draw_without_rendering()
    boxes = [e.get_window_extent() for part in (made, *made.subfigs) for e in part.legends]
    assert boxes
    assert all(-1 <= box.x0 < box.x1 <= made.bbox.x1 + 1 for box in boxes)


def test_panels_are_kept_in_the_order_asked_with_what_they_shared(bridge: Results) -> None:
    with style.applied("cep_bridge", PAPER):
        made = drawn(bridge, PAPER)
        assert list(letters(made)) == list("abcdef")
        keep(made, "fb", 3.0, 2.0, 2)
        made.draw_without_rendering()
        titles = [axes.get_title(loc="left")[:3] for axes in made.axes]
        assert sorted(titles) == ["(a)", "(b)"]
        left = sorted(made.axes, key=lambda axes: axes.get_position().x0)
        assert [axes.get_title(loc="left") for axes in left] == [
            "(a) flips: gain",
            "(b) gain in W2²",
        ]
        assert len(made.legends) == 1
        assert made.legends[0].get_window_extent().x1 <= made.bbox.x1 + 1


def test_a_panel_that_shared_an_axis_gets_its_numbers_back(
    studies: dict[str, list[Record]], results: Made
) -> None:
    found = results(studies["gmm_bridge"])
    with style.applied("gmm_bridge", PAPER):
        made = drawn(found, PAPER)
        second = letters(made)["b"]
        assert not second.get_ylabel()
        keep(made, "b", 3.0, 2.0, 1)
        made.draw_without_rendering()
    assert second.get_ylabel() == "excess risk (squared units)"
    assert second.yaxis.get_tick_params(which="major")["labelleft"]
    assert second.get_position().width > 0.6  # the whole figure is its own
    assert len(made.subfigs) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"style": "poster"}, "report, paper, slides"),
        ({"kinds": ("gif",)}, "pdf, svg, png"),
        ({"kinds": ()}, "pdf, svg, png"),
        ({"panels": "bz"}, "abcdef"),
        ({"panels": "bb"}, "once"),
        ({"panels": "b", "across": 0}, "1 or more"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    wrong: dict[str, Any], said: str, bridge: Results
) -> None:
    with pytest.raises(Problem, match=said):
        picture(bridge, **wrong)


def test_the_command_draws_published_studies_whole_or_not_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = ["--from", "results/v1", "--scale", "smoke", "--into", str(tmp_path)]
    asked = ["figures", "loops_laws", "calibration", "--format", "png,pdf", *published]
    assert main([*asked, "--style", "poster"]) == 2
    assert list(tmp_path.iterdir()) == []
    assert main([*asked, "--style", "slides"]) == 0
    names = {
        f"{study}.{kind}" for study in ("loops_laws", "calibration") for kind in ("png", "pdf")
    }
    assert {path.name for path in tmp_path.iterdir()} == names
    told = capsys.readouterr().out.split()
    assert sorted(told) == sorted(str(tmp_path / name) for name in names)
    with Image.open(tmp_path / "calibration.png") as shown:
        assert shown.width == pytest.approx(SLIDES.width * style.DOTS, abs=1)
    assert main(["figures", "no_such_study", *published]) == 2
    assert "no_such_study" in capsys.readouterr().err


def test_the_styles_of_the_table_differ() -> None:
    assert [STYLES[name] for name in STYLES] == [REPORT, PAPER, SLIDES]
    assert len({chosen.width for chosen in STYLES.values()}) == 3
