"""Tables and figures as files: for every study, byte for byte the same twice, and fit to print."""

import csv
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from harness.metrics import (
    attack,
    best_checkpoint,
    best_guidance,
    class_law,
    embedding_norm,
    excess_risk,
    geneval,
    supervised,
)
from harness.metrics.reading import reading
from harness.problem import Problem
from harness.records.record import Record
from harness.report import FIGURES, PARTS, style
from harness.report.caption import caption
from harness.report.layouts import DEFAULT, LAYOUTS, layout
from harness.report.results import Results
from harness.report.show import sheet_of, show
from harness.scale import read_sizes
from harness.studies import STUDIES
from harness.tokenwise import loss as tokenwise
from harness.train import annotation, gaussian_loop, sigma_max

from .figure_marks import outside
from .figure_words import beyond, overlapping, unnamed, words_of

Build = Callable[..., Path]
Read = Callable[..., Results]
Rows = Callable[..., list[Record]]
STAGES = (  # with readings of their own
    geneval, attack, excess_risk, annotation, best_checkpoint, best_guidance, class_law,
    gaussian_loop, supervised, tokenwise, embedding_norm,
)  # fmt: skip
KINDS = (
    *(f"tables/{{}}.{kind}" for kind in ("csv", "md", "tex")),
    *(f"figures/{{}}.{kind}" for kind in ("pdf", "svg", "png", "txt")),
)


def files(folder: Path, study: str) -> dict[str, bytes]:
    return {kind: (folder / kind.format(study)).read_bytes() for kind in KINDS}


def test_two_runs_give_the_same_bytes_and_every_file_is_what_its_name_says(
    build: Build, damages: list[Record]
) -> None:
    folder = build(damages)
    show("metric_sensitivity", folder)
    found = files(folder, "metric_sensitivity")
    show("metric_sensitivity", folder)
    assert files(folder, "metric_sensitivity") == found
    assert b"CreationDate" not in found["figures/{}.pdf"]
    assert b"<dc:date>" not in found["figures/{}.svg"]
    assert found["figures/{}.pdf"].startswith(b"%PDF-")
    assert found["figures/{}.png"].startswith(b"\x89PNG")
    assert ElementTree.fromstring(found["figures/{}.svg"]).tag.endswith("svg")
    whole = caption(Results.read("metric_sensitivity", folder))
    assert found["figures/{}.txt"].decode() == whole + "\n"
    assert b"\\toprule" in found["tables/{}.tex"]
    assert found["tables/{}.md"].startswith(b"# What each metric sees\n")
    lines = found["tables/{}.csv"].decode().splitlines()
    rows = list(csv.DictReader(lines))
    blur = [
        r
        for r in rows
        if (r["damage"], r["severity"]) == ("blur", "0.8") and r["metric"] == "fd_random_conv"
    ]
    assert [float(row["mean"]) for row in blur] == [8.0]


@pytest.mark.parametrize("study", list(LAYOUTS))
def test_every_figure_is_fit_to_print(
    study: str, studies: dict[str, list[Record]], results: Read
) -> None:
    with style.applied(study):
        figure: Figure = FIGURES[layout(study).figure](results(studies[study]))
        words = words_of(figure)
    assert figure.get_figwidth() == style.WIDTH
    assert [text for text in words if text.get_fontsize() < 6.99] == []
    assert overlapping(words) == []
    assert beyond(words, figure) == []
    assert unnamed(figure) == []
    assert outside(figure) == []


@pytest.mark.parametrize("study", list(LAYOUTS))
def test_every_part_of_every_table_has_rows_of_its_length(
    study: str, studies: dict[str, list[Record]], results: Read
) -> None:
    sheet = sheet_of(results(studies[study]))
    assert [part.name.replace(" ", "_") for part in sheet.parts if not part.body] == []
    assert sheet.title == STUDIES[study].title


@pytest.mark.parametrize("study", list(LAYOUTS))
def test_a_study_of_which_every_cell_failed_has_a_table_and_a_figure(
    study: str, studies: dict[str, list[Record]], failed: Rows, results: Read
) -> None:
    cells = {row.cell_id: row.params for row in studies[study]}
    lost = [row for p in cells.values() for row in failed("no luck", 2, study=study, **p)]
    found = results(lost)
    notes = [note for part in sheet_of(found).parts for note in part.notes]
    assert sum("no luck" in note for note in notes) >= len(cells)
    with style.applied(study):
        figure: Figure = FIGURES[layout(study).figure](found)
        figure.set_layout_engine("none")  # which only takes time
        figure.draw_without_rendering()


def test_a_study_without_a_layout_shows_every_metric(
    build: Build, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = rows("a", [1.0, 2.0], study="ambient_blur", arm="x", network="mlp")
    found += rows("b", [1.0, 3.0], study="ambient_blur", arm="x", network="mlp")
    folder = build(found)
    monkeypatch.delitem(LAYOUTS, "ambient_blur")
    show("ambient_blur", folder)
    text = files(folder, "ambient_blur")["tables/{}.md"].decode()
    assert "| arm | network | n | a ↓ | b ↓ |" in text.replace("\u00a0", " ")
    assert "| x | MLP | 2 | 1.50 ± 0.50 | 2.0 ± 1.0 |" in text


@pytest.mark.parametrize(("name", "shown"), [*LAYOUTS.items(), ("default", DEFAULT)])
def test_a_layout_names_what_there_is(name: str, shown: object) -> None:
    assert set(shown.parts) <= set(PARTS)  # type: ignore[attr-defined]
    assert shown.figure in FIGURES  # type: ignore[attr-defined]
    cells = STUDIES[name].cells(read_sizes("cpu")) if name in STUDIES else []
    stages = [stage for cell in cells for stage in cell.stages if stage.name == "measure"]
    called = {one.params.called(each) for one in stages for each in one.params.readings}
    for metric in shown.columns:  # type: ignore[attr-defined]
        others = [*(score for stage in STAGES for score in stage.SCORES), *sigma_max.METRICS]
        if metric not in called and metric not in others:
            reading(metric)
    assert name == "default" or name in STUDIES


def test_looks_differ_in_marker_and_line_as_well_as_in_colour() -> None:
    for looks in (list(style.ARMS.values()), list(style.LOOKS)):
        assert len({look.colour for look in looks}) == len(looks)
        assert len({look.marker for look in looks}) == len(looks)
    assert len({str(look.line) for look in style.LOOKS}) == len(style.LOOKS)


def test_the_curve_of_the_blur_figure_is_the_paired_difference(
    blur: list[Record], results: Read
) -> None:
    from harness.report.figures.ambient_blur import paired_curve

    groups = results(blur).groups
    clean = next(g for g in groups if g.params == {"arm": "clean", "network": "mlp"})
    gated = next(g for g in groups if g.params.get("arm") == "gated" and g.params["blur"] == 0.4)
    sigma, middle, half = paired_curve(gated, clean)
    assert sigma.tolist() == [0.02, 0.2, 2.0, 20.0]
    arm, baseline = (list(g.values("denoising_error/2").values()) for g in (gated, clean))
    d = np.array(arm) - np.array(baseline)
    assert middle[2] == pytest.approx(d.mean())
    assert half[2] == pytest.approx(2.364624 * d.std(ddof=1) / 8**0.5, rel=1e-6)  # t of 7


def test_missing_verdicts_are_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"claims\.jsonl; got no such file; run `make` first"):
        show("calibration", tmp_path / "smoke")
